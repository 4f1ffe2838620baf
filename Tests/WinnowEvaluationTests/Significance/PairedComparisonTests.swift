import TestSupport
import Testing
import WinnowEvaluation

/// Laws of ``PairedComparison``, over seeded samples.
@Suite struct PairedComparisonTests {
    private struct Sample: CustomStringConvertible {
        var seed: UInt64
        var baseline: [Double]
        var system: [Double]
        var groups: [String?]?

        var description: String { "seed \(seed), \(baseline.count) queries, groups: \(groups != nil)" }

        func compared(_ options: PairedComparison.Options = .init(flips: 2000, resamples: 500)) throws
            -> PairedComparison
        {
            try PairedComparison(baseline: baseline, system: system, groups: groups, options: options)
        }
    }

    /// Values as measures have them: a coarse grid, ties, and differences that are not exact in binary.
    private static func sample(_ count: Int, seed: UInt64, grouped: Bool) -> Sample {
        var random = SeededGenerator(seed: seed)
        let baseline = (0..<count).map { _ in Double(Int.random(in: 0...10, using: &random)) / 10 }
        let system = baseline.map { value in
            Int.random(in: 0..<3, using: &random) == 0 ? value : Double(Int.random(in: 0...30, using: &random)) / 30
        }
        let groups = (0..<count).map { _ in
            let label = Int.random(in: 0...(count / 3), using: &random)
            return label == 0 ? String?.none : "g\(label)"
        }
        return Sample(seed: seed, baseline: baseline, system: system, groups: grouped ? groups : nil)
    }

    private static let samples = [1, 2, 7, 8, 9, 20, 21, 63, 64, 65, 66, 140].enumerated().flatMap { index, count in
        [false, true].map { sample(count, seed: UInt64(500 + index), grouped: $0) }
    }

    @Test func exchangingTheSystemsTurnsEverySign() throws {
        for sample in Self.samples {
            let forth = try sample.compared()
            var turned = sample
            swap(&turned.baseline, &turned.system)
            let back = try turned.compared()
            #expect(back.difference == 0 - forth.difference, "\(sample)")
            #expect(back.randomisation.twoSided == forth.randomisation.twoSided, "\(sample)")
            #expect(back.randomisation.greater == forth.randomisation.less, "\(sample)")
            #expect(back.randomisation.less == forth.randomisation.greater, "\(sample)")
            for (there, here) in [
                (back.interval, forth.interval), (back.interval90, forth.interval90), (back.tInterval, forth.tInterval),
            ] {
                #expect(there?.lower == here.map { -$0.upper } && there?.upper == here.map { -$0.lower }, "\(sample)")
            }
            #expect(back.standardError == forth.standardError && back.standardDeviation == forth.standardDeviation)
            #expect(back.units.wins == forth.units.losses && back.units.ties == forth.units.ties)
            #expect(back.queries.wins == forth.queries.losses && back.baselineMean == forth.systemMean)
        }
    }

    @Test func orderOfQueriesChangesNothing() throws {
        for sample in Self.samples {
            let straight = try sample.compared()
            var random = SeededGenerator(seed: sample.seed)
            let order = sample.baseline.indices.shuffled(using: &random)
            let shuffled = try Sample(
                seed: sample.seed, baseline: order.map { sample.baseline[$0] }, system: order.map { sample.system[$0] },
                groups: sample.groups.map { groups in order.map { groups[$0] } }
            ).compared()
            #expect(shuffled.difference == straight.difference, "\(sample)")
            #expect(shuffled.randomisation == straight.randomisation, "\(sample)")
            #expect(shuffled.interval == straight.interval && shuffled.interval90 == straight.interval90, "\(sample)")
            #expect(shuffled.tInterval == straight.tInterval, "\(sample)")
            #expect(shuffled.units == straight.units && shuffled.queries == straight.queries, "\(sample)")
            #expect(abs(shuffled.baselineMean - straight.baselineMean) < 1e-12, "\(sample)")
        }
    }

    @Test func namesOfGroupsChangeNothing() throws {
        for sample in Self.samples where sample.groups != nil {
            var renamed = sample
            renamed.groups = sample.groups.map { $0.map { $0.map { "x" + String($0.reversed()) } } }
            #expect(try renamed.compared() == sample.compared(), "\(sample)")
        }
    }

    /// Asking each question four times is no more evidence, where the copies are one group.
    @Test func copiesInOneGroupAreOneObservation() throws {
        for sample in Self.samples where sample.groups == nil {
            let once = try sample.compared()
            let copies = 4
            let groups = sample.baseline.indices.map { String?("q\($0)") }
            func repeated<Value>(_ values: [Value]) -> [Value] { Array(repeatElement(values, count: copies).joined()) }
            let grouped = try Sample(
                seed: sample.seed, baseline: repeated(sample.baseline), system: repeated(sample.system),
                groups: repeated(groups)
            ).compared()
            #expect(grouped.randomisation == once.randomisation, "\(sample)")
            #expect(grouped.units == once.units && grouped.queryCount == copies * once.queryCount, "\(sample)")
            #expect(grouped.isGrouped)
            #expect(abs(grouped.difference - once.difference) < 1e-12, "\(sample)")
            if let here = grouped.interval, let there = once.interval {
                #expect(abs(here.lower - there.lower) < 1e-12 && abs(here.upper - there.upper) < 1e-12, "\(sample)")
            } else {
                #expect(grouped.interval == nil && once.interval == nil)
            }
        }
    }

    @Test func groupsOfOneAreNoGroups() throws {
        for sample in Self.samples where sample.groups == nil {
            var labelled = sample
            labelled.groups = sample.baseline.indices.map { "q\($0)" }
            #expect(try labelled.compared() == sample.compared(), "\(sample)")
        }
    }

    /// `é` in one code point and in two are two groups.
    @Test func groupsAreComparedByBytes() throws {
        let comparison = try PairedComparison(
            baseline: [0, 0, 0], system: [1, 1, 1], groups: ["\u{E9}", "e\u{301}", "\u{E9}"])
        #expect(comparison.unitCount == 2)
    }

    /// Every pattern of signs, counted here one by one.
    @Test func exactTestEqualsBruteForce() throws {
        for seed in 900..<930 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let sample = Self.sample(Int.random(in: 1...12, using: &random), seed: seed, grouped: seed % 2 == 0)
            var sums: [String: Double] = [:]
            for index in sample.baseline.indices {
                let label = sample.groups?[index] ?? "alone \(index)"
                sums[label, default: 0] += sample.system[index] - sample.baseline[index]
            }
            let values = sums.sorted { $0.key < $1.key }.map(\.value)
            let observed = values.reduce(0, +)
            var (far, above, below) = (0, 0, 0)
            for pattern in 0..<(1 << values.count) {
                let sum = values.enumerated().reduce(0) {
                    $0 + (pattern >> $1.offset & 1 == 1 ? -$1.element : $1.element)
                }
                if abs(sum) > abs(observed) - 1e-9 { far += 1 }
                if sum > observed - 1e-9 { above += 1 }
                if sum < observed + 1e-9 { below += 1 }
            }
            let test = try sample.compared().randomisation
            let total = Double(1 << values.count)
            #expect(test.isExact)
            #expect(abs(test.twoSided - Double(far) / total) < 1e-12, "\(sample)")
            #expect(abs(test.greater - Double(above) / total) < 1e-12, "\(sample)")
            #expect(abs(test.less - Double(below) / total) < 1e-12, "\(sample)")
        }
    }

    @Test(arguments: [(1, 1.0), (5, 0.0625), (6, 0.03125), (20, 0x1p-19)])
    func leastPossibleP(units: Int, p: Double) throws {
        let comparison = try PairedComparison(
            baseline: [Double](repeating: 0.1, count: units), system: [Double](repeating: 0.4, count: units))
        #expect(comparison.randomisation.twoSided == p)
        #expect(comparison.randomisation.isExact && comparison.randomisation.patterns == 1 << units)
    }

    /// 21 units are one more than can be counted; p cannot be 0.
    @Test func randomPatternsNeverGiveZero() throws {
        let comparison = try PairedComparison(
            baseline: [Double](repeating: 0, count: 300), system: [Double](repeating: 1, count: 300))
        #expect(!comparison.randomisation.isExact && comparison.randomisation.patterns == 100_000)
        #expect(comparison.randomisation.twoSided == 1.0 / 100_001)
        #expect(comparison.randomisation.less == 1)
    }

    @Test func tiesSayNothing() throws {
        let sample = Self.sample(40, seed: 3, grouped: false)
        let plain = try sample.compared()
        let padded = try Sample(
            seed: 3, baseline: sample.baseline + [Double](repeating: 0.3, count: 100),
            system: sample.system + [Double](repeating: 0.3, count: 100), groups: nil
        ).compared()
        #expect(padded.randomisation == plain.randomisation)
        #expect(padded.queries.ties == plain.queries.ties + 100)
        // Rounding is no difference.
        let rounded = try PairedComparison(baseline: [0.3], system: [0.1 + 0.2])
        #expect(rounded.queries == .init(wins: 0, ties: 1, losses: 0) && rounded.difference == 0)
    }

    @Test(arguments: [(9, false), (10, true)])
    func intervalsNeedTenDifferences(differing: Int, given: Bool) throws {
        let baseline = [Double](repeating: 0.5, count: 30)
        let system = (0..<30).map { $0 < differing ? 0.5 + Double($0 + 1) / 100 : 0.5 }
        let comparison = try PairedComparison(baseline: baseline, system: system)
        #expect((comparison.interval != nil) == given && (comparison.interval90 != nil) == given)
        #expect((comparison.tInterval != nil) == given)
        if let wide = comparison.interval, let narrow = comparison.interval90 {
            #expect(wide.lower < narrow.lower && narrow.upper < wide.upper && wide.confidence == 0.95)
        }
    }

    @Test func effects() throws {
        let comparison = try PairedComparison(baseline: [0.2, 0.4], system: [0.4, 0.4])
        #expect(abs(comparison.difference - 0.1) < 1e-15)
        #expect(abs((comparison.relativeDifference ?? 0) - 1.0 / 3) < 1e-12)
        #expect(abs((comparison.effectSize ?? 0) - 0.1 / (0.02).squareRoot()) < 1e-12)
        #expect(comparison.minimumDetectableDifference == nil && comparison.unitsNeeded(toDetect: 0.02) == nil)
        let fromNothing = try PairedComparison(baseline: [0], system: [0.5])
        #expect(fromNothing.relativeDifference == nil && fromNothing.effectSize == nil)
        #expect(fromNothing.standardDeviation == nil && fromNothing.standardError == nil)
    }

    @Test func powerFollowsTheSpread() throws {
        // ±0.28 in turn: their standard deviation is 0.28 · √(n/(n−1)).
        let count = 1000
        let system = (0..<count).map { 0.5 + ($0 % 2 == 0 ? 0.28 : -0.28) }
        let comparison = try PairedComparison(baseline: [Double](repeating: 0.5, count: count), system: system)
        let detectable = try #require(comparison.minimumDetectableDifference)
        #expect(abs(detectable - 0.0248) < 0.0001)
        let needed = try #require(comparison.unitsNeeded(toDetect: 0.02))
        #expect((1539...1541).contains(needed))
    }

    /// When a group's queries share their luck, counting them one by one finds differences that are not there.
    @Test func groupsKeepTheFalsePositivesDown() throws {
        var random = SeededGenerator(seed: 77)
        var (byQuery, byGroup) = (0, 0)
        let rounds = 300
        for _ in 0..<rounds {
            var differences: [Double] = []
            var groups: [String?] = []
            for group in 0..<15 {
                let shared = Double.random(in: -0.3...0.3, using: &random)
                for _ in 0..<6 {
                    differences.append(shared + Double.random(in: -0.3...0.3, using: &random))
                    groups.append("g\(group)")
                }
            }
            let zeros = [Double](repeating: 0, count: differences.count)
            let options = PairedComparison.Options(flips: 500, resamples: 2)
            let flat = try PairedComparison(baseline: zeros, system: differences, options: options)
            let grouped = try PairedComparison(baseline: zeros, system: differences, groups: groups, options: options)
            if flat.randomisation.twoSided <= 0.05 { byQuery += 1 }
            if grouped.randomisation.twoSided <= 0.05 { byGroup += 1 }
        }
        // 5 % of 300 are 15, with a standard deviation of 3.8.
        #expect(byGroup <= 30, "seed 77: \(byGroup) of \(rounds)")
        #expect(byQuery >= 60, "seed 77: \(byQuery) of \(rounds)")
    }

    /// The interval of a mean that is known.
    @Test func intervalsCover() throws {
        var random = SeededGenerator(seed: 78)
        var (covered, meanCovered) = (0, 0)
        let rounds = 400
        for _ in 0..<rounds {
            let differences = (0..<30).map { _ in Double.random(in: -0.4...0.6, using: &random) }
            let zeros = [Double](repeating: 0, count: differences.count)
            let options = PairedComparison.Options(flips: 1, resamples: 1000, seed: random.next())
            let interval = try #require(
                try PairedComparison(baseline: zeros, system: differences, options: options).interval)
            if interval.lower <= 0.1, 0.1 <= interval.upper { covered += 1 }
            let mean = try #require(try Bootstrap.intervalOfMean(differences, options: options))
            #expect(mean == interval)
            if mean.lower <= 0.1, 0.1 <= mean.upper { meanCovered += 1 }
        }
        // 95 % of 400 are 380, with a standard deviation of 4.4.
        #expect((362...396).contains(covered) && covered == meanCovered, "seed 78: \(covered) of \(rounds)")
    }

    @Test func sameSeedSameResult() throws {
        let sample = Self.sample(60, seed: 9, grouped: true)
        #expect(try sample.compared() == sample.compared())
        let other = try sample.compared(.init(flips: 2000, resamples: 500, seed: 7))
        #expect(try other.interval != sample.compared().interval && other.options.seed == 7)
    }

    @Test func intervalOfAMeanNeedsTenUnits() throws {
        let values = (0..<9).map { Double($0) / 10 }
        #expect(try Bootstrap.intervalOfMean(values) == nil)
        #expect(try Bootstrap.intervalOfMean(values + [0.5]) != nil)
        #expect(
            try Bootstrap.intervalOfMean(values + [0.5], groups: ["a", "a"] + [String?](repeating: nil, count: 8))
                == nil)
    }

    @Test func badInput() {
        func message(_ body: () throws -> Void) -> String {
            do {
                try body()
                return "no error"
            } catch {
                return "\(error)"
            }
        }
        #expect(message { _ = try PairedComparison(baseline: [], system: []) }.contains("no query"))
        #expect(
            message { _ = try PairedComparison(baseline: [1], system: [1, 2]) }.contains(
                "has 1 values and the system 2"))
        #expect(
            message { _ = try PairedComparison(baseline: [1, .nan], system: [1, 2]) }.contains(
                "value 2 of the baseline is nan"))
        #expect(
            message { _ = try PairedComparison(baseline: [1, 0], system: [.infinity, 2]) }
                .contains("value 1 of the system is inf"))
        #expect(
            message { _ = try PairedComparison(baseline: [1], system: [1], groups: ["a", "b"]) }
                .contains("2 group labels for 1 queries"))
    }
}
