import ArgumentParser
import Winnow
import WinnowIngest

struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure on labelled queries whether reranking helps, by how much, and where it hurts.",
        usage: "winnow eval [<folder>] [<options>]",
        discussion: """
            Runs every judged query through both stages and measures both orders as trec_eval does. Says in one sentence \
            whether the difference is real, names the queries that got worse, and whether the first stage or the reranker is to \
            blame for what is missing.

            A folder in BEIR layout holds queries.jsonl, qrels/test.tsv, and corpus.jsonl or any documents. The documents are \
            embedded in memory unless --store names a store that winnow index filled with them. Measures are named as \
            ir_measures names them: nDCG@10, RR@10 (MRR), AP (MAP), P@5, R@20, Success@1, Rprec, Bpref, Judged@10, SetR; the \
            first one decides. Documents are ranked at their best passage.

            Examples:
              winnow eval Examples/support-kb
              winnow eval scifact --store scifact.sqlite --html report.html
              winnow eval scifact --limit 100 --measures nDCG@10,R@20 --json > saved.json
              winnow eval scifact --baseline saved.json --fail-under nDCG@10=-0.01
              winnow eval scifact --first-stage run:bm25.run --export-runs runs/
              winnow eval kb --store kb.sqlite --where 'product = "api"'
              winnow eval scifact --store scifact.sqlite --system other=models/other
              winnow eval scifact --store scifact.sqlite --order blend:0.7
              winnow eval kb --queries questions.jsonl --qrels judgements.csv --documents docs/
              winnow eval --queries kb/queries.jsonl --qrels kb/qrels/test.tsv --from-log asked.jsonl

            Exit codes: 2 when a gate (--fail-under) was not met, 3 when files or records of the corpus were left out.
            """)

    @OptionGroup var collection: CollectionOptions
    @OptionGroup(title: "Stages") var stages: StageOptions
    @OptionGroup var further: SystemOptions

    @Option(
        help: ArgumentHelp(
            "Candidates (passages) of the first stage; with run:FILE documents of the run, of each all passages.",
            valueName: "count"))
    var initialK = ExperimentSetup.initialK

    @Option(
        help: ArgumentHelp("How many of each order are kept. (default: all of them)", valueName: "count"))
    var finalK: Int?

    @Option(
        help: ArgumentHelp(
            "What the final order of every reranked system stands on: reranker, blend:0.7, rrf or rrf:20; winnow sweep chooses one. "
                + "(default: \(FinalOrder.standard); reranker where candidates are those of a run, or the judged ones)",
            valueName: "order"),
        transform: { try FinalOrder(parsing: $0) })
    var order: FinalOrder?

    @OptionGroup var selection: SelectionOptions

    @Flag(name: .customLong("no-rerank"), help: "Measure the first stage (and --system) only.")
    var skipsReranking = false

    @Option(
        name: [.customLong("measures"), .customLong("measure")],
        help: ArgumentHelp(
            "What to measure, the deciding measure first. (default: nDCG@10, RR@10, AP, P@5, R@10, Success@1, Success@5, "
                + "Judged@10, SetR)", valueName: "list"), transform: { try Measure.list(parsing: $0) })
    var measures: [Measure] = []

    @Option(
        help: ArgumentHelp(
            "The least difference of the first measure that matters; fix it before looking.", valueName: "value"))
    var minEffect = 0.02

    @Option(
        name: .customLong("by"),
        help: ArgumentHelp("Cut the results by this field of the queries' metadata. Repeatable.", valueName: "field"))
    var sliceFields: [String] = []

    @Option(
        help: ArgumentHelp(
            "Queries that got worse shown with their passages; as many that got better in the reports.",
            valueName: "count"))
    var worst = 5

    @Option(
        help: ArgumentHelp(
            "Evaluate what was really asked: traces that winnow ask --log wrote, matched by the query's text.",
            valueName: "file"))
    var fromLog: String?

    @Option(help: ArgumentHelp("A saved evaluation (winnow eval --json) to compare with.", valueName: "file"))
    var baseline: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "With --baseline: exit with code 2 when a measure fell by more than this, significantly. Repeatable.",
            valueName: "measure=-0.01"))
    var failUnder: [String] = []

    @Option(help: ArgumentHelp("Write a report for a browser: one file that needs no network.", valueName: "file"))
    var html: String?

    @Option(
        help: ArgumentHelp(
            "Write each system's order as a TREC run, NAME.run, and the judgements as qrels.trec, for trec_eval and others.",
            valueName: "folder"))
    var exportRuns: String?

    @Flag(help: "Print one JSON object on one line, with the values of every query.")
    var json = false

    /// Whether there is anything for a final order to order.
    private var reranks: Bool { !skipsReranking || further.hasCrossEncoder }
    private var finalOrder: FinalOrder { order ?? stages.firstStage.standardOrder(reranks: reranks) }

    func validate() throws {
        try further.check(beside: stages.firstStage)
        try further.check(beside: stages.filtering)
        try Usage.check {
            try SearchPipeline.validate(initialK: initialK, finalK: finalK ?? initialK)
            try SearchPipeline.validate(order: finalOrder, reranks: reranks)
        }
        try selection.check(reranks: reranks)
        guard minEffect > 0, minEffect <= 1 else {
            throw ValidationError("--min-effect is \(minEffect): give a difference above 0 and at most 1")
        }
        guard worst >= 0 else { throw ValidationError("--worst is \(worst): it must be at least 0") }
        if failUnder.isEmpty != (baseline == nil) {
            throw ValidationError(
                baseline == nil
                    ? "--fail-under compares with a saved evaluation: give --baseline too"
                    : "--baseline is there to be compared with: say what may not fall, such as --fail-under nDCG@10=-0.01"
            )
        }
        do {
            _ = try gateRules()
            try checkDepth()
        } catch let error as EvaluationError {
            throw ValidationError(error.description)
        }
        for (option, path) in [("--html", html), ("--export-runs", exportRuns), ("--from-log", fromLog)]
        where path == "" {
            throw ValidationError("\(option) is empty: give a path")
        }
        let asksForStages =
            collection.store != nil || !collection.documents.isEmpty || !further.systems.isEmpty
            || stages.firstStage.name != RetrieverKind.standard.rawValue || stages.model != nil
            || stages.embeddingModel != nil
            || stages.chunking.chunking != nil || skipsReranking || finalK != nil
            || order != nil || selection.within != nil || stages.filtering.filter != nil
        if fromLog != nil, asksForStages {
            throw ValidationError(
                "--from-log takes candidates, scores and orders from the log: leave options of documents, stages, --where, "
                    + "--no-rerank, --order, --rerank-within and --final-k out")
        }
    }

    /// Rules in the names that measures have here.
    private func gateRules() throws -> [GateRule] {
        var rules: [GateRule] = []
        for rule in try GateRule.rules(parsing: failUnder) {
            let name = try Measure(parsing: rule.measure).name
            guard !rules.contains(where: { $0.measure == name }) else {
                throw EvaluationError.gateRuleTwice(measure: name)
            }
            rules.append(GateRule(measure: name, margin: rule.margin))
        }
        return rules
    }

    private var depth: Int { stages.firstStage.isJudged || fromLog != nil ? .max : initialK }

    /// What is measured: what was asked for, or the usual; and what the gate needs.
    private func wantedMeasures() throws -> [Measure] {
        let asked = measures.isEmpty ? Measure.defaults(depth: min(depth, finalK ?? .max)) : measures
        return try asked + gateRules().map { try Measure(parsing: $0.measure) }
    }

    private func checkDepth() throws {
        for measure in try wantedMeasures() {
            try measure.refuse(deeperThan: depth, of: "--initial-k")
            if !skipsReranking { try measure.refuse(deeperThan: finalK ?? depth, of: "--final-k") }
        }
    }

    func run() async throws {
        let saved = try baseline.map { try SavedEvaluation(reading: $0) }
        try saved?.checkDrawn(limit: collection.limit, seed: collection.seed)
        try saved?.check(.init(level: collection.level, firstStage: fromLog == nil ? stages.firstStage.kind : .logged))
        if let exportRuns { try OutputFile.checkFolder(exportRuns) }
        let input: EvaluationReport.Input
        var skipped: [SkippedRecord] = []
        var notes: [String]
        var unit = InitialKUnit.passages
        if let fromLog {
            let log = try LogSetup.make(collection, log: fromLog)
            notes = log.warnings
            for measure in measures { try measure.refuse(deeperThan: log.initialK, of: "the log") }
            input = report(of: log)
        } else {
            let setup = try await ExperimentSetup.make(
                collection, stages, further.systems, initialK: initialK, reranks: !skipsReranking,
                order: finalOrder, selection: selection)
            notes = setup.warnings
            unit = setup.initialKUnit
            skipped = setup.corpus.skipped
            for record in skipped { StandardStreams.note("left out: \(record)") }
            input = try report(of: setup, observations: try await setup.observe())
        }
        var report = try EvaluationReport(input)
        report.warnings = notes + report.warnings
        if let saved {
            if let note = saved.orderNote(report.settings.order) { report.warnings.append(note) }
            if reranks, let note = saved.selectionNote(report.settings.rerankWithin) { report.warnings.append(note) }
            let system = report.systems.first { $0.role == .reranked } ?? report.systems[0]
            report.gate = try RegressionGate(
                try gateRules(), baseline: try saved.side(of: system.name), current: report.gateSide(of: system),
                options: .init(seed: collection.seed))
        }
        if let exportRuns { try export(report, qrels: input.qrels, to: exportRuns) }
        if let html {
            let more = EvaluationExtras(input, initialKUnit: unit, measure: report.measures[0], seed: collection.seed)
            let page = HTMLReport(
                evaluation: report, sweep: more.sweep, calibration: more.calibration, riskCoverage: more.riskCoverage)
            try OutputFile.write(page.page, to: html)
        }
        if json {
            try StandardStreams.output(unit.added(to: report.json).text + "\n")
            for warning in report.warnings { StandardStreams.note("note: \(warning)") }
        } else {
            try StandardStreams.output(
                EvaluationTables(report: report, initialKUnit: unit, terminal: .of(1)).text)
            if let html { try StandardStreams.output("report: \(PathText.quoted(html))\n") }
        }
        if let gate = report.gate, !gate.passes {
            for finding in gate.findings where finding.outcome == .failed {
                StandardStreams.note("gate \(finding.sentence)")
            }
            throw ExitCode(2)
        }
        if !skipped.isEmpty { throw PartialResult.exitCode }
    }

    private func report(
        of setup: ExperimentSetup, observations: [QueryObservation]
    ) throws -> EvaluationReport.Input {
        EvaluationReport.Input(
            provenance: .of(
                collection, stages, corpus: setup.corpus.name, qrels: setup.qrels, embedder: setup.embedder),
            settings: .init(
                split: collection.qrels == nil ? collection.split : nil, level: collection.level,
                firstStage: setup.firstStage.name, initialK: initialK, finalK: finalK,
                order: reranks ? finalOrder : nil, chunking: setup.corpus.chunking, groupBy: nil,
                minimumEffect: minEffect, limit: collection.limit, filter: stages.filtering.filter?.description,
                rerankWithin: selection.within),
            queries: setup.queries, observations: observations, qrels: setup.qrels,
            judgedQueries: setup.judgedQueries, documents: setup.corpus.documentCount,
            passages: setup.corpus.passageCount, firstStageName: setup.firstStage.name, systems: setup.systems,
            measures: try wantedMeasures(), groups: collection.groups, sliceFields: sliceFields, shownChanges: worst)
    }

    private func report(of log: LogSetup) -> EvaluationReport.Input {
        EvaluationReport.Input(
            provenance: .of(
                collection, stages, corpus: fromLog ?? "", qrels: log.qrels, embedder: log.embedder),
            settings: .init(
                split: collection.qrels == nil ? collection.split : nil, level: collection.level, firstStage: "logged",
                initialK: log.initialK, finalK: nil, order: log.order, chunking: nil, groupBy: nil,
                minimumEffect: minEffect,
                limit: collection.limit),
            queries: log.queries, observations: log.observations, qrels: log.qrels, judgedQueries: log.judgedQueries,
            documents: nil, passages: nil, firstStageName: "logged",
            systems: log.reranker.map {
                [.init(name: FurtherSystem.reranked, role: .reranked, order: .scoring(0, model: $0))]
            } ?? [],
            measures: measures.isEmpty ? Measure.defaults(depth: log.initialK) : measures, groups: collection.groups,
            sliceFields: sliceFields, shownChanges: worst)
    }

    private func export(_ report: EvaluationReport, qrels: Qrels, to folder: String) throws {
        try OutputFile.makeFolder(folder)
        for system in report.systems {
            try system.run.write(to: "\(folder)/\(system.name).run", overwriting: true)
        }
        try OutputFile.write(try qrels.trecText(), to: "\(folder)/qrels.trec")
    }
}
