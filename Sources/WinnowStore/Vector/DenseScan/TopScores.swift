/// A row of the store with its score.
package struct ScoredRow: Sendable, Hashable {
    /// The passage's row id.
    package var row: Int64
    /// The inner product with the query.
    package var score: Float

    package init(row: Int64, score: Float) {
        self.row = row
        self.score = score
    }
}

/// Of many scored rows all whose score is at least the `limit`-th best one's: a tie at the end keeps every row that is in it.
struct TopScores {
    let limit: Int
    /// The `limit` best scores, the worst on top: a bound is a score's negative.
    private var best = BoundHeap()
    private var kept: [ScoredRow] = []
    private var keptAtLastPrune = 0

    init(limit: Int) { self.limit = limit }

    /// The `limit`-th best score, once there are that many: what scores less does not count.
    var threshold: Float? {
        guard best.count == limit, let worst = best.top else { return nil }
        return Float(-worst.bound)
    }

    /// How many rows fewer than `limit` there are.
    var missing: Int { limit - best.count }

    func takes(_ score: Float) -> Bool { threshold.map { score >= $0 } ?? true }

    mutating func offer(_ row: ScoredRow) {
        guard takes(row.score) else { return }
        kept.append(row)
        best.push(.init(bound: -Double(row.score), index: 0))
        if best.count > limit { _ = best.pop() }
        // At most twice what a prune leaves, and some: linear time in all, however many are tied.
        if kept.count > 2 * keptAtLastPrune + 1024 { prune() }
    }

    private mutating func prune() {
        if let threshold { kept.removeAll { $0.score < threshold } }
        keptAtLastPrune = kept.count
    }

    /// Best first, equal scores by row.
    mutating func sorted() -> [ScoredRow] {
        prune()
        return kept.sorted { $0.score == $1.score ? $0.row < $1.row : $0.score > $1.score }
    }
}
