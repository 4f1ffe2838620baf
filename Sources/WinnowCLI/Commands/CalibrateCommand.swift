import ArgumentParser
import Winnow
import WinnowIngest

struct CalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract:
            "Learn from labelled queries what a logit is worth as a probability, and which threshold keeps a promise.",
        usage: "winnow calibrate <folder> [<options>]",
        discussion: """
            Fits a map from the cross-encoder's logit to the probability that a passage is relevant, measures it on queries \
            that were held back, and keeps it under the model's fingerprint, precision and truncation: in \
            STORE.calibration.json with --store, or in --output. From then on search and ask fill in probabilities and allow \
            --threshold probability:0.5, and refuse it again when the model changes.

            A target asks for a threshold with a promise: at least this share of the answers is right, or at least this share of \
            the questions without an answer is not answered, with 95 % confidence. Questions without an answer are those that \
            are judged and have no relevant document, or say "answerable": false in their metadata.

            Examples:
              winnow calibrate Examples/support-kb --store kb.sqlite
              winnow calibrate Examples/contracts --store contracts.sqlite --target precision:0.8 --target abstention:0.7
              winnow calibrate selqa --split dev --labels judged-only --output selqa.calibration.json --html calibration.html
            """)

    @OptionGroup var collection: CollectionOptions
    @OptionGroup(title: "Stages") var stages: StageOptions

    @Option(
        help: ArgumentHelp(
            "Candidates of the first stage: as many as searches will take, for a longer list has another map.",
            valueName: "count"))
    var initialK = ExperimentSetup.initialK

    @Option(
        help:
            "What becomes of candidates that nobody judged: judged-only leaves them out, unjudged-as-negative counts them as not relevant. (default: judged-only where at least nine in ten are judged)"
    )
    var labels: LabelChoice?

    @Option(help: "Which map: platt or isotonic. (default: platt, unless isotonic is clearly better)")
    var method: CalibrationMap.Method?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Also find a threshold that promises precision:0.9 or abstention:0.9. Repeatable.", valueName: "kind:rate"),
        transform: TargetText.init(parsing:))
    var target: [TargetText] = []

    @Option(help: ArgumentHelp("How sure a promise is.", valueName: "share"))
    var confidence = 0.95

    @Option(
        help: ArgumentHelp(
            "Also say what precision is when this share of the questions has no answer.", valueName: "share"))
    var unanswerableShare: Double?

    @Option(help: ArgumentHelp("Passages that a user is shown at most.", valueName: "count"))
    var finalK = 5

    @Option(
        help: ArgumentHelp(
            "The final order of the searches that a promise is for: which of the passages that reach a threshold is shown first. The map "
                + "does not depend on it. (default: \(FinalOrder.standard); reranker over candidates of a run)",
            valueName: "order"), transform: { try FinalOrder(parsing: $0) })
    var order: FinalOrder?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the map is kept. (default: STORE.calibration.json with --store; else it is not kept)",
            valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Write a report for a browser: one file that needs no network.", valueName: "file"))
    var html: String?

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    private var finalOrder: FinalOrder { order ?? stages.firstStage.standardOrder(reranks: true) }

    func validate() throws {
        try Usage.check {
            try SearchPipeline.validate(initialK: initialK, finalK: finalK)
            try finalOrder.validate()
        }
        guard confidence > 0, confidence < 1 else {
            throw ValidationError("--confidence is \(confidence): give a share between 0 and 1, such as 0.95")
        }
        if let unanswerableShare, !(0...1).contains(unanswerableShare) {
            throw ValidationError("--unanswerable-share is \(unanswerableShare): give a share in 0 to 1")
        }
        for (option, path) in [("--output", output), ("--html", html)] where path == "" {
            throw ValidationError("\(option) is empty: give a path")
        }
    }

    func run() async throws {
        let keptAt = output ?? collection.store.map(CalibrationOptions.path(beside:))
        // What is kept there must be readable before an hour is spent.
        if let keptAt, AtomicFile.exists(keptAt) { _ = try CalibrationFile.read(keptAt) }
        let setup = try await ExperimentSetup.make(
            collection, stages, initialK: initialK, reranks: true, order: finalOrder, includesUnanswerable: true)
        for record in setup.corpus.skipped { StandardStreams.note("left out: \(record)") }
        let observations = try await setup.observe()
        let groups = try QueryGroups(setup.queries, qrels: setup.qrels, by: collection.groups)
        let labels = labels?.kind ?? LabelChoice.fitting(observations, setup.qrels, collection.level)
        let labelled = try zip(setup.queries, observations).enumerated().map { index, pair in
            try LabelledQuery(
                pair.1, system: 0, qrels: setup.qrels, labels: labels, level: collection.level,
                group: groups.labels?[index],
                answerable: setup.qrels.contains(queryID: pair.0.id) ? nil : false)
        }
        let report = try Calibrator(seed: collection.seed, method: method).fit(
            labelled,
            settings: CalibrationSettings(
                collection: setup.collection, firstStage: setup.firstStage.name, chunking: setup.corpus.chunking,
                initialK: initialK, labels: labels, level: collection.level))
        let choices = try target.map { target in
            try ThresholdChooser(
                target: target.value, confidence: confidence, unanswerableShare: unanswerableShare, finalK: finalK,
                seed: collection.seed
            ).choose(labelled, map: report.map)
        }
        let curve = RiskCoverage(labelled)

        let reranker = setup.rerankers[0]
        let calibration = Calibration(report, reranker: reranker)
        if let keptAt { try CalibrationFile.add(calibration, to: keptAt) }
        if let html {
            let page = HTMLReport(
                calibration: report, riskCoverage: curve, thresholds: choices,
                provenance: .of(
                    collection, stages, corpus: setup.corpus.name, qrels: setup.qrels, embedder: setup.embedder),
                rerankers: [Trace.Model(reranker)], warnings: setup.warnings)
            try OutputFile.write(page.page, to: html)
        }
        if json {
            try StandardStreams.output(
                JSONText.object([
                    ("schema", .integer(1)), ("kind", .string("calibration")),
                    ("command", .string(CommandText.asTyped)),
                    ("collection", .string(setup.collection)),
                    ("filter", .optional(stages.filtering.filter?.description, JSONText.string)),
                    ("initialKUnit", .string(setup.initialKUnit.rawValue)), ("order", .string(finalOrder.description)),
                    ("reranker", Trace.Model(reranker).json),
                    ("calibration", report.json), ("thresholds", .array(choices.map(\.json))),
                    ("riskCoverage", .optional(curve, \.json)), ("keptAt", .optional(keptAt, JSONText.string)),
                ]).text + "\n")
            for warning in setup.warnings + report.cautions { StandardStreams.note("note: \(warning)") }
        } else {
            let remarks = setup.warnings + report.cautions + [setup.initialKUnit.remark].compactMap { $0 }
            let tables = CalibrationTables(
                report: report, choices: choices, curve: curve, reranker: reranker, order: finalOrder, keptAt: keptAt,
                notes: remarks, unanswerableShare: unanswerableShare, terminal: .of(1))
            try StandardStreams.output(tables.text)
            if let html { try StandardStreams.output("report: \(PathText.quoted(html))\n") }
        }
        if keptAt == nil {
            StandardStreams.note("note: the calibration was not kept: give --store or --output to use it in searches")
        }
        if !setup.corpus.skipped.isEmpty { throw PartialResult.exitCode }
    }
}

extension CalibrationMap.Method: ExpressibleByArgument {}

/// What becomes of candidates that nobody judged.
enum LabelChoice: String, ExpressibleByArgument, CaseIterable {
    case judgedOnly = "judged-only"
    case unjudgedAsNegative = "unjudged-as-negative"

    var kind: LabelKind {
        switch self {
        case .judgedOnly: .judgedOnly
        case .unjudgedAsNegative: .unjudgedAsNegative
        }
    }

    private static let mostlyJudged = 0.9

    static func fitting(
        _ observations: [QueryObservation], _ qrels: Qrels, _ level: QueryObservation.Level
    ) -> LabelKind {
        var (judged, all) = (0, 0)
        for observation in observations {
            for candidate in observation.candidates {
                let id = level == .document ? candidate.passage.documentID : candidate.passage.id
                all += 1
                if (qrels.grade(of: id, for: observation.id) ?? -1) >= 0 { judged += 1 }
            }
        }
        return Double(judged) >= mostlyJudged * Double(max(1, all)) ? .judgedOnly : .unjudgedAsNegative
    }
}

/// `precision:0.9`
struct TargetText {
    var value: ThresholdTarget

    init(parsing text: String) throws {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let rate = Double(parts[1]), rate > 0, rate < 1 else {
            throw ValidationError(
                "'\(text)' is no target: write precision:0.9 or abstention:0.9, with a share under 1 (1 can never be promised)"
            )
        }
        switch parts[0] {
        case "precision": value = .precision(rate)
        case "abstention": value = .abstention(rate)
        default: throw ValidationError("'\(parts[0])' is no kind of target: there are precision and abstention")
        }
    }
}
