/// What any model for English must know of texts of ours: passages that answer a question and such that do not, sentences that say the
/// same and such that do not, with the built-in models' own results as transformers computes them.
enum KnownAnswers {
    struct Question: Sendable {
        var text: String
        var relevant, irrelevant: String
        /// Of the built-in cross-encoder in float32.
        var relevantLogit, irrelevantLogit: Float
    }

    struct Paraphrase: Sendable {
        var text: String
        var same, other: String
        /// Of the built-in bi-encoder in float32.
        var sameCosine, otherCosine: Float
    }

    /// Of twelve, a model that guesses gets eleven right once in 300 times, and nine once in 14.
    static let enough = 11
    static let few = 9

    /// How far a result of the built-in models may be from the reference: in float32 by what kernels differ, else by twice what the rounding
    /// was seen to move these very texts.
    static let logitTolerance: [String: Float] = ["float32": 0.001, "bfloat16": 0.2, "int8": 0.6]
    static let cosineTolerance: [String: Float] = ["float32": 0.0001, "bfloat16": 0.02, "int8": 0.02]
}
