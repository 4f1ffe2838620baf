import WinnowCore
import WinnowStore

/// A store and models that questions are asked with: opened and loaded once.
struct AskSession {
    private(set) var store: Store
    /// What lay at the store's path when it was opened.
    private var file: FileIdentity?
    let embedder: LoadedEmbedder
    /// nil: none was needed yet.
    private(set) var reranker: LoadedReranker?
    private var generators: [Bool: any AnswerGenerator] = [:]
    private let options: AskCommand

    /// What may differ from question to question.
    struct Settings {
        var retriever: RetrieverKind
        var initialK: Int
        var finalK: Int
        /// nil: the standard one.
        var order: FinalOrder?
        var threshold: Ranking.Threshold?
        var reranks: Bool
        /// nil: all passages.
        var filter: MetadataFilter?

        var finalOrder: FinalOrder { order ?? .standard(reranks: reranks) }

        /// Refuses what no pipeline can be made of.
        func validate() throws {
            try Usage.check {
                try SearchPipeline.validate(initialK: initialK, finalK: finalK)
                try SearchPipeline.validate(order: finalOrder, reranks: reranks)
                // Whether there is a calibration is known when the models are.
                if let threshold {
                    try SearchPipeline.validate(threshold: threshold, reranks: reranks, calibrated: true)
                }
            }
        }
    }

    /// Opens the store and loads what these settings need. What a person should know of the models is said.
    init(_ options: AskCommand, _ settings: Settings) async throws {
        self.options = options
        file = FileIdentity(options.store.path)
        store = try Store.open(options.store.path)
        try await options.filtering.check(store.fields)
        embedder = try Models.embedder(options.embeddingModel, engine: options.engine)
        // A store that another model filled is refused before the next one is loaded.
        _ = try options.retrieval.retriever(settings.retriever, over: store, embedder)
        reranker = settings.reranks ? try Self.reranker(options) : nil
        for note in embedder.notes + (reranker?.notes ?? []) { StandardStreams.note("note: \(note)") }
    }

    private static func reranker(_ options: AskCommand) throws -> LoadedReranker {
        options.scoreCache.cached(
            try Models.reranker(
                options.model, engine: options.engine, maxLength: options.pair.maxLength,
                truncation: options.pair.truncation, windows: options.pair.windows()),
            store: options.store.path)
    }

    private mutating func reranker(_ settings: Settings) throws -> LoadedReranker? {
        guard settings.reranks else { return nil }
        if let reranker { return reranker }
        let loaded = try Self.reranker(options)
        for note in loaded.notes { StandardStreams.note("note: \(note)") }
        reranker = loaded
        return loaded
    }

    /// Opens the store anew where another file lies at its path now; what was committed to the same one is seen anyway.
    ///
    /// - Returns: what answers from another store than before; nil: it is the same. When it throws the next call tries again: what there was
    ///   before searches a store that is no longer there.
    mutating func renewed(_ settings: Settings) throws -> RAGPipeline? {
        let now = FileIdentity(options.store.path)
        guard now != file else { return nil }
        store = try Store.open(options.store.path)
        let renewed = try pipeline(settings)
        file = now
        return renewed
    }

    /// Refuses a question that no model can read.
    ///
    /// - Returns: what the bi-encoder does not read of it.
    func check(_ query: Query, _ settings: Settings) throws -> QueryCut? {
        if settings.reranks { try reranker?.check(query) }
        let cut = settings.retriever.needsEmbedder ? embedder.cut(query) : nil
        if let cut, options.pair.truncation == .error { throw cut }
        return cut
    }

    /// What answers under these settings.
    mutating func pipeline(_ settings: Settings) throws -> RAGPipeline {
        let retriever = try options.retrieval.retriever(settings.retriever, over: store, embedder)
        let reranker = try reranker(settings)
        let calibration = try reranker.flatMap {
            try options.calibration.calibration(
                for: $0.reranker.identity, store: options.store.path, initialK: settings.initialK,
                retriever: settings.retriever)
        }
        return RAGPipeline(
            search: try SearchPipeline(
                retriever: retriever,
                reranker: try reranker.map { selects(settings) ? try options.selection.selective($0) : $0 }?.reranker,
                initialK: settings.initialK,
                finalK: settings.finalK, order: settings.finalOrder, threshold: settings.threshold,
                calibration: calibration),
            contextBuilder: ContextBuilder(
                tokenBudget: options.generation.contextTokens, counter: (reranker?.limit ?? embedder.limit).counter,
                order: options.generation.contextOrder),
            // Sentences have no first-stage score: all of them are judged, by the reranker itself.
            generator: try generator(reranker))
    }

    /// Whether `--rerank-within` holds: it is in the units of the scores of the retriever that it was given with.
    func selects(_ settings: Settings) -> Bool { settings.retriever == options.retriever }

    /// Made once: what it warns of is said once.
    private mutating func generator(_ reranker: LoadedReranker?) throws -> any AnswerGenerator {
        let key = reranker != nil || options.generation.llmModel != nil
        if let generator = generators[key] { return generator }
        let generator = try options.generation.generator(reranker?.reranker, embedder.embedder)
        generators[key] = generator
        return generator
    }
}
