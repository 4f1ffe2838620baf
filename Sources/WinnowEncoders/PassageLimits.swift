import WinnowCore
import WinnowTokenizers

// How long a passage may be so that no stage cuts it: what a chunker is given.

extension CrossEncoder {
    /// Tokens of a pair that are kept free for the query when a passage's limit is set.
    public static let queryAllowance = 64

    /// The most of a passage that fits beside a query of ``queryAllowance`` tokens, counted by this model's tokenizer.
    public var passageLimit: PassageBudget.Limit {
        Self.passageLimit(name: description.name, tokenizer: tokenizer, maxLength: maxLength)
    }

    static func passageLimit(name: String, tokenizer: any TextTokenizer, maxLength: Int) -> PassageBudget.Limit {
        PassageBudget.Limit(
            name: name, counter: TokenizerCounter(tokenizer: tokenizer),
            maximum: maxLength - tokenizer.template.pairSpecialCount - queryAllowance)
    }
}

extension BiEncoder {
    /// The most of a passage that is embedded whole, counted by this model's tokenizer.
    public var passageLimit: PassageBudget.Limit {
        PassageBudget.Limit(
            name: description.name, counter: TokenizerCounter(tokenizer: tokenizer),
            maximum: maxLength - tokenizer.template.singleSpecialCount
                - tokenizer.tokenIDs(for: description.passagePrompt).count)
    }
}

/// Counts tokens as a model's own tokenizer makes them, special tokens left out.
private struct TokenizerCounter: TokenCounter {
    let tokenizer: any TextTokenizer

    func tokenCount(_ text: String) -> Int { tokenizer.tokenIDs(for: text).count }
}
