import Synchronization
import WinnowTokenizers

/// A float model as quantising needs it.
struct FloatModel: Sendable {
    /// A matrix that becomes int8; `layer` is nil outside the layers.
    struct Matrix: Sendable {
        var matrix: WeightMatrix
        var layer: Int?
    }

    let source: ModelSource
    let description: ModelDescription
    let file: SafetensorsFile
    let weights: BertWeights
    let tokenizer: WordPieceTokenizer
    /// Every matrix that becomes int8.
    let matrices: [Matrix]
    let storedAs: TensorType

    /// - Throws: ``QuantizationError/alreadyQuantized(model:)``; ``ModelError``; `TokenizerError`.
    init(_ source: ModelSource) throws {
        description = try ModelDescription.read(source)
        guard description.bert.quantization == nil else {
            throw QuantizationError.alreadyQuantized(model: source.location)
        }
        tokenizer = try source.tokenizer()
        guard tokenizer.vocabularySize <= description.bert.vocabularySize else {
            throw EncoderError.vocabularyMismatch(
                model: source.location, tokenizer: tokenizer.vocabularySize,
                embeddings: description.bert.vocabularySize)
        }
        file = try SafetensorsFile(source)
        weights = try BertWeights(file, configuration: description.bert, head: description.kind)
        self.source = source
        var matrices = [weights.wordEmbeddings, weights.positionEmbeddings].map { Matrix(matrix: $0, layer: nil) }
        let last = weights.layers.count - 1
        for (index, layer) in weights.layers.enumerated() {
            for linear in [
                layer.query, layer.key, layer.value, layer.attentionOutput, layer.intermediate, layer.output,
            ] {
                matrices.append(Matrix(matrix: linear.weight, layer: index))
            }
        }
        if let pooler = weights.pooler {
            // Its inputs are known with the last layer's.
            matrices.append(Matrix(matrix: pooler.weight, layer: last))
        } else if let pooler = try Self.unusedPooler(file, hiddenSize: description.bert.hiddenSize) {
            matrices.append(Matrix(matrix: pooler, layer: nil))
        }
        self.matrices = matrices
        storedAs = weights.layers.first?.query.weight.values.dtype ?? .f32
    }

    /// A bi-encoder's pooler, which no vector needs: other programs find it as int8 like every linear layer.
    private static func unusedPooler(_ file: SafetensorsFile, hiddenSize: Int) throws -> WeightMatrix? {
        for name in ["pooler.dense.weight", "bert.pooler.dense.weight"] where file.contains(name) {
            return try WeightMatrix(file, name: name, rows: hiddenSize, columns: hiddenSize, isQuantized: false)
        }
        return nil
    }

    /// Modules whose weights stay floats, for `quantization_config.ignore`.
    var ignoredModules: [String] {
        let types = weights.tokenTypeEmbeddings.name
        let module = types.hasSuffix(".weight") ? String(types.dropLast(".weight".count)) : types
        return (description.kind == .crossEncoder ? ["classifier"] : []) + [module]
    }

    /// Files that go into the new folder as they are.
    func otherFiles() throws -> [String] {
        let own: Set = ["config.json", "model.safetensors"]
        var names = ModelSource.fingerprintedFiles.filter { !own.contains($0) }
        names += ["special_tokens_map.json", "added_tokens.json", "LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE"]
        for path in try SentenceModules.paths(source) where !path.isEmpty { names.append(path + "/config.json") }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}

/// Rows that several threads have done.
final class RowCounter: Sendable {
    private let rows = Atomic(0)

    /// - Returns: all so far.
    func add(_ count: Int) -> Int { rows.add(count, ordering: .relaxed).newValue }
}
