import WinnowCore

/// Chooses the laxest threshold of which a target can be promised.
///
/// Half of the groups propose at most twenty thresholds; on the other half they are tested from strict to lax, each with a
/// Clopper-Pearson bound, until the first failure. Testing in a fixed order needs no correction for many tests; the best of
/// twenty bounds would promise nothing.
public struct ThresholdChooser: Sendable, Hashable {
    public var target: ThresholdTarget
    public var confidence: Double
    /// Also state the precision among questions of which this share has no answer.
    public var unanswerableShare: Double?
    /// Passages that a user is shown at most, for ``ShownPassages``; 0 leaves that estimate out.
    public var finalK: Int
    public var seed: UInt64

    public init(
        target: ThresholdTarget, confidence: Double = 0.95, unanswerableShare: Double? = nil, finalK: Int = 5,
        seed: UInt64 = 1
    ) {
        self.target = target
        self.confidence = confidence
        self.unanswerableShare = unanswerableShare
        self.finalK = finalK
        self.seed = seed
    }

    /// As many thresholds are looked at.
    public static let mostThresholds = 20

    /// - Parameters:
    ///   - queries: in any order. Of a group of queries that depend on one another one counts, drawn at random.
    ///   - map: states the threshold as a probability too.
    /// - Throws: ``EvaluationError`` when the target or a share is out of range, a label contradicts itself, or all queries
    ///   are one group. That no threshold passes is no error, nor that there is no unanswerable question to test an
    ///   abstention on: see ``ThresholdChoice/verdict``.
    public func choose(_ queries: [LabelledQuery], map: CalibrationMap? = nil) throws -> ThresholdChoice {
        try target.validate()
        guard confidence > 0, confidence < 1 else {
            throw EvaluationError.targetOutOfRange(name: "confidence", rate: confidence)
        }
        if let share = unanswerableShare, !(share >= 0 && share <= 1) {
            throw EvaluationError.targetOutOfRange(name: "share of unanswerable questions", rate: share)
        }
        try LabelledQuery.validate(queries)
        let queries = queries.map { (key: ExactText($0.id), query: $0) }
            .sorted { $0.key.precedes($1.key) }.map(\.query)
        let split = GroupSplit(queries, parts: 2, seed: seed) { !$0.answerable }
        guard split.groupCount >= 2 else { throw EvaluationError.tooFewGroups(groups: split.groupCount, folds: 2) }
        let tuning = queries.indices.filter { split.part[$0] == 0 }.map { queries[$0] }
        let test = queries.indices.filter { split.part[$0] == 1 }.map { queries[$0] }

        if case .abstention = target, queries.allSatisfy(\.answerable) {
            let least = BinomialProportion.leastTrials(toShow: target.rate, confidence: confidence) ?? .max
            return ThresholdChoice(
                target: target, confidence: confidence,
                verdict: .notGuaranteed(.init(reason: .noUnanswerable, trials: 0, leastTrials: least)), steps: [],
                tuningQueries: tuning.count, testQueries: test.count,
                testGroups: Set(test.map { ExactText($0.group) }).count, seed: seed)
        }
        let tuningUnits = units(tuning)
        let testUnits = units(test)
        let thresholds = proposals(tuning)
        let proposed = thresholds.map { proportion($0, tuningUnits) }
        let tested = thresholds.map { proportion($0, testUnits) }
        let steps = fixedSequence(thresholds, proposed: proposed, tested: tested)
        let verdict =
            steps.last { $0.outcome == .passed }
            .map { ThresholdChoice.Verdict.guaranteed(guarantee($0, test, map)) }
            ?? .notGuaranteed(shortfall(thresholds, proposed: proposed, tested: tested, test))
        return ThresholdChoice(
            target: target, confidence: confidence, verdict: verdict, steps: steps, tuningQueries: tuning.count,
            testQueries: test.count, testGroups: Set(test.map { ExactText($0.group) }).count, seed: seed)
    }

    /// One query of each group, drawn without a look at its logits: an exact bound needs independent trials.
    private func units(_ queries: [LabelledQuery]) -> [LabelledQuery] {
        let counted = queries.filter { if case .abstention = target { !$0.answerable } else { true } }
        var groups: [ExactText: [LabelledQuery]] = [:]
        for query in counted { groups[ExactText(query.group), default: []].append(query) }
        var random = SplitMix64(seed: seed &+ 1)
        return groups.sorted { $0.key.precedes($1.key) }.map { $0.value[random.index(below: $0.value.count)] }
    }

    /// What the target counts at a threshold.
    private func proportion(_ threshold: Float, _ units: [LabelledQuery]) -> BinomialProportion {
        let point = OperatingPoint(threshold: threshold, units)
        return switch target {
        case .precision: BinomialProportion(successes: point.correct, trials: point.answered)
        case .abstention:
            BinomialProportion(
                successes: point.unanswerable - point.unanswerableAnswered, trials: point.unanswerable)
        }
    }

    /// Strict to lax, each a top logit of the tuning half.
    private func proposals(_ tuning: [LabelledQuery]) -> [Float] {
        let tops = tuning.compactMap { $0.topLogit }.sorted(by: >)
        guard !tops.isEmpty else { return [] }
        var thresholds: [Float] = []
        func add(_ threshold: Float) {
            if thresholds.last.map({ threshold < $0 }) ?? true { thresholds.append(threshold) }
        }
        switch target {
        case .precision:
            for level in 1...Self.mostThresholds { add(tops[(level * tops.count - 1) / Self.mostThresholds]) }
        case .abstention(let rate):
            // Only the unanswerable questions' own logits matter: five thresholds above them all, then those that let a few of
            // them through, up to somewhat more than the target allows.
            let wrong = tuning.filter { !$0.answerable }.compactMap { $0.topLogit }.sorted(by: >)
            let above = tops.filter { $0 > wrong.first ?? -.infinity }
            for level in 1...5 where !above.isEmpty { add(above[(level * above.count - 1) / 5]) }
            let allowed = min(wrong.count, Int((1 - rate) * Double(wrong.count) * 1.5) + 1)
            let rest = Self.mostThresholds - thresholds.count
            for level in 0..<min(rest, allowed) {
                let refused = wrong[level * allowed / min(rest, allowed)]
                // The laxest threshold that still refuses it.
                add(tops.last { $0 > refused } ?? refused.nextUp)
            }
        }
        return thresholds
    }

    private func fixedSequence(
        _ thresholds: [Float], proposed: [BinomialProportion], tested: [BinomialProportion]
    ) -> [ThresholdChoice.Step] {
        let least = BinomialProportion.leastTrials(toShow: target.rate, confidence: confidence) ?? .max
        let start = firstFair(proposed)
        var hasFailed = false
        return thresholds.indices.map { index in
            let outcome: ThresholdChoice.Outcome
            if index < start {
                outcome = .passedOver
            } else if hasFailed {
                outcome = .untested
            } else if tested[index].trials < least {
                outcome = .tooFew
            } else if tested[index].shows(rateOfAtLeast: target.rate, confidence: confidence) {
                outcome = .passed
            } else {
                outcome = .failed
                hasFailed = true
            }
            return ThresholdChoice.Step(
                threshold: thresholds[index], trials: tested[index],
                bound: tested[index].lowerBound(confidence: confidence), outcome: outcome)
        }
    }

    /// Where the tests begin: with the best chance to pass, by the tuning half, which may choose that freely. From the strictest
    /// threshold on, one error in its few answers would fail and end everything.
    private func firstFair(_ proposed: [BinomialProportion]) -> Int {
        guard case .precision(let rate) = target else { return 0 }
        let power = proposed.map { seen in
            BinomialProportion.power(
                trials: seen.trials, toShow: rate,
                // Rule of succession: nothing is perfect because few trials were.
                truth: Double(seen.successes + 1) / Double(seen.trials + 2), confidence: confidence)
        }
        return power.indices.max { power[$0] < power[$1] || (power[$0] == power[$1] && $0 > $1) } ?? 0
    }

    private func guarantee(
        _ step: ThresholdChoice.Step, _ test: [LabelledQuery], _ map: CalibrationMap?
    ) -> ThresholdChoice.Guarantee {
        let point = OperatingPoint(threshold: step.threshold, test)
        return ThresholdChoice.Guarantee(
            threshold: step.threshold, probability: map?.probability(of: Logit(step.threshold)), bound: step.bound,
            trials: step.trials, point: point,
            precisionAtShare: unanswerableShare.flatMap { point.precision(unanswerableShare: $0) },
            shown: ShownPassages(threshold: step.threshold, finalK: finalK, test, seed: seed))
    }

    private func shortfall(
        _ thresholds: [Float], proposed: [BinomialProportion], tested: [BinomialProportion], _ test: [LabelledQuery]
    ) -> ThresholdChoice.Shortfall {
        var shortfall = ThresholdChoice.Shortfall(
            trials: tested.map(\.trials).max() ?? 0,
            leastTrials: BinomialProportion.leastTrials(toShow: target.rate, confidence: confidence) ?? .max)
        for (first, second) in zip(proposed, tested) {
            let trials = first.trials + second.trials
            guard trials >= 10 else { continue }
            let rate = Double(first.successes + second.successes) / Double(trials)
            shortfall.bestRate = max(shortfall.bestRate ?? 0, rate)
            // Cautious where all were right: one more trial, and a wrong one.
            let truth = min(rate, Double(trials) / Double(trials + 1))
            guard
                let needed = BinomialProportion.trials(toShow: target.rate, truth: truth, confidence: confidence),
                second.trials > 0
            else { continue }
            let queries = 2 * Double(needed) * Double(test.count) / Double(second.trials)
            if queries < Double(shortfall.neededQueries ?? .max) {
                shortfall.neededTrials = needed
                shortfall.neededQueries = Int(queries.rounded(.up))
            }
        }
        return shortfall
    }
}
