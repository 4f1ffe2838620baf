/// One encoder layer, named as in the paper's figure.
package struct BertLayerWeights: Sendable {
    package let query, key, value, attentionOutput: LinearWeights
    package let attentionNorm: NormWeights
    package let intermediate, output: LinearWeights
    package let outputNorm: NormWeights
}

/// All weights of a BERT, each checked against the configuration: name, shape, type, finite values.
package struct BertWeights: Sendable {
    /// `[vocabulary, hidden]`, `[positions, hidden]`, `[types, hidden]`.
    package let wordEmbeddings, positionEmbeddings, tokenTypeEmbeddings: WeightMatrix
    package let embeddingNorm: NormWeights
    package let layers: [BertLayerWeights]
    /// Dense layer over `[CLS]` before the classifier; nil in a bi-encoder, which does not use it.
    package let pooler: LinearWeights?
    /// `[labels, hidden]`; nil in a bi-encoder.
    package let classifier: LinearWeights?

    /// Takes the tensors by their names in transformers, with and without the prefix `bert.`, and LayerNorm's
    /// parameters by their names of 2018 too (`gamma`, `beta`). What else the file holds (`position_ids`, a head for
    /// pre-training) is left alone.
    /// - Parameter head: `crossEncoder` needs pooler and classifier, `biEncoder` neither.
    /// - Throws: ``ModelError`` with the tensor's name.
    package init(_ file: SafetensorsFile, configuration: BertConfiguration, head: ModelKind) throws {
        let reader = BertTensorReader(file: file, configuration: configuration)
        let hidden = configuration.hiddenSize
        wordEmbeddings = try reader.matrix(
            "embeddings.word_embeddings.weight", configuration.vocabularySize, hidden)
        positionEmbeddings = try reader.matrix(
            "embeddings.position_embeddings.weight", configuration.maxPositions, hidden)
        tokenTypeEmbeddings = try reader.matrix(
            "embeddings.token_type_embeddings.weight", configuration.typeVocabularySize, hidden)
        embeddingNorm = try reader.norm("embeddings.LayerNorm")
        layers = try (0..<configuration.layerCount).map { layer in
            let name = "encoder.layer.\(layer)"
            return BertLayerWeights(
                query: try reader.linear("\(name).attention.self.query", hidden, hidden),
                key: try reader.linear("\(name).attention.self.key", hidden, hidden),
                value: try reader.linear("\(name).attention.self.value", hidden, hidden),
                attentionOutput: try reader.linear("\(name).attention.output.dense", hidden, hidden),
                attentionNorm: try reader.norm("\(name).attention.output.LayerNorm"),
                intermediate: try reader.linear("\(name).intermediate.dense", configuration.intermediateSize, hidden),
                output: try reader.linear("\(name).output.dense", hidden, configuration.intermediateSize),
                outputNorm: try reader.norm("\(name).output.LayerNorm"))
        }
        if reader.has("encoder.layer.\(configuration.layerCount).attention.self.query.weight") {
            throw ModelError(
                .invalidWeights, at: file.file,
                "there are weights of a layer \(configuration.layerCount), and config.json gives num_hidden_layers as "
                    + "\(configuration.layerCount)")
        }
        switch head {
        case .biEncoder:
            pooler = nil
            classifier = nil
        case .crossEncoder:
            pooler = try reader.linear("pooler.dense", hidden, hidden)
            classifier = try reader.linear("classifier", configuration.labelCount, hidden)
        }
    }

    /// Reads `model.safetensors` of a model whose configuration has been read.
    package init(_ source: ModelSource, description: ModelDescription) throws {
        try self.init(SafetensorsFile(source), configuration: description.bert, head: description.kind)
    }
}

/// Finds BERT's tensors under the names that checkpoints use.
private struct BertTensorReader {
    let file: SafetensorsFile
    let configuration: BertConfiguration

    func has(_ name: String) -> Bool {
        file.contains("bert." + name) || file.contains(name)
    }

    func matrix(_ name: String, _ rows: Int, _ columns: Int) throws -> WeightMatrix {
        try WeightMatrix(
            file, name: find([name]), rows: rows, columns: columns, isQuantized: configuration.quantization != nil)
    }

    func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws -> LinearWeights {
        LinearWeights(
            weight: try matrix(name + ".weight", outputs, inputs), bias: try vector([name + ".bias"], outputs))
    }

    func norm(_ name: String) throws -> NormWeights {
        NormWeights(
            weight: try vector([name + ".weight", name + ".gamma"], configuration.hiddenSize),
            bias: try vector([name + ".bias", name + ".beta"], configuration.hiddenSize))
    }

    private func vector(_ names: [String], _ count: Int) throws -> [Float] {
        let tensor = try file.tensor(find(names))
        guard tensor.shape == [count] else {
            throw ModelError(
                .invalidWeights, at: file.file,
                "tensor \"\(tensor.name)\": the shape is \(tensor.shape), and config.json asks for [\(count)]")
        }
        guard tensor.dtype != .i8 else {
            throw ModelError(
                .unsupported, at: file.file,
                "tensor \"\(tensor.name)\" is int8; biases and norms are read as floats only")
        }
        try tensor.checkFinite()
        return tensor.floats()
    }

    private func find(_ names: [String]) throws -> String {
        let candidates = names.flatMap { ["bert." + $0, $0] }
        guard let name = candidates.first(where: file.contains) else {
            throw ModelError(
                .invalidWeights, at: file.file,
                "there is no tensor \(candidates.map { "\"\($0)\"" }.joined(separator: " or "))",
                remedy: "The weights are of another architecture than config.json says, or a part of them")
        }
        return name
    }
}
