/// From a question to a cited answer: retrieve, rerank, threshold, context, answer.
public struct RAGPipeline: Sendable {
    public var search: SearchPipeline
    public var contextBuilder: ContextBuilder
    public var generator: any AnswerGenerator

    public init(search: SearchPipeline, contextBuilder: ContextBuilder, generator: any AnswerGenerator) {
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
    ///   - deadline: of the second stage, as in ``SearchPipeline/search(_:filter:until:)``.
    ///   - onEvent: is called in order, and awaited.
    /// - Throws: what the search throws, and `CancellationError`. A generator that fails does not throw: the outcome says so.
    public func ask(
        _ query: Query, filter: (any PassageFilter)? = nil, until deadline: ContinuousClock.Instant? = nil,
        onEvent: @Sendable (Event) async throws -> Void = { _ in }
    ) async throws -> Answer {
        let result = try await search.search(query, filter: filter, until: deadline)
        return Answer(outcome: .abstained(.noCandidates), context: Context(items: []), result: result)
    }
}
