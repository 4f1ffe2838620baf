extension Context {
    /// The items as a prompt shows them, a blank line between any two:
    ///
    ///     [Document 1 | Source: plans.md | Section: Plans > Downgrading]
    ///     Changing your plan
    ///     You may downgrade at any time. …
    ///
    /// A part without a value is left out, the line of the title where there is none or the text begins with it.
    ///
    /// No passage can write a header as this one writes them: in source, section and title everything that could end the line, or the
    /// header, is replaced (brackets by parentheses, bars by slashes, line ends by spaces; 200 characters at most), and a
    /// bracket in a text before the word "Document" and a number becomes a parenthesis. Items keep their texts as they are.
    public var text: String { items.map(\.prompt).joined(separator: Self.separator) }

    static let separator = "\n\n"
}

extension Context.Item {
    /// The item with its header, as ``Context/text`` shows it.
    var prompt: String {
        var header = "[Document \(number)"
        if let source = PromptText.field(source) { header += " | Source: " + source }
        if let section = PromptText.field(section) { header += " | Section: " + section }
        var lines = [header + "]"]
        if let title = PromptText.field(title), !TitlePrefix.begins(text.utf8, with: (self.title ?? "").utf8) {
            lines.append(title)
        }
        if !text.isEmpty { lines.append(PromptText.body(text)) }
        return lines.joined(separator: "\n")
    }
}

/// Text of documents within a prompt.
enum PromptText {
    /// A value within a header; nil when there is none to see.
    static func field(_ value: String?) -> String? {
        guard let value, !VisibleText.isAbsent(from: value) else { return nil }
        var line = String.UnicodeScalarView()
        for scalar in SingleLine.of(value, limit: 200).unicodeScalars {
            if opening.contains(scalar) {
                line.append("(")
            } else if closing.contains(scalar) {
                line.append(")")
            } else {
                line.append(bars.contains(scalar) ? "/" : scalar)
            }
        }
        return String(line)
    }

    /// A passage's text, with every opening bracket before the word "Document" and a number replaced by a parenthesis.
    static func body(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.contains(where: opening.contains) else { return text }
        var body = String.UnicodeScalarView()
        for index in scalars.indices {
            let scalar = scalars[index]
            let forges = opening.contains(scalar) && opensHeader(scalars[scalars.index(after: index)...])
            body.append(forges ? "(" : scalar)
        }
        return String(body)
    }

    /// What follows a bracket begins as a header does, as a reader sees it: case, white space and what is invisible aside.
    private static func opensHeader(_ rest: Substring.UnicodeScalarView) -> Bool {
        var word = "document".unicodeScalars[...]
        for scalar in rest {
            let properties = scalar.properties
            if properties.isWhitespace || properties.isDefaultIgnorableCodePoint || scalar == "#" { continue }
            guard let expected = word.first else { return properties.numericType != nil }
            guard properties.lowercaseMapping.unicodeScalars.first == expected else { return false }
            word.removeFirst()
        }
        return false
    }

    private static let opening: Set<Unicode.Scalar> = ["[", "［", "【", "〔", "⟦", "⁅", "❲", "〖", "〚"]
    private static let closing: Set<Unicode.Scalar> = ["]", "］", "】", "〕", "⟧", "⁆", "❳", "〗", "〛"]
    private static let bars: Set<Unicode.Scalar> = ["|", "｜", "¦", "│", "∣", "❘"]
}
