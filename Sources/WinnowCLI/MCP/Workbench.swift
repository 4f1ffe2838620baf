import Winnow

/// What the tools of one server work with.
struct Workbench: Sendable {
    let options: MCPOptions
    let models: ServedModels
    /// nil: without a store.
    let store: ServedStore?

    init(_ options: MCPOptions) {
        self.options = options
        models = ServedModels(options)
        store = options.store.map { ServedStore($0) }
    }

    /// A search that is ready to run.
    struct Search: Sendable {
        var pipeline: SearchPipeline
        var filter: MetadataFilter?
        var queryCut: QueryCut?
        /// That is applied.
        var threshold: Ranking.Threshold?
        /// What is known to be worth a note before it ran.
        var notes: [String]
    }

    /// - Throws: what stands against it: a query that no model can read, fields that there are not, another model's store.
    func search(_ request: SearchRequest, in store: Store, _ models: ServedModels.Loaded) async throws -> Search {
        guard let embedder = models.embedder else { throw ToolFailure("there is no store to search") }
        let filter = try await self.filter(request.filter, store)
        var notes: [String] = []
        if request.reranks { try models.reranker.check(request.query) }
        let queryCut = request.retriever.needsEmbedder ? embedder.cut(request.query) : nil
        if let queryCut {
            if options.pair.truncation == .error { throw queryCut }
            notes.append("\(queryCut)")
        }
        var threshold = options.threshold
        if let unused = threshold, !request.reranks {
            threshold = nil
            notes.append("the threshold \(unused) is about the reranker's word and was not applied, as rerank is false")
        }
        let calibration = request.reranks ? models.calibration : nil
        if let calibration,
            let difference = CalibrationOptions.difference(
                calibration.settings, initialK: request.initialK, retriever: request.retriever)
        {
            notes.append(
                "probabilities were calibrated over \(difference): they hold as far as the candidates are alike")
        }
        // In the units of one retriever's scores.
        let selects = request.retriever == options.retriever
        if let within = options.selection.within, request.reranks, !selects {
            notes.append(
                "all candidates are scored: this server's --rerank-within \(within) is in the units of the \(options.retriever.rawValue) "
                    + "retriever's scores")
        }
        let pipeline = try SearchPipeline(
            retriever: try options.retrieval.retriever(request.retriever, over: store, embedder),
            reranker: request.reranks
                ? try (selects ? options.selection.selective(models.reranker) : models.reranker).reranker : nil,
            initialK: request.initialK,
            finalK: request.finalK, order: request.reranks ? options.order : .reranker, threshold: threshold,
            calibration: calibration)
        return Search(pipeline: pipeline, filter: filter, queryCut: queryCut, threshold: threshold, notes: notes)
    }

    /// A call's filter within the server's own.
    private func filter(_ asked: MetadataFilter?, _ store: Store) async throws -> MetadataFilter? {
        let own = options.filtering.filter
        guard let filter = MetadataFilter(all: [own, asked].compactMap(\.self)) else { return nil }
        let catalogue = try await store.fields()
        do {
            try asked?.check(against: catalogue)
        } catch {
            throw ToolFailure("where: \(error)")
        }
        do {
            try own?.check(against: catalogue)
        } catch {
            throw ToolFailure("the --where that winnow mcp was started with does not fit the index: \(error)")
        }
        return filter
    }
}
