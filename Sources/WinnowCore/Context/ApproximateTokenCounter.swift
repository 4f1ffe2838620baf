/// Takes a token for every four bytes of UTF-8, the last one begun counting whole: for those who have no tokenizer at hand.
///
/// An approximation. English in the common vocabularies has 4 to 5 bytes a token, other languages, code and numbers often
/// fewer: a context built with it may be over a model's limit. Where the model's own tokenizer is there, count with that.
public struct ApproximateTokenCounter: TokenCounter {
    public init() {}

    public func tokenCount(_ text: String) -> Int { (text.utf8.count + 3) / 4 }
}
