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
        let cache = scanCache.current()
        if let found = try await search(query, limit: limit, filter: filter, cache: cache) { return found }
        // A writer has begun the cache anew since it was mapped; without it every vector is read.
        let again = scanCache.current()
        if again !== cache, let found = try await search(query, limit: limit, filter: filter, cache: again) {
            return found
        }
        return try await search(query, limit: limit, filter: filter, cache: nil) ?? []
    }

    /// - Returns: nil when the cache is not this snapshot's.
    private func search(
        _ query: [Float], limit: Int, filter: (any PassageFilter)?, cache: ScanCache?
    ) async throws -> [Candidate]? {
        let scanCache = scanCache
        let scan = try await DenseScan(query, dimension: profile.dimension, cache: cache)
        return try await read { database in
            let settings = try StoreSettings(database)
            let visible = try scanCache.visible(settings, database)
            if let cache, try !ScanCacheUse(settings, visible: visible, database).admits(cache) { return nil }
            var search = try scan.search(
                limit: limit,
                admits: filter.map { filter in
                    { row in
                        guard let passage = try PassageRow.fetch(database, row: row)?.passage else {
                            throw DamagedRow("the vector of row \(row) has no passage")
                        }
                        return filter.admits(passage)
                    }
                })
            let added = try Self.addRows(after: cache?.lastRow ?? 0, to: &search, settings, database)
            if cache == nil, added != settings.counts.vectors {
                throw DamagedRow("the store counts \(settings.counts.vectors) vectors and has \(added)")
            }
            try search.addCached(visible) { rows in
                try VectorRow.read(database, rows: rows, dimension: settings.profile.dimension)
            }
            return try Self.candidates(
                search.best(), limit: limit, tokenizer: settings.profile.tokenizer, database)
        }
    }

    /// Adds the vectors of all rows over `row`, some at a time.
    ///
    /// - Returns: how many there were.
    private static func addRows(
        after row: Int64, to search: inout DenseSearch, _ settings: StoreSettings, _ database: Database
    ) throws -> Int {
        var rows: [Int64] = []
        var vectors: [Float] = []
        var added = 0
        func flush() throws {
            try search.add(rows: rows, vectors: vectors)
            added += rows.count
            rows.removeAll(keepingCapacity: true)
            vectors.removeAll(keepingCapacity: true)
        }
        try VectorRow.forEach(database, after: row, dimension: settings.profile.dimension) { row, vector in
            rows.append(row)
            vectors += vector
            if rows.count == 256 { try flush() }
            return true
        }
        try flush()
        return added
    }

    /// Reads the first `limit` of rows that come best first with all that tie with the last, equal scores in the order of
    /// their passages' ids.
    private static func candidates(
        _ rows: [ScoredRow], limit: Int, tokenizer: Fingerprint?, _ database: Database
    ) throws -> [Candidate] {
        var rows = rows
        if rows.count > limit {
            // Only rows that tie with the last one compete for its place, and there may be thousands.
            let last = rows[limit - 1].score
            let certain = rows.prefix { $0.score > last }
            let tied = try rows[certain.count...]
                .map { (row: $0, id: try PassageRow.id(database, row: $0.row)) }
                .sorted { PassageOrder.precedes($0.id, $1.id) }
            rows = Array(certain) + tied.prefix(limit - certain.count).map(\.row)
        }
        let read = try rows.map { scored -> (row: PassageRow, score: Float) in
            guard let row = try PassageRow.fetch(database, row: scored.row) else {
                throw DamagedRow("the vector of row \(scored.row) has no passage")
            }
            return (row, scored.score)
        }
        let ordered = read.sorted {
            $0.score == $1.score
                ? PassageOrder.precedes($0.row.passage.id, $1.row.passage.id) : $0.score > $1.score
        }
        return ordered.enumerated().map { place, entry in
            var tokens: TokenizedPassage?
            if let ids = entry.row.tokens, let tokenizer { tokens = TokenizedPassage(ids: ids, tokenizer: tokenizer) }
            return Candidate(
                passage: entry.row.passage, rank: place + 1, retrievalScore: Double(entry.score), tokens: tokens)
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
