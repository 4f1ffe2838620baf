import TestSupport
import WinnowEncoders

/// The golden values of a tiny checkpoint, made by transformers (`Scripts/make-tiny-checkpoints`).
struct Golden: Decodable {
    struct Example: Decodable {
        let text: String
        let pair: String?
        let ids: [Int32]
        let typeIDs: [Int32]
        /// The tokens of which `hiddenStates` keeps the rows: for each layer, embeddings first, `[rows, hidden]`.
        let rows: [Int]?
        let hiddenStates: [[Float]]?
        let logit: Float?
        let mean, meanNormalized, cls: [Float]?
    }

    let kind: String
    let versions: [String: String]
    let examples: [Example]

    static let crossEncoders = [
        "tiny-cross-encoder", "tiny-cross-encoder-f16", "tiny-cross-encoder-bf16", "tiny-cross-encoder-int8",
        "tiny-cross-encoder-odd", "tiny-cross-encoder-ragged", "tiny-cross-encoder-odd-heads",
    ]
    /// Those of float32 weights, one a shape: whole vectors and panels; 48, heads of 16, 80; 30, heads of 10, 37; 27, heads of 9, 37.
    static let shapes = [
        "tiny-cross-encoder", "tiny-cross-encoder-odd", "tiny-cross-encoder-ragged", "tiny-cross-encoder-odd-heads",
    ]
    static let biEncoders = ["tiny-bi-encoder"]

    static func read(_ checkpoint: String) throws -> Golden {
        try Fixtures.json("\(checkpoint)/golden.json")
    }

    static func source(_ checkpoint: String) -> ModelSource {
        .directory(Fixtures.url(checkpoint).path)
    }
}

extension Tolerance {
    /// float32 sums of transformers against sums in double, of a few hundred terms.
    static let hiddenStates = Tolerance("float32 rounding over a few layers", 1e-5, .largest)
    static let logits = Tolerance("the issue's bound for logits", 1e-4)
    static let embeddings = Tolerance("the issue's bound for embeddings", 1e-5)
}
