/// A passage in the order that the user sees, with all that led there.
public struct Hit: Sendable, Hashable, Identifiable {
    public var passage: Passage
    /// The place in the first stage's order, from 1.
    public var initialRank: Int
    /// The place in the final order, from 1.
    public var finalRank: Int
    /// The first stage's final score; nil when candidates came without scores.
    public var retrievalScore: Double?
    /// What each retriever of a fused first stage says; empty when there was one list.
    public var retrievals: [String: Candidate.Retrieval]
    /// What the second stage says; nil when there was none or it did not score this candidate.
    public var pairScore: PairScore?
    /// From a calibration that was fitted on labels; nil when there is none.
    public var probability: Probability?
    /// What the final order sorted by, larger first, comparable within one query only; nil where the logits themselves, or the
    /// first stage's places, were the order.
    public var finalScore: Double?

    public init(
        passage: Passage, initialRank: Int, finalRank: Int, retrievalScore: Double? = nil,
        retrievals: [String: Candidate.Retrieval] = [:], pairScore: PairScore? = nil, probability: Probability? = nil,
        finalScore: Double? = nil
    ) {
        self.passage = passage
        self.initialRank = initialRank
        self.finalRank = finalRank
        self.retrievalScore = retrievalScore
        self.retrievals = retrievals
        self.pairScore = pairScore
        self.probability = probability
        self.finalScore = finalScore
    }

    public var id: String { passage.id }

    /// Places gained in the second stage: positive when the passage rose.
    public var delta: Int { initialRank - finalRank }

    /// The output of the reranker's head.
    public var logit: Logit? { pairScore?.logit }

    /// The reranker's own activation of the logit.
    public var score: Score? { pairScore?.score }

    /// The reranker did not see the whole passage.
    public var truncated: Bool { (pairScore?.passageTokensDropped ?? 0) > 0 }

    /// The reranker did not see the whole query.
    public var queryTruncated: Bool { (pairScore?.queryTokensDropped ?? 0) > 0 }
}
