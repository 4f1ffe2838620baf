import WinnowCore

/// What values a key has.
enum ConfigurationKind: Sendable {
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    /// - Parameter flag: the truth that the option says by being there.
    case truth(flag: Bool)
    case choice([String])
    /// A file or folder; the words are no paths.
    case path(words: [String] = [])
    case text
    case address
    /// The name of a variable of the environment.
    case variable
    /// A spelling that has a reader of its own.
    case spelling(String, @Sendable (String) throws -> Void)

    static func choice<Value: CaseIterable & RawRepresentable>(_ type: Value.Type) -> Self
    where Value.RawValue == String {
        .choice(type.allCases.map(\.rawValue))
    }

    /// What a value looks like, in words that follow "give".
    var expectation: String {
        switch self {
        case .integer(let range):
            range.upperBound == .max
                ? "a whole number from \(range.lowerBound)"
                : "a whole number, \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            range.upperBound == .greatestFiniteMagnitude
                ? "a number from \(Self.plain(range.lowerBound))"
                : "a number, \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"
        case .truth: "true or false, without quotes"
        case .choice(let names): Self.list(names)
        case .path(let words): (["a path"] + words).joined(separator: ", or ")
        case .text: "a text"
        case .address: "an address, such as http://localhost:8080/v1"
        case .variable: "the name of an environment variable, such as OPENAI_API_KEY"
        case .spelling(let spelling, _): spelling
        }
    }

    /// What is wrong with a value; nil: nothing.
    ///
    /// - Parameter isQuoted: in the file; a number or a truth in quotes is a text.
    func fault(of text: String, isQuoted: Bool = false) -> String? {
        guard !text.isEmpty else { return "it has no value: give \(expectation), or leave the key out" }
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            return "its value has a line break or another control character: give \(expectation)"
        }
        if let fault = Secrets.fault(of: text) { return fault }
        switch self {
        case .integer, .number, .truth:
            if isQuoted { return "\(text.debugDescription) in quotes is a text: give \(expectation), without quotes" }
            return isNumberOrTruth(text) ? nil : "\(shown(text)) is not what it wants: give \(expectation)"
        case .choice(let names):
            if names.contains(text) { return nil }
            let near = NearestNames.of(text, among: names).first.map { "did you mean \($0)? " } ?? ""
            return "\(shown(text)) is none of its values: \(near)give \(expectation)"
        case .variable:
            let isName = text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || isLetterOrDigit($0) }
            let startsWell = text.utf8.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
            // What stands there may be the key itself, which no message shows.
            return isName && startsWell ? nil : "its value is no name of a variable: give \(expectation)"
        case .address:
            let lowered = text.lowercased()
            return lowered.hasPrefix("http://") || lowered.hasPrefix("https://")
                ? nil : "\(shown(Secrets.redacted(text))) is no address: give \(expectation)"
        case .spelling(_, let check):
            do {
                try check(text)
                return nil
            } catch {
                return "\(error)"
            }
        case .path, .text: return nil
        }
    }

    private func isNumberOrTruth(_ text: String) -> Bool {
        switch self {
        case .integer(let range):
            // Not the octal, sexagesimal and underscored numbers of YAML's older versions.
            let digits = text.first == "-" ? text.dropFirst() : text[...]
            guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                digits == "0" || digits.first != "0"
            else { return false }
            return Int(text).map(range.contains) ?? false
        case .number(let range):
            let isPlain = text.utf8.allSatisfy { isDigit($0) || "+-.eE".utf8.contains($0) }
            return isPlain && (Double(text).map { $0.isFinite && range.contains($0) } ?? false)
        case .truth: return text == "true" || text == "false"
        default: return true
        }
    }

    private func shown(_ text: String) -> String { "'\(DisplayText.truncated(DisplayText.flattened(text), to: 60))'" }
    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func plain(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }
}
