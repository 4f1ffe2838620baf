/// A dense search as it gathers its rows: first those that the cache lacks, in as many portions as need be, then the cached.
package struct DenseSearch {
    /// Rows whose stored vectors are asked for at once.
    package static let rowsAtOnce = 64

    /// Rows whose exact score was computed so far: what the search cost.
    package private(set) var scoredRows = 0

    private let scan: DenseScan
    private let admits: ((Int64) throws -> Bool)?
    private let allowed: AllowedRows?
    private let product = InnerProduct()
    private var top: TopScores

    init(_ scan: DenseScan, limit: Int, admits: ((Int64) throws -> Bool)?, allowed: AllowedRows?) {
        self.scan = scan
        self.admits = admits
        self.allowed = allowed
        top = TopScores(limit: limit)
    }

    /// Adds visible rows with their stored vectors; each row at most once, and none that the cache has.
    ///
    /// - Parameter vectors: one a row, one behind the other.
    /// - Throws: ``StoreError`` when there are more or fewer values, or a score is not finite; what the filter throws.
    package mutating func add(rows: [Int64], vectors: [Float]) throws {
        for (row, score) in zip(rows, try scores(rows, vectors)) where top.takes(score) {
            guard allowed?.contains(row) ?? true, try admits?(row) ?? true else { continue }
            top.offer(ScoredRow(row: row, score: score))
        }
    }

    /// Adds the cached rows that the snapshot sees. Adding the others first spares some of the reading.
    ///
    /// - Parameter exact: the stored vectors of rows, one behind the other, in the order asked.
    /// - Throws: as ``add(rows:vectors:)``, and what `exact` throws.
    package mutating func addCached(_ visible: VisibleRows, exact: ([Int64]) throws -> [Float]) throws {
        guard let pass = scan.pass else { return }
        var candidates = DescendingRows(pass, visible: visible, allowed: allowed)
        while true {
            var rows: [Int64] = []
            // Before there is a threshold each row is wanted; how many more are, the threshold then tells.
            let wanted = min(top.missing > 0 ? top.missing : .max, Self.rowsAtOnce)
            while rows.count < wanted, let row = candidates.next(atLeast: top.threshold) {
                if try admits?(row) ?? true { rows.append(row) }
            }
            guard !rows.isEmpty else { return }
            for (row, score) in zip(rows, try scores(rows, exact(rows))) {
                top.offer(ScoredRow(row: row, score: score))
            }
        }
    }

    /// All rows whose score is at least the `limit`-th best one's, best first, equal scores by row.
    package mutating func best() -> [ScoredRow] { top.sorted() }

    private mutating func scores(_ rows: [Int64], _ vectors: [Float]) throws -> [Float] {
        let dimension = scan.query.vector.count
        guard vectors.count == rows.count * dimension else {
            guard vectors.count % dimension == 0 else {
                throw StoreError.dimension(expected: dimension, found: vectors.count / max(1, rows.count))
            }
            throw StoreError.vectorCount(passages: rows.count, vectors: vectors.count / dimension)
        }
        scoredRows += rows.count
        return try vectors.withUnsafeBufferPointer { vectors in
            try scan.query.vector.withUnsafeBufferPointer { query in
                guard let vectors = vectors.baseAddress, let query = query.baseAddress else { return [] }
                return try rows.enumerated().map { place, row in
                    let score = product(vectors + place * dimension, query, dimension)
                    guard score.isFinite else { throw StoreError.vectorNotFinite(of: "row \(row)") }
                    return score
                }
            }
        }
    }
}
