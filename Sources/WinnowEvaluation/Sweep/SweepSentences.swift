import WinnowCore

/// The words of a recommendation, for people who did not read how it was found.
struct SweepSentences {
    let settings: SweepSettings
    let measure: String
    let runs: [SweptRun]
    let cells: [SweptCell]
    /// Every run that could be chosen was timed, so that "cheapest" is the fastest.
    let isMeasured: Bool

    /// `m6 over 20 candidates`, or `no reranking over 20 candidates`.
    static func described(_ run: SweptRun) -> String {
        let unit = run.initialKUnit == .documents ? "document" : "candidate"
        return "\(SingleLine.of(run.name)) over \(run.initialK) \(unit)\(run.initialK == 1 ? "" : "s")"
    }

    /// Why the rule took this run.
    func chosen(_ choice: SweepChooser.Choice, _ toBest: PairedDifference) -> String {
        let (run, best) = (runs[choice.run], runs[choice.bestRun])
        let start = "Take \(Self.described(run)): its \(measure) of \(FigureText.fixed(run.quality, 3)) is "
        guard choice.run != choice.bestRun else {
            return start
                + (settings.rule == .best
                    ? "the best" : "the best, and nothing cheaper is within one standard error of it")
        }
        let error = toBest.standardError.map { ", standard error \(FigureText.fixed($0, 3))" } ?? ""
        return start + "within one standard error of the best, \(Self.described(best)) with "
            + "\(FigureText.fixed(best.quality, 3)) (difference \(FigureText.signed(toBest.mean))\(error))"
            + saving(run, best)
    }

    private func saving(_ run: SweptRun, _ best: SweptRun) -> String {
        let percentile = settings.percentile
        guard isMeasured, let mine = run.latency?.value(at: percentile),
            let theirs = best.latency?.value(at: percentile)
        else { return ", and it computes least" }
        // A final order costs nothing.
        guard mine != theirs else { return ", and of what costs the same it was named first" }
        return ", and it is the fastest such: \(percentile.rawValue) \(SweepText.duration(mine)) instead of "
            + SweepText.duration(theirs)
    }

    /// That the held-out queries agree.
    func holds(_ heldOut: HeldOutSweep) -> String {
        "on held-out queries choosing so gives \(FigureText.fixed(heldOut.expected, 3)), \(against(heldOut))"
    }

    /// That they do not, so that the first stage is left alone.
    func doesNotHold(_ choice: SweepChooser.Choice, _ heldOut: HeldOutSweep?) -> String {
        let run = runs[choice.run]
        let start =
            "Stay without reranking: \(Self.described(run)) has \(measure) \(FigureText.fixed(run.quality, 3)) here, "
            + "but "
        guard let heldOut else {
            return start + "all queries are one group, so nothing could be held out to confirm it"
        }
        return start
            + "held-out queries do not show that it helps: \(FigureText.fixed(heldOut.expected, 3)), "
            + against(heldOut)
    }

    private func against(_ heldOut: HeldOutSweep) -> String {
        let comparison = heldOut.comparison
        let interval = comparison.interval.map {
            ", 95 % interval \(FigureText.signed($0.lower)) to \(FigureText.signed($0.upper))"
        }
        return "\(FigureText.signed(comparison.difference)) against no reranking\(interval ?? "")"
    }

    /// Why so many are shown.
    func shown(_ cell: Int, best: Int) -> String {
        let (taken, most) = (cells[cell], cells[best])
        let start =
            "show at most \(taken.finalK)\(taken.threshold.map { " that reach \($0)" } ?? "") "
            + "(\(FigureText.fixed(taken.meanPassages, 1)) on average): "
        let found = "something relevant is among them for \(SweepText.percent(taken.success)) of the queries"
        guard cell == best else {
            return start + found + ", within one standard error of the \(SweepText.percent(most.success)) with "
                + "\(FigureText.fixed(most.meanPassages, 1)) passages"
        }
        guard cells.contains(where: { $0.run == taken.run && $0 != taken }) else { return start + found }
        return start + found
            + (settings.rule == .best
                ? ", and nothing finds it more often" : ", and no setting that shows less comes near")
    }
}
