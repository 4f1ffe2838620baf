/// How much of what two systems rank at the top somebody has judged. What nobody judged counts as not relevant, so the
/// system with more of it loses by the judgements and not by its ranking.
public struct JudgedCoverage: Sendable, Hashable {
    /// The depth of Judged@k.
    public var cutoff: Int
    /// Mean Judged@k of the baseline, 0…1.
    public var baseline: Double
    /// Mean Judged@k of the system, 0…1.
    public var system: Double
    /// The mean difference of the same measure over condensed lists (unjudged documents taken out; Sakai, SIGIR 2007); nil when
    /// it was not computed.
    public var condensedDifference: Double?

    /// Judged@k further apart than this leaves a difference open to doubt: 5 points.
    public static let tolerance = 0.05

    public init(cutoff: Int, baseline: Double, system: Double, condensedDifference: Double?) {
        self.cutoff = cutoff
        self.baseline = baseline
        self.system = system
        self.condensedDifference = condensedDifference
    }

    /// The two systems' top k are not judged alike.
    public var isUneven: Bool { abs(system - baseline) > Self.tolerance + 1e-9 }

    /// They are not, and among judged documents alone the better system is the other one.
    public func reverses(_ difference: Double) -> Bool {
        guard isUneven, let condensedDifference else { return false }
        let least = PairedComparison.tieTolerance
        return (difference > least && condensedDifference < -least)
            || (difference < -least && condensedDifference > least)
    }
}
