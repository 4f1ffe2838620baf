/// Chooses a setting by figures on some of the groups.
///
/// Two questions, each asked of the figure that can answer it. *Which system over how many candidates* is asked of the
/// primary measure of the whole ranking: what is shown of it would say nothing, as all systems show the same when
/// finalK reaches initialK. *How much of it to show* is asked of Success of what is shown, within the chosen run: a
/// measure at a fixed cutoff does not see finalK.
struct SweepChooser {
    let grid: SweepGrid
    let rule: SweepSettings.Rule

    struct Choice: Hashable {
        var run: Int
        var cell: Int
        /// The best run, whatever it costs.
        var bestRun: Int
        /// The cell of ``run`` that shows a relevant item most often, with as few passages as that takes.
        var bestCell: Int
    }

    /// - Parameters:
    ///   - runs: those that may be chosen, cheapest first.
    ///   - groups: the groups to choose on.
    /// - Returns: nil when no run may be chosen.
    func choose(among runs: [Int], on groups: [Int]) -> Choice? {
        guard let cheapest = runs.first else { return nil }
        let means = runs.map { grid.quality.mean(of: $0, on: groups) }
        var (best, bestMean) = (cheapest, -Double.infinity)
        for (run, mean) in zip(runs, means) where mean > bestMean + PairedDifference.tie {
            (best, bestMean) = (run, mean)
        }
        var run = best
        if rule == .oneStandardError {
            run = runs.first { isWithin($0, best, grid.quality, groups) } ?? best
        }
        let (cell, bestCell) = chooseShown(of: run, on: groups)
        return Choice(run: run, cell: cell, bestRun: best, bestCell: bestCell)
    }

    private func chooseShown(of run: Int, on groups: [Int]) -> (cell: Int, best: Int) {
        let cells = grid.cellsOfRun[run]
        let successes = cells.map { grid.success.mean(of: $0, on: groups) }
        let shown = cells.map { grid.shown.mean(of: $0, on: groups) }
        func isBetter(_ left: Int, _ right: Int, first: [Double], second: [Double]) -> Bool {
            first[left] != first[right] ? first[left] > first[right] : second[left] > second[right]
        }
        let fewest = shown.map { -$0 }
        var best = 0
        for index in cells.indices.map({ $0 - cells.lowerBound })
        where isBetter(index, best, first: successes, second: fewest) {
            best = index
        }
        guard rule == .oneStandardError else { return (cells.lowerBound + best, cells.lowerBound + best) }
        var chosen = best
        for index in successes.indices
        where isBetter(index, chosen, first: fewest, second: successes)
            && isWithin(cells.lowerBound + index, cells.lowerBound + best, grid.success, groups)
        {
            chosen = index
        }
        return (cells.lowerBound + chosen, cells.lowerBound + best)
    }

    private func isWithin(_ setting: Int, _ best: Int, _ values: GroupedValues, _ groups: [Int]) -> Bool {
        setting == best || values.difference(setting, minus: best, on: groups).isWithinOneError
    }
}
