import WinnowCore

/// Reads documents from files and folders.
///
/// A folder that holds `corpus.jsonl` is a BEIR collection: nothing else in it is read. Any other folder gives its files of the
/// formats that are read, in the order of their paths, recursively: Markdown, plain text, JSONL, HTML, PDF, CSV and TSV, JSON,
/// Word's .docx and source code. Left out are hidden files, `README*` in Markdown, plain text or without an ending,
/// `queries.jsonl`, `qrels/`, and what a tool put there: installed packages, products of builds, lock files, minified code. A file
/// may be named by itself. `Documentation/ingest.md` has the table and the rules.
///
/// One broken record or file does not stop the rest: it is left out, and named in what comes back.
///
/// A line of records may have 256 MiB; a longer one is left out too.
public struct CorpusReader: Sendable {
    let limits: ReadingLimits

    public init() { self.init(limits: ReadingLimits()) }

    /// - Parameter longestLine: bytes that a line of records may have.
    package init(longestLine: Int) {
        var limits = ReadingLimits()
        limits.longestLine = longestLine
        self.init(limits: limits)
    }

    package init(limits: ReadingLimits) { self.limits = limits }

    /// Reads all documents into memory.
    ///
    /// - Throws: ``IngestError`` when a path does not exist or is of no readable format, or when there is not one document;
    ///   `CancellationError` between documents.
    public func read(_ paths: [String]) throws -> Corpus {
        var documents: [Document] = []
        var notes: [ReadingNote] = []
        let skipped = try forEachDocument(
            in: paths, onNote: { notes.append($0) }, { documents.append($0) })
        return Corpus(documents: documents, skipped: skipped, notes: notes)
    }

    /// Hands out documents one by one, in memory for the longest of them and for all ids.
    ///
    /// - Parameter onNote: is told what the owner of a file may want to know, such as an encoding that was guessed.
    /// - Returns: what was left out.
    /// - Throws: as ``read(_:)``, and what `body` throws.
    public func forEachDocument(
        in paths: [String], onNote: (ReadingNote) -> Void = { _ in }, _ body: (Document) throws -> Void
    ) throws -> [SkippedRecord] {
        var skipped: [SkippedRecord] = []
        try withoutActuallyEscaping(onNote) { onNote in
            let cursor = CorpusCursor(
                try CorpusListing(paths), CorpusProgress(), limits: limits,
                events: ReadingEvents(onSkip: { skipped.append($0) }, onNote: onNote))
            while let document = try cursor.next() { try body(document) }
        }
        return skipped
    }

    /// Documents as they are asked for: a consumer that waits keeps no more than one of them in memory, and all ids.
    ///
    /// Files are listed now, and opened one after the other as the sequence is iterated, in the order of the paths given and
    /// then of their own; iterating again reads them again.
    ///
    /// - Parameters:
    ///   - onSkip: is told of each file and record that is left out, during the iteration and on the task that iterates.
    ///   - onNote: likewise of what the owner of a file may want to know, such as an encoding that was guessed.
    /// - Throws: ``IngestError`` when a path does not exist or is of no readable format. The iteration throws
    ///   ``IngestError/nothingToRead(paths:skipped:)`` at its end when there was not one document, and `CancellationError`
    ///   between documents and while it reads a long one.
    public func documents(
        in paths: [String], onSkip: @escaping @Sendable (SkippedRecord) -> Void = { _ in },
        onNote: @escaping @Sendable (ReadingNote) -> Void = { _ in }
    ) throws -> CorpusDocuments {
        CorpusDocuments(listing: try CorpusListing(paths), limits: limits, onSkip: onSkip, onNote: onNote)
    }
}

/// Documents, and what was left out.
public struct Corpus: Sendable {
    public var documents: [Document]
    public var skipped: [SkippedRecord]
    /// What the owners of the files may want to know.
    public var notes: [ReadingNote]

    public init(documents: [Document], skipped: [SkippedRecord] = [], notes: [ReadingNote] = []) {
        self.documents = documents
        self.skipped = skipped
        self.notes = notes
    }
}
