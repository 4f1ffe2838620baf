import WinnowCore

/// Whether a change may pass: a saved evaluation against the current one, for CI.
///
/// A rule fails when both hold: the mean fell by more than its margin, and the fall is significant, one-sided at 5 % by
/// the randomisation test of no difference. The margin is a bound on the loss that was seen, not the hypothesis of the
/// test: a loss that is real but within the margin passes, and so does one beyond it that may be chance, which is then
/// said. There is no correction over several rules, as a gate should rather look once too often.
public struct RegressionGate: Sendable, Hashable {
    /// One a rule, in their order.
    public let findings: [Finding]

    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        case passed
        case failed
        /// The loss is beyond the margin, and may be chance. The gate lets it pass.
        case couldNotTell
    }

    /// What one rule found.
    public struct Finding: Sendable, Hashable {
        public let rule: GateRule
        /// The saved evaluation is the baseline.
        public let comparison: PairedComparison
        public let outcome: Outcome

        /// One-sided: small when the measure fell.
        public var pValue: Double { comparison.randomisation.less }

        /// The true loss, as a positive number, that would have failed this rule eight times in ten; nil when so few
        /// units differ that their spread is not known.
        public var detectableLoss: Double? {
            guard comparison.units.nonTied >= RandomisationTest.fewestUnits else { return nil }
            return comparison.standardError.map {
                max(NormalDistribution.quantile(0.95) * $0, -rule.margin) + NormalDistribution.quantile(0.8) * $0
            }
        }
    }

    /// - Parameters:
    ///   - baseline: what was saved; its queries may stand in another order.
    ///   - current: what was measured now.
    /// - Throws: ``EvaluationError`` when the two have not the same queries, judgements, measures, level and kind of first
    ///   stage, or a value is none that its measure can have.
    public init(
        _ rules: [GateRule], baseline: GateSide, current: GateSide, options: PairedComparison.Options = .init()
    ) throws {
        guard baseline.qrelsDigest == current.qrelsDigest else {
            throw EvaluationError.gateQrelsDiffer(baseline: baseline.qrelsDigest, current: current.qrelsDigest)
        }
        try Self.checkSame(baseline.conditions, current.conditions)
        if let groups = current.groups, groups.count != current.queryIDs.count {
            throw EvaluationError.unequalGroups(queries: current.queryIDs.count, groups: groups.count)
        }
        let before = try baseline.places(side: Self.baselineName)
        let now = try current.places(side: Self.currentName)
        try Self.checkSame(before, now)
        // In the order of bytes, so that the means are trec_eval's.
        let order = now.sorted { $0.key.precedes($1.key) }
        let places = order.compactMap { id, place in before[id].map { (before: $0, now: place) } }
        let groups = current.groups.map { groups in places.map { groups[$0.now] } }
        findings = try rules.map { rule in
            let old = try baseline.values(of: rule.measure, side: Self.baselineName)
            let new = try current.values(of: rule.measure, side: Self.currentName)
            let comparison = try PairedComparison(
                baseline: places.map { old[$0.before] }, system: places.map { new[$0.now] }, groups: groups,
                options: options)
            return Finding(rule: rule, comparison: comparison, outcome: Self.outcome(rule, comparison))
        }
    }

    private static let baselineName = "baseline"
    private static let currentName = "current run"

    /// No rule failed.
    public var passes: Bool { !findings.contains { $0.outcome == .failed } }

    private static func outcome(_ rule: GateRule, _ comparison: PairedComparison) -> Outcome {
        guard comparison.difference < rule.margin - PairedComparison.tieTolerance else { return .passed }
        return comparison.randomisation.less <= Verdict.level ? .failed : .couldNotTell
    }

    private static func checkSame(_ before: GateSide.Conditions?, _ now: GateSide.Conditions?) throws {
        guard let before, let now else { return }
        guard before.level == now.level else {
            throw EvaluationError.gateConditionsDiffer(
                baseline: "\(before.level.rawValue)s (--level \(before.level.rawValue))",
                current: "\(now.level.rawValue)s (--level \(now.level.rawValue))")
        }
        guard before.firstStage == now.firstStage else {
            throw EvaluationError.gateConditionsDiffer(
                baseline: before.firstStage.inWords, current: now.firstStage.inWords)
        }
    }

    private static func checkSame(_ before: [ExactText: Int], _ now: [ExactText: Int]) throws {
        func missing(_ from: [ExactText: Int], in other: [ExactText: Int]) -> [String] {
            from.keys.filter { other[$0] == nil }.sorted { $0.precedes($1) }.map(\.text)
        }
        let onlyBefore = missing(before, in: now)
        let onlyNow = missing(now, in: before)
        guard onlyBefore.isEmpty, onlyNow.isEmpty else {
            throw EvaluationError.gateQueriesDiffer(
                onlyBaseline: Array(onlyBefore.prefix(3)), onlyCurrent: Array(onlyNow.prefix(3)),
                baselineCount: onlyBefore.count, currentCount: onlyNow.count)
        }
    }
}

extension RegressionGate.Finding {
    /// One line for a CI log: what happened, the evidence, and the loss that could have been seen.
    public var sentence: String {
        let facts =
            "\(FigureText.movement(of: rule.measure, comparison)) (\(FigureText.signed(comparison.difference)), "
            + "\(FigureText.chosen(rule.margin)) is allowed; one-sided \(FigureText.pValue(pValue)) over "
            + "\(FigureText.sample(comparison)); \(FigureText.tally(comparison)))"
        return switch outcome {
        case .failed: "failed: \(facts)."
        case .passed: "passed: \(facts). \(sight)"
        case .couldNotTell: "could not tell: \(facts): more than is allowed, and it may be chance. \(sight)"
        }
    }

    private var sight: String {
        if let detectableLoss {
            return "A true loss of \(FigureText.fixed(detectableLoss, 3)) would have failed eight times in ten."
        }
        let noun: FigureText.Noun = comparison.isGrouped ? .group : .query
        let differing = comparison.units.nonTied
        return differing == 0
            ? "No \(noun.one) changed."
            : "Only \(FigureText.count(differing, of: noun)) changed: too few to say what loss would have been seen."
    }
}
