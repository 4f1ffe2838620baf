import WinnowCore

/// A threshold with what can be promised of it, or why none can be.
///
/// The promise, Learn-then-Test (Angelopoulos and others 2021) with exact binomial bounds: for questions like these, with
/// probability ``confidence`` over the choice of the labelled ones, the target holds.
public struct ThresholdChoice: Sendable, Hashable {
    public var target: ThresholdTarget
    public var confidence: Double
    public var verdict: Verdict
    /// Every threshold looked at, strict to lax.
    public var steps: [Step]
    /// Queries that proposed the thresholds, and those on which they were tested.
    public var tuningQueries: Int
    public var testQueries: Int
    /// Independent groups of the latter. A test takes one query, drawn at random, of each.
    public var testGroups: Int
    public var seed: UInt64

    public enum Verdict: Sendable, Hashable {
        case guaranteed(Guarantee)
        case notGuaranteed(Shortfall)
    }

    public struct Guarantee: Sendable, Hashable {
        /// A logit: ``Ranking/Threshold/logit(_:)`` of it is what the promise is of.
        public var threshold: Float
        /// The same as a probability, to be read. Where an isotonic map is level, holding hits against it lets more pass than
        /// the logit does.
        public var probability: Probability?
        /// The rate is at least this much, with the choice's confidence.
        public var bound: Double
        /// On which the bound rests.
        public var trials: BinomialProportion
        /// What the threshold does to all test queries.
        public var point: OperatingPoint
        /// ``OperatingPoint/precision(unanswerableShare:)`` at the share that was asked for.
        public var precisionAtShare: Double?
        /// Of all passages shown, not only the first: an estimate, no guarantee.
        public var shown: ShownPassages?
    }

    public struct Shortfall: Sendable, Hashable {
        public var reason: Reason = .notShown
        /// The most trials that a threshold had.
        public var trials: Int
        /// Without one error so many would be needed.
        public var leastTrials: Int
        /// About how many are needed at the best rate seen, with 80 % power; nil when no rate seen is over the target.
        public var neededTrials: Int?
        /// About how many labelled queries give them, the half that proposes thresholds included.
        public var neededQueries: Int?
        /// The best rate seen at a threshold of at least ten trials, on all queries.
        public var bestRate: Double?
    }

    /// Why there is no promise.
    public enum Reason: String, Sendable, Hashable {
        /// No threshold's trials show the target.
        case notShown
        /// The target is of questions without an answer, and there are none: nothing was tested.
        case noUnanswerable
    }

    /// One threshold's test.
    public struct Step: Sendable, Hashable {
        public var threshold: Float
        public var trials: BinomialProportion
        public var bound: Double
        public var outcome: Outcome
    }

    public enum Outcome: String, Sendable, Hashable {
        /// So few answers that not even perfect ones would show the target.
        case tooFew
        /// On the tuning half it had no fair chance to pass.
        case passedOver
        case passed
        case failed
        /// Behind the first failure: testing on would void the promise.
        case untested
    }

    /// The threshold as a search takes it; nil when there is none.
    public var threshold: Ranking.Threshold? {
        guard case .guaranteed(let guarantee) = verdict else { return nil }
        return .logit(guarantee.threshold)
    }
}

extension ThresholdChoice: CustomStringConvertible {
    /// The promise in a sentence, or what is missing for one.
    public var description: String {
        switch verdict {
        case .guaranteed(let found):
            let probability = found.probability.map { " (probability \(Calibrator.fixed($0.value)))" } ?? ""
            return "logit:\(found.threshold)\(probability) gives \(target.inWords) of at least "
                + "\(Self.percent(found.bound)) with \(Self.percent(confidence)) confidence "
                + "(\(found.trials.successes) of \(found.trials.trials) right); it answers "
                + "\(Self.percent(found.point.coverage ?? 0)) of the questions"
        case .notGuaranteed(let short):
            let unit = if case .precision = target { "answers" } else { "unanswerable questions" }
            var text =
                "no threshold can be guaranteed to give \(target.inWords) of at least \(Self.percent(target.rate)) with "
                + "\(tuningQueries + testQueries) labelled queries (\(short.trials) \(unit) to test it on): "
            if case .abstention = target, short.reason == .noUnanswerable {
                return
                    "no threshold can be found for \(target.inWords) of at least \(Self.percent(target.rate)): abstaining can "
                    + "only be tested on questions without an answer, and none of the \(tuningQueries + testQueries) labelled "
                    + "queries is one; add such questions (near misses are the honest ones) and mark them unanswerable"
            }
            if let needed = short.neededTrials, let queries = short.neededQueries {
                guard Power.isRealistic(Double(queries), beside: tuningQueries + testQueries) else {
                    return text
                        + "at the rates seen, no set of questions of realistic size would show it; they are too near to the "
                        + "target, or too few questions are answered there: a lower target or a better reranker helps"
                }
                // The threshold that promises most may be one that few questions reach.
                text +=
                    "at the rates seen, about \(queries) labelled queries would show it in four cases of five (\(needed) "
                    + "\(unit) to test it on\(needed <= short.trials ? ", at a higher threshold" : ""))"
            } else if let best = short.bestRate {
                text +=
                    "the best rate seen is \(Self.percent(best)) of few, which leaves no room above the target: more questions help "
                    + "only if the true rate is higher, else a better reranker or a lower target does"
            } else {
                text += "at least \(short.leastTrials) \(unit) are needed, all of them right"
            }
            return text
        }
    }

    private static func percent(_ share: Double) -> String {
        // Down, so that a bound never looks better than it is.
        let tenths = Int((share * 1000 + 1e-9).rounded(.down))
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }
}
