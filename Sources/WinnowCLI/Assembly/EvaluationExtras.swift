import Winnow

/// What a report shows beside the measures, from the same observations: smaller settings, and what the scores would be worth as
/// probabilities. Nothing is run or kept for it; `winnow sweep` and `winnow calibrate` do it in full.
struct EvaluationExtras {
    /// Nil without a reranker, or where the settings leave nothing to choose.
    var sweep: SweepReport?
    /// Nil where there are too few labels.
    var calibration: CalibrationReport?
    var riskCoverage: RiskCoverage?

    private static let initialKs = [5, 10, 20, 50, 100]
    private static let finalKs = [1, 3, 5, 10]

    init(_ input: EvaluationReport.Input, initialKUnit: InitialKUnit, measure: Measure, seed: UInt64) {
        let rerankers = input.systems.compactMap { system -> SweepSettings.System? in
            guard case .scoring(let index, _) = system.order else { return nil }
            return SweepSettings.System(
                name: system.name, scoring: index,
                orders: [input.observations.first?.scorings[index].order ?? .reranker])
        }
        guard let first = rerankers.first,
            let groups = try? QueryGroups(input.queries, qrels: input.qrels, by: input.groups)
        else { return }
        if input.settings.firstStage != "judged", input.settings.firstStage != "logged" {
            sweep = try? Self.sweep(input, initialKUnit, measure, rerankers, groups, seed)
        }
        let labels = LabelChoice.fitting(input.observations, input.qrels, input.settings.level)
        let labelled = try? input.observations.enumerated().map { index, observation in
            try LabelledQuery(
                observation, system: first.scoring, qrels: input.qrels, labels: labels, level: input.settings.level,
                group: groups.labels?[index])
        }
        guard let labelled else { return }
        calibration = try? Calibrator(seed: seed).fit(
            labelled,
            settings: CalibrationSettings(
                collection: input.provenance.collection, firstStage: input.settings.firstStage,
                chunking: input.settings.chunking ?? "none", initialK: input.settings.initialK, labels: labels,
                level: input.settings.level))
        riskCoverage = calibration == nil ? nil : RiskCoverage(labelled)
    }

    private static func sweep(
        _ input: EvaluationReport.Input, _ initialKUnit: InitialKUnit, _ measure: Measure,
        _ systems: [SweepSettings.System], _ groups: QueryGroups,
        _ seed: UInt64
    ) throws -> SweepReport {
        let deepest = input.settings.initialK
        let settings = SweepSettings(
            initialKs: initialKs.filter { $0 < deepest } + [deepest], initialKUnit: initialKUnit,
            finalKs: finalKs.filter { $0 <= deepest },
            systems: systems, level: input.settings.level, percentile: .p50, check: .folds(seed: seed),
            minimumEffect: input.settings.minimumEffect)
        // Only the largest setting was timed.
        var times = SweepTimes()
        let asked = input.observations.filter { !$0.candidates.isEmpty }
        times.set(asked.map(\.retrievalTime), system: nil, initialK: deepest)
        for system in systems {
            times.set(
                asked.map { $0.retrievalTime + $0.scorings[system.scoring].time }, system: system.name,
                initialK: deepest)
        }
        return try Sweep(settings, measure: SweepMeasure(measure, qrels: input.qrels), qrels: input.qrels, times: times)
            .report(on: input.observations, groups: groups.labels)
    }
}
