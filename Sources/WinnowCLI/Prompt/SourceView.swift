import WinnowCore
import WinnowStore

/// A source of an answer, whole, with the text around it.
struct SourceView {
    var item: Context.Item
    /// Of its document, in their order; none when the store does not have it any more.
    var passages: [Passage]
    /// The file that the document was read from.
    var origin: String?

    /// Bytes of text around it that are enough, on each side.
    private static let around = 400

    func text(_ terminal: Terminal) -> String {
        var text = terminal.styled("[\(item.number)] " + AnswerPrinter.name(item), .bold) + "\n"
        if let place = place { text += terminal.styled(place, .dim) + "\n" }
        text += "\n"
        let (before, after) = isCurrent ? surroundings : (nil, nil)
        if let before { text += lines(before, mark: "  ", style: .dim, terminal) }
        text += lines(own, mark: "│ ", style: nil, terminal)
        if let after { text += lines(after, mark: "  ", style: .dim, terminal) }
        if !passages.isEmpty, !isCurrent {
            text += terminal.styled("The document has changed in the store since: this is what was found.", .dim) + "\n"
        }
        if passages.isEmpty {
            text += terminal.styled("The document is not in the store any more: this is what was found.", .dim) + "\n"
        }
        return text
    }

    private func lines(_ text: String, mark: String, style: Terminal.Style?, _ terminal: Terminal) -> String {
        AnswerPrinter.safe(text).split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { DisplayText.wrapped(String($0), to: terminal.width - 1 - mark.count) }
            .map { $0.isEmpty && mark == "  " ? "\n" : mark + terminal.styled($0, style) + "\n" }.joined()
    }

    /// The item's text; the passage's, where only its beginning had room in the context.
    private var own: String { item.truncated ? item.hits.first?.passage.text ?? item.text : item.text }

    private var range: Range<Int> { item.truncated ? item.hits.first?.passage.range ?? item.range : item.range }

    /// Path and line where the file says there what the passage says; else the path, and pages.
    private var place: String? {
        guard let origin else { return nil }
        let path = DisplayText.flattened(origin)
        if let first = item.hits.first?.passage, let line = SourceLine.of(first.range, in: origin, text: first.text) {
            return "\(path):\(line)"
        }
        return path + (AnswerPrinter.pages(item) ?? "")
    }

    /// What was found still stands in the document, where it stood: what surrounds it there surrounds it.
    private var isCurrent: Bool {
        item.hits.allSatisfy { hit in
            passages.contains {
                $0.range == hit.passage.range && $0.text.utf8.elementsEqual(hit.passage.text.utf8)
            }
        }
    }

    /// What the store has of the text before and behind; an ellipsis where there is more.
    private var surroundings: (before: String?, after: String?) {
        (side(reaching: range.lowerBound, forwards: false), side(reaching: range.upperBound, forwards: true))
    }

    /// Text that ends, or begins, at a byte of the document, from the passages that hold it.
    private func side(reaching start: Int, forwards: Bool) -> String? {
        var position = start
        var text = ""
        let ordered = passages.sorted { $0.range.lowerBound < $1.range.lowerBound }
        for passage in forwards ? ordered : ordered.reversed() where text.utf8.count < Self.around {
            let bytes = Array(passage.text.utf8)
            guard bytes.count == passage.range.count else { continue }
            let piece: Range<Int>
            if forwards {
                guard passage.range.upperBound > position else { continue }
                piece = max(position, passage.range.lowerBound)..<passage.range.upperBound
            } else {
                guard passage.range.lowerBound < position else { continue }
                piece = passage.range.lowerBound..<min(position, passage.range.upperBound)
            }
            let offset = passage.range.lowerBound
            let part = String(decoding: bytes[piece.lowerBound - offset..<piece.upperBound - offset], as: UTF8.self)
            // Only white space lies between two passages.
            let gap = forwards ? piece.lowerBound - position : position - piece.upperBound
            let between = gap > 1 ? "\n\n" : gap == 1 ? "\n" : ""
            text = forwards ? text + between + part : part + between + text
            position = forwards ? piece.upperBound : piece.lowerBound
        }
        guard !text.isEmpty else { return nil }
        let goesOn = ordered.contains {
            forwards ? $0.range.upperBound > position : $0.range.lowerBound < position
        }
        // The mark of the passage stands in lines of its own.
        let trimmed = Self.trimmed(text)
        guard !trimmed.isEmpty else { return nil }
        return goesOn ? forwards ? trimmed + " …" : "… " + trimmed : trimmed
    }

    /// Without line ends at its beginning and its end.
    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first?.isNewline == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
