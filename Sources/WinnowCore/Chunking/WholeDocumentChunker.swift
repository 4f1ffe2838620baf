/// Does not cut: one passage a document, under the document's own id, however long it is.
///
/// What a model then cannot read is truncated by the model and reported with the score.
public struct WholeDocumentChunker: Chunker {
    /// Bytes of a passage at most: far beyond what any model reads, and what a pipeline still handles in one piece.
    public static let mostBytes = 16 << 20

    public init() {}

    public var identity: String { "none" }

    /// The budget is ignored.
    /// - Throws: ``SearchError/passageTooLong(documentID:bytes:most:)``.
    public func chunk(_ document: Document, budget: PassageBudget) throws -> [Passage] {
        let bytes = document.text.utf8.count
        guard bytes <= Self.mostBytes else {
            throw SearchError.passageTooLong(documentID: document.id, bytes: bytes, most: Self.mostBytes)
        }
        let hasTitle = document.title.map { !$0.isEmpty } ?? false
        guard hasTitle || !document.text.isEmpty else { return [] }
        var metadata = document.metadata
        metadata[MetadataField.parentDocument] = .string(document.id)
        if let title = document.title, hasTitle, metadata[MetadataField.title] == nil {
            metadata[MetadataField.title] = .string(title)
        }
        document.structure.add(to: &metadata, for: 0..<bytes)
        let titled = hasTitle && !TitlePrefix.begins(document.text.utf8, with: (document.title ?? "").utf8)
        let start = document.textOffset
        return [
            Passage(
                id: document.id, documentID: document.id, title: titled ? document.title : nil, text: document.text,
                range: start..<start + document.text.utf8.count, metadata: metadata)
        ]
    }
}
