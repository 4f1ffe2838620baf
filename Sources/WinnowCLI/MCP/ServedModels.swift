import Winnow

/// The models of a server, loaded at the first call that needs them: a server that is never asked costs next to nothing. One that could not
/// be loaded is tried again at the next call.
actor ServedModels {
    private let options: MCPOptions
    private var loaded: Loaded?

    init(_ options: MCPOptions) { self.options = options }

    struct Loaded: Sendable {
        var reranker: LoadedReranker
        /// nil: there is no store to search.
        var embedder: LoadedEmbedder?
        var generator: (any AnswerGenerator)?
        /// Of the store's searches.
        var calibration: Calibration?
        /// Of documents that a caller brought: the one that was named for them.
        var givenCalibration: Calibration?
        /// From the first byte of the models to their being ready.
        var loading: Duration
    }

    /// What was loaded before; nil where nothing was asked for yet.
    var current: Loaded? { loaded }

    func get() throws -> Loaded {
        if let loaded { return loaded }
        let clock = ContinuousClock()
        let start = clock.now
        let plain = try Models.reranker(
            options.model, engine: options.engine, maxLength: options.pair.maxLength,
            truncation: options.pair.truncation, windows: options.pair.windows())
        let identity = try plain.reranker.identity
        let reranker = options.scoreCache.cached(plain, store: options.store)
        var new = Loaded(reranker: reranker, loading: .zero)
        new.givenCalibration = try options.calibration.calibration(for: identity, store: nil)
        if options.store != nil {
            let embedder = try Models.embedder(options.embeddingModel, engine: options.engine)
            new.embedder = embedder
            new.generator = try options.generation.generator(reranker.reranker, embedder.embedder)
            new.calibration = try options.calibration.calibration(for: identity, store: options.store)
        }
        for note in reranker.notes + (new.embedder?.notes ?? []) { StandardStreams.note("note: \(note)") }
        new.loading = clock.now - start
        loaded = new
        return new
    }
}
