import ArgumentParser
import Winnow
import WinnowCore

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Find what is wrong with models, a store, its corpus, questions and the machine, with evidence and what mends it.",
        discussion: """
            Without options it looks at the built-in models and the machine: files, configuration, tokenizer, weights, answers \
            that are known, kernels, speed. With --store also at the store and its passages, with --queries or --log at what is asked, \
            with --reference at whether questions are like those that the model was evaluated on.

            Examples:
              winnow doctor
              winnow doctor --store kb.sqlite
              winnow doctor --store kb.sqlite --log asked.jsonl --reference evaluation.json
              winnow doctor --model my-reranker --strict --json | jq '.findings[] | select(.severity != "ok")'

            The exit code is 0 when nothing is wrong, 2 when a check found an error (with --strict also a warning), 1 when the \
            doctor itself failed. Documentation/doctor.md has every finding.
            """)

    @Option(help: ArgumentHelp("A store to look at, filled by winnow index.", valueName: "file"))
    var store: String?

    @Option(help: ArgumentHelp("Cross-encoder folder. (default: the built-in one)", valueName: "path"))
    var model: String?

    @Option(help: ArgumentHelp("Bi-encoder folder. (default: the built-in one)", valueName: "path"))
    var embeddingModel: String?

    @Option(
        help: ArgumentHelp("Questions to look at: BEIR's queries.jsonl, CSV, TSV, or one a line.", valueName: "file"))
    var queries: String?

    @Option(help: ArgumentHelp("Questions that were asked: traces that winnow ask --log wrote.", valueName: "file"))
    var log: String?

    @Option(
        help: ArgumentHelp(
            "What the questions are held against: what winnow eval --json wrote, a log, or a folder with queries.jsonl whose questions are "
                + "asked of the store now.", valueName: "path"))
    var reference: String?

    @Flag(help: "Look at a sample of the passages and questions, and do not verify every row of the store.")
    var quick = false

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    @Flag(help: "Warnings, too, make the exit code 2.")
    var strict = false

    @OptionGroup var pair: PairOptions
    @OptionGroup var engine: EngineOptions

    func validate() throws {
        if let store { try StorePath.check(store) }
        for (option, path) in [
            ("--model", model), ("--embedding-model", embeddingModel), ("--queries", queries), ("--log", log),
            ("--reference", reference),
        ] where path == "" {
            throw ValidationError("\(option) is empty: give a path, or leave it out")
        }
        guard queries == nil || log == nil else {
            throw ValidationError("--queries and --log are two lots of questions: give one of them")
        }
        if reference != nil {
            guard queries != nil || log != nil else {
                throw ValidationError("--reference is what questions are held against: give --queries or --log too")
            }
            guard store != nil || log != nil else {
                throw ValidationError("--reference with --queries asks them of a store: give --store too")
            }
        }
    }

    func run() async throws {
        let report = try await Examination(
            given: GivenOptions(
                store: store, model: model, embeddingModel: embeddingModel, pair: pair, engine: engine),
            queries: queries, log: log, reference: reference, isQuick: quick
        ).report()
        try StandardStreams.output(
            json ? report.json(strict: strict).text + "\n" : report.text(Terminal.of(1)))
        if report.fails(strict: strict) { throw DoctorGate.exitCode }
    }
}

/// Something is wrong: as a gate that was not met.
enum DoctorGate {
    static let exitCode = ExitCode(2)
}
