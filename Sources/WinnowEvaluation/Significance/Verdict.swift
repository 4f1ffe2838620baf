/// What may be said about a system after one comparison with its baseline, and nothing more.
///
/// The first of these that fits:
/// 1. fewer than 6 units differ: it cannot be told, no test can tell so few from chance;
/// 2. Judged@k differs by more than 5 points and condensed lists turn the sign: it cannot be told, judgements decide;
/// 3. the (corrected) p is at most 0.05 and the 95 % interval lies on one side of 0: it helps, or it hurts; by less
///    than matters, where the whole interval is nearer to 0 than the least effect;
/// 4. the 90 % interval lies within ± the least effect: no difference that matters;
/// 5. it cannot be told with so many queries.
///
/// With 6 to 9 differing units there is no interval, so 3 and 4 cannot fit, however small p is.
public struct Verdict: Sendable, Hashable {
    /// As measures are written: `nDCG@10`.
    public let measure: String
    /// The subject of the sentence: `Reranking`.
    public let system: String
    /// What it is compared with: `the first stage`.
    public let baseline: String
    public let comparison: PairedComparison
    /// The two-sided p, after Holm's correction where several systems were compared.
    public let pValue: Double
    /// Over how many systems `pValue` is corrected; 1: it is not.
    public let correctedOver: Int
    /// The least difference that matters, above 0.
    public let minimumEffect: Double
    public let judged: JudgedCoverage?
    public let outcome: Outcome

    public enum Outcome: Sendable, Hashable {
        case helps
        case hurts
        case noDifferenceThatMatters
        case cannotTell(Reason)

        /// For JSON: `helps`, `hurts`, `noDifferenceThatMatters`, `cannotTell`.
        public var name: String {
            switch self {
            case .helps: "helps"
            case .hurts: "hurts"
            case .noDifferenceThatMatters: "noDifferenceThatMatters"
            case .cannotTell: "cannotTell"
            }
        }

        /// One character for a table, told apart by shape and not only by colour.
        public var mark: String {
            switch self {
            case .helps: "▲"
            case .hurts: "▼"
            case .noDifferenceThatMatters: "="
            case .cannotTell: "?"
            }
        }
    }

    /// Why it cannot be told.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Every query has the same value on both sides.
        case noDifference
        /// Fewer units differ than any test can use.
        case fewDifferences
        /// The judgements cover the two systems unequally, and the sign hangs on that.
        case unjudged
        /// Fewer units differ than an interval needs.
        case fewForInterval
        /// The queries are too few, or their differences too spread.
        case uncertain
    }

    /// The level of p at which a difference counts as real.
    public static let level = 0.05

    /// - Parameters:
    ///   - correctedP: after ``Holm/adjusted(_:)`` over the systems compared by this measure; nil: the comparison's.
    ///   - correctedOver: how many systems that were.
    ///   - judged: of the system and its baseline at the measure's depth; nil leaves rule 2 out.
    ///   - minimumEffect: fixed before looking; 0.02 of nDCG@10 is what users may notice.
    /// - Throws: ``EvaluationError/minimumEffectOutOfRange(_:)``.
    public init(
        measure: String, system: String, baseline: String = "the first stage", comparison: PairedComparison,
        correctedP: Double? = nil, correctedOver: Int = 1, judged: JudgedCoverage? = nil, minimumEffect: Double = 0.02
    ) throws {
        guard minimumEffect > 0, minimumEffect.isFinite else {
            throw EvaluationError.minimumEffectOutOfRange(minimumEffect)
        }
        self.measure = measure
        self.system = system
        self.baseline = baseline
        self.comparison = comparison
        self.pValue = correctedP ?? comparison.randomisation.twoSided
        self.correctedOver = correctedOver
        self.minimumEffect = minimumEffect
        self.judged = judged
        outcome = Self.outcome(comparison, pValue: pValue, judged: judged, minimumEffect: minimumEffect)
    }

    private static func outcome(
        _ comparison: PairedComparison, pValue: Double, judged: JudgedCoverage?, minimumEffect: Double
    ) -> Outcome {
        let differing = comparison.units.nonTied
        if differing < RandomisationTest.fewestUnits {
            return .cannotTell(comparison.queries.nonTied == 0 ? .noDifference : .fewDifferences)
        }
        if let judged, judged.reverses(comparison.difference) { return .cannotTell(.unjudged) }
        guard let interval = comparison.interval, let interval90 = comparison.interval90 else {
            return .cannotTell(.fewForInterval)
        }
        if pValue <= level {
            if interval.lower > 0 { return .helps }
            if interval.upper < 0 { return .hurts }
        }
        if interval90.lower > -minimumEffect, interval90.upper < minimumEffect { return .noDifferenceThatMatters }
        return .cannotTell(.uncertain)
    }

    /// It helps or hurts, and the whole 95 % interval is nearer to 0 than ``minimumEffect``.
    public var isLessThanMatters: Bool {
        guard let interval = comparison.interval else { return false }
        return switch outcome {
        case .helps: interval.upper < minimumEffect
        case .hurts: interval.lower > -minimumEffect
        case .noDifferenceThatMatters, .cannotTell: false
        }
    }

    /// Units that would show ``minimumEffect`` with 80 % power; nil where too few differ to know the spread.
    public var unitsNeeded: Int? { comparison.unitsNeeded(toDetect: minimumEffect) }
}
