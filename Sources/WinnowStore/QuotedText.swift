import WinnowCore

extension PathText {
    /// An id or a path within a line of ours: in single quotes, or with escapes where it holds control characters.
    static func inQuotes(_ text: String) -> String {
        let shown = quoted(text)
        if shown.utf8.elementsEqual(text.utf8) { return "'\(text)'" }
        // Swift's own escapes leave those of U+0080…U+009F, which some terminals obey.
        return shown.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
        }.joined()
    }
}
