/// Rows as ranges: those that were deleted, and what and, or and not of a filter are computed with.
///
/// The passages of a document are one range of rows and mostly share its metadata, so ranges are few beside rows.
package struct RowSet: Sendable, Hashable {
    /// Ascending, apart from each other and not touching.
    package private(set) var ranges: [ClosedRange<Int64>]

    package static let none = RowSet(sorted: [])

    /// - Parameter ranges: in any order; may overlap and repeat.
    package init(_ ranges: [ClosedRange<Int64>]) {
        let isSorted = zip(ranges, ranges.dropFirst()).allSatisfy { $0.lowerBound <= $1.lowerBound }
        self.init(sorted: isSorted ? ranges : ranges.sorted { $0.lowerBound < $1.lowerBound })
    }

    /// - Parameter ranges: ascending by their lower bounds.
    private init(sorted ranges: [ClosedRange<Int64>]) {
        self.ranges = []
        for range in ranges { append(range) }
    }

    /// - Parameter range: begins at or behind the last one's beginning.
    private mutating func append(_ range: ClosedRange<Int64>) {
        if let last = ranges.last, last.upperBound == .max || range.lowerBound <= last.upperBound + 1 {
            ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        } else {
            ranges.append(range)
        }
    }

    /// Whether any row of a range is among them: in the logarithm of the number of ranges.
    package func overlaps(_ rows: ClosedRange<Int64>) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < rows.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= rows.upperBound
    }

    package var count: Int { ranges.reduce(0) { $0 + $1.count } }

    package func union(_ other: RowSet) -> RowSet {
        if ranges.isEmpty { return other }
        if other.ranges.isEmpty { return self }
        var result = RowSet.none
        var (left, right) = (0, 0)
        while left < ranges.count || right < other.ranges.count {
            let takesLeft =
                right == other.ranges.count
                || (left < ranges.count && ranges[left].lowerBound <= other.ranges[right].lowerBound)
            result.append(takesLeft ? ranges[left] : other.ranges[right])
            if takesLeft { left += 1 } else { right += 1 }
        }
        return result
    }

    package func intersection(_ other: RowSet) -> RowSet {
        var result = RowSet.none
        var (left, right) = (0, 0)
        while left < ranges.count, right < other.ranges.count {
            let (first, second) = (ranges[left], other.ranges[right])
            let lower = max(first.lowerBound, second.lowerBound)
            let upper = min(first.upperBound, second.upperBound)
            if lower <= upper { result.append(lower...upper) }
            if first.upperBound < second.upperBound { left += 1 } else { right += 1 }
        }
        return result
    }

    /// The other rows of 1…`maxRow`.
    package func complement(upTo maxRow: Int64) -> RowSet {
        var result = RowSet.none
        var next: Int64 = 1
        for range in ranges where range.lowerBound <= maxRow {
            if next < range.lowerBound { result.append(next...range.lowerBound - 1) }
            guard range.upperBound < maxRow else { return result }
            next = range.upperBound + 1
        }
        if next <= maxRow { result.append(next...maxRow) }
        return result
    }
}
