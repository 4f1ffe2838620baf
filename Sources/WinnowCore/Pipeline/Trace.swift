/// All that happened to one query: stages with their times, models, every candidate with both ranks and all scores.
///
/// One value feeds `--explain`, the query log, evaluation and metrics. As JSON it is versioned, times are milliseconds, and
/// an absent value is `null` with its key there. It holds passage ids, not passage texts.
public struct Trace: Sendable, Hashable {
    /// The version of the JSON form that this build writes, and the only one it reads.
    public static let currentVersion = 1

    public var query: String
    public var initialK: Int
    public var finalK: Int
    /// In the order in which they ran.
    public var stages: [Stage]
    /// By role: `embedder`, `reranker`.
    public var models: [String: Model]
    /// In the final order.
    public var candidates: [TracedCandidate]

    public init(
        query: String, initialK: Int, finalK: Int, stages: [Stage], models: [String: Model],
        candidates: [TracedCandidate]
    ) {
        self.query = query
        self.initialK = initialK
        self.finalK = finalK
        self.stages = stages
        self.models = models
        self.candidates = candidates
    }

    /// One stage's run.
    public struct Stage: Sendable, Hashable {
        /// `retrieve`, `rerank`, `rank`.
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
