import GRDB
import WinnowCore

extension Store {
    /// The passages nearest to a vector, exactly: no passage that belongs among the best is missed.
    ///
    /// - Parameters:
    ///   - vector: of the store's dimension; need not be normalised.
    ///   - limit: how many at most, at least 1.
    ///   - filter: asked inside the search, only of passages that would be among the best.
    /// - Returns: best first by cosine, equal scores in the order of passage ids, with token ids where they are stored.
    /// - Throws: ``StoreError`` when the vector has another dimension or a value that is not finite, or the file cannot be
    ///   read; `CancellationError`.
    public func search(
        _ vector: some Collection<Float> & Sendable, limit: Int, filter: (any PassageFilter)? = nil
    ) async throws -> [Candidate] {
        guard limit >= 1 else { throw StoreError.notPositive(limit: limit) }
        guard vector.count == profile.dimension else {
            throw StoreError.dimension(expected: profile.dimension, found: vector.count)
        }
        let query = try ExactVectorIndex.normalised(vector, of: "the query")
        return try await read { database in
            let settings = try StoreSettings(database)
            let best = try StoreScan(database, settings)
                .search(query, limit: limit, filter: filter)
            return try Self.candidates(best, limit: limit, tokenizer: settings.profile.tokenizer, database)
        }
    }

    /// Orders rows by score, then by the ids of their passages, and reads the first `limit` of them.
    private static func candidates(
        _ rows: [(row: Int64, score: Float)], limit: Int, tokenizer: Fingerprint?, _ database: Database
    ) throws -> [Candidate] {
        var rows = rows.sorted { $0.score == $1.score ? $0.row < $1.row : $0.score > $1.score }
        if rows.count > limit {
            // Only rows that tie with the last one compete for its place, and there may be thousands.
            let last = rows[limit - 1].score
            let certain = rows.prefix { $0.score > last }
            let tied = try rows[certain.count...].prefix { $0.score == last }
                .map { (entry: $0, id: try PassageRow.id(database, row: $0.row)) }
                .sorted { PassageOrder.precedes($0.id, $1.id) }
            rows = Array(certain) + tied.prefix(limit - certain.count).map(\.entry)
        }
        let read = try rows.map { entry -> (PassageRow, Float) in
            guard let row = try PassageRow.fetch(database, row: entry.row) else {
                throw DamagedRow("the vector of row \(entry.row) has no passage")
            }
            return (row, entry.score)
        }
        let ordered = read.sorted {
            $0.1 == $1.1 ? PassageOrder.precedes($0.0.passage.id, $1.0.passage.id) : $0.1 > $1.1
        }
        return ordered.enumerated().map { place, entry in
            var tokens: TokenizedPassage?
            if let ids = entry.0.tokens, let tokenizer { tokens = TokenizedPassage(ids: ids, tokenizer: tokenizer) }
            return Candidate(
                passage: entry.0.passage, rank: place + 1, retrievalScore: Double(entry.1), tokens: tokens)
        }
    }

    /// A first stage over this store.
    ///
    /// - Throws: ``StoreError/otherModel(path:stored:storedFingerprint:given:givenFingerprint:)`` or
    ///   ``StoreError/dimension(expected:found:)`` when the embedder is not the one that filled it.
    public func retriever(_ embedder: any Embedder) throws -> StoreRetriever {
        let identity = try embedder.identity
        try profile.checkModel(identity.name, identity.fingerprint, dimension: embedder.dimension, location)
        return StoreRetriever(store: self, embedder: embedder)
    }
}

/// Dense retrieval from a store.
public struct StoreRetriever: Retriever {
    public let store: Store
    public let embedder: any Embedder

    init(store: Store, embedder: any Embedder) {
        self.store = store
        self.embedder = embedder
    }

    public var models: [String: ModelIdentity] { get throws { ["embedder": try embedder.identity] } }

    public func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        let vectors = try await embedder.embed([query.text], as: .query)
        guard vectors.count == 1 else { throw StoreError.vectorCount(passages: 1, vectors: vectors.count) }
        try Task.checkCancellation()
        return RankedList(try await store.search(vectors[0], limit: limit, filter: filter))
    }
}

/// The order of equal scores: by id as Swift compares strings, and by bytes where Swift finds two spellings equal.
enum PassageOrder {
    static func precedes(_ left: String, _ right: String) -> Bool {
        left == right ? left.utf8.lexicographicallyPrecedes(right.utf8) : left < right
    }
}
