import WinnowCore

/// A first stage by meaning: the query's vector against every passage's.
public struct DenseRetriever: Retriever {
    public let embedder: any Embedder
    public let index: ExactVectorIndex

    /// - Throws: ``StoreError`` when the embedder makes vectors of another length than the index holds.
    public init(embedder: any Embedder, index: ExactVectorIndex) throws {
        guard embedder.dimension == index.dimension else {
            throw StoreError.dimension(expected: index.dimension, found: embedder.dimension)
        }
        self.embedder = embedder
        self.index = index
    }

    public var name: String? { HybridSettings.denseName }

    public var models: [String: ModelIdentity] { get throws { ["embedder": try embedder.identity] } }

    public func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        guard index.count > 0 else { return RankedList([]) }
        let vectors = try await embedder.embed([query.text], as: .query)
        guard vectors.count == 1 else { throw StoreError.vectorCount(passages: 1, vectors: vectors.count) }
        try Task.checkCancellation()
        let matches = try index.search(vectors[0], limit: limit, admits: filter.map { filter in { filter.admits($0) } })
        return RankedList(
            matches.enumerated().map { place, match in
                Candidate(passage: match.passage, rank: place + 1, retrievalScore: Double(match.score))
            })
    }
}
