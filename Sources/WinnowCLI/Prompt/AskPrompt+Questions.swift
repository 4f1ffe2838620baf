import Synchronization
import WinnowCore

extension AskPrompt {
    mutating func ask(_ text: String, _ log: borrowing TraceLog?) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let query = Query(text)
        try await renew()
        let queryCut = try session.check(query, settings)
        let streams = options.generation.llmModel != nil
        let generator = pipeline.generator.name
        let printer = AnswerPrinter(generator: generator, isLLM: streams, streams: streams)
        let (pipeline, filter, time) = (pipeline, settings.filter, options.time)
        let answer: Answer
        do {
            answer = try await current.run {
                try await pipeline.ask(query, filter: filter, until: time.deadline) { event in
                    if streams { try printer.show(event) }
                }
            }
        } catch {
            try printer.breakOff()
            // Its sources are what stands on the screen; those of the answer before are not.
            if printer.hasShownSources {
                last = nil
                completer.numbers = []
            }
            throw error
        }
        let answered = Answered(
            answer: answer, generator: generator, queryIsCut: queryCut != nil, total: clock.now - start)
        last = answered
        completer.numbers = answer.context.items.map(\.number).sorted()
        try printer.finish(answer, total: answered.total)
        if explains { try explain(answered) }
        _ = AnswerNotes.show(answer, generator: generator, queryCut: queryCut, showsCuts: explains)
        do {
            try log?.append(answer.result.trace)
        } catch {
            StandardStreams.note("error: the answer stands, but it is not in the log: \(error)")
        }
    }

    /// Goes on with the store that lies at the path now.
    mutating func renew() async throws {
        guard let renewed = try session.renewed(settings) else { return }
        pipeline = renewed
        completer.fields = try await session.store.fields().fields.map(\.name)
    }

    func explain(_ answered: Answered) throws {
        let tables = ResultTables(result: answered.answer.result, terminal: Terminal.of(1), showsFirstStage: true)
        try StandardStreams.output("\n" + tables.explanation(stages: [], total: answered.total))
    }

    func lastAnswer() throws -> Answered {
        guard let last else {
            throw PromptFault("there is no answer yet, or the last one was given up: ask something first")
        }
        return last
    }
}

/// The question that is being answered, if there is one.
final class CurrentQuestion: Sendable {
    private let task = Mutex<Task<Answer, any Error>?>(nil)

    func run(_ body: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        let task = Task { try await body() }
        self.task.withLock { $0 = task }
        defer { self.task.withLock { $0 = nil } }
        return try await task.value
    }

    /// - Returns: false when there is none.
    func cancel() -> Bool {
        task.withLock { task in
            task?.cancel()
            return task != nil
        }
    }
}
