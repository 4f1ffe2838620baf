/// The rows that a snapshot of a store sees: all up to the last one, without those that were deleted.
package struct VisibleRows: Sendable, Hashable {
    /// The last row of the snapshot; what a cache holds beyond it is of a later time.
    package let maxRow: Int64
    /// Ascending, apart from each other and not touching.
    package let deleted: [ClosedRange<Int64>]

    /// - Parameter deleted: in any order; may overlap and repeat.
    package init(maxRow: Int64, deleted: [ClosedRange<Int64>] = []) {
        self.maxRow = maxRow
        var merged: [ClosedRange<Int64>] = []
        for range in deleted.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, last.upperBound == .max || range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.deleted = merged
    }

    /// Whether any row of a range was deleted.
    func overlapsDeleted(_ rows: ClosedRange<Int64>) -> Bool {
        guard !deleted.isEmpty else { return false }
        var low = 0
        var high = deleted.count
        while low < high {
            let middle = (low + high) / 2
            if deleted[middle].upperBound < rows.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low < deleted.count && deleted[low].lowerBound <= rows.upperBound
    }

    /// Takes the logarithm of the number of deleted ranges.
    package func contains(_ row: Int64) -> Bool {
        guard row <= maxRow else { return false }
        var low = 0
        var high = deleted.count
        while low < high {
            let middle = (low + high) / 2
            if deleted[middle].upperBound < row { low = middle + 1 } else { high = middle }
        }
        return low == deleted.count || row < deleted[low].lowerBound
    }
}
