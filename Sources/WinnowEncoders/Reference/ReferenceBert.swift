#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// BERT as the papers write it, one unpadded sequence at a time: the oracle of every kernel, and never fast.
///
/// Devlin et al. 2018 (encoder and heads) over Vaswani et al. 2017 (post-norm transformer). Values between steps are
/// float32; sums within a step are accumulated in double and in index order, so that a difference to a kernel is the
/// kernel's.
package struct ReferenceBert: Sendable {
    private let configuration: BertConfiguration
    private let wordEmbeddings, positionEmbeddings, tokenTypeEmbeddings: [Float]
    private let embeddingNorm: NormWeights
    private let layers: [Layer]
    private let pooler, classifier: Dense?

    private struct Layer: Sendable {
        let query, key, value, attentionOutput, intermediate, output: Dense
        let attentionNorm, outputNorm: NormWeights
    }

    /// Copies all weights to float32.
    package init(_ weights: BertWeights, configuration: BertConfiguration) {
        self.configuration = configuration
        wordEmbeddings = weights.wordEmbeddings.floats()
        positionEmbeddings = weights.positionEmbeddings.floats()
        tokenTypeEmbeddings = weights.tokenTypeEmbeddings.floats()
        embeddingNorm = weights.embeddingNorm
        layers = weights.layers.map {
            Layer(
                query: Dense($0.query), key: Dense($0.key), value: Dense($0.value),
                attentionOutput: Dense($0.attentionOutput), intermediate: Dense($0.intermediate),
                output: Dense($0.output), attentionNorm: $0.attentionNorm, outputNorm: $0.outputNorm)
        }
        pooler = weights.pooler.map(Dense.init)
        classifier = weights.classifier.map(Dense.init)
    }

    /// The embeddings' output and each layer's, `layerCount + 1` matrices `[tokens, hidden]`, row by row.
    /// - Precondition: 1 to `maxPositions` tokens, as many type ids, each id within its vocabulary.
    package func hiddenStates(ids: [Int32], typeIDs: [Int32]) -> [[Float]] {
        var states = [embeddings(ids: ids, typeIDs: typeIDs)]
        for layer in layers {
            states.append(apply(layer, to: states[states.count - 1], tokens: ids.count))
        }
        return states
    }

    /// W_c tanh(W_p h[CLS] + b_p) + b_c: the head's output for one label, before any activation.
    /// - Precondition: as for ``hiddenStates(ids:typeIDs:)``; the weights were read for a cross-encoder.
    package func logit(ids: [Int32], typeIDs: [Int32]) -> Float {
        guard let pooler, let classifier else {
            preconditionFailure("the weights were read without pooler and classifier, as for a bi-encoder")
        }
        let states = hiddenStates(ids: ids, typeIDs: typeIDs)
        let first = Array(states[states.count - 1].prefix(configuration.hiddenSize))
        let pooled = pooler(first, rows: 1).map { Float(tanh(Double($0))) }
        return classifier(pooled, rows: 1)[0]
    }

    /// A text's vector.
    /// - Precondition: as for ``hiddenStates(ids:typeIDs:)``.
    package func embedding(ids: [Int32], typeIDs: [Int32]? = nil, pooling: Pooling, normalize: Bool) -> [Float] {
        let states = hiddenStates(ids: ids, typeIDs: typeIDs ?? Array(repeating: 0, count: ids.count))
        let last = states[states.count - 1]
        let hidden = configuration.hiddenSize
        var vector: [Double]
        switch pooling {
        case .cls:
            vector = last.prefix(hidden).map(Double.init)
        case .mean:
            vector = (0..<hidden).map { column in
                var sum = 0.0
                for token in 0..<ids.count { sum += Double(last[token * hidden + column]) }
                return sum / Double(ids.count)
            }
        }
        if normalize {
            // torch.nn.functional.normalize: a vector of zeros stays one.
            let length = max(vector.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
            vector = vector.map { $0 / length }
        }
        return vector.map(Float.init)
    }

    private func embeddings(ids: [Int32], typeIDs: [Int32]) -> [Float] {
        let hidden = configuration.hiddenSize
        precondition(
            !ids.isEmpty && ids.count <= configuration.maxPositions && ids.count == typeIDs.count,
            "\(ids.count) ids with \(typeIDs.count) type ids, at most \(configuration.maxPositions)")
        var sums: [Float] = []
        sums.reserveCapacity(ids.count * hidden)
        for (position, (id, type)) in zip(ids, typeIDs).enumerated() {
            precondition(
                id >= 0 && id < configuration.vocabularySize && type >= 0 && type < configuration.typeVocabularySize,
                "id \(id) of type \(type) at \(position) is not in the vocabularies")
            for column in 0..<hidden {
                sums.append(
                    wordEmbeddings[Int(id) * hidden + column] + tokenTypeEmbeddings[Int(type) * hidden + column]
                        + positionEmbeddings[position * hidden + column])
            }
        }
        return layerNorm(sums, embeddingNorm)
    }

    /// x ← LayerNorm(x + Attention(x)); x ← LayerNorm(x + W₂ gelu(W₁ x)).
    private func apply(_ layer: Layer, to input: [Float], tokens: Int) -> [Float] {
        let context = attention(
            query: layer.query(input, rows: tokens), key: layer.key(input, rows: tokens),
            value: layer.value(input, rows: tokens), tokens: tokens)
        let attended = layerNorm(sum(layer.attentionOutput(context, rows: tokens), input), layer.attentionNorm)
        let inner = layer.intermediate(attended, rows: tokens).map(gelu)
        return layerNorm(sum(layer.output(inner, rows: tokens), attended), layer.outputNorm)
    }

    /// softmax(Q Kᵀ / √d) V in each head; heads lie side by side in a row.
    private func attention(query: [Float], key: [Float], value: [Float], tokens: Int) -> [Float] {
        let hidden = configuration.hiddenSize
        let size = configuration.headSize
        let scale = 1 / Double(size).squareRoot()
        var context = [Float](repeating: 0, count: tokens * hidden)
        for head in 0..<configuration.headCount {
            let offset = head * size
            for row in 0..<tokens {
                var weights = (0..<tokens).map { other in
                    var product = 0.0
                    for index in 0..<size {
                        product +=
                            Double(query[row * hidden + offset + index]) * Double(key[other * hidden + offset + index])
                    }
                    return product * scale
                }
                let maximum = weights.max() ?? 0
                weights = weights.map { exp($0 - maximum) }
                let total = weights.reduce(0, +)
                var mixed = [Double](repeating: 0, count: size)
                for other in 0..<tokens {
                    for index in 0..<size {
                        mixed[index] += weights[other] / total * Double(value[other * hidden + offset + index])
                    }
                }
                for index in 0..<size { context[row * hidden + offset + index] = Float(mixed[index]) }
            }
        }
        return context
    }

    /// (x − mean) / √(variance + ε) · weight + bias over each row, the variance without Bessel's correction.
    private func layerNorm(_ input: [Float], _ norm: NormWeights) -> [Float] {
        let hidden = configuration.hiddenSize
        var output = input
        for start in stride(from: 0, to: input.count, by: hidden) {
            let row = input[start..<start + hidden].map(Double.init)
            let mean = row.reduce(0, +) / Double(hidden)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(hidden)
            let factor = 1 / (variance + Double(configuration.layerNormEpsilon)).squareRoot()
            for column in 0..<hidden {
                output[start + column] = Float(
                    (row[column] - mean) * factor * Double(norm.weight[column]) + Double(norm.bias[column]))
            }
        }
        return output
    }

    /// x · Φ(x), Φ the normal distribution (Hendrycks and Gimpel 2016), not its tanh approximation.
    private func gelu(_ x: Float) -> Float {
        Float(0.5 * Double(x) * (1 + erf(Double(x) / 2.0.squareRoot())))
    }

    private func sum(_ left: [Float], _ right: [Float]) -> [Float] {
        zip(left, right).map { $0 + $1 }
    }
}

/// y = W x + b for each row of x.
private struct Dense: Sendable {
    private let inputs, outputs: Int
    /// `[in, out]`: with outputs innermost the loop below adds in index order and still runs on whole vectors.
    private let transposed: [Double]
    private let bias: [Double]

    init(_ linear: LinearWeights) {
        let (outputs, inputs) = (linear.weight.rows, linear.weight.columns)
        let values = linear.weight.floats()
        var transposed = [Double](repeating: 0, count: values.count)
        for output in 0..<outputs {
            for input in 0..<inputs { transposed[input * outputs + output] = Double(values[output * inputs + input]) }
        }
        self.inputs = inputs
        self.outputs = outputs
        self.transposed = transposed
        bias = linear.bias.map(Double.init)
    }

    func callAsFunction(_ x: [Float], rows: Int) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(rows * outputs)
        for row in 0..<rows {
            var sums = [Double](repeating: 0, count: outputs)
            for input in 0..<inputs {
                let factor = Double(x[row * inputs + input])
                let start = input * outputs
                for output in 0..<outputs { sums[output] += factor * transposed[start + output] }
            }
            for output in 0..<outputs { result.append(Float(sums[output] + bias[output])) }
        }
        return result
    }
}
