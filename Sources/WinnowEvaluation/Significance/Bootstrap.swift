/// Percentile bootstrap with expanded tails (Hesterberg, The American Statistician 69(4), 2015): units are resampled with
/// replacement, the mean over queries is a ratio of two sums, and the tails are widened to
/// α′ = Φ(−√(n/(n−1)) · t(1−α/2, n−1)), without which the interval of 20 units covers 91 % and not 95 %.
public enum Bootstrap {
    /// How many resamples are drawn.
    public static let resamples = 10_000

    /// Below this many units (for a difference: units that are not tied) no interval is given: it would promise what it
    /// does not keep.
    public static let fewestUnits = 10

    /// Where the mean of a measure lies over queries like these.
    ///
    /// - Parameters:
    ///   - values: one a query.
    ///   - groups: as in ``PairedComparison/init(baseline:system:groups:options:)``.
    /// - Returns: nil below ``fewestUnits`` units.
    /// - Throws: ``EvaluationError`` when there is no value, one is not finite, or the groups are not one a query.
    public static func intervalOfMean(
        _ values: [Double], groups: [String?]? = nil, confidence: Double = 0.95,
        options: PairedComparison.Options = .init()
    ) throws -> Interval? {
        try PairedComparison.check(values, named: "measure", groups: groups)
        let units = SamplingUnits(differences: values, groups: groups)
        guard units.units.count >= fewestUnits else { return nil }
        let interval = intervals(
            units.units, confidences: [confidence], resamples: options.resamples, seed: options.seed)[0]
        return units.isMirrored ? interval.mirrored : interval
    }

    /// The share of each tail that an interval of `confidence` cuts off.
    package static func expandedTail(confidence: Double, count: Int) -> Double {
        let n = Double(count)
        let t = StudentT(degreesOfFreedom: n - 1).quantile(0.5 + confidence / 2)
        return NormalDistribution.cumulative(-(n / (n - 1)).squareRoot() * t)
    }

    /// - Parameter units: at least two.
    static func intervals(
        _ units: [SamplingUnits.Unit], confidences: [Double], resamples: Int, seed: UInt64
    ) -> [Interval] {
        let means = resampledMeans(units, resamples: resamples, seed: seed).sorted()
        return confidences.map { confidence in
            let tail = expandedTail(confidence: confidence, count: units.count)
            return Interval(
                lower: Quantile.type7(means, tail), upper: Quantile.type7(means, 1 - tail), confidence: confidence)
        }
    }

    private static func resampledMeans(_ units: [SamplingUnits.Unit], resamples: Int, seed: UInt64) -> [Double] {
        var generator = SplitMix64(seed: seed)
        let count = UInt64(units.count)
        let pairs = units.count / 2
        return units.withUnsafeBufferPointer { units in
            (0..<resamples).map { _ in
                var sum = 0.0
                var size = 0.0
                for _ in 0..<pairs {
                    let (first, second) = generator.indices(below: count)
                    sum += units[first].sum + units[second].sum
                    size += units[first].size + units[second].size
                }
                if units.count % 2 == 1 {
                    let (last, _) = generator.indices(below: count)
                    sum += units[last].sum
                    size += units[last].size
                }
                return sum / size
            }
        }
    }
}
