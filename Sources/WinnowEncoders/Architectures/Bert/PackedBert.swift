import CWinnowKernels
import WinnowTokenizers

/// BERT (Devlin et al. 2019) on packed sequences, in float32: what ``ReferenceBert`` computes, fast.
///
/// Sequences of a group lie end to end in one matrix [tokens, hidden]: the products see real tokens only, attention runs a
/// sequence at a time. Everything here is immutable; the memory of a pass is a ``BertWorkspace``.
package struct PackedBert: Sendable {
    /// What the caller reads of the last layer.
    package enum Wanted: Sendable {
        /// The first token of each sequence: the last layer computes keys and values for all tokens, the rest for one.
        case firstTokens
        case allTokens
    }

    package let configuration: BertConfiguration
    package let kernels: Kernels
    private let wordEmbeddings: WeightMatrix
    private let positions, types: [Float]
    private let embeddingNorm: PackedNorm
    private let layers: [Layer]

    private struct Layer: Sendable {
        let query, keyValue, attentionOutput, intermediate, output: PackedLinear
        let attentionNorm, outputNorm: PackedNorm
    }

    package init(_ weights: BertWeights, configuration: BertConfiguration, kernels: Kernels) {
        let epsilon = configuration.layerNormEpsilon
        self.configuration = configuration
        self.kernels = kernels
        wordEmbeddings = weights.wordEmbeddings
        positions = weights.positionEmbeddings.floats()
        types = weights.tokenTypeEmbeddings.floats()
        embeddingNorm = PackedNorm(weights.embeddingNorm, epsilon: epsilon)
        layers = weights.layers.map { layer in
            Layer(
                query: PackedLinear([layer.query]), keyValue: PackedLinear([layer.key, layer.value]),
                attentionOutput: PackedLinear([layer.attentionOutput]),
                intermediate: PackedLinear([layer.intermediate]), output: PackedLinear([layer.output]),
                attentionNorm: PackedNorm(layer.attentionNorm, epsilon: epsilon),
                outputNorm: PackedNorm(layer.outputNorm, epsilon: epsilon))
        }
    }

    /// Runs the sequences through all layers.
    /// - Parameters:
    ///   - inputs: at least one; each has 1…`maxPositions` tokens with ids and type ids in range (``check(_:)``).
    ///   - observe: called with the activations [tokens, hidden], `hiddenStride` apart, after the embeddings and after each
    ///     layer; for tests.
    /// - Returns: nothing; `workspace.hidden` holds [sequences, hidden] for ``Wanted/firstTokens``, else [tokens, hidden],
    ///   rows `workspace.hiddenStride` apart.
    package func forward(
        _ inputs: [ModelInput], wanted: Wanted, workspace: BertWorkspace,
        observe: ((UnsafePointer<Float>) -> Void)? = nil
    ) {
        let lengths = inputs.map(\.ids.count)
        let tokens = lengths.reduce(0, +)
        workspace.reserve(rows: tokens, longest: lengths.max() ?? 0)
        embed(inputs, workspace)
        observe?(workspace.hidden)
        for (index, layer) in layers.enumerated() {
            let prunes = wanted == .firstTokens && index == layers.count - 1
            run(layer, lengths: lengths, tokens: tokens, firstTokensOnly: prunes, workspace)
            observe?(workspace.hidden)
        }
    }

    /// Whether a sequence may be run: the sizes that ``forward(_:wanted:workspace:observe:)`` relies on.
    package func check(_ input: ModelInput) -> Bool {
        (1...configuration.maxPositions).contains(input.ids.count) && input.typeIDs.count == input.ids.count
            && input.ids.allSatisfy { $0 >= 0 && Int($0) < configuration.vocabularySize }
            && input.typeIDs.allSatisfy { $0 >= 0 && Int($0) < configuration.typeVocabularySize }
    }

    private func embed(_ inputs: [ModelInput], _ workspace: BertWorkspace) {
        let hidden = configuration.hiddenSize
        var row = workspace.hidden
        positions.withUnsafeBufferPointer { positions in
            types.withUnsafeBufferPointer { types in
                for input in inputs {
                    for position in input.ids.indices {
                        wordEmbeddings.copyRow(Int(input.ids[position]), into: row)
                        let type = Int(input.typeIDs[position]) * hidden
                        for column in 0..<hidden {
                            row[column] += types[type + column] + positions[position * hidden + column]
                        }
                        row += workspace.hiddenStride
                    }
                }
            }
        }
        let tokens = inputs.reduce(0) { $0 + $1.ids.count }
        embeddingNorm(
            workspace.hidden, stride: workspace.hiddenStride, rows: tokens,
            into: workspace.hidden, stride: workspace.hiddenStride, kernels: kernels)
    }

    private func run(
        _ layer: Layer, lengths: [Int], tokens: Int, firstTokensOnly: Bool, _ workspace: BertWorkspace
    ) {
        let hidden = workspace.hidden
        let stride = workspace.hiddenStride
        layer.keyValue(
            hidden, stride: stride, rows: tokens,
            into: workspace.keyValue, stride: workspace.keyValueStride, kernels: kernels)
        if firstTokensOnly {
            // From here on only the first tokens: their rows move together, each to a place it has passed or stands on.
            var first = 0
            for (sequence, length) in lengths.enumerated() {
                (hidden + sequence * stride).update(from: hidden + first * stride, count: configuration.hiddenSize)
                first += length
            }
        }
        let rows = firstTokensOnly ? lengths.count : tokens
        layer.query(
            hidden, stride: stride, rows: rows, into: workspace.query, stride: stride, kernels: kernels)
        attend(lengths: lengths, firstTokensOnly: firstTokensOnly, workspace)
        // The projection overwrites the queries, which attention has used up.
        layer.attentionOutput(
            workspace.context, stride: stride, rows: rows, into: workspace.query, stride: stride, kernels: kernels)
        layer.attentionNorm(
            workspace.query, stride: stride, residual: hidden, residualStride: stride, rows: rows,
            into: hidden, stride: stride, kernels: kernels)
        feedForward(layer, rows: rows, workspace)
    }

    private func attend(lengths: [Int], firstTokensOnly: Bool, _ workspace: BertWorkspace) {
        let head = configuration.headSize
        let scale = 1 / Float(head).squareRoot()
        var firstToken = 0
        var firstQuery = 0
        for length in lengths {
            let queries = firstTokensOnly ? 1 : length
            let keys = workspace.keyValue + firstToken * workspace.keyValueStride
            for index in 0..<configuration.headCount {
                let column = index * head
                var arguments = winnow_attention_f32(
                    query: workspace.query + firstQuery * workspace.hiddenStride + column,
                    query_stride: workspace.hiddenStride, queries: queries,
                    key: keys + column, key_stride: workspace.keyValueStride,
                    value: keys + configuration.hiddenSize + column, value_stride: workspace.keyValueStride,
                    keys: length, head: head, scale: scale,
                    output: workspace.context + firstQuery * workspace.hiddenStride + column,
                    output_stride: workspace.hiddenStride, scratch: workspace.scratch)
                kernels.table.pointee.attention_f32(&arguments)
            }
            firstToken += length
            firstQuery += queries
        }
    }

    private func feedForward(_ layer: Layer, rows: Int, _ workspace: BertWorkspace) {
        let stride = workspace.hiddenStride
        var first = 0
        while first < rows {
            // Blocks of nearly equal size rather than full ones and a short one.
            let blocks = (rows - first + BertWorkspace.blockRows - 1) / BertWorkspace.blockRows
            let count = (rows - first + blocks - 1) / blocks
            let hidden = workspace.hidden + first * stride
            let projected = workspace.query + first * stride
            layer.intermediate(
                hidden, stride: stride, rows: count, into: workspace.middle, stride: workspace.middleStride,
                epilogue: WINNOW_EPILOGUE_GELU, kernels: kernels)
            layer.output(
                workspace.middle, stride: workspace.middleStride, rows: count, into: projected, stride: stride,
                kernels: kernels)
            layer.outputNorm(
                projected, stride: stride, residual: hidden, residualStride: stride, rows: count,
                into: hidden, stride: stride, kernels: kernels)
            first += count
        }
    }
}
