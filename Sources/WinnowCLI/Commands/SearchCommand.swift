import ArgumentParser
import WinnowCore
import WinnowEvaluation
import WinnowIngest
import WinnowStore

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Search documents: retrieve with the bi-encoder, rerank with the cross-encoder, show both orders.",
        discussion: """
            Over a store that winnow index filled; or over documents, which are cut into passages that both models can \
            read whole and embedded in memory for this one question.

            A folder that holds corpus.jsonl is read as a BEIR collection. Any other folder gives its files of these formats, \
            recursively, without hidden files, README*, queries.jsonl, qrels/, and what tools put there: .md and .txt, .jsonl, \
            .html, .pdf (with pdftotext of poppler), .csv and .tsv (a row is a document), .json, .docx, and source code (cut at its \
            functions). Records of JSONL are lines of {"_id": "1", "title": "…", "text": "…", "metadata": {}}.

            Examples:
              winnow search "How do I rotate an API key?" --store kb.sqlite
              winnow search "How do I rotate an API key?" --documents docs/
              winnow search "refund after 30 days" -d faq.jsonl policies/ --final-k 10
              winnow search "rate limits" -d docs/ --order blend:0.7 --explain
              winnow search "rate limits" --store kb.sqlite --where 'product = "api" and version >= 3'
              winnow search "rate limits" --store kb.sqlite --initial-k 100 --deadline 40ms
              winnow search "rate limits" -d docs/ --json | jq '.results[].id'

            A file or record that cannot be read is left out and named, and the exit code is then 3.
            """)

    @Argument(help: "The question, in quotes, ahead of --documents.")
    var query: String

    @Option(help: ArgumentHelp("A store to search, filled by winnow index.", valueName: "file"))
    var store: String?

    @Option(
        name: .shortAndLong, parsing: .upToNextOption,
        help: ArgumentHelp("Folders and files to search instead; more than one may follow.", valueName: "path"))
    var documents: [String] = []

    @Option(
        help: ArgumentHelp(
            "How the first stage finds passages: dense (the bi-encoder), bm25, or hybrid (both, fused).",
            valueName: "dense|bm25|hybrid"))
    var retriever = RetrieverKind.standard

    @OptionGroup var retrieval: RetrievalOptions
    @OptionGroup var analysis: AnalysisOptions
    @OptionGroup var filtering: FilterOptions

    @Option(help: ArgumentHelp("Candidates of the first stage.", valueName: "count"))
    var initialK = 20

    @Option(help: ArgumentHelp("Results after reranking; at most --initial-k.", valueName: "count"))
    var finalK = 5

    @Option(help: FinalOrder.help, transform: { try FinalOrder(parsing: $0) })
    var order: FinalOrder?

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

    @Flag(name: .customLong("no-rerank"), help: "Stop after the first stage.")
    var skipsReranking = false

    @Option(help: ArgumentHelp("Cross-encoder folder. (default: the built-in one)", valueName: "path"))
    var model: String?

    @Option(help: ArgumentHelp("Bi-encoder folder. (default: the built-in one)", valueName: "path"))
    var embeddingModel: String?

    @OptionGroup var pair: PairOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var output: OutputOptions

    private var finalOrder: FinalOrder { order ?? .standard(reranks: !skipsReranking) }

    func validate() throws {
        try Usage.check {
            guard !Query(query).isBlank else { throw SearchError.emptyQuery }
            try SearchPipeline.validate(initialK: initialK, finalK: finalK)
            try SearchPipeline.validate(order: finalOrder, reranks: !skipsReranking)
            if let threshold {
                try SearchPipeline.validate(threshold: threshold, reranks: !skipsReranking, calibrated: true)
            }
        }
        try selection.check(reranks: !skipsReranking)
        guard (store == nil) != documents.isEmpty else {
            throw ValidationError(
                store == nil
                    ? "give what to search: --documents with folders and files, or --store with a store"
                    : "--store and --documents are two things to search: give one of them")
        }
        if let store {
            try StorePath.check(store)
            guard analysis.stem == nil, analysis.words == nil else {
                throw ValidationError(
                    "--stem and --words are for --documents; a store's terms were made by winnow index: give them to that"
                )
            }
        }
    }

    func run() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let opened = try store.map { try Store.open($0) }
        let embedder = try Models.embedder(embeddingModel, engine: engine)
        let reranker =
            try skipsReranking
            ? nil
            : selection.selective(
                scoreCache.cached(
                    try Models.reranker(
                        model, engine: engine, maxLength: pair.maxLength, truncation: pair.truncation,
                        windows: pair.windows()),
                    store: store))
        let loading = Trace.Stage(name: "load", duration: clock.now - start)
        for note in embedder.notes + (reranker?.notes ?? []) { StandardStreams.note("note: \(note)") }

        let query = Query(query)
        try reranker?.check(query)
        let queryCut = retriever.needsEmbedder ? embedder.cut(query) : nil
        if let queryCut, pair.truncation == .error { throw queryCut }
        let kept = try reranker.flatMap {
            try calibration.calibration(
                for: $0.reranker.identity, store: store, initialK: initialK, retriever: self.retriever)
        }
        // Before a corpus is embedded in vain.
        if let threshold {
            try SearchPipeline.validate(threshold: threshold, reranks: reranker != nil, calibrated: kept != nil)
        }

        if let opened {
            try await filtering.check(opened.fields)
            let result = try await search(
                query, in: try retrieval.retriever(retriever, over: opened, embedder), reranker, kept)
            try output.print(
                result, stages: [loading], total: clock.now - start, showsFirstStage: true, queryCut: queryCut,
                summary: NumberText.plural(result.candidates.count, "candidate"))
            return
        }

        let budget = try Models.passageBudget([embedder.limit] + (reranker.map { [$0.limit] } ?? []))
        let corpus = try CorpusPassages.make(of: documents, budget: budget)
        try await filtering.check { FieldCatalogue(corpus.passages) }
        let index = try await MemoryIndex.make(
            of: corpus, embedder: retriever.needsEmbedder ? embedder.embedder : nil,
            analysis: analysis.analysis(over: nil))
        for record in corpus.skipped { StandardStreams.note("left out: \(record)") }

        let result = try await search(
            query, in: try retrieval.retriever(retriever, over: index, embedder), reranker, kept)
        try output.print(
            result, stages: [loading] + corpus.stages + index.stages, total: clock.now - start, showsFirstStage: true,
            queryCut: queryCut,
            summary: "\(NumberText.plural(result.candidates.count, "candidate")) of "
                + "\(NumberText.plural(corpus.passages.count, "passage")) in "
                + "\(NumberText.plural(corpus.documentCount, "document"))")
        if !corpus.skipped.isEmpty {
            StandardStreams.note(
                "\(NumberText.plural(corpus.skipped.count, "file or record was", "files or records were")) left out, "
                    + "as named above")
            throw PartialResult.exitCode
        }
    }

    private func search(
        _ query: Query, in retriever: any Retriever, _ reranker: LoadedReranker?, _ kept: Calibration?
    ) async throws -> SearchResult {
        try await SearchPipeline(
            retriever: retriever, reranker: reranker?.reranker, initialK: initialK, finalK: finalK,
            order: finalOrder, threshold: threshold, calibration: kept
        ).search(query, filter: filtering.filter, until: time.deadline)
    }
}
