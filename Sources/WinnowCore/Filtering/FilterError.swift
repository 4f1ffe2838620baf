/// What is wrong with a filter. A message says what, where and how to mend it.
public struct FilterError: Error, Sendable, Hashable {
    enum Fault: Sendable, Hashable {
        case tooLong(bytes: Int, most: Int)
        /// - Parameter position: in scalars.
        case syntax(text: [Unicode.Scalar], position: Int, reason: String)
        case unknownField(name: String, nearest: [String], known: String)
        case type(reason: String)
    }

    let fault: Fault

    init(_ fault: Fault) { self.fault = fault }

    /// Whether the text is no filter, whatever it is applied to; else it names a field or a type that the passages do not have.
    public var isSyntax: Bool {
        switch fault {
        case .tooLong, .syntax: true
        case .unknownField, .type: false
        }
    }

    /// Where a text that is no filter goes wrong: characters before it, counted as Unicode scalars.
    public var position: Int? {
        if case .syntax(_, let position, _) = fault { position } else { nil }
    }
}

extension FilterError: CustomStringConvertible {
    public var description: String {
        switch fault {
        case .tooLong(let bytes, let most): "the filter has \(bytes) bytes, \(most) are the most"
        case .syntax(let text, let position, let reason): reason + "\n" + Self.excerpt(text, position)
        case .unknownField(let name, let nearest, let known):
            "no passage has a field \(FilterText.field(SingleLine.of(name, limit: 60)))"
                + (nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: " or "))?")
                + "\nthere are: \(known)"
        case .type(let reason): reason
        }
    }

    /// Scalars on either side of the place that are shown.
    private static let excerptBefore = 40
    private static let excerptAfter = 30

    /// The text around a place, and below it a caret.
    private static func excerpt(_ text: [Unicode.Scalar], _ position: Int) -> String {
        let start = max(0, position - excerptBefore)
        let end = min(text.count, position + excerptAfter)
        var line = start > 0 ? "… " : ""
        var column = line.count
        for index in start..<end {
            if index == position { column = line.count }
            let scalar = text[index]
            // One column each, as far as a terminal's font has it: what takes none or moves the cursor becomes a blank.
            let isPlain =
                !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
                && scalar.properties.generalCategory != .format
            line.unicodeScalars.append(isPlain ? scalar : " ")
        }
        if position >= end { column = line.count }
        if end < text.count { line += " …" }
        return "  \(line)\n  \(String(repeating: " ", count: column))^"
    }
}
