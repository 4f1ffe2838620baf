/// A filter's tree as text that gives the same tree back.
extension FilterExpression: CustomStringConvertible {
    package var description: String {
        switch self {
        case .comparison(let field, let comparison, let literal):
            "\(FilterText.field(field)) \(comparison.rawValue) \(literal)"
        case .isIn(let field, let literals):
            "\(FilterText.field(field)) in [\(literals.map(\.description).joined(separator: ", "))]"
        case .exists(let field): "exists \(FilterText.field(field))"
        case .not(.comparison(let field, .equal, let literal)): "\(FilterText.field(field)) != \(literal)"
        case .not(.isIn(let field, let literals)):
            "\(FilterText.field(field)) not in [\(literals.map(\.description).joined(separator: ", "))]"
        case .not(let inner): "not \(inner.inParentheses(unless: .not))"
        case .and(let parts): parts.map { $0.inParentheses(unless: .not) }.joined(separator: " and ")
        case .or(let parts): parts.map { $0.inParentheses(unless: .and) }.joined(separator: " or ")
        }
    }

    private enum Strength: Int {
        case or, and, not
    }

    private var strength: Strength {
        switch self {
        case .or: .or
        case .and: .and
        default: .not
        }
    }

    /// - Parameter least: what binds at least so strongly stands alone.
    private func inParentheses(unless least: Strength) -> String {
        strength.rawValue >= least.rawValue ? description : "(\(self))"
    }
}

extension FilterLiteral: CustomStringConvertible {
    package var description: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        // The shortest decimal that gives the same bits, always with a point or an exponent.
        case .number(let value): value.description
        case .string(let text): FilterText.escaped(text, in: "\"")
        }
    }
}

package enum FilterText {
    /// What stands for itself in a filter, so a field of that name wants backticks; in any case of letters.
    package static let keywords: Set<String> = ["and", "or", "not", "in", "exists", "true", "false", "null"]

    /// A field as a filter names it.
    package static func field(_ name: String) -> String {
        let isBare =
            name.unicodeScalars.first.map(startsName) == true && name.unicodeScalars.allSatisfy(continuesName)
            && !keywords.contains(name.lowercased())
        return isBare ? name : escaped(name, in: "`")
    }

    static func startsName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal
    }

    static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
        startsName(scalar) || scalar == "." || scalar == "-"
            || [.nonspacingMark, .spacingMark].contains(scalar.properties.generalCategory)
    }

    static func escaped(_ text: String, in quote: Unicode.Scalar) -> String {
        var result = String.UnicodeScalarView()
        result.append(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case quote, "\\": result += [Unicode.Scalar(UInt8(ascii: "\\")), scalar]
            case "\n": result.append(contentsOf: #"\n"#.unicodeScalars)
            case "\r": result.append(contentsOf: #"\r"#.unicodeScalars)
            case "\t": result.append(contentsOf: #"\t"#.unicodeScalars)
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result.append(
                    contentsOf: (#"\u"# + String(repeating: "0", count: 4 - digits.count) + digits).unicodeScalars)
            default: result.append(scalar)
            }
        }
        result.append(quote)
        return String(result)
    }
}
