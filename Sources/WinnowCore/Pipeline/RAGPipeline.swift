import Synchronization

/// From a question to a cited answer: retrieve, rerank, threshold, context, answer.
public struct RAGPipeline: Sendable {
    public var search: SearchPipeline
    public var contextBuilder: ContextBuilder
    public var generator: any AnswerGenerator

    /// - Parameter contextBuilder: by default of 2,048 tokens, counted roughly.
    public init(
        search: SearchPipeline, contextBuilder: ContextBuilder = ContextBuilder(counter: ApproximateTokenCounter()),
        generator: any AnswerGenerator
    ) {
        self.search = search
        self.contextBuilder = contextBuilder
        self.generator = generator
    }

    /// What can be shown before the answer is whole.
    public enum Event: Sendable {
        /// The search is done; what the generator will read. Also sent before an abstention.
        case found(SearchResult, Context)
        /// More of the answer's text.
        case text(String)
    }

    /// Answers a question, or says why not: see ``Answer/Outcome``.
    ///
    /// - Parameters:
    ///   - filter: only passages that it admits are candidates.
    ///   - deadline: of the second stage, as in ``SearchPipeline/search(_:filter:until:)``; a generator that can hurry gets what is
    ///     left of it.
    ///   - onEvent: is called in order, and awaited: once with what was found, then with the text as it comes.
    /// - Throws: what the search and `onEvent` throw, and `CancellationError`. A generator that fails does not throw: the outcome
    ///   says so.
    public func ask(
        _ query: Query, filter: (any PassageFilter)? = nil, until deadline: Deadline? = nil,
        onEvent: @Sendable (Event) async throws -> Void = { _ in }
    ) async throws -> Answer {
        var result = try await search.search(query, filter: filter, until: deadline)
        guard !result.hits.isEmpty else {
            let context = Context(items: [])
            try await onEvent(.found(result, context))
            return answer(.abstained(abstention(result)), context, result)
        }

        let clock = ContinuousClock()
        var start = clock.now
        let context = contextBuilder.context(of: result.hits)
        result.trace.stages.append(
            Trace.Stage(
                name: "context", duration: clock.now - start,
                counts: [
                    "hits": result.hits.count, "items": context.items.count, "leftOut": context.leftOut.count,
                    "duplicates": context.duplicates.count, "tokens": context.tokens,
                ]))
        try await onEvent(.found(result, context))
        try Task.checkCancellation()

        start = clock.now
        let outcome = try await outcome(of: query, context, until: deadline, onEvent)
        let duration = clock.now - start
        var answer = answer(outcome, context, result)
        var sentences: [String: Int] = [:]
        if case .answered(let generated) = outcome, let compared = generated.sentences {
            sentences = ["sentences": compared.of, "sentencesScored": compared.scored]
        }
        answer.result.trace.stages.append(
            Trace.Stage(
                name: "answer", duration: duration,
                counts: [
                    "bytes": answer.text.utf8.count, "citations": answer.citations.count,
                    "invalidCitations": answer.invalidCitations.count,
                ].merging(sentences) { own, _ in own }))
        return answer
    }

    private func abstention(_ result: SearchResult) -> Answer.Abstention {
        guard let best = result.strongest, let threshold = search.threshold else { return .noCandidates }
        return best.pairScore == nil
            ? .outOfTime(threshold) : .belowThreshold(threshold, best: best, unscored: result.unscoredCount)
    }

    /// Asks the generator. A failure of `onEvent`, and cancellation, come back through it in whatever disguise: they are the
    /// caller's, and thrown.
    private func outcome(
        of query: Query, _ context: Context, until deadline: Deadline?,
        _ onEvent: @Sendable (Event) async throws -> Void
    ) async throws -> Answer.Outcome {
        let progress = Progress()
        do {
            let generated = try await generator.generate(query, from: context, until: deadline?.scoringEnd) { piece in
                do {
                    try await onEvent(.text(piece))
                } catch {
                    progress.state.withLock { $0.eventError = error }
                    throw error
                }
                progress.state.withLock { $0.text += piece }
            }
            try Task.checkCancellation()
            if let error = progress.state.withLock({ $0.eventError }) { throw error }
            if generated.declined { return .abstained(.declined(text: generated.text)) }
            guard !VisibleText.isAbsent(from: generated.text) else {
                throw SearchError.emptyAnswer(generator: generator.name)
            }
            return .answered(generated)
        } catch {
            let state = progress.state.withLock { $0 }
            if let error = state.eventError { throw error }
            try Task.checkCancellation()
            if let error = error as? GenerationError {
                if error.underlying is CancellationError { throw error.underlying }
                return .failed(error.underlying, partialText: error.partialText)
            }
            if error is CancellationError { throw error }
            return .failed(error, partialText: state.text)
        }
    }

    /// What has been handed on so far.
    private final class Progress: Sendable {
        struct State {
            var text = ""
            var eventError: (any Error)?
        }

        let state = Mutex(State())
    }

    private func answer(_ outcome: Answer.Outcome, _ context: Context, _ result: SearchResult) -> Answer {
        var answer = Answer(outcome: outcome, context: context, result: result)
        switch outcome {
        case .answered(let generated): answer.citations = CitationParser.citations(in: generated, context: context)
        case .abstained: break
        case .failed(_, let partialText):
            answer.citations = CitationParser.citations(in: partialText, context: context)
        }
        answer.result.trace.answer = Trace.AnswerSummary(answer, generator: generator.name)
        return answer
    }
}

extension Trace.AnswerSummary {
    init(_ answer: Answer, generator: String) {
        let outcome: Outcome
        var reason: String?
        switch answer.outcome {
        case .answered: outcome = .answered
        case .abstained(let abstention):
            outcome = .abstained
            reason = abstention.reason
        case .failed(let error, _):
            outcome = .failed
            // Its type only: a message may quote the answer.
            reason = "\(type(of: error))"
        }
        self.init(
            generator: generator, outcome: outcome, reason: reason, citations: answer.citations.count,
            invalidCitations: answer.invalidCitations.count, retrievedCount: answer.retrievedCount,
            usedCount: answer.usedCount)
    }
}
