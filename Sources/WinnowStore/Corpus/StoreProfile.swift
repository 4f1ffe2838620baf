import WinnowCore

/// What filled a store. Vectors, passages and token ids of another model, way of cutting or tokenizer do not belong beside
/// those that are there.
public struct StoreProfile: Sendable, Hashable {
    /// The embedding model's name, for messages.
    public var embedder: String
    /// The embedding model itself: a store is searched and filled only with the model of this fingerprint.
    public var embedderFingerprint: Fingerprint
    /// The length of a vector.
    public var dimension: Int
    /// The embedding model's arithmetic, for information: the vectors of one model in two precisions are compared as one's.
    public var precision: String
    /// How documents were cut: the chunker's identity, such as `sentences overlap=0.15`; compared when a writer opens the
    /// store.
    public var chunking: String
    /// The most tokens of a passage: the least of the limits of the models that it was cut for; nil: no limit. Compared when
    /// a writer opens the store.
    public var passageTokens: Int?
    /// Those models with their limits, for information: a model of the same limit may take another's place.
    public var budget: String
    /// The tokenizer of the stored token ids; nil when none are stored.
    public var tokenizer: Fingerprint?

    /// - Precondition: `dimension` is at least 1.
    public init(
        embedder: String, embedderFingerprint: Fingerprint, dimension: Int, precision: String, chunking: String,
        passageTokens: Int?, budget: String, tokenizer: Fingerprint?
    ) {
        precondition(dimension > 0, "a store of \(dimension) dimensions")
        self.embedder = embedder
        self.embedderFingerprint = embedderFingerprint
        self.dimension = dimension
        self.precision = precision
        self.chunking = chunking
        self.passageTokens = passageTokens
        self.budget = budget
        self.tokenizer = tokenizer
    }
}
