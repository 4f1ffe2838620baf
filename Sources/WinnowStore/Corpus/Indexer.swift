import WinnowCore

/// Fills a store: cuts documents into passages, embeds them, and writes each document with all that belongs to it in one
/// transaction.
///
/// A document whose content the store has already is left alone, a changed one replaces its passages. Small documents are
/// embedded and committed some at a time, about once a second; one of any length is streamed through its own transaction, so
/// that beside its text a few of its passages are in memory. Whatever stops the work, a full disk or a `kill -9`, what was committed stays, and indexing
/// the same again goes on from there.
public struct Indexer: Sendable {
    public let embedder: any Embedder
    public let chunker: any Chunker
    /// What no passage may exceed: the limit of each model that will read it.
    public let budget: PassageBudget
    /// Makes the token ids that are stored for the reranker; nil: none are stored, and each query tokenises its candidates.
    public let tokenizer: (any PassageTokenizer)?

    public init(
        embedder: any Embedder, chunker: any Chunker = SentenceChunker(), budget: PassageBudget,
        tokenizer: (any PassageTokenizer)? = nil
    ) {
        self.embedder = embedder
        self.chunker = chunker
        self.budget = budget
        self.tokenizer = tokenizer
    }

    /// What a store says that this indexer filled.
    public func profile() throws -> StoreProfile {
        let identity = try embedder.identity
        return StoreProfile(
            embedder: identity.name, embedderFingerprint: identity.fingerprint, dimension: embedder.dimension,
            precision: identity.precision, chunking: chunker.identity,
            passageTokens: budget.limits.map(\.maximum).min(), budget: budget.description,
            tokenizer: try tokenizer?.tokenizerFingerprint)
    }

    /// Opens or makes the store at a path, indexes, and closes it.
    ///
    /// - Parameter roots: as in the other method.
    /// - Throws: ``StoreError``, what reading, chunking and embedding throw, `CancellationError`. What was committed before
    ///   stays.
    @discardableResult
    public func index<Documents: AsyncSequence & Sendable>(
        _ documents: Documents, into path: String, roots: [String] = [], waiting: Duration? = nil
    ) async throws -> IndexReport where Documents.Element == Document {
        let writer = try await StoreWriter.open(path, profile: try profile(), waiting: waiting) { _ in }
        do {
            let report = try await index(documents, into: writer, roots: roots)
            try writer.close()
            return report
        } catch {
            // The error that stopped the work is the one to tell; the store is whole either way.
            _ = try? writer.close()
            throw error
        }
    }

    /// Indexes into an open store.
    ///
    /// - Parameters:
    ///   - documents: read one at a time.
    ///   - roots: absolute paths of the files and folders that this run reads whole. Between files below them an id may move; an
    ///     id that a living file elsewhere holds is refused, so that two texts are never taken for one.
    ///   - onProgress: called after each commit and each document that was left alone.
    /// - Throws: as ``index(_:into:roots:waiting:)``; a transaction that was under way is rolled back.
    public func index<Documents: AsyncSequence & Sendable>(
        _ documents: Documents, into writer: StoreWriter, roots: [String] = [],
        onProgress: @escaping @Sendable (IndexReport) -> Void = { _ in }
    ) async throws -> IndexReport where Documents.Element == Document {
        var run = try IndexingRun(indexer: self, writer: writer, roots: roots, onProgress: onProgress)
        for try await document in documents {
            try Task.checkCancellation()
            try await run.take(document)
        }
        try await run.flush()
        try run.removeFormerIDs()
        return run.report
    }
}

/// What indexing did.
public struct IndexReport: Sendable, Hashable {
    /// Documents that the store did not have.
    public var added = 0
    /// Documents whose passages were replaced because their content had changed.
    public var changed = 0
    /// Documents that the store had already, word for word.
    public var unchanged = 0
    /// Passages embedded and committed.
    public var passages = 0
    /// Passages that a model will not read whole: only a chunker that ignores the budget makes them.
    public var overBudget = 0
    /// Documents that the store had of files that hold one document each, under ids that these files no longer have.
    public var renamed = 0
    /// Documents that were left out, and why.
    public var failed: [FailedDocument] = []

    /// Bytes of a document's text that are handed in and not embedded yet: of one that takes long.
    public var pendingBytes = 0

    fileprivate var seen: Set<ExactText> = []

    public init() {}

    /// A document of this id was handed in, whether it was stored or left out: pruning keeps it.
    public func hasSeen(_ id: String) -> Bool { seen.contains(ExactText(id)) }

    /// A document that was left out; the store keeps what it had of it.
    public struct FailedDocument: Sendable, Hashable {
        public var id: String
        public var origin: String?
        public var reason: String
    }
}

extension IndexReport {
    fileprivate mutating func count(isNew: Bool, passages: Int) {
        if isNew { added += 1 } else { changed += 1 }
        self.passages += passages
    }
}

extension StoreError {
    /// What is wrong is a document, and others can be stored.
    fileprivate var isAboutOneDocument: Bool {
        switch self {
        case .metadata, .duplicatePassage, .vectorNotFinite: true
        default: false
        }
    }
}

/// One run of an ``Indexer``.
private struct IndexingRun {
    let indexer: Indexer
    let writer: StoreWriter
    let roots: [String]
    let onProgress: @Sendable (IndexReport) -> Void
    /// Files that hold one document each, and of which this run has read it.
    private var origins: Set<ExactText> = []
    private let tokenizer: (any PassageTokenizer)?
    var report = IndexReport()

    /// Documents that are cut and wait to be embedded and committed together.
    private var waiting: [(record: DocumentRecord, passages: [Passage], isNew: Bool)] = []
    private var waitingPassages = 0
    /// Passages that are embedded in one go: about a second's work, so that progress moves and a kill loses little.
    private var batchSize = 64
    private let clock = ContinuousClock()

    private static let batchSizes = 32...1024

    init(
        indexer: Indexer, writer: StoreWriter, roots: [String],
        onProgress: @escaping @Sendable (IndexReport) -> Void
    ) throws {
        self.indexer = indexer
        self.writer = writer
        self.roots = roots
        self.onProgress = onProgress
        // A store keeps the token ids of one tokenizer; of another they would be taken for its own.
        let isStores = try indexer.tokenizer.map { try $0.tokenizerFingerprint == writer.profile.tokenizer } ?? false
        tokenizer = isStores ? indexer.tokenizer : nil
    }

    mutating func take(_ document: Document) async throws {
        guard report.seen.insert(ExactText(document.id)).inserted else {
            refuse(document, "an earlier document of this run has the same id: ids must be unique")
            return
        }
        let hash = ContentHash.of(document)
        let state = try writer.state(of: document.id)
        if let state {
            if let other = state.origin, other != document.origin, FilePath.exists(other),
                !FilePath.lies(other, in: roots)
            {
                refuse(
                    document,
                    "the id is taken by a document of \(PathText.quoted(other)), which is not among what is indexed now: give "
                        + "both in one run, or a folder above both, or another id")
                return
            }
            if let origin = document.origin, !document.sharesOrigin { origins.insert(ExactText(origin)) }
            if state.contentHash == hash, state.origin == document.origin {
                report.unchanged += 1
                onProgress(report)
                return
            }
        } else if let origin = document.origin, !document.sharesOrigin {
            origins.insert(ExactText(origin))
        }
        let record = DocumentRecord(
            id: document.id, title: document.title, metadata: document.metadata, origin: document.origin,
            contentHash: hash, byteCount: document.text.utf8.count)

        let portions: PassagePortions
        let first: [Passage]
        var second: [Passage]?
        do {
            portions = try indexer.chunker.portions(of: document, budget: indexer.budget)
            first = try portions.next() ?? []
            second = try portions.next()
        } catch let error as SearchError {
            refuse(document, "\(error)")
            return
        }
        guard let second else {
            waiting.append((record, first, state == nil))
            waitingPassages += first.count
            if waitingPassages >= batchSize { try await flush() }
            return
        }
        try await flush()
        try await stream(record, [first, second], then: portions, isNew: state == nil)
    }

    /// Embeds and commits what waits.
    mutating func flush() async throws {
        guard !waiting.isEmpty else { return }
        let batch = waiting
        (waiting, waitingPassages) = ([], 0)
        var records: [PassageRecord] = []
        let all = batch.flatMap(\.passages)
        for slice in slices(all) { records += try await embed(Array(all[slice])) }

        var done = report
        try transaction {
            var next = 0
            for (record, passages, isNew) in batch {
                defer { next += passages.count }
                do {
                    try writer.put(record)
                    try writer.append(Array(records[next..<next + passages.count]))
                    done.count(isNew: isNew, passages: passages.count)
                } catch let error as StoreError where error.isAboutOneDocument {
                    // The writer has undone this document only.
                    done.failed.append(.init(id: record.id, origin: record.origin, reason: "\(error)"))
                }
            }
        }
        report = done
        onProgress(report)
    }

    /// Writes a document of any length in one transaction, holding no more than a few of its passages.
    private mutating func stream(
        _ record: DocumentRecord, _ head: [[Passage]], then rest: PassagePortions, isNew: Bool
    ) async throws {
        var head = head[...]
        var written = 0
        try writer.begin()
        do {
            try writer.put(record)
            while let portion = try head.popFirst() ?? rest.next() {
                for slice in slices(portion) {
                    try writer.append(try await embed(Array(portion[slice])))
                    written += slice.count
                    var shown = report
                    shown.passages += written
                    shown.pendingBytes = max(0, record.byteCount - (portion[slice].last?.range.upperBound ?? 0))
                    onProgress(shown)
                }
            }
            try writer.commit()
        } catch {
            writer.rollback()
            guard error is SearchError || (error as? StoreError)?.isAboutOneDocument == true else { throw error }
            report.failed.append(.init(id: record.id, origin: record.origin, reason: "\(error)"))
            onProgress(report)
            return
        }
        report.count(isNew: isNew, passages: written)
        onProgress(report)
    }

    private func transaction(_ body: () throws -> Void) throws {
        try writer.begin()
        do {
            try body()
            try writer.commit()
        } catch {
            writer.rollback()
            throw error
        }
    }

    private func slices(_ passages: [Passage]) -> [Range<Int>] {
        stride(from: 0, to: passages.count, by: batchSize).map { $0..<min($0 + batchSize, passages.count) }
    }

    private mutating func embed(_ passages: [Passage]) async throws -> [PassageRecord] {
        let start = clock.now
        let contents = passages.map(\.content)
        let vectors = try await indexer.embedder.embed(contents, as: .passage)
        guard vectors.count == passages.count else {
            throw StoreError.vectorCount(passages: passages.count, vectors: vectors.count)
        }
        let tokens = try await tokenizer?.tokenize(contents)
        let took = clock.now - start
        if passages.count >= batchSize, took < .milliseconds(500) {
            batchSize = min(batchSize * 2, Self.batchSizes.upperBound)
        } else if took > .milliseconds(1500) {
            batchSize = max(batchSize / 2, Self.batchSizes.lowerBound)
        }
        for content in contents where !indexer.budget.admits(content) { report.overBudget += 1 }
        return passages.indices.map { index in
            PassageRecord(
                passage: passages[index], vector: Array(vectors[index]),
                tokens: tokens.flatMap { index < $0.count ? $0[index].ids : nil })
        }
    }

    private mutating func refuse(_ document: Document, _ reason: String) {
        report.failed.append(.init(id: document.id, origin: document.origin, reason: reason))
        onProgress(report)
    }

    /// Deletes what the store has of a file under an id that the file had before: its folder was given otherwise, or its front
    /// matter named it otherwise. One file that holds one document is not two.
    mutating func removeFormerIDs() throws {
        guard !origins.isEmpty else { return }
        let former = try writer.documentIDs(originUnder: "/").filter { id, origin in
            origins.contains(ExactText(origin)) && !report.hasSeen(id)
        }
        guard !former.isEmpty else { return }
        report.renamed = try writer.delete(former.map(\.id))
        onProgress(report)
    }
}
