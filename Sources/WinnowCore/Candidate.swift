/// A passage that the first stage proposes to the second.
public struct Candidate: Sendable, Hashable {
    public var passage: Passage
    /// The place in the first stage's order, from 1.
    public var rank: Int
    /// The first stage's final score (cosine for dense retrieval); nil when candidates came without scores.
    public var retrievalScore: Double?
    /// What each retriever of a fused first stage says, by the retriever's name; empty when there was one list.
    public var retrievals: [String: Retrieval]
    /// The passage's token ids, if they were made at ingest.
    public var tokens: TokenizedPassage?

    public init(
        passage: Passage, rank: Int, retrievalScore: Double? = nil, retrievals: [String: Retrieval] = [:],
        tokens: TokenizedPassage? = nil
    ) {
        self.passage = passage
        self.rank = rank
        self.retrievalScore = retrievalScore
        self.retrievals = retrievals
        self.tokens = tokens
    }

    /// One retriever's word on a candidate.
    public struct Retrieval: Sendable, Hashable {
        /// The place in its list, from 1; nil when the candidate is not in it and the score was computed because another
        /// retriever found the passage.
        public var rank: Int?
        /// On the retriever's own scale; nil when its list came without scores.
        public var score: Double?

        public init(rank: Int?, score: Double?) {
            self.rank = rank
            self.score = score
        }
    }
}

/// Token ids of ``Passage/content`` without special tokens, and the tokenizer that made them.
///
/// A reranker uses the ids only when the fingerprint is its own tokenizer's, and tokenises the text otherwise.
public struct TokenizedPassage: Sendable, Hashable {
    public var ids: [Int32]
    public var tokenizer: Fingerprint

    public init(ids: [Int32], tokenizer: Fingerprint) {
        self.ids = ids
        self.tokenizer = tokenizer
    }
}

/// The first stage's answer: candidates in order, ranks 1, 2, 3 …
public struct RankedList: Sendable, Hashable {
    public var candidates: [Candidate]

    public init(_ candidates: [Candidate]) {
        self.candidates = candidates
    }
}
