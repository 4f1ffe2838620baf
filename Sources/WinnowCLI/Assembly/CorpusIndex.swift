import WinnowCore
import WinnowIngest
import WinnowStore

/// A corpus that was read and cut in memory.
struct CorpusPassages {
    var passages: [Passage]
    var documentCount: Int
    var skipped: [SkippedRecord]
    /// `read`, `chunk`.
    var stages: [Trace.Stage]

    /// - Parameter isWanted: documents that are not are read and forgotten.
    static func make(
        of paths: [String], budget: PassageBudget, chunker: some Chunker = SentenceChunker(),
        isWanted: (Document) -> Bool = { _ in true }
    ) throws -> CorpusPassages {
        let clock = ContinuousClock()
        var start = clock.now
        let corpus = try CorpusReader().read(paths)
        for note in corpus.notes { StandardStreams.note("note: \(note)") }
        var stages = [
            Trace.Stage(
                name: "read", duration: clock.now - start,
                counts: ["documents": corpus.documents.count, "skipped": corpus.skipped.count])
        ]

        start = clock.now
        var passages: [Passage] = []
        var ids: Set<ExactText> = []
        var skipped = corpus.skipped
        for document in corpus.documents where isWanted(document) {
            try Task.checkCancellation()
            let cut = try chunker.chunk(document, budget: budget)
            // A document named `a#0` beside the passages of `a`: left out, as in a store.
            if let taken = cut.first(where: { ids.contains(ExactText($0.id)) }) {
                skipped.append(
                    SkippedRecord(
                        path: document.metadata[MetadataField.source]?.stringValue ?? document.id,
                        reason:
                            "its passage '\(PathText.quoted(taken.id))' has the id of another document's passage: rename "
                            + "one of the two"))
                continue
            }
            ids.formUnion(cut.map { ExactText($0.id) })
            passages += cut
        }
        stages.append(.init(name: "chunk", duration: clock.now - start, counts: ["passages": passages.count]))
        return CorpusPassages(
            passages: passages, documentCount: corpus.documents.count - (skipped.count - corpus.skipped.count),
            skipped: skipped, stages: stages)
    }
}

/// Passages in memory, in the indexes that a first stage needs.
struct MemoryIndex {
    /// nil where no first stage compares vectors.
    var dense: ExactVectorIndex?
    var lexical: LexicalIndex
    /// `embed` where vectors were made, `terms`.
    var stages: [Trace.Stage]

    /// - Parameter embedder: nil: no vectors are made.
    static func make(
        of corpus: CorpusPassages, embedder: (any Embedder)?, analysis: LexicalAnalysis?
    ) async throws -> MemoryIndex {
        let clock = ContinuousClock()
        let start = clock.now
        let lexical = LexicalIndex(corpus.passages, analysis: analysis ?? LexicalAnalysis())
        let terms = Trace.Stage(
            name: "terms", duration: clock.now - start, counts: ["passages": corpus.passages.count])
        guard let embedder else { return MemoryIndex(dense: nil, lexical: lexical, stages: [terms]) }
        let (dense, embedding) = try await embed(corpus.passages, embedder)
        return MemoryIndex(dense: dense, lexical: lexical, stages: [terms, embedding])
    }

    private static func embed(
        _ passages: [Passage], _ embedder: any Embedder
    ) async throws -> (ExactVectorIndex, Trace.Stage) {
        let clock = ContinuousClock()
        let start = clock.now
        var index = ExactVectorIndex(dimension: embedder.dimension)
        var progress = Progress("Embedding", total: passages.count, unit: "passage")
        defer { progress.finish() }
        progress.update(0)
        var slices = Slices(count: passages.count)
        while let slice = slices.next() {
            let part = Array(passages[slice])
            try index.append(part, vectors: try await embedder.embed(part.map(\.content), as: .passage))
            progress.update(slice.upperBound)
        }
        let embedding = Trace.Stage(
            name: "embed", duration: clock.now - start, counts: ["passages": passages.count])
        return (index, embedding)
    }
}
