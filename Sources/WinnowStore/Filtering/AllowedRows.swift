/// The rows that a filter admits, as searches ask for them: many single rows, and whether a range has any.
///
/// A bitmap where there are many ranges and its size is in proportion, else the ranges themselves, halved. A row takes one load of a
/// bitmap, where thousands of ranges take a dozen that wait for each other; row numbers grow without end in a store that changes
/// for years, so a bitmap alone will not do.
package struct AllowedRows: Sendable {
    package let rows: RowSet
    /// How many rows at most: rows that are gone may be among them.
    package let count: Int
    /// One bit a row from `first`; empty: the ranges are looked through.
    private let bits: [UInt64]
    private let first: Int64

    /// So few ranges are found in as little time.
    private static let fewRanges = 8
    /// Bytes that any bitmap may take, and that it may take for each range.
    private static let smallBitmap: Int64 = 1 << 20
    private static let mostBytesPerRange: Int64 = 1024

    package init(_ rows: RowSet) {
        self.rows = rows
        count = rows.count
        guard let lower = rows.ranges.first?.lowerBound, let upper = rows.ranges.last?.upperBound,
            rows.ranges.count > Self.fewRanges,
            (upper - lower) / 8 <= max(Self.smallBitmap, Int64(rows.ranges.count) * Self.mostBytesPerRange)
        else {
            bits = []
            first = 0
            return
        }
        var bits = [UInt64](repeating: 0, count: Int((upper - lower) / 64) + 1)
        for range in rows.ranges { Self.set(range.lowerBound - lower, range.upperBound - lower, in: &bits) }
        self.bits = bits
        first = lower
    }

    private static func set(_ from: Int64, _ to: Int64, in bits: inout [UInt64]) {
        let (low, high) = (Int(from >> 6), Int(to >> 6))
        let lowMask = UInt64.max << UInt64(from & 63)
        let highMask = UInt64.max >> UInt64(63 - to & 63)
        if low == high {
            bits[low] |= lowMask & highMask
        } else {
            bits[low] |= lowMask
            for word in low + 1..<high { bits[word] = .max }
            bits[high] |= highMask
        }
    }

    package func contains(_ row: Int64) -> Bool {
        guard !bits.isEmpty else { return overlaps(row...row) }
        let place = row - first
        guard place >= 0, place >> 6 < bits.count else { return false }
        return bits[Int(place >> 6)] >> UInt64(place & 63) & 1 == 1
    }

    package func overlaps(_ rows: ClosedRange<Int64>) -> Bool { self.rows.overlaps(rows) }

    /// Whether looking at each of them beats looking for the best ones: under 2 % of all passages, or few in any case.
    func isFew(of passages: Int) -> Bool { count <= max(256, passages / 50) }
}

/// Which passages a search may find.
enum RowAdmission {
    case all
    case rows(AllowedRows)
    /// Asks for each row that would be among the best.
    case asking((Int64) throws -> Bool)

    var allowed: AllowedRows? {
        if case .rows(let rows) = self { rows } else { nil }
    }

    var admits: ((Int64) throws -> Bool)? {
        if case .asking(let admits) = self { admits } else { nil }
    }
}
