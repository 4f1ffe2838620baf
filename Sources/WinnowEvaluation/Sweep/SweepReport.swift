import WinnowCore

/// All that a sweep found, as a terminal, a page or a program shows it.
public struct SweepReport: Sendable {
    /// The primary measure's name, such as `nDCG@10`.
    public let measure: String
    /// Names of the other measures of each run, in the order of ``SweptRun/secondary``.
    public let secondaryMeasures: [String]
    public let level: QueryObservation.Level
    /// From this grade on an item counts as relevant in what is shown.
    public let relevanceLevel: Int
    /// What "latency" means on ``front`` and in ``recommendation``.
    public let percentile: SweepSettings.Percentile
    /// The budget, if there is one.
    public let atMost: Duration?
    public let rule: SweepSettings.Rule
    /// The judged queries that ``runs`` and ``cells`` are computed on, in the order of their ids' bytes: all that were
    /// observed, or those to choose on where the queries are split.
    public let queryIDs: [String]
    /// Units that were sampled: groups of queries, or single ones.
    public let groupCount: Int
    /// Every system in every order at every initialK, the first stage alone first.
    public let runs: [SweptRun]
    /// What is shown of each run, by threshold and finalK, in the order of ``runs``.
    public let cells: [SweptCell]
    /// Runs that no other one beats in both ``measure`` and latency, fastest first. Only runs whose latency was
    /// measured.
    public let front: [FrontPoint]
    public let recommendation: SweepRecommendation
    /// Nil where nothing could be held out (all queries are one group) or no setting may be chosen.
    public let heldOut: HeldOutSweep?
    /// What a reader should know before taking the figures at their word, one sentence each.
    public let notes: [String]

    /// What to weigh when choosing how much of a run to show: its settings of threshold and finalK that no other one
    /// beats in both Success and passages shown, fewest passages first.
    ///
    /// - Parameter run: into ``runs``.
    /// - Returns: indices into ``cells``.
    public func shownFront(of run: Int) -> [Int] {
        let indices = cells.indices.filter { cells[$0].run == run }
        return ParetoFront.indices(of: indices.map { (cells[$0].success, cells[$0].meanPassages) }).map { indices[$0] }
    }

    /// A place on the Pareto front.
    public struct FrontPoint: Sendable, Hashable {
        /// Into ``SweepReport/runs``.
        public let run: Int
        /// Of the next point, which is slower, minus this one, in the primary measure; nil for the last.
        public let differenceToNext: PairedDifference?

        /// Whether the next point's quality can be told from this one's: if not, the step up the front may be chance.
        public var isToldApartFromNext: Bool { differenceToNext?.isToldApart ?? true }
    }
}

/// One system, in one final order, over the first initialK candidates, everything that is ranked counted: no threshold, no finalK.
public struct SweptRun: Sendable, Hashable {
    /// Nil: the first stage alone.
    public let system: String?
    /// What the final order stands on; nil for the first stage alone.
    public let order: FinalOrder?
    public let initialK: Int
    public let initialKUnit: SweepSettings.InitialKUnit
    /// Mean of the primary measure over the queries.
    public let quality: Double
    /// Means of the secondary measures, as ``SweepReport/secondaryMeasures`` names them.
    public let secondary: [Double]
    /// The primary measure of each query, in the order of ``SweepReport/queryIDs``.
    public let values: [Double]
    /// Candidates (passages) a query: fewer than ``initialK`` where the first stage found fewer, more where that counts
    /// documents.
    public let meanCandidates: Double
    /// To the best run; at most 0.
    public let differenceToBest: PairedDifference
    /// To the first stage alone over the most candidates; nil for that itself.
    public let differenceToFirstStage: PairedDifference?
    /// Of the whole search, measured at this initialK; nil where it was not.
    public let latency: LatencySummary?

    /// The system's name, with its order where that is not the reranker's own; or what the first stage alone is called.
    public var name: String {
        guard let system else { return SweepSettings.firstStageName }
        guard let order, order != .reranker else { return system }
        return "\(system), \(order)"
    }
}

/// What the user gets at one setting: of the ranking of the first initialK candidates, those that reach the threshold,
/// and of these the first finalK. Counted as the pipeline counts, in passages; a document is shown when a passage of it
/// is.
public struct SweptCell: Sendable, Hashable {
    /// Into ``SweepReport/runs``: the system, its order and the initialK.
    public let run: Int
    public let threshold: Ranking.Threshold?
    public let finalK: Int
    /// Mean of the primary measure over the whole ranking of what reaches the threshold. Does not depend on ``finalK``.
    public let quality: Double
    /// Share of queries with at least one relevant item among what is shown: Success@finalK.
    public let success: Double
    /// Mean share of a query's relevant items that are shown, 0 for a query without any: R@finalK.
    public let recall: Double
    /// Mean share of the passages shown that are relevant or belong to a relevant document, over the queries with
    /// something shown; nil when there is none. What nobody judged counts as not relevant.
    public let precision: Double?
    /// Passages shown a query.
    public let meanPassages: Double
    /// Tokens shown a query; nil unless every candidate came with its tokens.
    public let meanTokens: Double?
    /// Share of queries with nothing shown.
    public let abstained: Double
    /// The same among queries with, and among queries without, a relevant item in the judgements; nil when there are
    /// none.
    public let abstainedAnswerable: Double?
    public let abstainedUnanswerable: Double?
}

/// The setting to take, and why.
public struct SweepRecommendation: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable {
        case rerank
        /// Leave it at the first stage: nothing was better, or it did not hold on held-out queries.
        case firstStage = "no-reranking"
        /// No setting was measured to keep the latency budget.
        case nothingFits = "nothing-fits"
    }

    public let outcome: Outcome
    /// Into ``SweepReport/cells``; nil when nothing fits.
    public let cell: Int?
    /// Into ``SweepReport/runs``; nil when nothing fits.
    public let run: Int?
    /// The run that the rule chose from the figures alone, before the held-out comparison had its say.
    public let chosenByRule: Int?
    /// The best run within the budget, whatever it costs.
    public let best: Int?
    /// One sentence.
    public let reason: String
}

/// What this way of choosing is worth on queries that it did not see.
///
/// Judged is the rule by itself, as it chooses among all settings that keep the budget. That "no reranking" stays
/// unless ``verdict`` says *helps* comes on top of it. Under folds each query's value is the mean over the partitions;
/// as the choices share most of their queries, the interval knows nothing of how the choice itself would vary.
public struct HeldOutSweep: Sendable, Hashable {
    public enum Method: Sendable, Hashable {
        /// Whole groups are held out; every query once in each partition.
        case folds(Int, partitions: Int, seed: UInt64)
        case split(chosenOn: Int, reportedOn: Int)
    }

    public let method: Method
    /// The primary measure of the rule's choice on the queries on which it was chosen: flattered by the choice.
    public let apparent: Double
    /// The primary measure to expect of choosing in this way: that on queries which had no part in the choice.
    public let expected: Double
    /// Success of what is shown, likewise.
    public let apparentSuccess: Double
    public let expectedSuccess: Double
    /// Passages shown a query, on held-out queries.
    public let expectedPassages: Double
    /// How often each run was chosen, most often first: if no run stands out, the choice is a toss-up.
    public let choices: [Choice]
    /// The choice against the first stage alone, over the held-out queries.
    public let comparison: PairedComparison
    /// The word on ``comparison``.
    public let verdict: Verdict

    public struct Choice: Sendable, Hashable {
        /// Into ``SweepReport/runs``.
        public let run: Int
        /// In 0…1.
        public let share: Double
    }

    /// What the choice promises and does not keep.
    public var gap: Double { apparent - expected }
}
