import CWinnowKernels

/// Dense search as a store does it, over vectors in memory instead of SQLite's: what `Benchmarks/` measures.
///
/// For measuring only, and no part of what the library promises: `@_spi(Benchmarks) import WinnowStore`. The scan cache, the
/// pass and the exact scores are those of a store; a store adds the reading of vectors and texts from its database.
@_spi(Benchmarks)
public struct MeasuredScan: Sendable {
    /// A vector's place among the vectors, with its inner product with the query.
    public struct Match: Sendable, Hashable {
        public var row: Int
        public var score: Float

        public init(row: Int, score: Float) {
            self.row = row
            self.score = score
        }
    }

    public struct Found: Sendable {
        /// Best first, equal scores by row; longer than the limit when there is a tie at the end.
        public var matches: [Match]
        /// Rows whose exact score was computed.
        public var scoredRows: Int
        /// Of the whole search.
        public var elapsed: Duration
        /// Of the pass over the codes alone.
        public var pass: Duration
    }

    public let dimension: Int
    public let count: Int
    private let vectors: [Float]
    private let cache: ScanCache

    /// The kernels in use, such as "avx512bf16".
    public var kernels: String { String(cString: winnow_kernels_active().pointee.name) }

    /// What one pass reads: codes, scales and error bounds of all rows.
    public var scannedBytes: Int { count * (cache.layout.stride + 2 * MemoryLayout<Float>.size) }

    /// Writes a scan cache and opens it.
    ///
    /// - Parameters:
    ///   - vectors: normalised, one behind the other.
    ///   - path: of the cache; a file there is replaced, and stays when this value goes.
    ///   - didAppend: told how many rows are written, now and then.
    /// - Throws: ``ScanCacheError``.
    public init(
        vectors: [Float], dimension: Int, cacheAt path: String, didAppend: (Int) throws -> Void = { _ in }
    ) throws {
        let identity = try ScanCacheIdentity(storeID: [UInt8](repeating: 0, count: 16), dimension: dimension)
        guard vectors.count % dimension == 0 else {
            throw StoreError.dimension(expected: dimension, found: vectors.count % dimension)
        }
        self.vectors = vectors
        self.dimension = dimension
        count = vectors.count / dimension
        let writer = try ScanCacheWriter.create(path: path, identity: identity, revision: 1)
        for row in 0..<count {
            try writer.append(row: Int64(row), vector: vectors[row * dimension..<(row + 1) * dimension])
            if row % 16_384 == 16_383 { try didAppend(row + 1) }
        }
        try writer.seal(revision: 1)
        cache = try ScanCache.open(path: path, identity: identity)
    }

    /// - Parameters:
    ///   - query: normalised.
    ///   - limit: at least 1.
    ///   - threads: of the pool, at most; 0: all.
    /// - Throws: ``StoreError``, `CancellationError`.
    public func search(_ query: [Float], limit: Int, threads: Int = 0) async throws -> Found {
        let clock = ContinuousClock()
        let start = clock.now
        let scan = try await DenseScan(query, dimension: dimension, cache: cache, threads: threads)
        let pass = clock.now - start
        var search = try scan.search(limit: limit)
        try search.addCached(VisibleRows(maxRow: .max)) { rows in
            var exact: [Float] = []
            exact.reserveCapacity(rows.count * dimension)
            for row in rows { exact += vectors[Int(row) * dimension..<(Int(row) + 1) * dimension] }
            return exact
        }
        let best = search.best()
        return Found(
            matches: best.map { Match(row: Int($0.row), score: $0.score) }, scoredRows: search.scoredRows,
            elapsed: clock.now - start, pass: pass)
    }

    /// The score of every vector, in the order of rows, by the product that exact scores are computed with: what the search
    /// must agree with, to the bit.
    public func scores(_ query: [Float]) -> [Float] {
        let product = InnerProduct()
        return vectors.withUnsafeBufferPointer { vectors in
            query.withUnsafeBufferPointer { query in
                guard let vectors = vectors.baseAddress, let query = query.baseAddress else { return [] }
                return (0..<count).map { product(vectors + $0 * dimension, query, dimension) }
            }
        }
    }
}
