/// The best `limit` of many scored rows, in memory for `limit` rows: a binary heap with the worst kept row on top.
struct BestRows {
    struct Row {
        var index: Int
        var score: Float
    }

    /// Whether the first row stands after the second in the result. A strict order: no two rows are equal.
    typealias IsWorse = (Row, Row) -> Bool

    private let limit: Int
    private var heap: [Row] = []

    init(limit: Int) {
        self.limit = limit
        heap.reserveCapacity(min(limit, 4096))
    }

    /// The worst kept score once `limit` rows are kept: what scores less need not be offered.
    var threshold: Float? { heap.count == limit ? heap.first?.score : nil }

    mutating func offer(_ row: Row, isWorse: IsWorse, admits: (Row) -> Bool) {
        if heap.count < limit {
            guard admits(row) else { return }
            heap.append(row)
            var child = heap.count - 1
            while child > 0, case let parent = (child - 1) / 2, isWorse(heap[child], heap[parent]) {
                heap.swapAt(child, parent)
                child = parent
            }
        } else if let worst = heap.first, isWorse(worst, row), admits(row) {
            heap[0] = row
            var parent = 0
            while true {
                var least = parent
                for child in 2 * parent + 1...2 * parent + 2 where child < heap.count {
                    if isWorse(heap[child], heap[least]) { least = child }
                }
                if least == parent { break }
                heap.swapAt(parent, least)
                parent = least
            }
        }
    }

    /// The kept rows, best first.
    func sorted(isWorse: IsWorse) -> [Row] {
        heap.sorted { isWorse($1, $0) }
    }
}
