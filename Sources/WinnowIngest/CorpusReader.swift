import WinnowCore

/// Reads documents from files and folders.
///
/// A folder that holds `corpus.jsonl` is a BEIR collection: nothing else in it is read. Any other folder gives its `*.md`,
/// `*.txt` and `*.jsonl` in the order of their paths, recursively, without hidden files, `README*`, `queries.jsonl` and
/// `qrels/`. A file may be named by itself.
///
/// One broken record or file does not stop the rest: it is left out, and named in what comes back.
///
/// A line of records may have 256 MiB; a longer one is left out too.
public struct CorpusReader: Sendable {
    private let longestLine: Int

    public init() { self.init(longestLine: LineReader.longestLine) }

    /// - Parameter longestLine: bytes that a line of records may have.
    package init(longestLine: Int) { self.longestLine = longestLine }

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
        var skipped: [SkippedRecord] = []
        let cursor = CorpusCursor(try CorpusListing(paths), CorpusProgress(), longestLine: longestLine) {
            skipped.append($0)
        }
        while let document = try cursor.next() { try body(document) }
        return skipped
    }

    /// Documents as they are asked for: a consumer that waits keeps no more than one of them in memory, and all ids.
    ///
    /// Files are listed now, and opened one after the other as the sequence is iterated, in the order of the paths given and
    /// then of their own; iterating again reads them again.
    ///
    /// - Parameter onSkip: is told of each file and record that is left out, during the iteration and on the task that iterates.
    /// - Throws: ``IngestError`` when a path does not exist or is of no readable format. The iteration throws
    ///   ``IngestError/nothingToRead(paths:skipped:)`` at its end when there was not one document, and `CancellationError`
    ///   between documents and while it reads a long one.
    public func documents(
        in paths: [String], onSkip: @escaping @Sendable (SkippedRecord) -> Void = { _ in }
    ) throws -> CorpusDocuments {
        CorpusDocuments(listing: try CorpusListing(paths), longestLine: longestLine, onSkip: onSkip)
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
