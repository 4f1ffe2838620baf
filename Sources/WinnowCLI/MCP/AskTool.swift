import Synchronization
import Winnow

/// Both stages and an answer of what they found.
struct AskTool: MCPTool {
    let bench: Workbench
    let store: ServedStore

    let name = "ask"
    let title = "Answer from the indexed documents"

    private var llm: String? { bench.options.generation.llmModel }

    /// The question and the passages go to the LLM, wherever that is.
    var isOpenWorld: Bool { llm != nil }

    var description: String {
        "Answer a question from the indexed documents, or say that they do not answer it. "
            + (llm.map { "The answer is written by the LLM \(SingleLine.of($0, limit: 60))" }
                ?? "The answer is made of sentences of the passages, word for word")
            + ", with citations [1] of the sources, which are returned with it."
    }

    var input: JSONText {
        Schema.object(
            [("question", Schema.string("A whole question in natural language.", isVisible: true))]
                + SearchRequest.schema(bench.options), optional: ["initial_k", "final_k", "where", "retriever"],
            isClosed: true)
    }

    var output: JSONText { ResultSchemas.answer }

    func call(_ arguments: [JSONTree.Field], progress: @escaping @Sendable (String) -> Void) async throws -> ToolResult
    {
        let clock = ContinuousClock()
        let start = clock.now
        let request = try SearchRequest(arguments, query: "question", bench.options)
        let models = try await bench.models.get()
        let loading = Trace.Stage(name: "load", duration: clock.now - start)
        progress("the models are loaded")
        let generator = try await bench.models.answering()
        let generation = bench.options.generation
        let writing = WritingProgress(progress)
        return try await store.with { store in
            let search = try await bench.search(request, in: store, models)
            let pipeline = RAGPipeline(
                search: search.pipeline,
                contextBuilder: ContextBuilder(
                    tokenBudget: generation.contextTokens,
                    counter: models.reranker.limit.counter,
                    order: generation.contextOrder),
                generator: generator)
            let answer = try await pipeline.ask(
                request.query, filter: search.filter, until: bench.options.time.deadline
            ) { event in writing.show(event) }
            let notes = search.notes + ResultNotes.of(answer, search.threshold)
            let envelope = AnswerEnvelope(
                answer: answer, generator: generator.name,
                search: Envelope(
                    result: answer.result, stages: [loading],
                    total: clock.now - start, explains: false, queryIsCut: search.queryCut != nil))
            var structured = envelope.json
            if case .object(let fields) = structured {
                structured = .object(fields + [("notes", .array(notes.map(JSONText.string)))])
            }
            var isError = false
            if case .failed = answer.outcome { isError = true }
            return ToolResult(
                text: try await text(answer, notes, in: store), structured: structured, isError: isError)
        }
    }

    private func text(_ answer: Answer, _ notes: [String], in store: Store) async throws -> String {
        var text: String
        switch answer.outcome {
        case .answered(let generated):
            text =
                generated.extracts == nil
                ? "Answer, by \(SingleLine.of(answer.result.trace.answer?.generator ?? "the LLM", limit: 60)):\n"
                : "Extracts, word for word; whether they answer the question is for you to see:\n"
            text += PassageText.body(generated.text) + "\n"
        case .abstained(.noCandidates): text = try await NothingFound.text(answer.result, in: store) + "\n"
        case .abstained(let abstention): text = PassageText.body("\(abstention)") + "\n"
        case .failed(let error, let partial):
            text = "The LLM gave no answer: \(PassageText.body(LLMHint.text(error)))\n"
            if !partial.isEmpty { text += "What had come of it:\n\(PassageText.body(partial))\n" }
            text += "The sources that it was to be made from:\n"
        }
        for note in notes { text += "Note: \(note)\n" }
        let cited = Set(answer.citations.map(\.number))
        for item in answer.context.items.sorted(by: { $0.number < $1.number }) {
            text += "\n" + PassageText.of(item, isCited: cited.contains(item.number))
        }
        return text
    }
}

/// Tells how far an answer is, of a long one about once a second.
private final class WritingProgress: Sendable {
    private let tell: @Sendable (String) -> Void
    private let state = Mutex((characters: 0, last: ContinuousClock.now))

    init(_ tell: @escaping @Sendable (String) -> Void) { self.tell = tell }

    func show(_ event: RAGPipeline.Event) {
        switch event {
        case .found(let result, _):
            tell(
                "\(NumberText.plural(result.candidates.count, "candidate")), \(NumberText.plural(result.hits.count, "result"))"
            )
        case .text(let piece):
            let characters = state.withLock { state -> Int? in
                state.characters += piece.count
                guard ContinuousClock.now - state.last >= .seconds(1) else { return nil }
                state.last = .now
                return state.characters
            }
            if let characters { tell("the answer has \(NumberText.plural(characters, "character")) so far") }
        }
    }
}
