/// A text as its owner knows it: a file, a record of a collection. It is cut into ``Passage``s by a ``Chunker``.
public struct Document: Sendable, Hashable, Identifiable {
    /// Unique in its collection.
    public var id: String
    public var title: String?
    public var text: String
    public var metadata: Metadata
    /// UTF-8 byte offset of `text` in its source: what a byte order mark and front matter take in a Markdown file, else 0. Where the
    /// text was extracted from a file (HTML, PDF, Word, tables, other encodings), the source is the extracted text and this is 0.
    public var textOffset: Int
    /// The file that it was read from, as the absolute path of the folder that was given, without links, and the file's path
    /// below it, links and all; nil for a document that came from no file. It says whose a document of a store is: an id that
    /// another living file holds is refused, and pruning goes by it.
    public var origin: String?
    /// Its origin holds other documents too, as a file of records does: another one from there is not this one renamed.
    public var sharesOrigin: Bool
    /// What is known of the text and does not stand in it: pages, parts of code.
    public var structure: TextStructure

    public init(
        id: String, title: String? = nil, text: String, metadata: Metadata = [:], textOffset: Int = 0,
        origin: String? = nil, sharesOrigin: Bool = false, structure: TextStructure = .prose
    ) {
        self.id = id
        self.title = title
        self.text = text
        self.metadata = metadata
        self.textOffset = textOffset
        self.origin = origin
        self.sharesOrigin = sharesOrigin
        self.structure = structure
    }

    /// What a model reads when the document is not cut: title, newline, text; the title once.
    public var content: String {
        guard let title, !title.isEmpty, !TitlePrefix.begins(text.utf8, with: title.utf8) else { return text }
        return text.isEmpty ? title : title + "\n" + text
    }
}

/// Whether a text already opens with its title, so that the title is not put before it a second time.
package enum TitlePrefix {
    /// True when `text`, after white space and the `#`s of a Markdown heading, starts with the whole of `title` and the
    /// title ends there at the end of a word: `# Refunds` and `Refunds take a week` start with `Refunds`,
    /// `Refundsmanship` does not. Both are UTF-8.
    package static func begins<Text: Collection, Title: Collection>(_ text: Text, with title: Title) -> Bool
    where Text.Element == UInt8, Title.Element == UInt8 {
        let title = trimmed(title)
        guard !title.isEmpty else { return true }
        let body = text.drop(while: isSpace)
        return starts(body, with: title)
            || starts(body.drop(while: { $0 == UInt8(ascii: "#") }).drop(while: isSpace), with: title)
    }

    private static func starts<Text: Collection>(_ text: Text, with title: ArraySlice<UInt8>) -> Bool
    where Text.Element == UInt8 {
        var position = text.startIndex
        for byte in title {
            guard position != text.endIndex, text[position] == byte else { return false }
            position = text.index(after: position)
        }
        guard position != text.endIndex else { return true }
        // Ideographs do not mark where words end: after one of them (a byte over 0x7F) any letter may follow.
        guard let last = title.last, last < 0x80 else { return true }
        let next = text[position]
        return next < 0x80 && !isLetterOrDigit(next)
    }

    private static func trimmed<Title: Collection>(_ title: Title) -> ArraySlice<UInt8> where Title.Element == UInt8 {
        var slice = Array(title)[...].drop(while: isSpace)
        while let last = slice.last, isSpace(last) { slice.removeLast() }
        return slice
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
