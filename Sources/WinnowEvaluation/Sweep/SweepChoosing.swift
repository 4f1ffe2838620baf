import WinnowCore

/// Chooses the setting to recommend, tries that way of choosing on held-out queries, and says why.
struct SweepChoosing {
    let settings: SweepSettings
    let measure: SweepMeasure
    let grid: SweepGrid
    let runs: [SweptRun]
    let cells: [SweptCell]
    /// Those to choose on.
    let groups: [Int]
    let sample: SweepSample

    func recommend() throws -> (SweepRecommendation, HeldOutSweep?) {
        let eligible = cheapestFirst(runs.indices.filter(keepsBudget))
        let chooser = SweepChooser(grid: grid, rule: settings.rule)
        guard let choice = chooser.choose(among: eligible, on: groups) else { return (nothingFits(), nil) }
        let heldOut = try heldOut(chooser, choice, eligible)
        let sentences = SweepSentences(
            settings: settings, measure: measure.name, runs: runs, cells: cells,
            isMeasured: eligible.allSatisfy { runs[$0].latency != nil })
        func recommend(_ outcome: SweepRecommendation.Outcome, _ taken: SweepChooser.Choice, _ reason: String)
            -> SweepRecommendation
        {
            let shown = sentences.shown(taken.cell, best: taken.bestCell)
            return SweepRecommendation(
                outcome: outcome, cell: taken.cell, run: taken.run, chosenByRule: choice.run, best: choice.bestRun,
                reason: reason + "; " + shown + ".")
        }
        let toBest = grid.quality.difference(choice.run, minus: choice.bestRun, on: groups)
        if runs[choice.run].system == nil {
            return (recommend(.firstStage, choice, sentences.chosen(choice, toBest)), heldOut)
        }
        if let heldOut, heldOut.verdict.outcome == .helps {
            return (
                recommend(.rerank, choice, sentences.chosen(choice, toBest) + "; " + sentences.holds(heldOut)), heldOut
            )
        }
        // What cannot be shown to help on queries that it did not see is not worth its time.
        let firstStage = runs.indices.filter { runs[$0].system == nil }
        let within = eligible.filter { runs[$0].system == nil }
        guard let fallback = chooser.choose(among: within.isEmpty ? cheapestFirst(firstStage) : within, on: groups)
        else { return (nothingFits(), heldOut) }
        return (recommend(.firstStage, fallback, sentences.doesNotHold(choice, heldOut)), heldOut)
    }

    private func keepsBudget(_ run: Int) -> Bool {
        guard let atMost = settings.atMost else { return true }
        return runs[run].latency.map { $0.value(at: settings.percentile) <= atMost } ?? false
    }

    /// By latency where all were measured, else by what must be computed: the first stage alone, then by initialK; what costs the
    /// same in the order in which it was named.
    private func cheapestFirst(_ indices: [Int]) -> [Int] {
        let isMeasured = indices.allSatisfy { runs[$0].latency != nil }
        func work(_ run: Int) -> (Int, Int, Int) {
            let key = grid.runs[run]
            return (key.variant == 0 ? 0 : 1, key.initialK, key.variant)
        }
        return indices.sorted { left, right in
            if isMeasured, let one = runs[left].latency?.value(at: settings.percentile),
                let other = runs[right].latency?.value(at: settings.percentile), one != other
            {
                return one < other
            }
            return work(left) < work(right)
        }
    }

    private func nothingFits() -> SweepRecommendation {
        let percentile = settings.percentile
        let budget = settings.atMost.map(SweepText.duration) ?? "any time"
        let measured = runs.compactMap { run in run.latency.map { (run, $0.value(at: percentile)) } }
        let reason: String
        if let fastest = measured.min(by: { $0.1 < $1.1 }) {
            reason =
                "No setting was measured to keep \(percentile.rawValue) within \(budget): the fastest, "
                + "\(SweepSentences.described(fastest.0)), takes \(SweepText.duration(fastest.1))."
        } else {
            reason = "No latency was measured, so no setting is known to keep \(percentile.rawValue) within \(budget)."
        }
        return SweepRecommendation(
            outcome: .nothingFits, cell: nil, run: nil, chosenByRule: nil, best: nil, reason: reason)
    }

    private func heldOut(
        _ chooser: SweepChooser, _ choice: SweepChooser.Choice, _ eligible: [Int]
    ) throws -> HeldOutSweep? {
        let method: HeldOutSweep.Method
        let tried: HeldOutChoice
        switch settings.check {
        case .folds(let folds, let partitions, let seed):
            guard
                let result = HeldOutChoice(
                    chooser, among: eligible, groups: sample.groups, folds: folds, partitions: partitions, seed: seed)
            else { return nil }
            method = .folds(min(folds, sample.groupSizes.count), partitions: partitions, seed: seed)
            tried = result
        case .split:
            let reporting = sample.groups(chosenOn: false)
            tried = HeldOutChoice(
                chooser, among: eligible, groups: sample.groups,
                splits: [.init(chooseOn: groups, reportOn: reporting)])
            method = .split(
                chosenOn: sample.isChosenOn.count { $0 }, reportedOn: sample.isChosenOn.count { !$0 })
        }
        guard !tried.queries.isEmpty else { return nil }
        let values = tried.averages(of: grid.values)
        let comparison = try PairedComparison(
            baseline: firstStage(grid.values, tried), system: values,
            groups: tried.queries.map { String(sample.groups[$0]) })
        let verdict = try Verdict(
            measure: measure.name, system: "The setting chosen this way", baseline: SweepSettings.firstStageName,
            comparison: comparison, judged: coverage(tried), minimumEffect: settings.minimumEffect)
        let choices = tried.timesChosen.indices.filter { tried.timesChosen[$0] > 0 }
            .sorted { (tried.timesChosen[$1], $0) < (tried.timesChosen[$0], $1) }
            .map { HeldOutSweep.Choice(run: $0, share: Double(tried.timesChosen[$0]) / Double(tried.choices)) }
        return HeldOutSweep(
            method: method, apparent: runs[choice.run].quality, expected: values.reduce(0, +) / Double(values.count),
            apparentSuccess: cells[choice.cell].success, expectedSuccess: tried.success,
            expectedPassages: tried.passages, choices: choices, comparison: comparison,
            verdict: verdict)
    }

    private func firstStage(_ values: [[Double]], _ tried: HeldOutChoice) -> [Double] {
        tried.queries.map { values[grid.deepestFirstStageRun][$0] }
    }

    private func coverage(_ tried: HeldOutChoice) -> JudgedCoverage? {
        guard let coverage = measure.coverage else { return nil }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        return JudgedCoverage(
            cutoff: coverage.cutoff, baseline: mean(firstStage(grid.judged, tried)),
            system: mean(tried.averages(of: grid.judged)),
            condensedDifference: mean(tried.averages(of: grid.condensed)) - mean(firstStage(grid.condensed, tried)))
    }
}
