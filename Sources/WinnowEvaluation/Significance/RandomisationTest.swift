/// The paired randomisation test (Fisher's; Smucker, Allan and Carterette, CIKM 2007): if the two systems were
/// interchangeable, each unit's difference could as well have had the other sign.
///
/// The statistic is S = Σ Sg, where Sg is the sum of the differences of the queries of unit g (with one query a unit:
/// its difference), and one sign is drawn a unit. Units with Sg = 0 say nothing and are left out. The p-value is the
/// share of sign patterns whose S is at least as far out as the one seen, up to 1e-12 · Σ|Sg| of rounding.
public struct RandomisationTest: Sendable, Hashable {
    /// P(|S| this large or larger) when there is no difference; 1 when no unit differs.
    public let twoSided: Double
    /// P(S this large or larger): small when the system is better.
    public let greater: Double
    /// P(S this small or smaller): small when the system is worse.
    public let less: Double
    /// All 2^m patterns were counted; otherwise `patterns` random ones, and p = (b + 1) / (patterns + 1) (Phipson and
    /// Smyth 2010), which is never 0.
    public let isExact: Bool
    /// How many sign patterns were looked at.
    public let patterns: Int

    /// Up to this many non-tied units every pattern is counted: a million of them.
    public static let exactLimit = 20

    /// The two-sided p cannot be lower than 2/2^m: with fewer units than this it cannot reach 0.05.
    public static let fewestUnits = 6

    init(sums: [Double], flips: Int, seed: UInt64) {
        let observed = orderFreeSum(sums)
        let slack = 1e-12 * orderFreeSum(sums.map(abs))
        isExact = sums.count <= Self.exactLimit
        let counts =
            isExact
            ? Self.countAll(sums, observed: observed, slack: slack)
            : Self.countRandom(sums, observed: observed, slack: slack, flips: flips, seed: seed)
        patterns = isExact ? 1 << sums.count : flips
        let extra = isExact ? 0 : 1
        let total = Double(patterns + extra)
        twoSided = Double(counts.far + extra) / total
        greater = Double(counts.above + extra) / total
        less = Double(counts.below + extra) / total
    }

    private init(mirroring test: RandomisationTest) {
        twoSided = test.twoSided
        greater = test.less
        less = test.greater
        isExact = test.isExact
        patterns = test.patterns
    }

    /// With system and baseline exchanged.
    var mirrored: RandomisationTest { RandomisationTest(mirroring: self) }

    private struct Counts {
        var far = 0
        var above = 0
        var below = 0

        mutating func count(_ sum: Double, observed: Double, slack: Double) {
            if abs(sum) >= abs(observed) - slack { far += 1 }
            if sum >= observed - slack { above += 1 }
            if sum <= observed + slack { below += 1 }
        }
    }

    /// For each 8 units, the sums of all 256 sign patterns; the last table holds what is left over.
    private static func tables(_ sums: [Double]) -> [Double] {
        var tables: [Double] = []
        for start in stride(from: 0, to: sums.count, by: 8) {
            let units = sums[start..<min(start + 8, sums.count)]
            for pattern in 0..<256 {
                var sum = 0.0
                for (bit, value) in units.enumerated() { sum += pattern >> bit & 1 == 1 ? value : -value }
                tables.append(sum)
            }
        }
        return tables
    }

    private static func countAll(_ sums: [Double], observed: Double, slack: Double) -> Counts {
        let tables = tables(sums)
        var counts = Counts()
        for pattern in 0..<(1 << sums.count) {
            var sum = 0.0
            var bits = pattern
            for table in stride(from: 0, to: tables.count, by: 256) {
                sum += tables[table + bits & 0xFF]
                bits >>= 8
            }
            counts.count(sum, observed: observed, slack: slack)
        }
        return counts
    }

    /// 64 units share one random word: its bytes index their tables, which stay in the first-level cache while all
    /// patterns pass. About 10 ms for 1,000 units and 100,000 patterns.
    private static func countRandom(
        _ sums: [Double], observed: Double, slack: Double, flips: Int, seed: UInt64
    ) -> Counts {
        let tables = tables(sums)
        var generator = SplitMix64(seed: seed)
        var totals = [Double](repeating: 0, count: flips)
        for block in stride(from: 0, to: tables.count, by: 8 * 256) {
            let width = min(8, (tables.count - block) / 256)
            tables.withUnsafeBufferPointer { tables in
                for flip in totals.indices {
                    var bits = generator.next()
                    var sum = 0.0
                    for table in 0..<width {
                        sum += tables[block + table << 8 + Int(bits & 0xFF)]
                        bits >>= 8
                    }
                    totals[flip] += sum
                }
            }
        }
        var counts = Counts()
        for total in totals { counts.count(total, observed: observed, slack: slack) }
        return counts
    }
}
