/// One measure of two systems over the same queries: by how much they differ, and whether that could be chance.
///
/// The unit of chance is the query, or the group of queries where a label is given. What is computed does not depend on the
/// order of the queries (the two means alone are summed in the given order: give it in the order of the ids' bytes, and they
/// are trec_eval's to the last digit), and exchanging the two systems turns every sign and nothing else. Pure and seeded.
///
/// Cost: about 40 ms for 1,000 units, growing with their number.
public struct PairedComparison: Sendable, Hashable {
    /// Mean over queries.
    public let baselineMean: Double
    public let systemMean: Double
    /// System minus baseline: the mean of the queries' differences. Positive is better.
    public let difference: Double
    /// Of the queries' differences (n − 1 in the denominator); nil for one query.
    public let standardDeviation: Double?
    /// Of ``difference``; units are the groups where there are any. Nil for one unit.
    public let standardError: Double?
    /// Wins, ties and losses of single queries.
    public let queries: Tally
    /// Of groups: by the sum of their queries' differences. The same as ``queries`` where there are no groups.
    public let units: Tally
    /// Some queries share a group.
    public let isGrouped: Bool
    public let randomisation: RandomisationTest
    /// Bootstrap interval of ``difference``, 95 %; nil when fewer than ``Bootstrap/fewestUnits`` units differ.
    public let interval: Interval?
    /// Likewise, 90 %: inside ±δ it shows that no difference matters (two one-sided tests at 5 %).
    public let interval90: Interval?
    /// Student's t with the linearised standard error, 95 %; nil where ``interval`` is. Beside the bootstrap, as a check.
    public let tInterval: Interval?
    public let options: Options

    /// Differences up to this are ties: rounding, not quality.
    public static let tieTolerance = 1e-12

    /// How many came out better, equal and worse than the baseline.
    public struct Tally: Sendable, Hashable {
        public var wins: Int
        public var ties: Int
        public var losses: Int

        public init(wins: Int, ties: Int, losses: Int) {
            self.wins = wins
            self.ties = ties
            self.losses = losses
        }

        public var count: Int { wins + ties + losses }
        public var nonTied: Int { wins + losses }

        init(_ differences: some Sequence<Double>) {
            self.init(wins: 0, ties: 0, losses: 0)
            for difference in differences {
                if difference > 0 { wins += 1 } else if difference < 0 { losses += 1 } else { ties += 1 }
            }
        }

        var mirrored: Tally { Tally(wins: losses, ties: ties, losses: wins) }
    }

    /// How hard to look.
    public struct Options: Sendable, Hashable {
        /// Sign patterns of the randomisation test where not all can be counted.
        public var flips: Int
        /// Of the bootstrap.
        public var resamples: Int
        public var seed: UInt64

        /// - Parameters:
        ///   - flips: at least 1.
        ///   - resamples: at least 2.
        public init(flips: Int = 100_000, resamples: Int = Bootstrap.resamples, seed: UInt64 = 42) {
            self.flips = max(1, flips)
            self.resamples = max(2, resamples)
            self.seed = seed
        }
    }

    /// - Parameters:
    ///   - baseline: one value a query.
    ///   - system: of the same queries in the same order.
    ///   - groups: one label a query, compared by bytes; a query without one is a unit of its own. Nil: all are.
    /// - Throws: ``EvaluationError`` when there is no query, the numbers of values differ, or one is not finite.
    public init(baseline: [Double], system: [Double], groups: [String?]? = nil, options: Options = .init()) throws {
        try Self.check(baseline: baseline, system: system, groups: groups)
        let differences = zip(system, baseline).map { system, baseline in
            let difference = system - baseline
            return abs(difference) <= Self.tieTolerance ? 0 : difference
        }
        let sampling = SamplingUnits(differences: differences, groups: groups)
        let mirror = sampling.isMirrored
        let count = Double(baseline.count)
        let mean = sampling.meanDifference

        self.options = options
        baselineMean = baseline.reduce(0, +) / count
        systemMean = system.reduce(0, +) / count
        difference = mirror ? 0 - mean : mean
        isGrouped = sampling.units.count < baseline.count
        queries = Tally(differences)
        let tally = Tally(sampling.units.map(\.sum))
        units = mirror ? tally.mirrored : tally
        standardError = sampling.standardError
        if baseline.count > 1 {
            let squares = orderFreeSum(sampling.differences.map { ($0 - mean) * ($0 - mean) })
            standardDeviation = (squares / (count - 1)).squareRoot()
        } else {
            standardDeviation = nil
        }
        let test = RandomisationTest(sums: sampling.nonTiedSums, flips: options.flips, seed: options.seed)
        randomisation = mirror ? test.mirrored : test

        guard tally.nonTied >= Bootstrap.fewestUnits, let error = sampling.standardError else {
            (interval, interval90, tInterval) = (nil, nil, nil)
            return
        }
        let bootstrap = Bootstrap.intervals(
            sampling.units, confidences: [0.95, 0.9], resamples: options.resamples, seed: options.seed)
        let reach = StudentT(degreesOfFreedom: Double(sampling.units.count - 1)).quantile(0.975) * error
        let student = Interval(lower: mean - reach, upper: mean + reach, confidence: 0.95)
        interval = mirror ? bootstrap[0].mirrored : bootstrap[0]
        interval90 = mirror ? bootstrap[1].mirrored : bootstrap[1]
        tInterval = mirror ? student.mirrored : student
    }

    public var queryCount: Int { queries.count }
    public var unitCount: Int { units.count }

    /// ``difference`` over the baseline's mean; nil where that is 0. A gain of 100 % from 0.01 is less than one of 10 % from
    /// 0.5: say the absolute one first (Fuhr, SIGIR Forum 2017).
    public var relativeDifference: Double? { baselineMean == 0 ? nil : difference / baselineMean }

    /// ``difference`` in standard deviations of the queries' differences; nil where there is no spread.
    public var effectSize: Double? {
        standardDeviation.flatMap { $0 > 0 ? difference / $0 : nil }
    }

    /// The smallest true difference that so many units show with 80 % power (two-sided, 5 %); nil where fewer units differ
    /// than any test can use, as the spread is then not known.
    public var minimumDetectableDifference: Double? {
        guard units.nonTied >= RandomisationTest.fewestUnits else { return nil }
        return standardError.map { Power.twoSidedFactor * $0 }
    }

    /// Units (groups, where there are any) that would show a true difference of this size with 80 % power, from this run's
    /// spread; nil as for ``minimumDetectableDifference``.
    public func unitsNeeded(toDetect difference: Double) -> Int? {
        guard units.nonTied >= RandomisationTest.fewestUnits, let error = standardError else { return nil }
        return Power.unitsNeeded(
            toDetect: difference, standardDeviation: error * Double(unitCount).squareRoot())
    }

    static func check(baseline: [Double], system: [Double], groups: [String?]?) throws {
        guard baseline.count == system.count else {
            throw EvaluationError.unequalValues(baseline: baseline.count, system: system.count)
        }
        try check(baseline, named: "baseline", groups: groups)
        try check(system, named: "system", groups: groups)
    }

    static func check(_ values: [Double], named side: String, groups: [String?]?) throws {
        guard !values.isEmpty else { throw EvaluationError.nothingToCompare }
        if let groups, groups.count != values.count {
            throw EvaluationError.unequalGroups(queries: values.count, groups: groups.count)
        }
        if let place = values.firstIndex(where: { !$0.isFinite }) {
            throw EvaluationError.valueNotFinite(side: side, position: place + 1, value: values[place])
        }
    }
}
