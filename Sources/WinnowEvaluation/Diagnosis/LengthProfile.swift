/// How long many things are, in whole units such as tokens.
package struct LengthProfile: Sendable, Hashable {
    private let sorted: [Int32]

    package init(_ lengths: [Int32]) { sorted = lengths.sorted() }

    package var count: Int { sorted.count }
    package var total: Int { sorted.reduce(0) { $0 + Int($1) } }

    /// The least length that at least this share reaches or stays under (nearest rank); 0 of nothing.
    ///
    /// - Parameter share: 0…1.
    package func percentile(_ share: Double) -> Int {
        guard !sorted.isEmpty else { return 0 }
        let rank = (min(max(share, 0), 1) * Double(sorted.count)).rounded(.up)
        return Int(sorted[max(0, min(sorted.count, Int(rank)) - 1)])
    }

    /// How many are over a limit.
    package func count(over limit: Int) -> Int { sorted.count - index(over: limit) }

    /// How many are under a limit.
    package func count(under limit: Int) -> Int { index(over: limit - 1) }

    /// What is over a limit, summed: what a reader who stops there does not read.
    package func excess(over limit: Int) -> Int {
        sorted[index(over: limit)...].reduce(0) { $0 + Int($1) - limit }
    }

    /// Counts between bounds: under the first, from each to under the next, from the last on.
    ///
    /// - Parameter bounds: ascending.
    package func histogram(_ bounds: [Int]) -> [Int] {
        let places = bounds.map { index(over: $0 - 1) }
        return zip([0] + places, places + [sorted.count]).map { $1 - $0 }
    }

    /// The first place of a length over `limit`.
    private func index(over limit: Int) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(sorted[middle]) > limit { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
