import WinnowCore

/// A Markdown file as a document.
///
/// Front matter becomes metadata; its `id` is the document's id, its `title` the title. Without a title there the first level 1
/// heading is the title. The text is all that follows the front matter, heading included.
struct MarkdownReader: FormatReader {
    func open(_ file: CorpusFile, limits: ReadingLimits) throws -> any DocumentStream {
        let content = try TextFile.read(file.path, hasFrontMatter: true)
        let isBlank = VisibleText.isAbsent(from: content.text)
        guard !isBlank || content.frontMatter != nil else { throw NothingThere(description: "the file is empty") }
        let document = Self.document(
            content.text, content.frontMatter, offset: content.offset, defaultID: file.relativePath)
        guard document.title != nil || !isBlank else {
            throw NothingThere(description: "there is nothing but front matter without a title")
        }
        return SingleDocument(document, notes: [content.note].compactMap(\.self))
    }

    /// - Parameters:
    ///   - text: what follows the front matter.
    ///   - offset: of `text` in the file.
    private static func document(_ text: String, _ matter: FrontMatter?, offset: Int, defaultID: String) -> Document {
        var metadata = matter?.metadata ?? [:]
        let id = metadata.removeValue(forKey: "id")?.stringValue
        let title = metadata[MetadataField.title]?.stringValue ?? firstHeading(text)
        return Document(
            id: id.flatMap { $0.isEmpty ? nil : $0 } ?? defaultID, title: title.flatMap { $0.isEmpty ? nil : $0 },
            text: text, metadata: metadata, textOffset: offset)
    }

    /// The words of the first heading of level 1.
    static func firstHeading(_ text: String) -> String? {
        let source = SourceText(text)
        let heading = TextBlocks(source).first { $0.kind == .heading(level: 1) && !$0.headingText.isEmpty }
        return heading.map { source.string($0.headingText) }
    }
}
