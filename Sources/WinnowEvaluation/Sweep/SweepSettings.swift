import WinnowCore

/// Which settings a sweep tries, and how it chooses among them.
///
/// The grid is system × final order × initialK × threshold × finalK; the first stage alone ("no reranking") always takes part,
/// without a threshold, as it has no score that one could be set on. A finalK above an initialK shows no more than that
/// initialK does, and is left out; so is an initialK that fills no finalK.
public struct SweepSettings: Sendable {
    /// How many candidates the first stage hands on, each at least 1, counted as ``initialKUnit`` says.
    public var initialKs: [Int]
    public var initialKUnit: InitialKUnit
    /// How many passages are shown at most, each at least 1.
    public var finalKs: [Int]
    /// What a passage must reach to be shown; nil: everything is. For systems without ``System/thresholds`` of their
    /// own.
    public var thresholds: [Ranking.Threshold?]
    /// The second stages that are compared.
    public var systems: [System]
    /// What the systems' final orders stand on, for systems without ``System/orders`` of their own. A blend's weight is chosen like
    /// an initialK: on queries that had no part in it. Orders cost the same, so of those that cannot be told apart the one named
    /// first is taken.
    public var orders: [FinalOrder]
    /// What is ranked and judged: documents, each at its best passage, or passages.
    public var level: QueryObservation.Level
    /// From this grade on, at least 1, a judged item counts as relevant in what is shown (trec_eval's `-l`).
    public var relevanceLevel: Int
    /// Which percentile of the service time stands for "latency" on the front and in the choice.
    public var percentile: Percentile
    /// Settings whose latency is over this, or was not measured, are not recommended; nil: no limit. Where reranking
    /// does not hold on held-out queries the first stage alone is recommended, measured or not: there is nothing
    /// faster.
    public var atMost: Duration?
    public var rule: Rule
    public var check: Check
    /// The least difference of the primary measure that matters, above 0, for the held-out verdict.
    public var minimumEffect: Double

    public init(
        initialKs: [Int], initialKUnit: InitialKUnit = .passages, finalKs: [Int],
        thresholds: [Ranking.Threshold?] = [nil], systems: [System], orders: [FinalOrder] = [.reranker],
        level: QueryObservation.Level = .document,
        relevanceLevel: Int = 1, percentile: Percentile = .p95,
        atMost: Duration? = nil, rule: Rule = .oneStandardError, check: Check = .folds(),
        minimumEffect: Double = 0.02
    ) {
        self.initialKs = initialKs
        self.initialKUnit = initialKUnit
        self.finalKs = finalKs
        self.thresholds = thresholds
        self.systems = systems
        self.orders = orders
        self.level = level
        self.relevanceLevel = relevanceLevel
        self.percentile = percentile
        self.atMost = atMost
        self.rule = rule
        self.check = check
        self.minimumEffect = minimumEffect
    }

    /// What an initialK counts.
    public enum InitialKUnit: String, Sendable {
        case passages
        /// As a run of documents is cut: all passages of its first documents are candidates (``RunSource``).
        case documents
    }

    /// A second stage.
    public struct System: Sendable {
        /// As tables and recommendations name it; no two alike.
        public var name: String
        /// Which of ``QueryObservation/scorings`` is its word.
        public var scoring: Int
        /// Its own thresholds, as logits are comparable only within one model; nil: those of the settings.
        public var thresholds: [Ranking.Threshold?]?
        /// Its own final orders; nil: those of the settings.
        public var orders: [FinalOrder]?
        /// Its calibration, without which no threshold on a probability can be applied.
        public var probability: (@Sendable (Logit) -> Probability?)?

        public init(
            name: String, scoring: Int, thresholds: [Ranking.Threshold?]? = nil, orders: [FinalOrder]? = nil,
            probability: (@Sendable (Logit) -> Probability?)? = nil
        ) {
            self.name = name
            self.scoring = scoring
            self.thresholds = thresholds
            self.orders = orders
            self.probability = probability
        }
    }

    public enum Percentile: String, Sendable, CaseIterable {
        case p50, p95
    }

    /// How one setting is chosen from figures on the same queries.
    public enum Rule: String, Sendable, CaseIterable {
        /// The cheapest whose paired difference to the best is within one standard error of that difference (Breiman et
        /// al. 1984, with the difference's own error instead of the mean's, which is far too lax for paired values).
        case oneStandardError = "one-standard-error"
        /// The best, whatever it costs.
        case best
    }

    /// How the value of a choice is learnt from queries that had no part in it.
    public enum Check: Sendable, Hashable {
        /// Folds of whole groups: choose on all but one, record the values on that one; repeated over random
        /// partitions.
        case folds(Int = 5, partitions: Int = 20, seed: UInt64 = 1)
        /// Choose on some queries, report on others. No group may have queries on both sides.
        case split(chooseOn: [String], reportOn: [String])
    }
}

extension SweepSettings {
    /// What the first stage alone is called where systems are named.
    public static let firstStageName = "no reranking"

    /// Increasing and without repeats: those that fill at least the smallest finalK.
    var sweptInitialKs: [Int] { Array(Set(initialKs)).sorted().filter { $0 >= sortedFinalKs.first ?? 1 } }
    var sortedFinalKs: [Int] { Array(Set(finalKs)).sorted() }

    /// A system's thresholds without repeats, in the order given.
    func thresholds(of system: System) -> [Ranking.Threshold?] {
        var kept: [Ranking.Threshold?] = []
        for threshold in system.thresholds ?? thresholds where !kept.contains(threshold) { kept.append(threshold) }
        return kept
    }

    /// Each system in each of its orders, in the order given, none twice.
    var variants: [Variant] {
        systems.indices.flatMap { system in
            var kept: [FinalOrder] = []
            for order in systems[system].orders ?? orders where !kept.contains(order) { kept.append(order) }
            return kept.map { Variant(system: system, order: $0) }
        }
    }

    /// A system in one of its orders.
    struct Variant: Hashable {
        /// Into ``SweepSettings/systems``.
        var system: Int
        var order: FinalOrder
    }

    /// - Throws: ``EvaluationError/sweep(_:)`` for settings that make no sense, and a threshold on a probability that nothing gives;
    ///   `SearchError` for an order that cannot be computed.
    public func validate() throws {
        func refuse(_ problem: SweepProblem) throws { throw EvaluationError.sweep(problem) }
        guard relevanceLevel >= 1 else {
            return try refuse(.notPositive(parameter: "relevance level", value: relevanceLevel))
        }
        for (parameter, values) in [("initialK", initialKs), ("finalK", finalKs)] {
            guard let least = values.min() else { return try refuse(.emptyList(parameter: parameter)) }
            guard least >= 1 else { return try refuse(.notPositive(parameter: parameter, value: least)) }
        }
        let smallestFinalK = finalKs.min() ?? 1
        let largestInitialK = initialKs.max() ?? 1
        guard smallestFinalK <= largestInitialK else {
            return try refuse(.finalKOverInitialK(finalK: smallestFinalK, initialK: largestInitialK))
        }
        var names: Set<ExactText> = [ExactText(Self.firstStageName)]
        for system in systems {
            guard !system.name.isEmpty, names.insert(ExactText(system.name)).inserted else {
                return try refuse(.systemName(system.name))
            }
            let thresholds = thresholds(of: system)
            guard !thresholds.isEmpty else { return try refuse(.emptyList(parameter: "threshold")) }
            let orders = system.orders ?? orders
            guard !orders.isEmpty else { return try refuse(.emptyList(parameter: "order")) }
            for order in orders { try order.validate() }
            for threshold in thresholds {
                if case .probability? = threshold, system.probability == nil {
                    return try refuse(.notCalibrated(system: system.name))
                }
            }
        }
        guard minimumEffect > 0, minimumEffect.isFinite else {
            throw EvaluationError.minimumEffectOutOfRange(minimumEffect)
        }
        switch check {
        case .folds(let folds, let partitions, _):
            guard folds >= 2 else { return try refuse(.tooFewFolds(folds)) }
            guard partitions >= 1 else { return try refuse(.notPositive(parameter: "partitions", value: partitions)) }
        case .split(let chooseOn, let reportOn):
            guard !chooseOn.isEmpty else { return try refuse(.emptyList(parameter: "queries to choose on")) }
            guard !reportOn.isEmpty else { return try refuse(.emptyList(parameter: "queries to report on")) }
        }
    }
}
