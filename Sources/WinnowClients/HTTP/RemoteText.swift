/// Text from another machine, made fit to stand in a message: one line, no control characters, no secret, bounded.
package enum RemoteText {
    /// - Parameters:
    ///   - secret: is replaced wherever it stands.
    ///   - limit: of characters; what is cut is marked by `…`.
    package static func line(_ text: String, without secret: APIKey? = nil, limit: Int = 200) -> String {
        var line = ""
        var count = 0
        var pendingSpace = false
        for character in (secret?.removed(from: text) ?? text) {
            guard isVisible(character) else {
                pendingSpace = !line.isEmpty
                continue
            }
            count += pendingSpace ? 2 : 1
            if count > limit { return line + "…" }
            if pendingSpace { line.append(" ") }
            line.append(character)
            pendingSpace = false
        }
        return line
    }

    /// White space, controls, and formatting that could turn or hide text on a terminal all count as space.
    private static func isVisible(_ character: Character) -> Bool {
        !character.unicodeScalars.contains { scalar in
            let properties = scalar.properties
            switch properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                return true
            default: return properties.isWhitespace
            }
        }
    }
}
