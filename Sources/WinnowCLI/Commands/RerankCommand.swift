import ArgumentParser
import WinnowCore
import WinnowIngest

struct RerankCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerank",
        abstract: "Put candidates that another search found into a better order.",
        usage: "winnow rerank [<options>] <query> --candidates <file|->",
        discussion: """
            Reads candidates in the order of the first stage, best first: JSONL records \
            {"_id": "1", "title": "…", "text": "…", "score": 0.7, "metadata": {}} of which only the text is needed, or \
            one text a line.

            Examples:
              winnow rerank "how do I get a refund" --candidates found.jsonl
              grep -i refund faq.txt | winnow rerank "how do I get a refund" -c -
              winnow rerank "how do I get a refund" -c found.jsonl --explain
              winnow rerank "get a refund" -c found.jsonl --json | jq '.results[0].text'

            A candidate that cannot be read is an error that names its line. An empty file gives an empty result.
            """)

    @Argument(help: "The question, in quotes.")
    var query: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The candidates; - is standard input.", valueName: "file|-"))
    var candidates: String

    @Option(help: "How lines are read: auto (JSONL when the first one begins with {), jsonl, or lines.")
    var format: CandidateReader.Format = .auto

    @Option(help: ArgumentHelp("Results at most.", valueName: "count"))
    var finalK = 5

    @Option(
        help: ArgumentHelp(
            "The least that a result must reach: score:0.3, logit:-2 or probability:0.5 (winnow calibrate).",
            valueName: "space:value"),
        transform: { try Ranking.Threshold(parsing: $0) })
    var threshold: Ranking.Threshold?

    @OptionGroup var calibration: CalibrationOptions
    @OptionGroup var scoreCache: ScoreCacheOptions
    @OptionGroup var time: DeadlineOptions
    @OptionGroup var selection: SelectionOptions

    @Option(help: ArgumentHelp("Cross-encoder folder. (default: the built-in one)", valueName: "path"))
    var model: String?

    @OptionGroup var pair: PairOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try Usage.check {
            guard !Query(query).isBlank else { throw SearchError.emptyQuery }
            // More results than there are candidates are as many as there are.
            try SearchPipeline.validate(
                initialK: SearchPipeline.mostCandidates, finalK: min(finalK, SearchPipeline.mostCandidates))
            if let threshold { try SearchPipeline.validate(threshold: threshold, reranks: true, calibrated: true) }
        }
    }

    func run() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let given = try CandidateReader(format: format).read(candidates)
        let reading = Trace.Stage(name: "read", duration: clock.now - start, counts: ["candidates": given.count])
        if Self.isOutOfOrder(given) {
            StandardStreams.note(
                "note: the candidates' scores do not descend; the order of the lines is taken as the first stage's order"
            )
        }

        let loadingStart = clock.now
        let reranker = try selection.selective(
            scoreCache.cached(
                try Models.reranker(
                    model, engine: engine, maxLength: pair.maxLength, truncation: pair.truncation,
                    windows: pair.windows(.truncate)),
                store: nil))
        let loading = Trace.Stage(name: "load", duration: clock.now - loadingStart)
        for note in reranker.notes { StandardStreams.note("note: \(note)") }

        let count = max(1, given.count)
        let pipeline = try SearchPipeline(
            retriever: GivenCandidates(given), reranker: reranker.reranker, initialK: count, finalK: min(finalK, count),
            threshold: threshold,
            calibration: try calibration.calibration(for: reranker.reranker.identity, store: nil, initialK: count))
        let result = try await pipeline.search(Query(query), until: time.deadline)
        try output.print(
            result, stages: [reading, loading], total: clock.now - start, showsFirstStage: false,
            summary: "\(result.hits.count) of \(NumberText.plural(given.count, "candidate"))")
    }

    private static func isOutOfOrder(_ candidates: [Candidate]) -> Bool {
        let scores = candidates.compactMap(\.retrievalScore)
        return zip(scores, scores.dropFirst()).contains { $0 < $1 }
    }
}

extension CandidateReader.Format: ExpressibleByArgument {}
