import WinnowCore
import WinnowStore

extension AskPrompt {
    /// - Returns: false to leave.
    mutating func perform(_ command: PromptCommand) async throws -> Bool {
        switch command {
        case .quit: return false
        case .help: try StandardStreams.output(PromptTexts.help(Terminal.of(1)))
        case .set:
            try StandardStreams.output(PromptTexts.settings(settings, explains: explains, Terminal.of(1)))
        case .show(let name): try show(name)
        case .explain(nil): try explain(lastAnswer())
        case .explain(let isOn?):
            explains = isOn
            try show(.explain)
        case .sources: try showSources()
        case .open(let number): try await open(number)
        case .json: try showJSON()
        case .initialK(let count): try change(.k) { $0.initialK = count }
        case .finalK(let count): try change(.n) { $0.finalK = count }
        case .rerank(let isOn): try change(.rerank) { $0.reranks = isOn }
        case .retriever(let kind):
            try change(.retriever) { $0.retriever = kind }
            if let within = options.selection.within, settings.reranks, !session.selects(settings) {
                StandardStreams.note(
                    "note: all candidates are reranked now: --rerank-within \(within) is in the units of the "
                        + "\(options.retriever.rawValue) retriever's scores")
            }
        case .order(let order): try change(.order) { $0.order = order }
        case .threshold(let threshold): try change(.threshold) { $0.threshold = threshold }
        case .filter(let filter):
            try await check(filter)
            try change(.whereField) { $0.filter = filter }
        }
        return true
    }

    private func show(_ name: PromptCommandName) throws {
        guard let value = PromptTexts.value(of: name, settings, explains: explains) else { return }
        try StandardStreams.output("  \(name.spelled) \(DisplayText.flattened(value))\n")
    }

    /// Takes settings over that a pipeline can be made of; else they stay as they were.
    private mutating func change(_ name: PromptCommandName, _ body: (inout AskSession.Settings) -> Void) throws {
        var new = settings
        body(&new)
        if !new.reranks {
            if let threshold = new.threshold {
                throw PromptFault(
                    "the threshold \(threshold) is about the reranker's word, and without it no passage has one: ':threshold off', or "
                        + "':rerank on'")
            }
            if let order = new.order, order != .reranker {
                throw PromptFault(
                    "the order \(order) is made of the reranker's word and the first stage's: ':order default', or ':rerank on'"
                )
            }
        }
        try new.validate()
        pipeline = try session.pipeline(new)
        settings = new
        try show(name)
    }

    private mutating func check(_ filter: MetadataFilter?) async throws {
        try await renew()
        let fields = try await session.store.fields()
        completer.fields = fields.fields.map(\.name)
        do { try filter?.check(against: fields) } catch let error as FilterError { throw UnfitFilter(error: error) }
    }

    private func showSources() throws {
        let last = try lastAnswer()
        guard !last.answer.context.items.isEmpty else { throw PromptFault("the last answer has no sources") }
        let printer = AnswerPrinter(generator: last.generator, isLLM: false, streams: false)
        try StandardStreams.output(printer.sources(of: last.answer))
    }

    private mutating func open(_ number: Int) async throws {
        let context = try lastAnswer().answer.context
        guard let item = context[number] else {
            let numbers = context.items.map(\.number)
            throw PromptFault(
                numbers.isEmpty
                    ? "the last answer has no sources"
                    : "the last answer has no source \(number): its sources are \(numbers.min() ?? 1) to \(numbers.max() ?? 1)"
            )
        }
        try await renew()
        let document = try await session.store.document(item.documentID)
        let view = SourceView(
            item: item, passages: try await session.store.passages(of: item.documentID), origin: document?.origin)
        try StandardStreams.output(view.text(Terminal.of(1)))
    }

    private func showJSON() throws {
        let last = try lastAnswer()
        // Loading was no part of it.
        let search = Envelope(
            result: last.answer.result, stages: [Trace.Stage(name: "load", duration: .zero)], total: last.total,
            explains: explains, queryIsCut: last.queryIsCut)
        let envelope = AnswerEnvelope(answer: last.answer, generator: last.generator, search: search)
        try StandardStreams.output(envelope.json.text + "\n")
    }
}
