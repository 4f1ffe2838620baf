/// The first stage: finds candidates for a query among all passages.
public protocol Retriever: Sendable {
    /// - Parameters:
    ///   - limit: how many candidates at most (`initialK`), at least 1.
    ///   - filter: only passages that it admits are candidates; `limit` counts those.
    /// - Returns: the best candidates, best first, equal scores in the order of passage ids.
    func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList
    /// The models whose word the order depends on, by role (`embedder`); none for a retriever without models.
    var models: [String: ModelIdentity] { get throws }
    /// What traces and tables call it, such as `dense` or `bm25`; nil: nothing.
    var name: String? { get }
}

extension Retriever {
    public var name: String? { nil }
    public var models: [String: ModelIdentity] { get throws { [:] } }
}

/// A predicate on passages that a first stage applies *inside* its search. One on metadata is ``MetadataFilter``, which a store answers
/// from its tables instead of asking.
public protocol PassageFilter: Sendable {
    func admits(_ passage: Passage) -> Bool
}

/// Which side of the search a text stands on: many bi-encoders put a different prompt before each.
public enum EmbeddingSide: Sendable, Hashable {
    case query
    case passage
}

/// A bi-encoder: texts to vectors.
public protocol Embedder: Sendable {
    /// The length of a vector.
    var dimension: Int { get }
    /// What a stored vector depends on.
    var identity: ModelIdentity { get throws }
    /// - Returns: one vector a text, in order. A text's vector does not depend on the texts beside it.
    /// - Throws: `CancellationError` between batches when the task was cancelled.
    func embed(_ texts: [String], as side: EmbeddingSide) async throws -> Vectors
}

/// A second stage that judges each (query, passage) pair by itself.
public protocol Reranker: Sendable {
    /// What a cached score depends on.
    var identity: ModelIdentity { get throws }
    /// Whether what it says of a candidate, or that it says nothing, depends on the candidates beside it, or on what the first stage says of
    /// them. Such a word holds for one list and is not kept for another; what decorates such a reranker is one itself.
    var scoresDependOnCompany: Bool { get }
    /// - Parameter deadline: candidates that cannot be scored before it are left out; nil: no limit.
    /// - Returns: one entry a candidate, in the order given; nil where it was not scored.
    /// - Throws: `CancellationError` between batches when the task was cancelled.
    func score(_ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?) async throws
        -> [PairScore?]
    /// The same, with what there is to say of how the scores came about. A reranker that has nothing to say leaves it out; one that
    /// decorates another has its counts beside its own.
    func scoring(_ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?) async throws
        -> Scoring
}

extension Reranker {
    public var scoresDependOnCompany: Bool { false }

    public func scoring(
        _ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?
    ) async throws -> Scoring {
        Scoring(scores: try await score(query, candidates, until: deadline))
    }
}

/// A second stage's word on a list of candidates.
public struct Scoring: Sendable, Hashable {
    /// One a candidate, in the order given; nil where it was not scored.
    public var scores: [PairScore?]
    /// By name, such as `cached`: candidates whose score was found and not computed. They stand in the trace's stage `rerank`.
    public var counts: [String: Int]
    /// Which candidates were to be scored; nil: all of them.
    public var selection: Selection?

    public init(scores: [PairScore?], counts: [String: Int] = [:], selection: Selection? = nil) {
        self.scores = scores
        self.counts = counts
        self.selection = selection
    }
}

/// What a ``SelectiveReranker`` made of a list of candidates.
public struct Selection: Sendable, Hashable {
    /// How far under the best first-stage score a candidate was scored, in the first stage's units.
    public var within: Double
    /// Candidates of the first stage.
    public var of: Int
    /// Those of them that were not to be scored; they follow the scored ones in the first stage's order.
    public var passedOver: Int

    public init(within: Double, of: Int, passedOver: Int) {
        self.within = within
        self.of = of
        self.passedOver = passedOver
    }
}

/// A second stage that returns an order and no scores, as an LLM asked for a permutation does.
public protocol ListwiseReranker: Sendable {
    /// - Returns: indices into `candidates`, best first, each at most once.
    func order(_ query: Query, _ candidates: [Candidate]) async throws -> [Int]
}

/// Everything besides the texts that a score or a vector depends on.
public struct ModelIdentity: Sendable, Hashable {
    /// The name people know it by, such as `winnow-reranker-minilm-l6`.
    public var name: String
    /// Of the weights and configuration.
    public var fingerprint: Fingerprint
    /// The arithmetic: `float32`, `bfloat16` or `int8`.
    public var precision: String
    /// The kernel variant, such as `avx512`: variants may differ in the last bits.
    public var kernels: String
    /// The truncation policy and the maximum length in tokens, such as `passage:512`.
    public var truncation: String

    public init(name: String, fingerprint: Fingerprint, precision: String, kernels: String, truncation: String) {
        self.name = name
        self.fingerprint = fingerprint
        self.precision = precision
        self.kernels = kernels
        self.truncation = truncation
    }
}

/// A matrix of float32 rows, one vector a row, in one piece of memory.
public struct Vectors: Sendable, Hashable {
    public let dimension: Int
    /// `count × dimension` values, row by row.
    public let values: [Float]

    /// - Precondition: `values.count` is a multiple of `dimension`, which is at least 1.
    public init(dimension: Int, values: [Float]) {
        precondition(
            dimension > 0 && values.count % dimension == 0,
            "\(values.count) values are no rows of \(dimension)")
        self.dimension = dimension
        self.values = values
    }

    public var count: Int { values.count / dimension }

    public subscript(row: Int) -> ArraySlice<Float> {
        values[row * dimension..<(row + 1) * dimension]
    }
}

/// Makes the token ids that a reranker will want, once, when passages are stored.
public protocol PassageTokenizer: Sendable {
    /// What ids depend on: the ``TokenizedPassage/tokenizer`` of what it makes.
    var tokenizerFingerprint: Fingerprint { get throws }
    /// - Returns: one entry a text, in order.
    func tokenize(_ contents: [String]) async throws -> [TokenizedPassage]
}
