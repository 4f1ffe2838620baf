import WinnowCore

/// Makes a report's parts from observations.
struct ReportBuilder {
    let input: EvaluationReport.Input
    let measures: [Measure]
    /// In the order of the queries' bytes, as measures are summed.
    let queries: [EvaluationQuery]
    let observations: [QueryObservation]
    let groups: [String?]?
    private let groupCount: Int
    private let options: PairedComparison.Options

    init(_ input: EvaluationReport.Input, groups: QueryGroups) throws {
        self.input = input
        var seen: Set<Measure> = []
        measures = input.measures.filter { seen.insert($0).inserted }
        guard let primary = measures.first, primary.kind != .judged else { throw EvaluationError.noPrimaryMeasure }
        guard !input.queries.isEmpty else { throw EvaluationError.nothingToCompare }
        guard input.queries.count == input.observations.count else {
            throw EvaluationError.unequalObservations(
                queries: input.queries.count, observations: input.observations.count)
        }
        let keys = input.queries.map { ExactText($0.id) }
        let order = keys.indices.sorted { keys[$0].precedes(keys[$1]) }
        queries = order.map { input.queries[$0] }
        observations = order.map { input.observations[$0] }
        self.groups = groups.labels.map { labels in order.map { labels[$0] } }
        groupCount = groups.labels.map { Set($0.map(ExactText.init)).count } ?? input.queries.count
        options = PairedComparison.Options(seed: input.provenance.seed)
    }

    private var primary: Measure { measures[0] }

    // MARK: Systems

    func systems() throws -> [EvaluationReport.System] {
        let firstRun = try run(name: input.firstStageName, by: nil)
        let first = try system(
            name: input.firstStageName, role: .firstStage, run: firstRun, scoring: nil, model: nil, first: nil)
        var systems = [first]
        for entry in input.systems {
            switch entry.order {
            case .scoring(let index, let model):
                systems.append(
                    try system(
                        name: entry.name, role: entry.role, run: try run(name: entry.name, by: index), scoring: index,
                        model: model, first: first))
            case .run(var run):
                run.name = entry.name
                systems.append(
                    try system(
                        name: entry.name, role: entry.role, run: run, scoring: nil, model: nil, first: first))
            }
        }
        let adjusted = Holm.adjusted(systems.dropFirst().map { $0.comparisons[0].randomisation.twoSided })
        for index in systems.indices.dropFirst() {
            systems[index].adjustedP = adjusted[index - 1]
            systems[index].verdict = try verdict(of: systems[index], first: first, compared: systems.count - 1)
        }
        return systems
    }

    private func run(name: String, by system: Int?) throws -> Run {
        var run = Run(name: name)
        for (query, observation) in zip(queries, observations) {
            let scored = system.map { !observation.scorings[$0].scores.isEmpty } ?? true
            let entries =
                scored
                ? try observation.entries(
                    by: system, finalK: input.settings.finalK ?? .max,
                    level: input.settings.level)
                : []
            try run.setEntries(entries, for: query.id)
        }
        return run
    }

    private func system(
        name: String, role: EvaluationReport.System.Role, run: Run, scoring: Int?, model: Trace.Model?,
        first: EvaluationReport.System?
    ) throws -> EvaluationReport.System {
        var wanted = measures
        if let condensed = primary.condensed { wanted.append(condensed) }
        let judged = judgedMeasure
        if let judged { wanted.append(judged) }
        let measured = try MeasuredRun(run, qrels: input.qrels, measures: wanted, over: queries.map(\.id))
        let comparisons = try first.map { first in
            try measures.map { measure in
                try PairedComparison(
                    baseline: first.measured.values(of: measure) ?? [], system: measured.values(of: measure) ?? [],
                    groups: groups, options: options)
            }
        }
        let scores = scoring.map { index in observations.flatMap { $0.scorings[index].scores } } ?? []
        var latencies: [EvaluationReport.Latency] = []
        if role == .firstStage || scoring != nil,
            let retrieval = LatencySummary(observations.map(\.retrievalTime)),
            observations.contains(where: { $0.retrievalTime > .zero })
        {
            latencies.append(.init(stage: "retrieve", summary: retrieval))
        }
        if let scoring {
            let asked = observations.filter { !$0.scorings[scoring].scores.isEmpty }
            let times = asked.map(\.scorings[scoring].time)
            if times.contains(where: { $0 > .zero }), let rerank = LatencySummary(times) {
                latencies.append(.init(stage: "rerank", summary: rerank))
                if let both = LatencySummary(asked.map { $0.retrievalTime + $0.scorings[scoring].time }) {
                    latencies.append(.init(stage: "total", summary: both))
                }
            }
        }
        let changed =
            first.map { changes(from: $0.measured, to: measured, scoring: scoring) } ?? (worse: [], better: [])
        return EvaluationReport.System(
            name: name, role: role, model: model, run: run, measured: measured,
            intervals: try measures.map {
                try Bootstrap.intervalOfMean(measured.values(of: $0) ?? [], groups: groups, options: options)
            },
            comparisons: comparisons ?? [], adjustedP: nil, verdict: nil,
            condensed: primary.condensed.flatMap(measured.mean), latencies: latencies,
            pairs: scores.reduce(0) { $0 + ($1 == nil ? 0 : 1) },
            truncatedPairs: scores.reduce(0) { $0 + (($1?.passageTokensDropped ?? 0) > 0 ? 1 : 0) },
            rankImprovement: try first.map { first in try rankImprovement(first.run, run, scoring: scoring) },
            unjudgedBounds: unjudgedBounds(run), regressions: changed.worse, improvements: changed.better,
            scoreDistributions: scoring.flatMap {
                ScoreDistributions(observations, system: $0, qrels: input.qrels, level: input.settings.level)
            },
            bestLogits: scoring.map(bestLogits) ?? [:])
    }

    private func bestLogits(_ scoring: Int) -> [ExactText: Float] {
        var best: [ExactText: Float] = [:]
        for observation in observations {
            best[ExactText(observation.id)] = observation.scorings[scoring].scores.compactMap { $0?.logit.value }.max()
        }
        return best
    }

    /// Judged@k at the primary measure's depth.
    private var judgedMeasure: Measure? { try? Measure(.judged, at: primary.cutoff) }

    private func verdict(
        of system: EvaluationReport.System, first: EvaluationReport.System, compared: Int
    ) throws -> Verdict {
        var coverage: JudgedCoverage?
        if let judgedMeasure, let cutoff = judgedMeasure.cutoff, let before = first.measured.mean(of: judgedMeasure),
            let after = system.measured.mean(of: judgedMeasure)
        {
            var difference: Double?
            if let condensedBefore = first.condensed, let condensedAfter = system.condensed {
                difference = condensedAfter - condensedBefore
            }
            coverage = JudgedCoverage(
                cutoff: cutoff, baseline: before, system: after, condensedDifference: difference)
        }
        return try Verdict(
            measure: primary.name, system: system.role == .reranked ? "Reranking" : system.name,
            baseline: first.name, comparison: system.comparisons[0], correctedP: system.adjustedP,
            correctedOver: compared, judged: coverage, minimumEffect: input.settings.minimumEffect)
    }

    private func rankImprovement(
        _ before: Run, _ after: Run, scoring: Int?
    ) throws -> (mean: Double?, first: Double?) {
        let improvements = try zip(queries, observations).map { query, observation in
            let displayed = try observation.order(by: nil, level: input.settings.level).map(\.id)
            let order =
                if let scoring {
                    observation.scorings[scoring].scores.isEmpty
                        ? [] : try observation.order(by: scoring, level: input.settings.level).map(\.id)
                } else { (after.entries(for: query.id) ?? []).map(\.documentID) }
            return RankImprovement(before: displayed, after: order, qrels: input.qrels, queryID: query.id)
        }
        return RankImprovement.means(improvements)
    }

    private func unjudgedBounds(_ run: Run) -> ClosedRange<Double>? {
        // Without a cutoff they cost the square of the list's length, and say little: all the rest may be relevant.
        guard primary.kind == .nDCG, !primary.judgedOnly, let cutoff = primary.cutoff, cutoff <= 1000 else {
            return nil
        }
        let ranges = queries.map {
            UnjudgedBounds(run, qrels: input.qrels, queryID: $0.id, cutoff: primary.cutoff, gain: primary.gain).range
        }
        let count = Double(ranges.count)
        let lower = ranges.reduce(0) { $0 + $1.lowerBound } / count
        return lower...max(lower, ranges.reduce(0) { $0 + $1.upperBound } / count)
    }

    // MARK: Ceilings and slices

    func ceilings(of systems: [EvaluationReport.System]) throws -> [EvaluationReport.Ceiling] {
        let recall = try Measure(.setRecall)
        var (found, oracle) = (Run(name: input.firstStageName), Run(name: "oracle"))
        for (query, observation) in zip(queries, observations) {
            let candidates = try observation.entries(by: nil, level: input.settings.level)
            try found.setEntries(candidates, for: query.id)
            // The best order of the candidates; unjudged ones last.
            let entries = candidates.map { entry in
                Run.Entry(
                    documentID: entry.documentID,
                    score: Float(input.qrels.grade(of: entry.documentID, for: query.id) ?? -1))
            }
            try oracle.setEntries(entries, for: query.id)
        }
        var perfect = Run(name: "ideal")
        for query in queries {
            let entries = input.qrels.judgements(of: query.id).map {
                Run.Entry(documentID: $0.documentID, score: Float($0.grade))
            }
            try perfect.setEntries(entries, for: query.id)
        }
        let measuredIdeal = try MeasuredRun(
            perfect, qrels: input.qrels, measures: [primary], over: queries.map(\.id))
        let measuredOracle = try MeasuredRun(
            oracle, qrels: input.qrels, measures: [primary], over: queries.map(\.id))
        let recalled = try MeasuredRun(
            found, qrels: input.qrels, measures: [recall], over: queries.map(\.id))
        guard let best = measuredOracle.values(of: primary), let ideal = measuredIdeal.values(of: primary),
            let recalls = recalled.values(of: recall)
        else {
            return []
        }
        let answerable = queries.indices.filter { !input.qrels.relevant(to: queries[$0].id).isEmpty }
        guard !answerable.isEmpty else { return [] }
        let candidateRecall = answerable.reduce(0) { $0 + recalls[$1] } / Double(answerable.count)
        return try systems.filter { $0.role == .firstStage || !$0.latencies.isEmpty || $0.pairs > 0 }.map { system in
            EvaluationReport.Ceiling(
                system: system.name,
                quality: try QualityCeiling(
                    values: answerable.map { (system.measured.values(of: primary) ?? best)[$0] },
                    oracle: answerable.map { best[$0] }, ideal: answerable.map { ideal[$0] }),
                queries: answerable.count,
                candidateRecall: candidateRecall)
        }
    }

    func slices(of systems: [EvaluationReport.System]) throws -> [EvaluationReport.Slice] {
        try input.sliceFields.flatMap { field in
            let values = queries.map { $0.metadata[field].flatMap(QueryGroups.text) }
            guard values.contains(where: { $0 != nil }) else {
                throw EvaluationError.noQueryHasField(field, known: QueryGroups.fields(of: queries))
            }
            var members: [ExactText: [Int]] = [:]
            for (index, value) in values.enumerated() {
                members[ExactText(value ?? "(none)"), default: []].append(index)
            }
            return try members.sorted { $0.key.precedes($1.key) }.map { value, indices in
                func picked(_ system: EvaluationReport.System) -> [Double] {
                    let values = system.measured.values(of: primary) ?? []
                    return indices.map { values[$0] }
                }
                let baseline = picked(systems[0])
                return EvaluationReport.Slice(
                    field: field, value: value.text, queries: indices.count,
                    means: systems.map { picked($0).reduce(0, +) / Double(indices.count) },
                    comparisons: try systems.dropFirst().map {
                        try PairedComparison(
                            baseline: baseline, system: picked($0),
                            groups: groups.map { groups in indices.map { groups[$0] } }, options: options)
                    })
            }
        }
    }

    // MARK: Counts and warnings

    func counts(_ systems: [EvaluationReport.System]) -> EvaluationReport.Counts {
        let judgements = queries.flatMap { input.qrels.judgements(of: $0.id) }
        return EvaluationReport.Counts(
            queries: queries.count, judgedQueries: input.judgedQueries, groups: groupCount,
            withoutRelevant: systems[0].measured.withoutRelevant.count, documents: input.documents,
            passages: input.passages, judgements: judgements.count,
            relevant: judgements.reduce(0) { $0 + ($1.grade >= 1 ? 1 : 0) },
            withoutCandidates: observations.reduce(0) { $0 + ($1.candidates.isEmpty ? 1 : 0) })
    }

    func warnings(
        _ systems: [EvaluationReport.System], _ counts: EvaluationReport.Counts, _ settings: EvaluationReport.Settings
    ) -> [String] {
        var warnings: [String] = []
        if counts.withoutRelevant > 0 {
            warnings.append(
                FigureText.count(counts.withoutRelevant, of: .query)
                    + " without a relevant document count 0 in every system, as trec_eval counts them")
        }
        if counts.withoutCandidates > 0 {
            warnings.append(
                "the first stage found nothing at all for \(FigureText.count(counts.withoutCandidates, of: .query)): they count 0"
            )
        }
        for system in systems where !system.measured.unanswered.isEmpty && system.role == .further {
            warnings.append(
                "\(system.name) has no document for \(FigureText.count(system.measured.unanswered.count, of: .query)): they "
                    + "count 0")
        }
        if let judgedMeasure, let share = systems.compactMap({ $0.measured.mean(of: judgedMeasure) }).min(),
            share < 0.5,
            let cutoff = judgedMeasure.cutoff
        {
            let marksIrrelevant = queries.contains { query in
                input.qrels.judgements(of: query.id).contains { $0.grade < 1 }
            }
            warnings.append(
                marksIrrelevant
                    ? "few of the documents ranked high were ever judged (Judged@\(cutoff) as low as "
                        + "\(FigureText.percent(share))): what is not judged counts as not relevant, so figures are lower "
                        + "bounds and compare systems only as far as the judgements go (Documentation/test-sets.md)"
                    : "the judgements name relevant documents only, and what they do not name counts as not relevant: figures "
                        + "are lower bounds (Documentation/test-sets.md)")
        }
        if settings.groupBy != nil, groupCount < queries.count {
            warnings.append(
                "\(FigureText.count(queries.count, of: .query)) are \(FigureText.count(groupCount, of: .group)) by "
                    + "\(settings.groupBy ?? ""): intervals and p-values count groups")
        }
        for system in systems where system.truncatedPairs > 0 {
            warnings.append(
                "\(system.name) did not read \(FigureText.grouped(system.truncatedPairs)) of "
                    + "\(FigureText.grouped(system.pairs)) passages to their end")
        }
        if settings.firstStage == "judged" {
            warnings.append(
                "the candidates are the judged documents: easier than searching all of them, so these figures compare "
                    + "rerankers and promise nothing for a search")
        }
        return warnings
    }
}
