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

/// A corpus that was read, cut and embedded in memory.
struct CorpusIndex {
    var index: ExactVectorIndex
    var documentCount: Int
    var skipped: [SkippedRecord]
    /// `read`, `chunk`, `embed`.
    var stages: [Trace.Stage]

    static func make(
        of paths: [String], embedder: any Embedder, budget: PassageBudget, chunker: some Chunker = SentenceChunker()
    ) async throws -> CorpusIndex {
        try await make(of: try CorpusPassages.make(of: paths, budget: budget, chunker: chunker), embedder: embedder)
    }

    static func make(of corpus: CorpusPassages, embedder: any Embedder) async throws -> CorpusIndex {
        let clock = ContinuousClock()
        let start = clock.now
        let passages = corpus.passages
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
        return CorpusIndex(
            index: index, documentCount: corpus.documentCount, skipped: corpus.skipped,
            stages: corpus.stages + [embedding])
    }
}
