/// The rows that a snapshot of a store sees: all up to the last one, without those that were deleted.
package struct VisibleRows: Sendable, Hashable {
    /// The last row of the snapshot; what a cache holds beyond it is of a later time.
    package let maxRow: Int64
    private let gone: RowSet

    /// - Parameter deleted: in any order; may overlap and repeat.
    package init(maxRow: Int64, deleted: [ClosedRange<Int64>] = []) {
        self.maxRow = maxRow
        gone = RowSet(deleted)
    }

    /// Ascending, apart from each other and not touching.
    package var deleted: [ClosedRange<Int64>] { gone.ranges }

    /// Whether any row of a range was deleted.
    func overlapsDeleted(_ rows: ClosedRange<Int64>) -> Bool { gone.overlaps(rows) }

    /// Takes the logarithm of the number of deleted ranges.
    package func contains(_ row: Int64) -> Bool { row <= maxRow && !gone.overlaps(row...row) }
}
