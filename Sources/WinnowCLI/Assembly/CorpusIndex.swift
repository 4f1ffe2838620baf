import WinnowCore
import WinnowIngest
import WinnowStore

/// A corpus that was read, cut and embedded in memory for one search.
struct CorpusIndex {
    var index: ExactVectorIndex
    var documentCount: Int
    var skipped: [SkippedRecord]
    /// `read`, `chunk`, `embed`.
    var stages: [Trace.Stage]

    static func make(
        of paths: [String], embedder: any Embedder, budget: PassageBudget, chunker: some Chunker = SentenceChunker()
    ) async throws -> CorpusIndex {
        let clock = ContinuousClock()
        var start = clock.now
        let corpus = try CorpusReader().read(paths)
        var stages = [
            Trace.Stage(
                name: "read", duration: clock.now - start,
                counts: ["documents": corpus.documents.count, "skipped": corpus.skipped.count])
        ]

        start = clock.now
        var passages: [Passage] = []
        for document in corpus.documents {
            try Task.checkCancellation()
            passages += try chunker.chunk(document, budget: budget)
        }
        stages.append(.init(name: "chunk", duration: clock.now - start, counts: ["passages": passages.count]))

        start = clock.now
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
        stages.append(.init(name: "embed", duration: clock.now - start, counts: ["passages": passages.count]))
        return CorpusIndex(
            index: index, documentCount: corpus.documents.count, skipped: corpus.skipped, stages: stages)
    }
}
