/// Which items come most often, in bounded memory (Misra and Gries 1982).
///
/// A count is never over the true one, and under it by at most ``shortfall``: what is reported as frequent is.
package struct FrequentItems: Sendable {
    private var counts: [UInt64: Int] = [:]
    private let capacity: Int
    /// By how much counts may be too small; 0 while nothing had to be given up.
    package private(set) var shortfall = 0

    /// - Parameter capacity: items that are counted at a time, at least 1.
    package init(capacity: Int = 1 << 16) { self.capacity = max(1, capacity) }

    package mutating func add(_ item: UInt64) {
        if let count = counts[item] {
            counts[item] = count + 1
        } else if counts.count < capacity {
            counts[item] = 1
        } else {
            // The new item and one of each that is counted go.
            shortfall += 1
            counts = counts.compactMapValues { $0 > 1 ? $0 - 1 : nil }
        }
    }

    /// Whether an item is among those that are counted now.
    package func isCounted(_ item: UInt64) -> Bool { counts[item] != nil }

    /// Items counted at least so often, the most frequent first.
    package func items(atLeast least: Int) -> [(item: UInt64, count: Int)] {
        counts.filter { $0.value >= least }.map { (item: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.item) < ($0.count, $1.item) }
    }
}
