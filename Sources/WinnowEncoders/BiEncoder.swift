import CWinnowKernels
import WinnowCore
import WinnowTokenizers

/// A bi-encoder: one text to one vector, so that texts can be compared by an inner product.
///
/// `BertModel` with sentence-transformers' modules: mean over real tokens or `[CLS]`, normalised when `modules.json` says so.
/// A text's vector is bitwise the same whatever texts stand beside it.
public final class BiEncoder: Embedder {
    /// What the model's files say.
    public var description: ModelDescription { runtime.description }
    /// What the user should know about the model as it was loaded: of its files, and of weights that were rounded.
    public var notes: [String] { runtime.notes }
    public var tokenizer: any TextTokenizer { runtime.tokenizer }
    /// Tokens of a text at most, special tokens included.
    public var maxLength: Int { runtime.maxLength }
    public var dimension: Int { description.bert.hiddenSize }

    private let runtime: EncoderRuntime

    /// Texts that are tokenised and embedded in one go; cancellation is noticed between and, unstarted, inside.
    private static let textsPerBatch = 512

    /// Reads a model. Weights of a folder are mapped and repacked for the kernels (4 bytes a weight of the layers).
    /// - Throws: ``ModelError`` for the files, `TokenizerError` for the tokenizer's, ``EncoderError`` for the options.
    public static func load(_ source: ModelSource, options: EncoderOptions = EncoderOptions()) throws -> BiEncoder {
        BiEncoder(try EncoderRuntime(source, kind: .biEncoder, options: options))
    }

    private init(_ runtime: EncoderRuntime) {
        self.runtime = runtime
    }

    public var identity: ModelIdentity {
        get throws { try runtime.identity() }
    }

    /// Vectors, and what of each text the model did not see.
    public struct Report: Sendable, Hashable {
        public var vectors: Vectors
        /// Tokens of each text without special tokens, prompt included.
        public var tokens: [Int]
        /// Tokens of each text beyond the maximum length, which were cut from its end.
        public var tokensDropped: [Int]
    }

    public func embed(_ texts: [String], as side: EmbeddingSide) async throws -> Vectors {
        try await embedWithReport(texts, as: side).vectors
    }

    /// - Throws: `TokenizerError` when a text is too long under ``Truncation/error``;
    ///   ``EncoderError/notFinite(model:item:)``; `CancellationError`.
    public func embedWithReport(_ texts: [String], as side: EmbeddingSide) async throws -> Report {
        var report = Report(vectors: Vectors(dimension: dimension, values: []), tokens: [], tokensDropped: [])
        var values: [Float] = []
        values.reserveCapacity(texts.count * dimension)
        let prompt = side == .query ? description.queryPrompt : description.passagePrompt
        for first in stride(from: 0, to: texts.count, by: Self.textsPerBatch) {
            let batch = texts[first..<min(first + Self.textsPerBatch, texts.count)]
            let ids = try await runtime.tokenize(prompt.isEmpty ? Array(batch) : batch.map { prompt + $0 })
            let inputs = try ids.enumerated().map { index, ids in
                do {
                    return try tokenizer.template.single(
                        ids, maxLength: maxLength, truncation: runtime.options.truncation)
                } catch let error as TokenizerError {
                    throw EncoderError.unusable(item: "text \(first + index + 1)", reason: "\(error)")
                }
            }
            report.tokens += ids.map(\.count)
            report.tokensDropped += inputs.map(\.passageTokensDropped)
            func name(_ index: Int) -> String { "text \(first + index + 1)" }
            for (index, vector) in try await vectors(inputs, name: name).enumerated() {
                guard let vector, vector.allSatisfy(\.isFinite) else {
                    throw EncoderError.notFinite(model: description.name, item: name(index))
                }
                values += vector
            }
        }
        report.vectors = Vectors(dimension: dimension, values: values)
        return report
    }

    /// The vectors of sequences as the model takes them.
    /// - Parameter name: how an error names the sequence of that index.
    package func vectors(
        _ inputs: [ModelInput], name: (Int) -> String = { "sequence \($0 + 1)" }
    ) async throws -> [[Float]?] {
        let collected = Collected<[Float]>(count: inputs.count)
        let dimension = dimension
        let pooling = description.pooling
        let normalizes = description.normalizes
        let kernels = runtime.bert.kernels
        try await runtime.forward(
            inputs, wanted: pooling == .cls ? .firstTokens : .allTokens, name: name
        ) { members, lengths, workspace in
            var rows = workspace.hidden
            for (member, length) in zip(members, lengths) {
                let count = pooling == .cls ? 1 : length
                var vector = [Float](unsafeUninitializedCapacity: dimension) { buffer, initialized in
                    if let base = buffer.baseAddress {
                        kernels.table.pointee.mean_rows_f32(rows, workspace.hiddenStride, count, dimension, base)
                    }
                    initialized = dimension
                }
                if normalizes { BiEncoder.normalize(&vector) }
                collected.store(vector, at: member)
                rows += count * workspace.hiddenStride
            }
        }
        return collected.values
    }

    /// Divides by the Euclidean length; a zero vector stays one, as torch's `normalize` has it (its epsilon is 1e-12).
    private static func normalize(_ vector: inout [Float]) {
        var squares = 0.0
        for value in vector { squares += Double(value) * Double(value) }
        let length = Float(max(squares.squareRoot(), 1e-12))
        for index in vector.indices { vector[index] /= length }
    }
}
