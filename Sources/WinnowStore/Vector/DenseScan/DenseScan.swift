import CWinnowKernels

/// Exact dense search over the vectors of a store, with the help of a scan cache.
///
/// 1. *Pass*: approximate scores of all cached rows, from their codes; on the compute pool when there are many.
/// 2. *Rescoring*: rows in the order of their upper bounds (``ScanQuery`` proves them) get their exact score, `dot_f32` with
///    the stored vector, until no remaining bound reaches the `limit`-th best exact score.
///
/// Rows that the cache lacks get their exact score at once. So the result is what looking at every vector gives, to the bit
/// and whatever the cache holds of older or later times; the cache only decides which vectors are read.
///
///     let scan = try await DenseScan(query, dimension: 384, cache: cache)       // may suspend; needs no transaction
///     let best = try database.read { transaction in                            // one snapshot for all the rest
///         var search = try scan.search(limit: 20)
///         try search.add(rows: tail.rows, vectors: tail.vectors)
///         try search.addCached(visible) { rows in try vectors(of: rows, in: transaction) }
///         return search.best()
///     }
package struct DenseScan: Sendable {
    let query: ScanQuery
    let pass: ScanPass?

    /// Makes the pass over the cache.
    ///
    /// - Parameters:
    ///   - query: normalised as stored vectors are.
    ///   - cache: nil: every row must then be added with its vector.
    ///   - threads: of the pool, at most; 0: all.
    /// - Throws: ``StoreError`` for a query of another length or with a value that is not finite, ``ScanCacheError`` for a
    ///   dimension that cannot be, `CancellationError`.
    package init(_ query: [Float], dimension: Int, cache: ScanCache?, threads: Int = 0) async throws {
        if let cache, cache.layout.dimension != dimension {
            throw ScanCacheError.dimension(path: cache.path, expected: dimension, found: cache.layout.dimension)
        }
        self.query = try ScanQuery(query, layout: ScanCacheLayout(dimension: dimension))
        if let cache, cache.count > 0 {
            pass = try await ScanPass(self.query, over: cache, threads: threads)
        } else {
            pass = nil
        }
    }

    /// - Parameters:
    ///   - limit: how many rows, at least 1.
    ///   - admits: a filter; asked only about rows that may be among the best, about each at most once, and before a
    ///     cached row's vector is read.
    ///   - allowed: only these rows are looked at; nil: all.
    /// - Throws: ``StoreError/notPositive(limit:)``.
    package func search(
        limit: Int, admits: ((Int64) throws -> Bool)? = nil, allowed: AllowedRows? = nil
    ) throws -> DenseSearch {
        guard limit >= 1 else { throw StoreError.notPositive(limit: limit) }
        return DenseSearch(self, limit: limit, admits: admits, allowed: allowed)
    }

    /// The whole search in one call, for rows and vectors that are at hand.
    ///
    /// - Parameters:
    ///   - tail: visible rows that the cache lacks, with their vectors one behind the other.
    ///   - visible: the rows that count; `tail` is not checked against it.
    ///   - exact: the stored vectors of rows, one behind the other, in the order asked; at most
    ///     ``DenseSearch/rowsAtOnce`` rows a call.
    /// - Returns: all rows whose score is at least the `limit`-th best one's, best first, equal scores by row: more than
    ///   `limit` when there is a tie at the end.
    package static func search(
        query: [Float], dimension: Int, limit: Int, cache: ScanCache?, tail: (rows: [Int64], vectors: [Float]),
        visible: VisibleRows, admits: ((Int64) throws -> Bool)? = nil, allowed: AllowedRows? = nil,
        exact: ([Int64]) throws -> [Float]
    ) async throws -> [ScoredRow] {
        var search = try await DenseScan(query, dimension: dimension, cache: cache).search(
            limit: limit, admits: admits, allowed: allowed)
        try search.add(rows: tail.rows, vectors: tail.vectors)
        try search.addCached(visible, exact: exact)
        return search.best()
    }
}
