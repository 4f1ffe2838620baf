/// What a way of choosing is worth on queries that had no part in the choice.
struct HeldOutChoice {
    /// Queries on which a choice was tried that they had no part in.
    private(set) var queries: [Int] = []
    /// For each of ``queries``, the share of the choices tried on it that each run had.
    private(set) var shares: [[Double]] = []
    /// Likewise the share of its queries with a relevant item shown, and the passages shown a query.
    private(set) var success = 0.0
    private(set) var passages = 0.0
    /// How often each run was chosen.
    private(set) var timesChosen: [Int]
    /// Choices made in all.
    private(set) var choices = 0

    /// Cross-validation: choose on all folds but one, record the values on that one, over several random partitions.
    ///
    /// - Returns: nil under two groups, as there is nothing to choose on then.
    init?(
        _ chooser: SweepChooser, among runs: [Int], groups: [Int], folds: Int, partitions: Int, seed: UInt64
    ) {
        let groupCount = chooser.grid.quality.sizes.count
        guard groupCount >= 2, !runs.isEmpty else { return nil }
        var generator = SplitMix64(seed: seed)
        var splits: [Split] = []
        for _ in 0..<partitions {
            let parts = Self.partition(chooser.grid.quality.sizes, folds: min(folds, groupCount), using: &generator)
            for held in parts.indices {
                let rest = parts.indices.filter { $0 != held }.flatMap { parts[$0] }.sorted()
                splits.append(Split(chooseOn: rest, reportOn: parts[held]))
            }
        }
        self.init(chooser, among: runs, groups: groups, splits: splits)
    }

    struct Split {
        var chooseOn: [Int]
        var reportOn: [Int]
    }

    /// - Parameters:
    ///   - groups: of each query.
    ///   - splits: of groups; each is chosen on and reported on by itself.
    init(_ chooser: SweepChooser, among runs: [Int], groups: [Int], splits: [Split]) {
        let grid = chooser.grid
        var members: [[Int]] = Array(repeating: [], count: grid.quality.sizes.count)
        for (query, group) in groups.enumerated() { members[group].append(query) }
        let none = [Double](repeating: 0, count: grid.runs.count)
        var counts = Array(repeating: none, count: groups.count)
        var total = 0.0
        timesChosen = Array(repeating: 0, count: grid.runs.count)
        for split in splits {
            guard let choice = chooser.choose(among: runs, on: split.chooseOn) else { continue }
            timesChosen[choice.run] += 1
            choices += 1
            for group in split.reportOn {
                success += grid.success.sums[choice.cell][group]
                passages += grid.shown.sums[choice.cell][group]
                total += Double(members[group].count)
                for query in members[group] { counts[query][choice.run] += 1 }
            }
        }
        for (query, row) in counts.enumerated() {
            let tried = row.reduce(0, +)
            guard tried > 0 else { continue }
            queries.append(query)
            shares.append(row.map { $0 / tried })
        }
        if total > 0 {
            success /= total
            passages /= total
        }
    }

    /// What was chosen without the query, by ``queries``, averaged over the choices.
    ///
    /// - Parameter values: by run, then by query.
    func averages(of values: [[Double]]) -> [Double] {
        zip(queries, shares).map { query, row in
            row.indices.reduce(0) { row[$1] > 0 ? $0 + row[$1] * values[$1][query] : $0 }
        }
    }

    /// Whole groups in random order, each into the fold that has the fewest queries so far: no fold is empty, and folds
    /// are as equal as the groups allow.
    static func partition(
        _ sizes: [Int], folds: Int, using generator: inout some RandomNumberGenerator
    ) -> [[Int]] {
        var parts: [[Int]] = Array(repeating: [], count: folds)
        var queries = [Int](repeating: 0, count: folds)
        for group in sizes.indices.shuffled(using: &generator) {
            var smallest = 0
            for fold in parts.indices where queries[fold] < queries[smallest] { smallest = fold }
            parts[smallest].append(group)
            queries[smallest] += sizes[group]
        }
        return parts.map { $0.sorted() }
    }
}
