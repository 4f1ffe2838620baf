import GRDB
import WinnowCore

extension Store {
    /// The passages that BM25 puts first, exactly: none that belongs among the best is missed.
    ///
    /// - Parameters:
    ///   - text: a query; its terms are made as the passages' were.
    ///   - limit: how many at most, at least 1.
    ///   - filter: applied inside the search; what BM25 counts (passages, their terms and lengths) stays that of all passages, so a
    ///     filtered list is the whole list filtered, with the same scores.
    /// - Returns: best first, equal scores in the order of passage ids; passages without any term of the query are not among
    ///   them.
    /// - Throws: ``StoreError``: ``StoreError/noLexicalIndex(path:)`` when another version made the store;
    ///   `CancellationError`.
    public func search(
        lexical text: String, bm25: BM25 = .standard, limit: Int, filter: (any PassageFilter)? = nil
    ) async throws -> [Candidate] {
        guard limit >= 1 else { throw StoreError.notPositive(limit: limit) }
        let path = path
        let (lexicon, filters) = (lexicon, filters)
        return try await read { database in
            let settings = try StoreSettings(database)
            var search = try lexicon.search(
                text, bm25, limit: limit, try filters.admission(filter, settings, database), settings, path, database)
            let rows = try search.best().map { RankedRow(row: $0.row, score: $0.score) }
            return try Self.candidates(rows, limit: limit, settings, database)
        }
    }

    /// Both searches over one state of the store.
    ///
    /// - Parameter limit: of each list, at least 1.
    /// - Returns: both lists, and for a passage that is in one of them only its score in the other, where it has one:
    ///   a passage without any term of the query has no BM25 score.
    /// - Throws: as the two searches.
    func searchBoth(
        _ vector: some Collection<Float> & Sendable, _ text: String, bm25: BM25, limit: Int,
        filter: (any PassageFilter)?
    ) async throws -> BothLists {
        guard limit >= 1 else { throw StoreError.notPositive(limit: limit) }
        guard vector.count == profile.dimension else {
            throw StoreError.dimension(expected: profile.dimension, found: vector.count)
        }
        let query = try ExactVectorIndex.normalised(vector, of: "the query")
        let path = path
        let (lexicon, filters) = (lexicon, filters)
        return try await nearest(to: query, limit: limit, filter: filter) { nearest, settings, database in
            var search = try lexicon.search(
                text, bm25, limit: limit, try filters.admission(filter, settings, database), settings, path, database)
            let matching = try search.best().map { RankedRow(row: $0.row, score: $0.score) }
            var lists = BothLists(
                dense: try Self.candidates(nearest, limit: limit, settings, database),
                lexical: try Self.candidates(matching, limit: limit, settings, database))
            let dense = Dictionary(nearest.map { ($0.row, $0.score) }, uniquingKeysWith: { first, _ in first })
            let lexical = Dictionary(matching.map { ($0.row, $0.score) }, uniquingKeysWith: { first, _ in first })
            let product = InnerProduct()
            for row in lexical.keys where dense[row] == nil {
                let vector = try VectorRow.read(database, rows: [row], dimension: settings.profile.dimension)
                let score = vector.withUnsafeBufferPointer { vector in
                    query.withUnsafeBufferPointer { query -> Float in
                        guard let vector = vector.baseAddress, let query = query.baseAddress else { return 0 }
                        return product(vector, query, settings.profile.dimension)
                    }
                }
                guard score.isFinite else { throw StoreError.vectorNotFinite(of: "row \(row)") }
                lists.denseScores[ExactText(try PassageRow.id(database, row: row))] = Double(score)
            }
            for hit in try search.scores(of: dense.keys.filter { lexical[$0] == nil }) {
                lists.lexicalScores[ExactText(try PassageRow.id(database, row: hit.row))] = hit.score
            }
            return lists
        }
    }

    /// See ``searchBoth(_:_:bm25:limit:filter:)``.
    struct BothLists: Sendable {
        var dense: [Candidate]
        var lexical: [Candidate]
        /// Of passages that only the other list has.
        var denseScores: [ExactText: Double] = [:]
        var lexicalScores: [ExactText: Double] = [:]
    }
}

extension StoreLexicon {
    /// - Throws: ``StoreError/noLexicalIndex(path:)``, ``DamagedRow``.
    func search(
        _ text: String, _ bm25: BM25, limit: Int, _ admission: RowAdmission, _ settings: StoreSettings,
        _ path: String, _ database: Database
    ) throws -> LexicalSearch {
        guard let analysis = settings.lexical.analysis, settings.lexical.isUsable else {
            throw StoreError.noLexicalIndex(path: path)
        }
        return try LexicalSearch(
            LexicalQuery(text, analysis), bm25, try snapshot(settings, database), limit: limit,
            admits: admission.admits, allowed: admission.allowed)
    }
}
