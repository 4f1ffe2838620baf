/// Paths and ids as messages show them.
package enum PathText {
    /// The text itself, or in quotes with escapes where it holds control characters, so that a file's name cannot forge lines.
    package static func quoted(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } && !text.isEmpty
        return isPlain ? text : text.debugDescription
    }
}
