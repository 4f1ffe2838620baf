import WinnowCore

/// A second stage, ready to score.
struct LoadedReranker: Sendable {
    var reranker: any Reranker
    /// The most of a passage that it reads beside a query.
    var limit: PassageBudget.Limit
    /// Throws when no pair with this query could be scored: before a corpus is embedded in vain.
    var check: @Sendable (Query) throws -> Void
    /// What a person should know who chose this model.
    var notes: [String]
}

/// A bi-encoder, ready to embed.
struct LoadedEmbedder: Sendable {
    var embedder: any Embedder
    /// Embeds and says what of each text was cut.
    var embed: @Sendable ([String], EmbeddingSide) async throws -> EmbeddedTexts
    /// The most of a passage that it reads.
    var limit: PassageBudget.Limit
    /// What it does not read of a query.
    var cut: @Sendable (Query) -> QueryCut?
    /// What a person should know who chose this model.
    var notes: [String]
}

/// How a cross-encoder tokenises, without its weights.
struct LoadedPairTokenizer {
    var tokenizer: any PassageTokenizer
    /// The most of a passage that the cross-encoder reads beside a query.
    var limit: PassageBudget.Limit
    /// What a person should know who chose this model.
    var notes: [String]
}

/// A query that is longer than a model reads.
struct QueryCut: Sendable {
    var model: String
    /// Tokens of the query, and the first of them that the model reads.
    var tokens: Int
    var read: Int
}

extension QueryCut: Error, CustomStringConvertible {
    var description: String {
        "the query has \(tokens) tokens and the bi-encoder \(model) reads the first \(read) of them: ask a "
            + "shorter question"
    }
}

struct EmbeddedTexts {
    var vectors: Vectors
    /// Tokens of each text, special tokens not counted.
    var tokens: [Int]
    /// Tokens of each text that the model did not see.
    var tokensDropped: [Int]
}

struct LoadedTokenizer {
    /// The tokens of a text, in its order.
    var encode: (String) -> [TextToken]
    /// Tokenises standard input for `Scripts/compare-tokenizers`.
    var bulk: () throws -> Void
}

struct TextToken {
    var id: Int32
    /// As the vocabulary spells it.
    var token: String
    /// Bytes of the text.
    var range: Range<Int>
}
