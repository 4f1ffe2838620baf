/// A line that a change may not cross: `nDCG@10=-0.01` allows nDCG@10 to fall by 0.01.
public struct GateRule: Sendable, Hashable {
    /// As the rule spells it.
    public var measure: String
    /// The allowed change, 0 or negative and above −1, in the measure's own units (not per cent).
    public var margin: Double

    public init(measure: String, margin: Double) {
        self.measure = measure
        self.margin = margin
    }

    /// Reads `measure=margin`.
    ///
    /// - Throws: ``EvaluationError/gateRuleSpelling(_:)`` or ``EvaluationError/gateMarginOutOfRange(rule:)``.
    public init(parsing text: String) throws {
        // The last sign: a measure's parameters may hold others.
        guard let sign = text.lastIndex(of: "=") else { throw EvaluationError.gateRuleSpelling(text) }
        let measure = Self.trimmed(text[..<sign])
        let number = Self.trimmed(text[text.index(after: sign)...])
        // Swift's parser also takes hexadecimal numbers, infinities and NaN, which nobody means here.
        guard !measure.isEmpty, !number.isEmpty, number.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }),
            let margin = Double(number)
        else { throw EvaluationError.gateRuleSpelling(text) }
        guard margin <= 0, margin > -1 else { throw EvaluationError.gateMarginOutOfRange(rule: text) }
        self.init(measure: measure, margin: margin)
    }

    /// Reads rules given one by one or several with commas between; commas within parentheses belong to a measure.
    ///
    /// - Throws: as ``init(parsing:)``, and ``EvaluationError/gateRuleTwice(measure:)``.
    public static func rules(parsing texts: [String]) throws -> [GateRule] {
        var rules: [GateRule] = []
        for text in texts {
            for part in separated(text) {
                let rule = try GateRule(parsing: part)
                guard !rules.contains(where: { $0.measure == rule.measure }) else {
                    throw EvaluationError.gateRuleTwice(measure: rule.measure)
                }
                rules.append(rule)
            }
        }
        return rules
    }

    private static func separated(_ text: String) -> [String] {
        var parts = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth <= 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
        return parts
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
