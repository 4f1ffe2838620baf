import ArgumentParser
import WinnowCore

/// What `winnow mcp` searches and with what, as `ask` has it. What a call may say otherwise stands in the tools' schemas.
struct MCPOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The store to search, filled by winnow index; it need not be there yet. (default: none; only rerank is offered)",
            valueName: "file"))
    var store: String?

    @Option(
        help: ArgumentHelp(
            "How the first stage finds passages unless a call says otherwise: dense, bm25, or hybrid (both, fused).",
            valueName: "dense|bm25|hybrid"))
    var retriever = RetrieverKind.standard

    @OptionGroup var retrieval: RetrievalOptions
    @OptionGroup var filtering: FilterOptions

    @Option(help: ArgumentHelp("Candidates of the first stage unless a call says otherwise.", valueName: "count"))
    var initialK = 20

    @Option(help: ArgumentHelp("Results unless a call says otherwise; at most --initial-k.", valueName: "count"))
    var finalK = 5

    @Option(help: FinalOrder.help, transform: { try FinalOrder(parsing: $0) })
    var order: FinalOrder = .standard

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

    @OptionGroup(title: "Answer") var generation: GeneratorOptions

    @Option(help: ArgumentHelp("Cross-encoder folder. (default: the built-in one)", valueName: "path"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "Bi-encoder folder; the one that filled the store. (default: the built-in one)", valueName: "path"))
    var embeddingModel: String?

    @OptionGroup var pair: PairOptions
    @OptionGroup var engine: EngineOptions

    /// What a call may ask for.
    static let initialKs = 1...1000
    static let finalKs = 1...100

    func validate() throws {
        if let store { try StorePath.check(store) }
        try Usage.check {
            try SearchPipeline.validate(initialK: initialK, finalK: finalK)
            try SearchPipeline.validate(order: order, reranks: true)
            // Whether there is a calibration is known when the models are.
            if let threshold { try SearchPipeline.validate(threshold: threshold, reranks: true, calibrated: true) }
        }
        guard Self.initialKs.contains(initialK) else {
            throw ValidationError("--initial-k is \(initialK): \(Self.initialKs.upperBound) are the most")
        }
        guard Self.finalKs.contains(finalK) else {
            throw ValidationError("--final-k is \(finalK): \(Self.finalKs.upperBound) are the most")
        }
        guard store == nil else { return }
        if generation.llmModel != nil {
            throw ValidationError("--llm-model is for answers from a store: give --store too")
        }
        if !filtering.conditions.isEmpty {
            throw ValidationError("--where is about the passages of a store: give --store too")
        }
    }
}
