import WinnowCore

/// All figures of a sweep: one pass over the queries fills them, and everything else is computed from them.
struct SweepGrid {
    /// A system in one order over the first initialK candidates, without a threshold: what the primary measure depends on.
    struct RunKey {
        /// 0: the first stage alone; else the place in ``SweepSettings/variants``, from 1.
        var variant: Int
        var initialK: Int
        /// The place of ``initialK`` in ``SweepSettings/sweptInitialKs``.
        var depth: Int
    }

    /// What is shown of a run.
    struct CellKey {
        var run: Int
        /// Into the system's thresholds.
        var threshold: Int
        var finalK: Int
    }

    let runs: [RunKey]
    let cells: [CellKey]
    let cellsOfRun: [Range<Int>]
    /// The primary measure by run, then by query.
    private(set) var values: [[Double]]
    private(set) var quality: GroupedValues
    /// Judged@k and the condensed measure, likewise; empty where the measure has no coverage.
    private(set) var judged: [[Double]] = []
    private(set) var condensed: [[Double]] = []
    /// Whether a relevant item is shown, by cell.
    private(set) var success: GroupedValues
    /// Passages shown, by cell.
    private(set) var shown: GroupedValues
    private(set) var totals: [CellTotals]
    /// Candidates that take part, by run, in all queries that count.
    private(set) var candidateTotals: [Int]
    /// Sums of the secondary measures, by run, over the same queries.
    private(set) var secondaryTotals: [[Double]]

    /// Sums over the queries on which settings are chosen.
    struct CellTotals {
        var queries = 0
        var quality = 0.0
        var success = 0.0
        var recall = 0.0
        var precision = 0.0
        var answered = 0
        var passages = 0
        var tokens: Int? = 0
        var answerable = 0
        var answerableAbstained = 0
    }

    /// - Parameters:
    ///   - groups: the group of each query, from 0 to `groupSizes.count` − 1.
    ///   - counts: whether a query is among those on which settings are chosen.
    init(
        _ queries: [SweepQuery], settings: SweepSettings, measure: SweepMeasure, secondary: [SweepMeasure],
        groups: [Int], groupSizes: [Int],
        counts: [Bool]
    ) throws {
        var runs: [RunKey] = []
        var cells: [CellKey] = []
        var cellsOfRun: [Range<Int>] = []
        let variants = settings.variants
        for variant in 0...variants.count {
            let thresholdCount =
                variant == 0 ? 1 : settings.thresholds(of: settings.systems[variants[variant - 1].system]).count
            for (depth, initialK) in settings.sweptInitialKs.enumerated() {
                let first = cells.count
                for threshold in 0..<thresholdCount {
                    for finalK in settings.sortedFinalKs where finalK <= initialK {
                        cells.append(CellKey(run: runs.count, threshold: threshold, finalK: finalK))
                    }
                }
                cellsOfRun.append(first..<cells.count)
                runs.append(RunKey(variant: variant, initialK: initialK, depth: depth))
            }
        }
        self.runs = runs
        self.cells = cells
        self.cellsOfRun = cellsOfRun
        values = Array(repeating: Array(repeating: 0, count: queries.count), count: runs.count)
        if measure.coverage != nil {
            judged = values
            condensed = values
        }
        quality = GroupedValues(settings: runs.count, sizes: groupSizes)
        success = GroupedValues(settings: cells.count, sizes: groupSizes)
        shown = GroupedValues(settings: cells.count, sizes: groupSizes)
        totals = Array(repeating: CellTotals(), count: cells.count)
        candidateTotals = Array(repeating: 0, count: runs.count)
        secondaryTotals = Array(repeating: Array(repeating: 0, count: secondary.count), count: runs.count)
        for (index, query) in queries.enumerated() {
            for run in runs.indices {
                try add(query, index, group: groups[index], run: run, measure, secondary, counts: counts[index])
            }
        }
    }

    private mutating func add(
        _ query: SweepQuery, _ index: Int, group: Int, run: Int, _ measure: SweepMeasure,
        _ secondary: [SweepMeasure], counts: Bool
    ) throws {
        let order = query.order(of: runs[run])
        let all = order.candidates.indices.filter {
            query.depths[order.candidates[$0]] < runs[run].initialK
        }
        let ids = query.measuredIDs(order, places: all)
        let whole = try value(measure.value, ids, query.id, measure.name)
        values[run][index] = whole
        if let coverage = measure.coverage {
            judged[run][index] = try value(coverage.judged, ids, query.id, "Judged@\(coverage.cutoff)")
            condensed[run][index] = try value(coverage.condensed, ids, query.id, measure.name + " of judged items")
        }
        quality.add(whole, setting: run, group: group)
        if counts {
            candidateTotals[run] += all.count
            for (place, measure) in secondary.enumerated() {
                secondaryTotals[run][place] += try value(measure.value, ids, query.id, measure.name)
            }
        }

        // Thresholds often let the same candidates pass: what reaches one is then the start of the order.
        var known: [Int: Double] = [all.count: whole]
        for threshold in order.reaches.indices {
            let places = all.filter { order.reaches[threshold][$0] }
            let isStart = places.elementsEqual(all.prefix(places.count))
            let passing: Double
            if isStart, let value = known[places.count] {
                passing = value
            } else {
                passing = try value(
                    measure.value, query.measuredIDs(order, places: places), query.id, measure.name)
                if isStart { known[places.count] = passing }
            }
            show(query, order, places, passing, run: run, threshold: threshold, group: group, counts: counts)
        }
    }

    private func value(
        _ measure: SweepMeasure.Value, _ ids: [String], _ queryID: String, _ name: String
    ) throws -> Double {
        let value = try measure(ids, queryID)
        guard value.isFinite else {
            throw EvaluationError.sweep(.measureNotFinite(measure: name, queryID: queryID, value: value))
        }
        return value
    }

    /// Walks once down what can be shown and notes the figures at each finalK.
    private mutating func show(
        _ query: SweepQuery, _ order: SweepQuery.Order, _ places: [Int], _ quality: Double, run: Int, threshold: Int,
        group: Int, counts: Bool
    ) {
        var (relevantPassages, found, tokens, next) = (0, 0, 0, 0)
        var isSeen = [Bool](repeating: false, count: query.unitIDs.count)
        for cell in cellsOfRun[run] where cells[cell].threshold == threshold {
            let count = min(places.count, cells[cell].finalK)
            while next < count {
                let candidate = order.candidates[places[next]]
                let unit = query.unitOf[candidate]
                if query.isRelevant[unit] {
                    relevantPassages += 1
                    if !isSeen[unit] { found += 1 }
                    isSeen[unit] = true
                }
                tokens += query.tokens?[candidate] ?? 0
                next += 1
            }
            let isSuccess = found > 0 ? 1.0 : 0
            success.add(isSuccess, setting: cell, group: group)
            shown.add(Double(count), setting: cell, group: group)
            guard counts else { continue }
            totals[cell].queries += 1
            totals[cell].quality += quality
            totals[cell].success += isSuccess
            totals[cell].passages += count
            if let sum = totals[cell].tokens {
                totals[cell].tokens = query.tokens == nil ? nil : sum + tokens
            }
            if count > 0 {
                totals[cell].answered += 1
                totals[cell].precision += Double(relevantPassages) / Double(count)
            }
            if query.relevantCount > 0 {
                totals[cell].recall += Double(found) / Double(query.relevantCount)
                totals[cell].answerable += 1
                if count == 0 { totals[cell].answerableAbstained += 1 }
            }
        }
    }
}
