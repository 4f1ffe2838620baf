/// Text of others within a line of ours: in a message, in a header of a prompt.
package enum SingleLine {
    /// `text` on one line: white space, line ends and control characters become single spaces, characters that nobody sees
    /// are left out, and what is over `limit` characters is cut off with `…`.
    package static func of(_ text: String, limit: Int = .max) -> String {
        var line = String.UnicodeScalarView()
        var pendingSpace = false
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            if properties.isWhitespace || properties.generalCategory == .control {
                pendingSpace = true
                continue
            }
            // Zero-width joiners are part of emoji and of several scripts; direction marks and the like only deceive.
            if properties.isDefaultIgnorableCodePoint || properties.generalCategory == .format,
                !properties.isJoinControl, !properties.isVariationSelector
            {
                continue
            }
            if pendingSpace, !line.isEmpty { line.append(" ") }
            pendingSpace = false
            line.append(scalar)
        }
        let whole = String(line)
        let start = whole.prefix(limit)
        return start.endIndex == whole.endIndex ? whole : start.dropLast() + "…"
    }
}
