import GRDB
import WinnowCore

/// Exact search over the stored float rows themselves, read one after the other: in memory for the best of them only.
struct StoreScan {
    private let database: Database
    private let dimension: Int
    private let count: Int

    init(_ database: Database, _ settings: StoreSettings) {
        self.database = database
        dimension = settings.profile.dimension
        count = settings.counts.vectors
    }

    /// - Parameter query: normalised.
    /// - Returns: all rows whose score is at least the `limit`-th best one, ties included, in no order.
    func search(
        _ query: [Float], limit: Int, filter: (any PassageFilter)?
    ) throws -> [(row: Int64, score: Float)] {
        let product = InnerProduct()
        var best = TopRows(limit: limit)
        var seen = 0
        try VectorRow.forEach(database, after: 0, dimension: dimension) { row, vector in
            seen += 1
            let score = vector.withUnsafeBufferPointer { vector in
                query.withUnsafeBufferPointer { query -> Float in
                    guard let left = vector.baseAddress, let right = query.baseAddress else { return 0 }
                    return product(left, right, dimension)
                }
            }
            guard score >= best.threshold else { return true }
            if let filter {
                guard let passage = try PassageRow.fetch(database, row: row)?.passage else {
                    throw DamagedRow("the vector of row \(row) has no passage")
                }
                guard filter.admits(passage) else { return true }
            }
            best.append(row, score)
            return true
        }
        guard seen == count else { throw DamagedRow("the store counts \(count) vectors and has \(seen)") }
        return best.rows
    }
}

/// The rows whose scores are at least the `limit`-th best one, ties included.
struct TopRows {
    private let limit: Int
    private var kept: [(row: Int64, score: Float)] = []
    /// What scores less is not among the best.
    private(set) var threshold = -Float.infinity
    private var capacity: Int

    init(limit: Int) {
        self.limit = limit
        capacity = max(64, limit <= Int.max / 2 ? limit * 2 : limit)
    }

    mutating func append(_ row: Int64, _ score: Float) {
        kept.append((row, score))
        guard kept.count >= capacity else { return }
        prune()
        // Ties alone may be more than that.
        capacity = max(capacity, kept.count * 2)
    }

    private mutating func prune() {
        guard kept.count > limit else { return }
        threshold = kept.map(\.score).sorted(by: >)[limit - 1]
        kept.removeAll { $0.score < threshold }
    }

    var rows: [(row: Int64, score: Float)] {
        var final = self
        final.prune()
        return final.kept
    }
}
