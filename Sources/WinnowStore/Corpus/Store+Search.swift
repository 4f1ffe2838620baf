import GRDB
import WinnowCore

extension Store {
    /// The passages nearest to a vector, exactly: no passage that belongs among the best is missed.
    ///
    /// - Parameters:
    ///   - vector: of the store's dimension; need not be normalised.
    ///   - limit: how many at most, at least 1.
    ///   - filter: applied inside the search: a `MetadataFilter` as a set of rows; another one is asked of passages that would be
    ///     among the best.
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
        return try await nearest(to: query, limit: limit, filter: filter) { rows, settings, database in
            try Self.candidates(rows, limit: limit, settings, database)
        }
    }

    /// - Parameters:
    ///   - query: normalised.
    ///   - found: gets the rows nearest to it, best first, with all that tie with the last, in the snapshot that they were
    ///     found in.
    func nearest<Result: Sendable>(
        to query: [Float], limit: Int, filter: (any PassageFilter)?,
        _ found: @escaping @Sendable ([RankedRow], StoreSettings, Database) throws -> Result
    ) async throws -> Result {
        if let filter = filter as? MetadataFilter,
            let result = try await searchFew(query, limit: limit, filter: filter, found)
        {
            return result
        }
        let cache = scanCache.current()
        if let result = try await search(query, limit: limit, filter: filter, cache: cache, found) { return result }
        // A writer has begun the cache anew since it was mapped; without it every vector is read.
        let again = scanCache.current()
        if again !== cache,
            let result = try await search(query, limit: limit, filter: filter, cache: again, found)
        {
            return result
        }
        guard let result = try await search(query, limit: limit, filter: filter, cache: nil, found) else {
            throw StoreError.failed(path: path, detail: "a search without the scan cache was refused")
        }
        return result
    }

    /// Scores each row that the filter admits.
    ///
    /// - Returns: nil when they are too many for that.
    private func searchFew<Result: Sendable>(
        _ query: [Float], limit: Int, filter: MetadataFilter,
        _ found: @escaping @Sendable ([RankedRow], StoreSettings, Database) throws -> Result
    ) async throws -> Result? {
        let filters = filters
        let scan = try await DenseScan(query, dimension: profile.dimension, cache: nil)
        return try await read { database in
            let settings = try StoreSettings(database)
            guard let allowed = try filters.rows(filter, settings, database),
                allowed.isFew(of: settings.counts.passages)
            else { return nil }
            var search = try scan.search(limit: limit)
            for range in allowed.rows.ranges {
                try VectorRow.forEach(database, in: range, dimension: settings.profile.dimension) { row, vector in
                    try search.add(rows: [row], vectors: vector)
                }
            }
            return try found(search.best().map { RankedRow(row: $0.row, score: Double($0.score)) }, settings, database)
        }
    }

    /// - Returns: nil when the cache is not this snapshot's.
    private func search<Result: Sendable>(
        _ query: [Float], limit: Int, filter: (any PassageFilter)?, cache: ScanCache?,
        _ found: @escaping @Sendable ([RankedRow], StoreSettings, Database) throws -> Result
    ) async throws -> Result? {
        let (scanCache, filters) = (scanCache, filters)
        let (profile, location) = (profile, location)
        let scan = try await DenseScan(query, dimension: profile.dimension, cache: cache)
        return try await read { database in
            let settings = try StoreSettings(database)
            // The query's vector is of the model that the store had when it was opened.
            try settings.profile.checkModel(
                profile.embedder, profile.embedderFingerprint, dimension: profile.dimension, location)
            let visible = try scanCache.visible(settings, database)
            if let cache, try !ScanCacheUse(settings, visible: visible, database).admits(cache) { return nil }
            let admission = try filters.admission(filter, settings, database)
            var search = try scan.search(limit: limit, admits: admission.admits, allowed: admission.allowed)
            let added = try Self.addRows(after: cache?.lastRow ?? 0, to: &search, settings, database)
            if cache == nil, added != settings.counts.vectors {
                throw DamagedRow("the store counts \(settings.counts.vectors) vectors and has \(added)")
            }
            try search.addCached(visible) { rows in
                try VectorRow.read(database, rows: rows, dimension: settings.profile.dimension)
            }
            return try found(search.best().map { RankedRow(row: $0.row, score: Double($0.score)) }, settings, database)
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
    static func candidates(
        _ rows: [RankedRow], limit: Int, _ settings: StoreSettings, _ database: Database
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
        return try rows.map { try candidate($0, settings, database) }.sorted {
            $0.retrievalScore == $1.retrievalScore
                ? PassageOrder.precedes($0.passage.id, $1.passage.id)
                : ($0.retrievalScore ?? 0) > ($1.retrievalScore ?? 0)
        }.enumerated().map { place, candidate in
            var candidate = candidate
            candidate.rank = place + 1
            return candidate
        }
    }

    /// A row's passage, of rank 0.
    private static func candidate(
        _ ranked: RankedRow, _ settings: StoreSettings, _ database: Database
    ) throws -> Candidate {
        guard let row = try PassageRow.fetch(database, row: ranked.row) else {
            throw DamagedRow("row \(ranked.row) was found and has no passage")
        }
        var tokens: TokenizedPassage?
        if let ids = row.tokens, let tokenizer = settings.profile.tokenizer {
            tokens = TokenizedPassage(ids: ids, tokenizer: tokenizer)
        }
        return Candidate(passage: row.passage, rank: 0, retrievalScore: ranked.score, tokens: tokens)
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

/// A row that a search found, with its score.
struct RankedRow: Sendable, Hashable {
    var row: Int64
    var score: Double
}

/// Dense retrieval from a store.
public struct StoreRetriever: Retriever {
    public let store: Store
    public let embedder: any Embedder

    init(store: Store, embedder: any Embedder) {
        self.store = store
        self.embedder = embedder
    }

    public var name: String? { HybridSettings.denseName }

    public var models: [String: ModelIdentity] { get throws { ["embedder": try embedder.identity] } }

    public func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        let vectors = try await embedder.embed([query.text], as: .query)
        guard vectors.count == 1 else { throw StoreError.vectorCount(passages: 1, vectors: vectors.count) }
        try Task.checkCancellation()
        return RankedList(try await store.search(vectors[0], limit: limit, filter: filter))
    }
}
