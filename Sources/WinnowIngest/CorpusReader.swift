import WinnowCore

/// Reads documents from files and folders.
///
/// A folder that holds `corpus.jsonl` is a BEIR collection: nothing else in it is read. Any other folder gives its `*.md`,
/// `*.txt` and `*.jsonl` in the order of their paths, recursively, without hidden files, `README*`, `queries.jsonl` and
/// `qrels/`. A file may be named by itself.
///
/// One broken record or file does not stop the rest: it is left out, and named in what comes back.
public struct CorpusReader: Sendable {
    public init() {}

    /// Reads all documents into memory.
    ///
    /// - Throws: ``IngestError`` when a path does not exist or is of no readable format, or when there is not one document;
    ///   `CancellationError` between documents.
    public func read(_ paths: [String]) throws -> Corpus {
        var documents: [Document] = []
        let skipped = try forEachDocument(in: paths) { documents.append($0) }
        return Corpus(documents: documents, skipped: skipped)
    }

    /// Hands out documents one by one, in memory for the longest of them and for all ids.
    ///
    /// - Returns: what was left out.
    /// - Throws: as ``read(_:)``, and what `body` throws.
    public func forEachDocument(in paths: [String], _ body: (Document) throws -> Void) throws -> [SkippedRecord] {
        // A mistyped path is better said before minutes of reading than after.
        var session = Session()
        let files = try paths.flatMap { try Self.files(at: $0, &session.skipped) }
        for file in files {
            guard let status = FolderListing.status(file.path) else {
                session.skipped.append(SkippedRecord(path: file.path, reason: "vanished while the corpus was read"))
                continue
            }
            guard session.read.insert(status.identity).inserted else { continue }
            switch file.format {
            case .records: try session.readRecords(file, body)
            case .markdown, .plainText: try session.readText(file, body)
            }
        }
        guard session.count > 0 else { throw IngestError.nothingToRead(paths: paths, skipped: session.skipped) }
        return session.skipped
    }

    private static func files(at path: String, _ skipped: inout [SkippedRecord]) throws -> [CorpusFile] {
        guard let status = FolderListing.status(path) else { throw IngestError.notFound(path: path) }
        if status.isFolder {
            let listing = try FolderListing(path)
            skipped += listing.skipped
            return listing.files
        }
        guard status.isFile else {
            throw IngestError.unsupported(path: path, reason: FolderListing.noRegularFile)
        }
        guard let format = FileFormat(path: path) else {
            throw IngestError.unsupported(
                path: path, reason: "is no folder and no .md, .txt or .jsonl file, which are the formats that are read")
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return [CorpusFile(path: path, relativePath: name, format: format)]
    }
}

/// Documents, and what was left out.
public struct Corpus: Sendable {
    public var documents: [Document]
    public var skipped: [SkippedRecord]

    public init(documents: [Document], skipped: [SkippedRecord] = []) {
        self.documents = documents
        self.skipped = skipped
    }
}

/// One reading of a corpus.
private struct Session {
    var skipped: [SkippedRecord] = []
    var read: Set<FileIdentity> = []
    var count = 0
    /// Where each id was first seen.
    private var places: [String: Place] = [:]

    private struct Place: CustomStringConvertible {
        var path: String
        var line: Int?

        var description: String { PathText.quoted(path) + (line.map { ":\($0)" } ?? "") }
    }

    /// Why a record or file is left out.
    private struct Refusal: Error {
        var reason: String
    }

    mutating func readRecords(_ file: CorpusFile, _ body: (Document) throws -> Void) throws {
        guard let source = try attempt(file, { try ByteSource(file.path) }) else { return }
        var lines = LineReader(source)
        while let line = try attempt(file, { try lines.next() }) ?? nil {
            if line.bytes.allSatisfy(ByteText.isSpace) { continue }
            try hand(body, file, line: line.number) { () throws(Refusal) in try Self.document(line, of: file) }
        }
    }

    mutating func readText(_ file: CorpusFile, _ body: (Document) throws -> Void) throws {
        guard let bytes = try attempt(file, { try ByteSource(file.path).readAll() }) else { return }
        try hand(body, file, line: nil) { () throws(Refusal) in try Self.document(bytes, of: file) }
    }

    /// What the closure gives; nil, and the file noted as left out, when reading fails.
    private mutating func attempt<Value: ~Copyable>(_ file: CorpusFile, _ body: () throws -> Value) throws -> Value? {
        do {
            return try body()
        } catch let error as CancellationError {
            throw error
        } catch {
            skipped.append(SkippedRecord(path: file.path, reason: IngestError.reason(of: error)))
            return nil
        }
    }

    private mutating func hand(
        _ body: (Document) throws -> Void, _ file: CorpusFile, line: Int?, _ make: () throws(Refusal) -> Document
    ) throws {
        try Task.checkCancellation()
        let document: Document
        do throws(Refusal) {
            document = try make()
            let place = Place(path: file.path, line: line)
            if let first = places.updateValue(place, forKey: document.id) {
                places[document.id] = first
                throw Refusal(
                    reason:
                        "the id '\(PathText.quoted(document.id))' is taken by \(first): ids must be unique in all that "
                        + "is read together"
                        + (line == nil ? "; a file's is its path below the folder given: give a folder above both" : "")
                )
            }
        } catch {
            skipped.append(SkippedRecord(path: file.path, line: line, reason: error.reason))
            return
        }
        count += 1
        try body(document)
    }

    private static func document(_ line: LineReader.Line, of file: CorpusFile) throws(Refusal) -> Document {
        let record: InputRecord
        do {
            record = try InputRecord(line)
        } catch {
            throw Refusal(reason: error.description)
        }
        guard let id = record.id else { throw Refusal(reason: "the record has neither `_id` nor `id`") }
        guard !record.isBlank else {
            throw Refusal(reason: InputRecord.blankReason(id: id))
        }
        var metadata = record.metadata
        if metadata[MetadataField.source] == nil { metadata[MetadataField.source] = .string(file.path) }
        return Document(
            id: id, title: record.title.flatMap { $0.isEmpty ? nil : $0 }, text: record.text, metadata: metadata)
    }

    private static func document(_ bytes: [UInt8], of file: CorpusFile) throws(Refusal) -> Document {
        let start = bytes.starts(with: TextDecoding.byteOrderMark) ? TextDecoding.byteOrderMark.count : 0
        let text: String
        do {
            text = try TextDecoding.string(bytes[start...], offset: start)
        } catch {
            throw Refusal(reason: error.description)
        }
        guard !VisibleText.isAbsent(from: text) else { throw Refusal(reason: "the file is empty") }
        var document =
            file.format == .markdown
            ? MarkdownReader.document(Array(text.utf8), offset: start, defaultID: file.relativePath)
            : Document(id: file.relativePath, text: text, textOffset: start)
        guard document.title != nil || !VisibleText.isAbsent(from: document.text) else {
            throw Refusal(reason: "there is nothing but front matter without a title")
        }
        document.metadata[MetadataField.source] = .string(file.path)
        return document
    }
}
