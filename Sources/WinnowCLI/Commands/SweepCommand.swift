import ArgumentParser
import Winnow
import WinnowIngest

struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Find the settings: how many candidates, how many results, which threshold, order and reranker.",
        usage: "winnow sweep <folder> [<options>]",
        discussion: """
            Scores each pair once, over the largest --initial-k, and reads all smaller settings off that one pass; latencies are \
            measured, not scaled. Shows quality against latency, the settings that nothing betters in both, and one \
            recommendation with its reason.

            Among many settings one looks best by luck, so choosing is tried on queries that had no part in it: in five folds, \
            twenty times over, or on another split with --choose-on. "No reranking" is recommended unless reranking helps there.

            Examples:
              winnow sweep Examples/support-kb
              winnow sweep scifact --store scifact.sqlite --initial-k 10,20,50 --at-most 300ms
              winnow sweep kb --store kb.sqlite --thresholds none,logit:-4..4:2 --html sweep.html
              winnow sweep kb --store kb.sqlite --order reranker,blend:0.1..0.9:0.2,rrf
              winnow sweep policyqa --choose-on dev --split test --system other=models/other
            """)

    @OptionGroup var collection: CollectionOptions
    @OptionGroup(title: "Stages") var stages: StageOptions
    @OptionGroup var further: SystemOptions

    @Option(
        help: ArgumentHelp(
            "Candidates of the first stage: 5,10,20 or 10..50:10; with run:FILE documents of the run.",
            valueName: "list"))
    var initialK = "5,10,20,50"

    @Option(help: ArgumentHelp("Results that are shown.", valueName: "list"))
    var finalK = "1,3,5,10"

    @Option(
        name: [.customLong("thresholds"), .customLong("threshold")],
        help: ArgumentHelp(
            "What a result must reach: none, logit:-2, logit:-4..4:2, score:0.3, probability:0.5.", valueName: "list"))
    var thresholds = "none"

    @Option(
        help: ArgumentHelp(
            "Final orders to try: reranker, blend:0.7 (of the reranker's word, the rest of the first stage's), blend:0.1..0.9:0.2, "
                + "rrf, rrf:20. Of those that cannot be told apart the one named first is taken. (default: \(FinalOrder.standard); "
                + "reranker over candidates of a run)", valueName: "list"))
    var order: String?

    @Option(
        name: [.customLong("measure"), .customLong("measures")],
        help: ArgumentHelp("The one measure that decides.", valueName: "measure"), transform: Self.oneMeasure)
    var measure: Measure = .primaryDefault

    @Option(
        help: ArgumentHelp(
            "The most that a search may take, such as 50ms or 1.5s: settings over it are not recommended.",
            valueName: "duration"), transform: DurationText.init(parsing:))
    var atMost: DurationText?

    @Option(help: "Which percentile of the search's time is its latency: p50 or p95.")
    var percentile: SweepSettings.Percentile = .p50

    @Option(
        help:
            "How settings are chosen: one-standard-error (the fastest that cannot be told from the best) or best.")
    var rule: SweepSettings.Rule = .oneStandardError

    @Option(
        help: ArgumentHelp(
            "Choose on this split of the folder and report on --split. (default: folds of the one split)",
            valueName: "name"))
    var chooseOn: String?

    @Option(help: ArgumentHelp("Queries that each smaller setting is timed on.", valueName: "count"))
    var timedQueries = 60

    @Option(help: ArgumentHelp("The least difference of the measure that matters.", valueName: "value"))
    var minEffect = 0.02

    @OptionGroup var calibration: CalibrationOptions

    @Option(help: ArgumentHelp("Write a report for a browser: one file that needs no network.", valueName: "file"))
    var html: String?

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    func validate() throws {
        do {
            let settings = try grid(systems: [])
            let deepest = settings.initialKs.max() ?? 1
            try measure.refuse(deeperThan: deepest, of: "the largest --initial-k")
        } catch let error as EvaluationError {
            throw ValidationError(error.description)
        } catch let error as SearchError {
            throw ValidationError(error.description)
        }
        guard measure.kind != .judged else {
            throw ValidationError("Judged@k says nothing of quality: choose by another measure, such as nDCG@10")
        }
        guard timedQueries >= 0 else { throw ValidationError("--timed-queries is \(timedQueries): give at least 0") }
        guard minEffect > 0, minEffect <= 1 else {
            throw ValidationError("--min-effect is \(minEffect): give a difference above 0 and at most 1")
        }
        if chooseOn != nil, collection.folder == nil || collection.qrels != nil || collection.queries != nil {
            throw ValidationError(
                "--choose-on names a split of a folder: give the folder, without --queries and --qrels")
        }
        try further.check(beside: stages.firstStage)
        if further.systems.contains(where: { if case .run = $0.kind { true } else { false } }) {
            throw ValidationError(
                "a run was made with one setting, and a sweep tries many: leave --system name=run:… out")
        }
        if stages.firstStage.isJudged {
            throw ValidationError(
                "--first-stage judged proposes all judged documents: there is no --initial-k to choose; use dense or run:FILE"
            )
        }
        if html == "" { throw ValidationError("--html is empty: give a path") }
    }

    private static func oneMeasure(_ text: String) throws -> Measure {
        let measures = try Measure.list(parsing: text)
        guard let first = measures.first, measures.count == 1 else {
            throw ValidationError(
                "a sweep chooses by one measure, and '\(text)' names \(measures.count): give the one that decides")
        }
        return first
    }

    private func grid(systems: [SweepSettings.System]) throws -> SweepSettings {
        SweepSettings(
            initialKs: try SweepSettings.counts(parsing: initialK, parameter: "--initial-k"),
            finalKs: try SweepSettings.counts(parsing: finalK, parameter: "--final-k"),
            thresholds: try SweepSettings.thresholds(parsing: thresholds), systems: systems,
            orders: try order.map(SweepSettings.orders(parsing:)) ?? [stages.firstStage.standardOrder(reranks: true)],
            level: collection.level,
            percentile: percentile, atMost: atMost?.duration, rule: rule,
            check: .folds(seed: collection.seed), minimumEffect: minEffect)
    }

    func run() async throws {
        let initialKs = try SweepSettings.counts(parsing: initialK, parameter: "--initial-k")
        let deepest = initialKs.max() ?? 1
        let setup = try await ExperimentSetup.make(
            collection, stages, further.systems, initialK: deepest, reranks: true, otherSplit: chooseOn)
        for record in setup.corpus.skipped { StandardStreams.note("left out: \(record)") }
        var systems: [SweepSettings.System] = []
        for (index, system) in setup.experiment.systems.enumerated() {
            var entry = SweepSettings.System(name: system.name, scoring: index)
            // Asked for only where a threshold needs it.
            if thresholds.contains("probability"),
                let kept = try calibration.calibration(for: setup.rerankers[index], store: collection.store)
            {
                entry.probability = { kept.probability(of: $0) }
            }
            systems.append(entry)
        }
        var settings = try grid(systems: systems)
        settings.initialKUnit = setup.initialKUnit
        if chooseOn != nil {
            let others = IdentifierSet(setup.otherQueryIDs)
            settings.check = .split(
                chooseOn: setup.otherQueryIDs, reportOn: setup.queries.map(\.id).filter { !others.contains($0) })
        }
        // Before the hour that scoring may take.
        try settings.validate()
        let groups = try QueryGroups(setup.queries, qrels: setup.qrels, by: collection.groups)
        let observations = try await setup.observe()
        let secondary = Measure.defaults(depth: deepest).filter { $0 != measure && $0.kind != .judged }
        let report = try Sweep(
            settings, measure: SweepMeasure(measure, qrels: setup.qrels),
            secondary: secondary.map { SweepMeasure($0, qrels: setup.qrels) }, qrels: setup.qrels,
            times: try await times(setup, observations, initialKs)
        ).report(on: observations, groups: groups.labels)

        if let html {
            let page = HTMLReport(
                sweep: report,
                provenance: .of(
                    collection, stages, corpus: setup.corpus.name, qrels: setup.qrels, embedder: setup.embedder),
                rerankers: setup.rerankers.map(Trace.Model.init), warnings: setup.warnings)
            try OutputFile.write(page.page, to: html)
        }
        let notes = setup.warnings + report.notes
        if json {
            try StandardStreams.output(
                JSONText.object([
                    ("schema", .integer(1)), ("kind", .string("sweep")), ("command", .string(CommandText.asTyped)),
                    ("collection", .string(setup.collection)), ("corpus", .string(setup.corpus.name)),
                    ("firstStage", .string(setup.firstStage.name)),
                    ("filter", .optional(stages.filtering.filter?.description, JSONText.string)),
                    ("initialKUnit", .string(setup.initialKUnit.rawValue)), ("sweep", report.json),
                ]).text + "\n")
            for note in notes { StandardStreams.note("note: \(note)") }
        } else {
            try StandardStreams.output(
                SweepTables(report: report, initialKUnit: setup.initialKUnit, notes: notes, terminal: .of(1)).text)
            if let html { try StandardStreams.output("report: \(PathText.quoted(html))\n") }
        }
        if !setup.corpus.skipped.isEmpty { throw PartialResult.exitCode }
    }

    /// The largest setting was timed while it was scored; the others are timed on some of the queries.
    private func times(
        _ setup: ExperimentSetup, _ observations: [QueryObservation], _ initialKs: [Int]
    ) async throws -> SweepTimes {
        var times = SweepTimes()
        let deepest = initialKs.max() ?? 1
        let asked = observations.filter { !$0.candidates.isEmpty }
        times.set(asked.map(\.retrievalTime), system: nil, initialK: deepest)
        for (index, system) in setup.experiment.systems.enumerated() {
            times.set(
                asked.map { $0.retrievalTime + $0.scorings[index].time }, system: system.name, initialK: deepest)
        }
        let smaller = Set(initialKs).filter { $0 < deepest }.sorted()
        let queries = setup.queries.prefix(timedQueries)
        var progress = Progress(
            "Timing", total: smaller.count * (setup.experiment.systems.count + 1), unit: "setting")
        defer { progress.finish() }
        var done = 0
        for initialK in smaller where !queries.isEmpty {
            for system in [nil] + setup.experiment.systems.indices.map(Optional.init) {
                progress.update(done)
                times.set(
                    try await setup.experiment.times(of: system, initialK: initialK, on: queries),
                    system: system.map { setup.experiment.systems[$0].name }, initialK: initialK)
                done += 1
            }
        }
        return times
    }
}

extension SweepSettings.Percentile: ExpressibleByArgument {}
extension SweepSettings.Rule: ExpressibleByArgument {}
