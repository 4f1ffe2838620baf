import WinnowCore

extension Store {
    /// A first stage by BM25 over this store. It needs no model.
    public func lexicalRetriever(_ bm25: BM25 = .standard) -> LexicalStoreRetriever {
        LexicalStoreRetriever(store: self, bm25: bm25)
    }

    /// A first stage that fuses dense search and BM25 over one state of this store.
    ///
    /// - Throws: ``StoreError/otherModel(path:stored:storedFingerprint:given:givenFingerprint:)`` or
    ///   ``StoreError/dimension(expected:found:)`` when the embedder is not the one that filled it; `SearchError` for a fusion
    ///   that cannot be computed with.
    public func hybridRetriever(_ embedder: any Embedder, _ settings: HybridSettings = HybridSettings()) throws
        -> HybridStoreRetriever
    {
        try settings.validate()
        return HybridStoreRetriever(dense: try retriever(embedder), settings: settings)
    }
}

/// How a hybrid first stage makes one list of two.
public struct HybridSettings: Sendable, Hashable {
    public var bm25: BM25
    public var fusion: Fusion
    /// Of the lists, at least 0.
    public var denseWeight: Double
    public var lexicalWeight: Double
    /// Each list has at least so many candidates, and at least as many as are asked for.
    public var depth: Int

    /// What is set when nothing is said was chosen on the dev splits (Documentation/quality.md).
    ///
    /// - Parameter depth: deeper lists find passages that stand in the middle of both.
    public init(
        bm25: BM25 = .standard, fusion: Fusion = .relativeScore, denseWeight: Double = 2, lexicalWeight: Double = 1,
        depth: Int = 100
    ) {
        self.bm25 = bm25
        self.fusion = fusion
        self.denseWeight = denseWeight
        self.lexicalWeight = lexicalWeight
        self.depth = depth
    }

    /// - Throws: `SearchError` for a depth under 1, a constant or a weight that cannot be computed with.
    public func validate() throws {
        _ = try fusion.fuse(inputs([], [], [:], [:]), limit: 1)
        guard depth >= 1 else { throw SearchError.notPositive(parameter: "depth", value: depth) }
    }

    /// The name of each list in ``Candidate/retrievals``.
    public static let denseName = "dense"
    public static let lexicalName = "bm25"
    /// Of both together.
    public static let name = "hybrid"

    func inputs(
        _ dense: [Candidate], _ lexical: [Candidate], _ denseScores: [ExactText: Double],
        _ lexicalScores: [ExactText: Double]
    ) -> [FusionInput] {
        [
            FusionInput(
                name: Self.denseName, weight: denseWeight, candidates: dense, absentScores: denseScores),
            FusionInput(
                name: Self.lexicalName, weight: lexicalWeight, candidates: lexical, absentScores: lexicalScores),
        ]
    }
}

/// BM25 over a store.
public struct LexicalStoreRetriever: Retriever {
    public let store: Store
    public let bm25: BM25

    public var name: String? { HybridSettings.lexicalName }

    public func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        RankedList(try await store.search(lexical: query.text, bm25: bm25, limit: limit, filter: filter))
    }
}

/// Dense search and BM25 over one state of a store, fused.
public struct HybridStoreRetriever: Retriever {
    let dense: StoreRetriever
    public let settings: HybridSettings

    public var store: Store { dense.store }
    public var models: [String: ModelIdentity] { get throws { try dense.models } }
    public var name: String? { HybridSettings.name }

    /// - Returns: the `limit` best of the fused list, with what each list says of a candidate. A passage that one list found and the
    ///   other did not has its score there computed too; a passage without any term of the query has no BM25 score.
    public func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        let vectors = try await dense.embedder.embed([query.text], as: .query)
        guard vectors.count == 1 else { throw StoreError.vectorCount(passages: 1, vectors: vectors.count) }
        try Task.checkCancellation()
        let lists = try await store.searchBoth(
            vectors[0], query.text, bm25: settings.bm25, limit: max(limit, settings.depth), filter: filter)
        return try settings.fusion.fuse(
            settings.inputs(lists.dense, lists.lexical, lists.denseScores, lists.lexicalScores), limit: limit)
    }
}

/// BM25 over passages in memory.
public struct LexicalRetriever: Retriever {
    public let index: LexicalIndex
    public let bm25: BM25

    public init(index: LexicalIndex, bm25: BM25 = .standard) {
        self.index = index
        self.bm25 = bm25
    }

    public var name: String? { HybridSettings.lexicalName }

    public func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        RankedList(
            try index.search(
                query.text, bm25: bm25, limit: limit, admits: filter.map { filter in { filter.admits($0) } }))
    }
}

/// Dense search and BM25 over the same passages in memory, fused.
public struct HybridRetriever: Retriever {
    public let dense: DenseRetriever
    public let lexical: LexicalIndex
    public let settings: HybridSettings

    /// - Throws: `SearchError` for a fusion that cannot be computed with.
    public init(dense: DenseRetriever, lexical: LexicalIndex, settings: HybridSettings = HybridSettings()) throws {
        try settings.validate()
        self.dense = dense
        self.lexical = lexical
        self.settings = settings
    }

    public var models: [String: ModelIdentity] { get throws { try dense.models } }
    public var name: String? { HybridSettings.name }

    public func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        guard dense.index.count > 0 else { return RankedList([]) }
        let vectors = try await dense.embedder.embed([query.text], as: .query)
        guard vectors.count == 1 else { throw StoreError.vectorCount(passages: 1, vectors: vectors.count) }
        try Task.checkCancellation()
        let depth = max(limit, settings.depth)
        let admits = filter.map { filter in { (passage: Passage) in filter.admits(passage) } }
        let near = try dense.index.search(vectors[0], limit: depth, admits: admits)
            .enumerated().map { place, match in
                Candidate(passage: match.passage, rank: place + 1, retrievalScore: Double(match.score))
            }
        let matching = try lexical.search(query.text, bm25: settings.bm25, limit: depth, admits: admits)
        let found = Set(near.map { ExactText($0.passage.id) })
        let denseScores = try dense.index.scores(
            vectors[0], of: matching.map(\.passage.id).filter { !found.contains(ExactText($0)) })
        let matched = Set(matching.map { ExactText($0.passage.id) })
        let lexicalScores = try lexical.scores(
            query.text, settings.bm25, of: near.map(\.passage.id).filter { !matched.contains(ExactText($0)) })
        return try settings.fusion.fuse(settings.inputs(near, matching, denseScores, lexicalScores), limit: limit)
    }
}
