/// A piece of a document, the unit that both stages rank.
public struct Passage: Sendable, Hashable, Identifiable {
    /// `<document>#<n>` with n from 0, or the document's own id where it was not chunked.
    public var id: String
    /// The id of the document that this is a piece of.
    public var documentID: String
    /// The document's title, which both models read ahead of the text; nil when it has none or the text begins with it.
    public var title: String?
    /// The passage itself: exactly the bytes `range` of its document's source.
    public var text: String
    /// UTF-8 byte offsets of `text` in the document's source: of a UTF-8 text file its bytes, of everything else those of the text
    /// that was extracted.
    public var range: Range<Int>
    /// The document's metadata, and `parent_doc_id`, `source`, `section`, `page` where they are known.
    public var metadata: Metadata

    public init(
        id: String, documentID: String, title: String? = nil, text: String, range: Range<Int>? = nil,
        metadata: Metadata = [:]
    ) {
        self.id = id
        self.documentID = documentID
        self.title = title
        self.text = text
        self.range = range ?? 0..<text.utf8.count
        self.metadata = metadata
    }

    /// What a model reads: title, newline, text; the title once.
    public var content: String {
        guard let title, !title.isEmpty else { return text }
        return text.isEmpty ? title : title + "\n" + text
    }

    /// The beginning of ``content`` that says what the passage is about: the title; where the text opens with its title, so much of the
    /// text: a Markdown heading's line, or the document's title (`metadata["title"]`). Empty where nothing does.
    package var heading: String {
        if let title, !title.isEmpty { return title }
        let end =
            TitlePrefix.endOfHeading(in: text.utf8)
            ?? metadata[MetadataField.title]?.stringValue.flatMap { TitlePrefix.end(of: $0.utf8, in: text.utf8) }
        return end.map { String(text[..<$0]) } ?? ""
    }
}
