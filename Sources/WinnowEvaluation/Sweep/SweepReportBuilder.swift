import WinnowCore

/// Turns the figures of a sweep into its report.
struct SweepReportBuilder {
    let settings: SweepSettings
    let measure: SweepMeasure
    let secondary: [SweepMeasure]
    let times: SweepTimes
    let sample: SweepSample
    let grid: SweepGrid
    /// Of all queries that count, on both sides of a split.
    let queryIDs: [String]
    let candidateCounts: [Int]

    func report() throws -> SweepReport {
        let groups = sample.groups(chosenOn: true)
        let runs = sweptRuns(on: groups)
        let cells = sweptCells()
        let choosing = SweepChoosing(
            settings: settings, measure: measure, grid: grid, runs: runs, cells: cells, groups: groups,
            sample: sample)
        let (recommendation, heldOut) = try choosing.recommend()
        return SweepReport(
            measure: measure.name, secondaryMeasures: secondary.map(\.name), level: settings.level,
            relevanceLevel: settings.relevanceLevel,
            percentile: settings.percentile, atMost: settings.atMost, rule: settings.rule,
            queryIDs: zip(queryIDs, sample.isChosenOn).filter(\.1).map(\.0), groupCount: groups.count, runs: runs,
            cells: cells, front: front(of: runs, on: groups), recommendation: recommendation, heldOut: heldOut,
            notes: notes(runs))
    }

    private func sweptRuns(on groups: [Int]) -> [SweptRun] {
        let queryCount = sample.isChosenOn.count { $0 }
        let values = grid.values.map { row in zip(row, sample.isChosenOn).filter(\.1).map(\.0) }
        let means = values.map { $0.reduce(0, +) / Double(queryCount) }
        var best = 0
        for run in means.indices where means[run] > means[best] { best = run }
        let firstStage = grid.deepestFirstStageRun
        let variants = settings.variants
        return grid.runs.indices.map { run in
            let key = grid.runs[run]
            let variant = key.variant == 0 ? nil : variants[key.variant - 1]
            let system = variant.map { settings.systems[$0.system].name }
            return SweptRun(
                system: system, order: variant?.order, initialK: key.initialK, initialKUnit: settings.initialKUnit,
                quality: means[run],
                secondary: grid.secondaryTotals[run].map { $0 / Double(queryCount) }, values: values[run],
                meanCandidates: Double(grid.candidateTotals[run]) / Double(queryCount),
                differenceToBest: grid.quality.difference(run, minus: best, on: groups),
                differenceToFirstStage: run == firstStage
                    ? nil : grid.quality.difference(run, minus: firstStage, on: groups),
                latency: LatencySummary(times.times(system: system, initialK: key.initialK)))
        }
    }

    private func sweptCells() -> [SweptCell] {
        let thresholds = [[nil]] + settings.variants.map { settings.thresholds(of: settings.systems[$0.system]) }
        return zip(grid.cells, grid.totals).map { key, totals in
            let count = Double(totals.queries)
            let unanswerable = totals.queries - totals.answerable
            let abstained = totals.queries - totals.answered
            func share(_ part: Int, of whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
            return SweptCell(
                run: key.run,
                threshold: thresholds[grid.runs[key.run].variant][key.threshold],
                finalK: key.finalK, quality: totals.quality / count, success: totals.success / count,
                recall: totals.recall / count,
                precision: totals.answered == 0 ? nil : totals.precision / Double(totals.answered),
                meanPassages: Double(totals.passages) / count, meanTokens: totals.tokens.map { Double($0) / count },
                abstained: Double(abstained) / count,
                abstainedAnswerable: share(totals.answerableAbstained, of: totals.answerable),
                abstainedUnanswerable: share(abstained - totals.answerableAbstained, of: unanswerable))
        }
    }

    private func front(of runs: [SweptRun], on groups: [Int]) -> [SweepReport.FrontPoint] {
        let measured = runs.indices.compactMap { run in
            runs[run].latency.map { (run: run, quality: runs[run].quality, cost: $0.value(at: settings.percentile)) }
        }
        let front = ParetoFront.indices(of: measured.map { ($0.quality, $0.cost) }).map { measured[$0].run }
        return front.indices.map { place in
            SweepReport.FrontPoint(
                run: front[place],
                differenceToNext: place + 1 < front.count
                    ? grid.quality.difference(front[place + 1], minus: front[place], on: groups) : nil)
        }
    }

    private func notes(_ runs: [SweptRun]) -> [String] {
        var notes: [String] = []
        func plural(_ count: Int, _ one: String, _ many: String) -> String {
            count == 1 ? "1 \(one)" : "\(count) \(many)"
        }
        if sample.unjudged > 0 {
            notes.append("\(plural(sample.unjudged, "query has", "queries have")) no judgement and are left out.")
        }
        if sample.unobserved > 0 {
            notes.append("\(plural(sample.unobserved, "judged query was", "judged queries were")) not observed.")
        }
        if sample.unassigned > 0 {
            notes.append("\(plural(sample.unassigned, "query is", "queries are")) on neither side of the split.")
        }
        if sample.groupSizes.count < sample.kept.count {
            notes.append(
                "The \(sample.kept.count) queries form \(plural(sample.groupSizes.count, "group", "groups")): errors "
                    + "and held-out queries go by groups.")
        }
        let most = candidateCounts.max() ?? 0
        if let over = settings.sweptInitialKs.first(where: { $0 > most }) {
            notes.append(
                "No query has more than "
                    + (settings.initialKUnit == .documents
                        ? plural(most, "document", "documents") : plural(most, "candidate", "candidates"))
                    + ": initialK \(over) changes nothing.")
        }
        let leftOut = Set(settings.initialKs).subtracting(settings.sweptInitialKs).sorted()
        if !leftOut.isEmpty {
            let list = leftOut.map(String.init).joined(separator: ", ")
            notes.append("initialK \(list) is under every finalK and left out.")
        }
        if let cutoff = measure.cutoff, let short = settings.sweptInitialKs.first(where: { $0 < cutoff }) {
            notes.append(
                "\(measure.name) looks at \(cutoff) places, of which initialK \(short) fills at most \(short).")
        }
        let unmeasured = runs.count { $0.latency == nil }
        if unmeasured > 0 {
            notes.append(
                "\(plural(unmeasured, "run of \(runs.count) has", "of \(runs.count) runs have")) no measured latency "
                    + "and cannot be on the front.")
        }
        if settings.percentile == .p95, runs.contains(where: { $0.latency.map { !$0.p95IsSupported } ?? false }) {
            notes.append("Some p95 come from fewer than 59 searches: too few to bound it; look at the maximum.")
        }
        return notes
    }
}

extension SweepGrid {
    /// The first stage alone over the most candidates: what a second stage is compared with.
    var deepestFirstStageRun: Int {
        runs.indices.last { runs[$0].variant == 0 } ?? 0
    }
}

extension LatencySummary {
    func value(at percentile: SweepSettings.Percentile) -> Duration {
        switch percentile {
        case .p50: p50
        case .p95: p95
        }
    }
}
