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
        end(of: title, in: text) != nil
    }

    /// Where the title ends in a text that ``begins(_:with:)`` it; nil for any other.
    package static func end<Text: Collection, Title: Collection>(of title: Title, in text: Text) -> Text.Index?
    where Text.Element == UInt8, Title.Element == UInt8 {
        let title = trimmed(title)
        guard !title.isEmpty else { return text.startIndex }
        let body = text.drop(while: isSpace)
        return end(of: title, at: body.startIndex, in: text)
            ?? end(
                of: title, at: body.drop(while: { $0 == UInt8(ascii: "#") }).drop(while: isSpace).startIndex, in: text)
    }

    private static func end<Text: Collection>(
        of title: ArraySlice<UInt8>, at start: Text.Index, in text: Text
    ) -> Text.Index? where Text.Element == UInt8 {
        var position = start
        for byte in title {
            guard position != text.endIndex, text[position] == byte else { return nil }
            position = text.index(after: position)
        }
        // Ideographs do not mark where words end: after one of them (a byte over 0x7F) any letter may follow.
        guard position != text.endIndex, let last = title.last, last < 0x80 else { return position }
        let next = text[position]
        return next < 0x80 && !isLetterOrDigit(next) ? position : nil
    }

    /// Where a text's first line ends if that is a Markdown heading (`# Refunds`, of any level) of at most `most` bytes; else nil.
    package static func endOfHeading<Text: Collection>(in text: Text, most: Int = 4096) -> Text.Index?
    where Text.Element == UInt8 {
        let line = text.drop(while: isSpace).prefix(most + 1).prefix { $0 != 0x0A && $0 != 0x0D }
        let words = line.drop { $0 == UInt8(ascii: "#") }
        guard line.count <= most, (1...6).contains(line.count - words.count), words.first.map(isSpace) == true,
            words.contains(where: { !isSpace($0) })
        else { return nil }
        return line.endIndex
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
