import TestSupport
import Testing
import WinnowStore

/// Sets of rows against Swift's own sets.
@Suite struct RowSetTests {
    private static let most: Int64 = 300

    private static func random(_ random: inout SeededGenerator, ranges: Int) -> [ClosedRange<Int64>] {
        (0..<ranges).map { _ in
            let first = Int64.random(in: 1...most, using: &random)
            return first...min(most, first + Int64.random(in: 0...9, using: &random))
        }
    }

    private static func members(_ rows: RowSet) -> Set<Int64> { Set(rows.ranges.flatMap { Array($0) }) }

    @Test(arguments: [0, 1, 2, 7, 8, 9, 30])
    func operationsAreThoseOfSets(_ count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        for _ in 0..<50 {
            let given = Self.random(&random, ranges: count)
            let (left, right) = (RowSet(given), RowSet(Self.random(&random, ranges: 12)))
            let (a, b) = (Self.members(left), Self.members(right))
            #expect(a == Set(given.flatMap { Array($0) }))
            #expect(left.count == a.count)
            #expect(Self.members(left.union(right)) == a.union(b))
            #expect(Self.members(left.intersection(right)) == a.intersection(b))
            #expect(Self.members(left.complement(upTo: Self.most)) == Set(1...Self.most).subtracting(a))
            #expect(left.complement(upTo: Self.most).complement(upTo: Self.most) == left)
            for rows in [left, left.union(right), left.complement(upTo: Self.most)] {
                for (range, next) in zip(rows.ranges, rows.ranges.dropFirst()) {
                    #expect(range.upperBound + 1 < next.lowerBound)
                }
            }
        }
    }

    /// With few ranges, with a bitmap, and with ranges too far apart for one.
    @Test(arguments: [1, 8, 9, 64, 200] as [Int], [1, 1000, 1 << 40] as [Int64])
    func allowedRowsAreTheSetsRows(_ count: Int, _ scale: Int64) {
        var random = SeededGenerator(seed: 3)
        let ranges = (0..<count).map { number in
            let first = Int64(number) * 70 * scale + Int64.random(in: 1...20, using: &random)
            return first...first + Int64.random(in: 0...30, using: &random)
        }
        let allowed = AllowedRows(RowSet(ranges))
        #expect(allowed.count == ranges.reduce(0) { $0 + $1.count })
        for range in ranges {
            for row in max(0, range.lowerBound - 40)...range.upperBound + 40 {
                let isMember = ranges.contains { $0.contains(row) }
                #expect(allowed.contains(row) == isMember)
                #expect(allowed.overlaps(row...row + 9) == ranges.contains { $0.overlaps(row...row + 9) })
            }
        }
        #expect(!allowed.contains(.max) && !allowed.contains(0))
    }

    @Test func theEndsOfTheNumbers() {
        let all = RowSet([1...Int64.max])
        #expect(all.complement(upTo: .max) == .none)
        #expect(RowSet.none.complement(upTo: 0) == .none)
        #expect(RowSet.none.complement(upTo: .max) == all)
        #expect(all.union(RowSet([5...Int64.max])) == all)
        #expect(!AllowedRows(.none).contains(1))
    }
}
