/// Makes an answer out of numbered passages: by an LLM, or by choosing sentences.
public protocol AnswerGenerator: Sendable {
    /// The name that the answer and the trace state: `extractive`, or the LLM's.
    var name: String { get }

    /// - Parameters:
    ///   - context: never empty; without passages a pipeline abstains by itself.
    ///   - onText: is handed the answer piece by piece as it comes, in order; the pieces together are the returned text. A
    ///     generator that has it all at once calls it once.
    /// - Throws: what went wrong, in words that a person can act on, ``GenerationError`` where some text had come;
    ///   `CancellationError`.
    func generate(
        _ query: Query, from context: Context, onText: @Sendable (String) async throws -> Void
    ) async throws -> GeneratedAnswer
    /// The same by a deadline. A generator that can make an answer of less work does so in time; one that cannot, as an LLM, takes the
    /// time that it takes, and leaves this out.
    func generate(
        _ query: Query, from context: Context, until deadline: ContinuousClock.Instant?,
        onText: @Sendable (String) async throws -> Void
    ) async throws -> GeneratedAnswer
}

extension AnswerGenerator {
    public func generate(
        _ query: Query, from context: Context, until deadline: ContinuousClock.Instant?,
        onText: @Sendable (String) async throws -> Void
    ) async throws -> GeneratedAnswer {
        try await generate(query, from: context, onText: onText)
    }
}

/// What a generator says.
public struct GeneratedAnswer: Sendable, Hashable {
    /// With citations as `[1]`, `[2]`, or `[1, 3]`.
    public var text: String
    /// The sentences that it consists of, where it was put together from the passages' own words; nil where it was written.
    public var extracts: [Extract]?
    /// How many sentences there were to choose from; nil where the text was not chosen from any.
    public var sentences: Sentences?
    /// The generator says that the context does not answer the question.
    public var declined: Bool
    /// The text may stop in mid-sentence: the generator reached its limit of tokens, or did not say that it was at its end.
    public var cutOff: Bool

    public init(
        text: String, extracts: [Extract]? = nil, sentences: Sentences? = nil, declined: Bool = false,
        cutOff: Bool = false
    ) {
        self.text = text
        self.extracts = extracts
        self.sentences = sentences
        self.declined = declined
        self.cutOff = cutOff
    }

    /// What extracts were chosen from.
    public struct Sentences: Sendable, Hashable {
        /// Those that were compared with the question in time. The extracts are the best of these; where it is 0, the first sentences.
        public var scored: Int
        /// Those that were to be compared.
        public var of: Int

        public init(scored: Int, of: Int) {
            self.scored = scored
            self.of = of
        }
    }

    /// A sentence of a passage, word for word.
    public struct Extract: Sendable, Hashable {
        /// The number of the context item that it stands in.
        public var number: Int
        public var documentID: String
        public var text: String
        /// UTF-8 byte offsets in the document's source.
        public var range: Range<Int>
        /// The reranker's word on the sentence; nil when it was chosen without one.
        public var pairScore: PairScore?

        public init(number: Int, documentID: String, text: String, range: Range<Int>, pairScore: PairScore? = nil) {
            self.number = number
            self.documentID = documentID
            self.text = text
            self.range = range
            self.pairScore = pairScore
        }
    }
}

/// A generator that failed when part of its answer was there.
public struct GenerationError: Error, CustomStringConvertible {
    /// What had come before it failed.
    public var partialText: String
    public var underlying: any Error

    public init(partialText: String, underlying: any Error) {
        self.partialText = partialText
        self.underlying = underlying
    }

    public var description: String { "\(underlying)" }
}
