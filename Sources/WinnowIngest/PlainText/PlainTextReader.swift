import WinnowCore

/// A plain text file as a document: its text as it is.
struct PlainTextReader: FormatReader {
    func open(_ file: CorpusFile, limits: ReadingLimits) throws -> any DocumentStream {
        let content = try TextFile.read(file.path, hasFrontMatter: false)
        guard !VisibleText.isAbsent(from: content.text) else { throw NothingThere(description: "the file is empty") }
        return SingleDocument(
            Document(id: file.relativePath, text: content.text, textOffset: content.offset),
            notes: [content.note].compactMap(\.self))
    }
}
