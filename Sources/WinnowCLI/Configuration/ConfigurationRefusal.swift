/// A value that was not typed does not go with the command line.
struct ConfigurationRefusal: Error, CustomStringConvertible {
    var reason: String
    var settings: [Setting]

    var description: String {
        reason
            + settings.map { "\n  \($0.key.path) is \(DisplayText.flattened($0.shown)) by \($0.origin)" }.joined()
    }
}

/// Names of options, and values, within messages.
enum OptionText {
    /// Whether a text has the value as a word of its own, or as the beginning of a path.
    static func names(_ value: String, in text: String) -> Bool {
        var rest = text[...]
        while let found = rest.firstRange(of: value) {
            let before = text[..<found.lowerBound].last
            let isBegun = before.map { !($0.isLetter || $0.isNumber || "_-./".contains($0)) } ?? true
            let after = text[found.upperBound...].first
            let isEnded = after.map { !($0.isLetter || $0.isNumber || "_-".contains($0)) } ?? true
            if isBegun, isEnded { return true }
            rest = text[found.upperBound...]
        }
        return false
    }

    /// Replaces whole names, with what the parser writes around them: `'--final-k <count>'`.
    static func replaced(_ option: String, by key: String, in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let found = rest.firstRange(of: option) {
            let after = rest[found.upperBound...]
            let isWhole = after.first.map { !($0.isLetter || $0.isNumber || $0 == "-") } ?? true
            result += rest[..<found.lowerBound] + (isWhole ? key : option)
            rest = after
            if isWhole, rest.hasPrefix(" <"), let end = rest.firstIndex(of: ">") {
                rest = rest[rest.index(after: end)...]
            }
        }
        return result + rest
    }
}
