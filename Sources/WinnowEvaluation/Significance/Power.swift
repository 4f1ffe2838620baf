/// How many units a difference takes to be seen, and what so many can see: normal approximation of a paired two-sided
/// test.
public enum Power {
    /// z(1 − α/2) + z(power) at α = 0.05 two-sided and 80 %: 2.80.
    public static let twoSidedFactor = NormalDistribution.quantile(0.975) + NormalDistribution.quantile(0.8)

    /// z(1 − α) + z(power) at α = 0.05 one-sided and 80 %: 2.49.
    public static let oneSidedFactor = NormalDistribution.quantile(0.95) + NormalDistribution.quantile(0.8)

    /// Whether anybody would label so many queries who has so many now. Beyond twenty times as many, and 2,000 (more than
    /// nearly all published test sets have), a number would read as advice and be none.
    static func isRealistic(_ needed: Double, beside present: Int) -> Bool {
        needed <= 2000 || needed <= 20 * Double(present)
    }

    /// n = (2.80 · sd / δ)², rounded up.
    ///
    /// - Parameters:
    ///   - difference: the true mean difference to be found, not 0. Take what would matter, never what was observed:
    ///     the power of an observed effect says nothing that its p-value does not.
    ///   - standardDeviation: of the units' differences, from this run.
    /// - Returns: at least 2; nil when the numbers give none, or more than a thousand million.
    public static func unitsNeeded(toDetect difference: Double, standardDeviation: Double) -> Int? {
        let root = twoSidedFactor * standardDeviation / difference
        let count = (root * root).rounded(.up)
        return count.isFinite && count <= 1e9 ? max(2, Int(count)) : nil
    }
}
