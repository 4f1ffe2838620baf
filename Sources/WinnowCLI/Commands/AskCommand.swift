import ArgumentParser
import WinnowCore

struct AskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Answer a question from a store, with citations, or say that nothing relevant enough was found.",
        usage: "winnow ask [<question>] --store <file> [<options>]",
        discussion: """
            Retrieves candidates with the bi-encoder, reranks them with the cross-encoder, drops what does not reach the \
            threshold, and makes an answer of the rest: by default of the passages' own sentences, chosen by the \
            cross-encoder and marked as extracts; with --llm-model by any OpenAI-compatible LLM. [1] means the source of that \
            number.

            A threshold names its space, because no number means the same in all of them: logit:-2 is the cross-encoder's \
            output, score:0.3 its own activation of it (not a probability), probability:0.5 needs a calibration.

            Without a question, on a terminal: a prompt that asks for one question after the other, with a history, and with \
            commands that change the settings (:help lists them). Each question stands alone.

            Examples:
              winnow ask "How long is my data kept?" --store kb.sqlite
              winnow ask --store kb.sqlite
              winnow ask "How long is my data kept?" --store kb.sqlite --threshold logit:0 --fail-on-abstain
              winnow ask "How long is my data kept?" --store kb.sqlite --llm-model gpt-4o-mini --stream
              winnow ask "How long is my data kept?" --store kb.sqlite --llm-url http://localhost:8080/v1 --llm-model local
              winnow ask "How long is my data kept?" --store kb.sqlite --where 'not exists expires or expires > "2026-01-31"'
              winnow ask "How long is my data kept?" --store kb.sqlite --json | jq -r '.sources[] | select(.cited).source'

            --deadline bounds the search and the choice of extracts, which gets what is left: they are then the best of the \
            sentences that were compared in time, which a note counts. An LLM takes the time that it takes.

            An abstention is a result (exit code 0; 4 with --fail-on-abstain). When the LLM fails, the passages are shown all \
            the same, and the exit code is 3.
            """)

    @Argument(help: "The question, in quotes. (default: a prompt, on a terminal)")
    var question: String?

    @OptionGroup var store: StoreOptions

    @Option(
        help: ArgumentHelp(
            "How the first stage finds passages: dense (the bi-encoder), bm25, or hybrid (both, fused).",
            valueName: "dense|bm25|hybrid"))
    var retriever = RetrieverKind.standard

    @OptionGroup var retrieval: RetrievalOptions
    @OptionGroup var filtering: FilterOptions

    @Option(help: ArgumentHelp("Candidates of the first stage.", valueName: "count"))
    var initialK = 20

    @Option(help: ArgumentHelp("Passages that an answer is made from; at most --initial-k.", valueName: "count"))
    var finalK = 5

    @Option(help: FinalOrder.help, transform: { try FinalOrder(parsing: $0) })
    var order: FinalOrder?

    @Option(
        help: ArgumentHelp(
            "The least that a passage must reach: score:0.3, logit:-2 or probability:0.5.", valueName: "space:value"),
        transform: { try Ranking.Threshold(parsing: $0) })
    var threshold: Ranking.Threshold?

    @OptionGroup var calibration: CalibrationOptions
    @OptionGroup var scoreCache: ScoreCacheOptions
    @OptionGroup var time: DeadlineOptions
    @OptionGroup var selection: SelectionOptions

    @Flag(name: .customLong("no-rerank"), help: "Leave the second stage out: the first stage's order decides.")
    var skipsReranking = false

    @OptionGroup(title: "Answer") var generation: GeneratorOptions

    @Flag(help: "Show the sources first and the LLM's answer as it comes.")
    var stream = false

    @Flag(help: "Exit with code 4 when there is no answer.")
    var failOnAbstain = false

    @Option(
        help: ArgumentHelp(
            "Append what happened to this question as one JSON line: stages, times, models, all candidates with both ranks and "
                + "scores, outcome. It holds the question and ids, no passage and no answer.", valueName: "file"))
    var log: String?

    @Option(help: ArgumentHelp("Cross-encoder folder. (default: the built-in one)", valueName: "path"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "Bi-encoder folder; the one that filled the store. (default: the built-in one)", valueName: "path")
    )
    var embeddingModel: String?

    @Flag(
        help: ArgumentHelp(
            "At the prompt: read and keep no history. (default: it is in $XDG_STATE_HOME/winnow/history, or where WINNOW_HISTORY says)"
        ))
    var noHistory = false

    @OptionGroup var pair: PairOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try StorePath.check(store.path)
        if let question {
            try Usage.check { guard !Query(question).isBlank else { throw SearchError.emptyQuery } }
        } else {
            try AskPrompt.check(self)
        }
        try selection.check(reranks: !skipsReranking)
        try settings.validate()
        if stream, output.json {
            throw ValidationError(
                "--stream shows an answer to a person as it comes; with --json there is one object: drop one")
        }
        if log == "" { throw ValidationError("--log is empty: give a file") }
    }

    /// As the options say.
    var settings: AskSession.Settings {
        .init(
            retriever: retriever, initialK: initialK, finalK: finalK, order: order, threshold: threshold,
            reranks: !skipsReranking, filter: filtering.filter)
    }

    func run() async throws {
        guard let question else { return try await AskPrompt.run(self) }
        let clock = ContinuousClock()
        let start = clock.now
        let log = try log.map { try TraceLog($0) }
        var session = try await AskSession(self, settings)
        let query = Query(question)
        let queryCut = try session.check(query, settings)
        let pipeline = try session.pipeline(settings)
        let loading = Trace.Stage(name: "load", duration: clock.now - start)

        let printer = AnswerPrinter(
            generator: pipeline.generator.name, isLLM: generation.llmModel != nil, streams: stream)
        let answer = try await pipeline.ask(query, filter: filtering.filter, until: time.deadline) { event in
            if stream { try printer.show(event) }
        }
        let total = clock.now - start
        if output.json {
            let envelope = AnswerEnvelope(
                answer: answer, generator: pipeline.generator.name,
                search: Envelope(
                    result: answer.result, stages: [loading], total: total, explains: output.explain,
                    queryIsCut: queryCut != nil))
            try StandardStreams.output(envelope.json.text + "\n")
        } else {
            try printer.finish(answer, total: total)
            if output.explain {
                let tables = ResultTables(result: answer.result, terminal: Terminal.of(1), showsFirstStage: true)
                try StandardStreams.output("\n" + tables.explanation(stages: [loading], total: total))
            }
        }
        let failed = AnswerNotes.show(
            answer, generator: pipeline.generator.name, queryCut: queryCut, showsCuts: output.explain && !output.json)
        do {
            try log?.append(answer.result.trace)
        } catch {
            StandardStreams.note("error: the answer stands, but it is not in the log: \(error)")
            throw PartialResult.exitCode
        }
        if failed { throw PartialResult.exitCode }
        if failOnAbstain, answer.abstained { throw ExitCode(4) }
    }
}
