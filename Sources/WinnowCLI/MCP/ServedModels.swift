import Winnow

/// The models of a server, loaded at the first call that needs them: a server that is never asked costs next to nothing. One that could not
/// be loaded is tried again at the next call.
actor ServedModels {
    private let options: MCPOptions
    private var loaded: Loaded?
    private var generator: (any AnswerGenerator)?

    init(_ options: MCPOptions) { self.options = options }

    struct Loaded: Sendable {
        var reranker: LoadedReranker
        /// nil: there is no store to search.
        var embedder: LoadedEmbedder?
        /// Of the store's searches.
        var calibration: Calibration?
        /// Of documents that a caller brought: the one that was named for them.
        var givenCalibration: Calibration?
    }

    func get() throws -> Loaded {
        if let loaded { return loaded }
        let plain = try Models.reranker(
            options.model, engine: options.engine, maxLength: options.pair.maxLength,
            truncation: options.pair.truncation, windows: options.pair.windows())
        let identity = try plain.reranker.identity
        let reranker = options.scoreCache.cached(plain, store: options.store)
        var new = Loaded(reranker: reranker)
        new.givenCalibration = try options.calibration.calibration(for: identity, store: nil)
        if options.store != nil {
            let embedder = try Models.embedder(options.embeddingModel, engine: options.engine)
            new.embedder = embedder
            new.calibration = try options.calibration.calibration(for: identity, store: options.store)
        }
        for note in reranker.notes + (new.embedder?.notes ?? []) { StandardStreams.note("note: \(note)") }
        loaded = new
        return new
    }

    /// Who writes answers. By itself: an LLM's settings that are wrong stand in the way of nothing else.
    func answering() throws -> any AnswerGenerator {
        if let generator { return generator }
        let models = try get()
        guard let embedder = models.embedder else { throw ToolFailure("there is no store to answer from") }
        let new = try options.generation.generator(models.reranker.reranker, embedder.embedder)
        generator = new
        return new
    }
}
