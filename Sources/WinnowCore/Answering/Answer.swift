/// What became of a question.
public struct Answer: Sendable {
    public var outcome: Outcome
    /// What the generator read; without items when there was nothing to read.
    public var context: Context
    /// Each citation in the text, in its order, checked against the context.
    public var citations: [Citation]
    /// The search behind it: hits, candidates, trace.
    public var result: SearchResult

    public init(outcome: Outcome, context: Context, citations: [Citation] = [], result: SearchResult) {
        self.outcome = outcome
        self.context = context
        self.citations = citations
        self.result = result
    }

    public enum Outcome: Sendable {
        case answered(GeneratedAnswer)
        /// Nothing relevant enough was found: a result, not an error.
        case abstained(Abstention)
        /// The generator failed; hits and context are there all the same. `partialText` is what had come.
        case failed(any Error, partialText: String)
    }

    /// Why there is no answer.
    public enum Abstention: Sendable, Hashable {
        /// The first stage found nothing.
        case noCandidates
        /// No candidate was scored in time, so none reached the threshold.
        case outOfTime(Ranking.Threshold)
        /// No candidate that was scored reached the threshold; `best` is the one of which the reranker thinks most. So many others were
        /// not scored.
        case belowThreshold(Ranking.Threshold, best: Hit, unscored: Int)
        /// The generator says that the passages do not answer the question, in these words.
        case declined(text: String)
    }

    /// A number in a `[n]` of the text; `[1, 3]` are two citations. How they are found: ``CitationParser``.
    public struct Citation: Sendable, Hashable {
        public var number: Int
        /// UTF-8 byte offsets in the answer's text, of the brackets and all between them.
        public var range: Range<Int>
        /// There is a context item of this number. An answer that cites another has invented it.
        public var exists: Bool

        public init(number: Int, range: Range<Int>, exists: Bool) {
            self.number = number
            self.range = range
            self.exists = exists
        }
    }

    /// The answer, the statement that there is none, or as much as had come when the generator failed.
    public var text: String {
        switch outcome {
        case .answered(let answer): answer.text
        case .abstained(let abstention): abstention.description
        case .failed(_, let partialText): partialText
        }
    }

    /// Citations of numbers that no passage has: the generator invented them.
    public var invalidCitations: [Citation] { citations.filter { !$0.exists } }

    public var abstained: Bool {
        if case .abstained = outcome { return true }
        return false
    }

    /// Candidates of the first stage.
    public var retrievedCount: Int { result.candidates.count }

    /// Passages that the generator read.
    public var usedCount: Int { context.items.reduce(0) { $0 + $1.hits.count } }
}

extension Answer.Abstention {
    /// The case's name, as the trace states it: `noCandidates`, `outOfTime`, `belowThreshold`, `declined`.
    public var reason: String {
        switch self {
        case .noCandidates: "noCandidates"
        case .outOfTime: "outOfTime"
        case .belowThreshold: "belowThreshold"
        case .declined: "declined"
        }
    }
}

extension Answer.Abstention: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noCandidates: "No answer: nothing was found."
        case .outOfTime(let threshold):
            "No answer: no passage was scored in time, so none reached the threshold \(threshold)."
        case .belowThreshold(let threshold, let best, let unscored):
            "No answer: no passage "
                + (unscored > 0
                    ? "of those that were scored is relevant enough, and \(unscored) \(unscored == 1 ? "was" : "were") not scored"
                    : "is relevant enough")
                + (threshold.value(of: best).map { " (the best has \($0.shortened), the threshold is \(threshold))." }
                    ?? ".")
        case .declined(let text): text
        }
    }
}
