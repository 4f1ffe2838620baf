import WinnowCore

/// Finds the settings of a two-stage search from one pass of scoring: every pair is scored once, at the largest
/// initialK, and smaller settings are read off as prefixes.
///
/// ```swift
/// let sweep = Sweep(settings, measure: SweepMeasure(.primaryDefault, qrels: qrels), qrels: qrels, times: times)
/// let report = try sweep.report(on: observations, groups: threads)
/// ```
public struct Sweep: Sendable {
    public var settings: SweepSettings
    public var measure: SweepMeasure
    /// Further measures of each run, to look at: they have no part in the choice, and nothing is claimed of them.
    public var secondary: [SweepMeasure]
    public var qrels: Qrels
    public var times: SweepTimes

    /// - Parameters:
    ///   - measure: decides which system over how many candidates.
    ///   - qrels: decide what is relevant in what is shown; of documents or passages, as the settings' level says.
    ///   - times: measured searches, from which the latencies are taken; none are made up.
    public init(
        _ settings: SweepSettings, measure: SweepMeasure, secondary: [SweepMeasure] = [], qrels: Qrels,
        times: SweepTimes = SweepTimes()
    ) {
        self.settings = settings
        self.measure = measure
        self.secondary = secondary
        self.qrels = qrels
        self.times = times
    }

    /// Computes everything. Deterministic; the order of the observations changes nothing.
    ///
    /// Queries without judgements are left out and counted in the notes. Judged queries that were not observed are not
    /// counted as failures: give an observation without candidates for a query on which the first stage failed.
    ///
    /// - Parameters:
    ///   - observations: of every system, over at least the largest initialK candidates where there are as many.
    ///   - groups: the label of each observation's group (a thread, a contract), in their order, compared by bytes; a
    ///     query without one is a group by itself. Queries of a group resemble each other and are held out together.
    /// - Throws: ``EvaluationError/sweep(_:)`` for settings that make no sense, observations that lack a system, and
    ///   queries without any judgement; `SearchError` for a score that is not finite.
    /// - Complexity: one ranking a query and system, one measurement a query, system, initialK and threshold.
    public func report(on observations: [QueryObservation], groups: [String?]? = nil) throws -> SweepReport {
        try settings.validate()
        let sample = try SweepSample(observations, groups: groups, qrels: qrels, check: settings.check)
        let queries = try sample.kept.map { try SweepQuery(observations[$0], qrels: qrels, settings: settings) }
        let grid = try SweepGrid(
            queries, settings: settings, measure: measure, secondary: secondary, groups: sample.groups,
            groupSizes: sample.groupSizes,
            counts: sample.isChosenOn)
        let builder = SweepReportBuilder(
            settings: settings, measure: measure, secondary: secondary, times: times, sample: sample, grid: grid,
            queryIDs: queries.map(\.id), candidateCounts: queries.map { ($0.depths.max() ?? -1) + 1 })
        return try builder.report()
    }
}
