/// All that happened to one query: stages with their times, models, every candidate with both ranks and all scores.
///
/// One value feeds `--explain`, the query log, evaluation and metrics. As JSON it is versioned, times are milliseconds, and
/// an absent value is `null` with its key there. It holds passage ids, not passage
/// texts, and nothing of the answer's text.
public struct Trace: Sendable, Hashable {
    /// The version of the JSON form that this build writes. Version 1 had no ``time``, ``threshold`` and ``answer``; version 2 no
    /// ``retriever`` and ``order``, no ``TracedCandidate/finalScore``, and a rank and a score in every ``TracedCandidate/retrieval``;
    /// version 3 no ``deadline`` and no ``selection``.
    public static let currentVersion = 4
    /// The versions that this build reads.
    public static let readableVersions = 1...4

    public var query: String
    public var initialK: Int
    public var finalK: Int
    /// In the order in which they ran.
    public var stages: [Stage]
    /// By role: `embedder`, `reranker`.
    public var models: [String: Model]
    /// In the final order.
    public var candidates: [TracedCandidate]
    /// When the search began, in UTC to the millisecond, as ISO 8601 writes it; nil in a trace of version 1.
    public var time: String?
    /// ``Retriever/name`` of the first stage; nil: it has none, or the trace is of a version before 3.
    public var retriever: String?
    /// As ``FinalOrder`` writes itself; nil: the first stage's order is the final one, or the trace is of a version before 3, when
    /// there was the reranker's order alone.
    public var order: String?
    /// As ``Ranking/Threshold`` writes itself; nil: there was none.
    public var threshold: String?
    /// As ``MetadataFilter`` writes itself; nil: there was none, or a filter of another kind.
    public var filter: String?
    /// What the time that the query was given was enough for; nil: it was given no limit, or there was no second stage.
    public var deadline: Deadline?
    /// Which candidates were to be scored at all; nil: all of them, or there was no second stage.
    public var selection: Selection?
    /// What was made of the hits; nil: they were not used to answer.
    public var answer: AnswerSummary?

    public init(
        query: String, initialK: Int, finalK: Int, stages: [Stage], models: [String: Model],
        candidates: [TracedCandidate], time: String? = nil, retriever: String? = nil, order: String? = nil,
        threshold: String? = nil, filter: String? = nil, deadline: Deadline? = nil,
        selection: Selection? = nil, answer: AnswerSummary? = nil
    ) {
        self.query = query
        self.initialK = initialK
        self.finalK = finalK
        self.stages = stages
        self.models = models
        self.candidates = candidates
        self.time = time
        self.retriever = retriever
        self.order = order
        self.threshold = threshold
        self.filter = filter
        self.deadline = deadline
        self.selection = selection
        self.answer = answer
    }

    /// How far the second stage came in the time that it had.
    public struct Deadline: Sendable, Hashable {
        /// Of the query, from its way into the pipeline on.
        public var limit: Duration
        /// Candidates that were scored; the others follow them in the first stage's order.
        public var scored: Int
        /// Candidates that were to be scored.
        public var of: Int

        public init(limit: Duration, scored: Int, of: Int) {
            self.limit = limit
            self.scored = scored
            self.of = of
        }

        /// Some candidates were left unscored.
        public var wasReached: Bool { scored < of }
    }

    /// What became of the question, without a word of the answer or of the passages.
    public struct AnswerSummary: Sendable, Hashable {
        public enum Outcome: String, Sendable, Hashable, Codable {
            case answered, abstained, failed
        }

        /// ``AnswerGenerator/name``, also where it was not asked.
        public var generator: String
        public var outcome: Outcome
        /// Why there is no answer: `noCandidates`, `outOfTime`, `belowThreshold`, `declined`, or the type of the generator's error; nil
        /// when there is one.
        public var reason: String?
        /// Numbers cited in the text, each time they are.
        public var citations: Int
        /// Those of them that no passage has.
        public var invalidCitations: Int
        /// Candidates of the first stage.
        public var retrievedCount: Int
        /// Passages that the generator read, or would have read.
        public var usedCount: Int

        public init(
            generator: String, outcome: Outcome, reason: String? = nil, citations: Int = 0, invalidCitations: Int = 0,
            retrievedCount: Int, usedCount: Int
        ) {
            self.generator = generator
            self.outcome = outcome
            self.reason = reason
            self.citations = citations
            self.invalidCitations = invalidCitations
            self.retrievedCount = retrievedCount
            self.usedCount = usedCount
        }
    }

    /// One stage's run.
    public struct Stage: Sendable, Hashable {
        /// `retrieve`, `rerank`, `rank`, `context`, `answer`.
        public var name: String
        public var duration: Duration
        /// What it worked on, such as `candidates`, `scored`, `tokensDropped`.
        public var counts: [String: Int]

        public init(name: String, duration: Duration, counts: [String: Int] = [:]) {
            self.name = name
            self.duration = duration
            self.counts = counts
        }
    }

    /// A ``ModelIdentity`` as it is written.
    public struct Model: Sendable, Hashable, Codable {
        public var name: String
        public var fingerprint: String
        public var precision: String
        public var kernels: String
        public var truncation: String

        public init(_ identity: ModelIdentity) {
            name = identity.name
            fingerprint = identity.fingerprint.hexadecimal
            precision = identity.precision
            kernels = identity.kernels
            truncation = identity.truncation
        }
    }

    /// A candidate's way through the stages. Named as the hits of `--json` are.
    public struct TracedCandidate: Sendable, Hashable {
        public var id: String
        public var document: String
        public var initialRank: Int
        public var finalRank: Int
        public var retrievalScore: Double?
        public var retrieval: [String: Candidate.Retrieval]
        public var logit: Float?
        public var score: Float?
        public var scoreKind: ScoreKind?
        public var probability: Double?
        public var finalScore: Double?
        public var passageTokensDropped: Int?
        public var queryTokensDropped: Int?
        public var window: Int?

        public init(_ hit: Hit) {
            id = hit.passage.id
            document = hit.passage.documentID
            initialRank = hit.initialRank
            finalRank = hit.finalRank
            retrievalScore = hit.retrievalScore
            retrieval = hit.retrievals
            logit = hit.logit?.value
            score = hit.score?.value
            scoreKind = hit.score?.kind
            probability = hit.probability?.value
            finalScore = hit.finalScore
            passageTokensDropped = hit.pairScore?.passageTokensDropped
            queryTokensDropped = hit.pairScore?.queryTokensDropped
            window = hit.pairScore?.window
        }
    }

    /// The named stage's time; nil when it did not run.
    public func duration(of stage: String) -> Duration? {
        stages.first { $0.name == stage }?.duration
    }
}
