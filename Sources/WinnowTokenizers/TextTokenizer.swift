/// Text to token ids, as one model's vocabulary has them.
///
/// A conforming type is immutable after its construction and is used from many threads at once. Tokenising never fails:
/// what the vocabulary lacks becomes the unknown token, and bytes that are not UTF-8 count as U+FFFD.
public protocol TextTokenizer: Sendable {
    /// The ids of `text` without the template's special tokens.
    ///
    /// A special or added token that is written in the text ("[SEP]") is recognised there, as Hugging Face `tokenizers`
    /// does: a caller who must not allow that removes it from the text first.
    func tokenIDs(for text: String) -> [Int32]

    /// The ids of UTF-8 bytes, appended to `ids`: the hot path, with no allocation but the growth of `ids`.
    ///
    /// - Parameter utf8: read during the call only. Each maximal ill-formed subsequence counts as one U+FFFD, so that
    ///   the result is that of `tokenIDs(for: String(decoding: utf8, as: UTF8.self))`.
    func appendTokenIDs(for utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32])

    /// The ids with the place of each token in the text, without the template. Several times slower than
    /// ``tokenIDs(for:)``.
    func encode(_ text: String) -> Encoding

    /// Every id is in `0..<vocabularySize`: the rows that the model's embedding table must have.
    var vocabularySize: Int { get }

    /// The token as the vocabulary spells it ("##ing"); nil for an id that no token has.
    func token(for id: Int32) -> String?

    /// How ids become a model's input: special tokens and type ids.
    var template: SequenceTemplate { get }
}

extension TextTokenizer {
    public func tokenIDs(for text: String) -> [Int32] {
        var text = text
        var ids: [Int32] = []
        text.withUTF8 { appendTokenIDs(for: $0, to: &ids) }
        return ids
    }
}

/// Token ids with the bytes of the text that each stands for.
public struct Encoding: Sendable, Hashable {
    /// In the order of the text.
    public var ids: [Int32]
    /// For each id, the range of UTF-8 bytes of the original text (before any normalisation) that it was made from:
    /// whole scalars, in ascending order. A combining accent that normalisation strips belongs to no token.
    public var offsets: [Range<Int>]

    public init(ids: [Int32] = [], offsets: [Range<Int>] = []) {
        self.ids = ids
        self.offsets = offsets
    }
}
