import CWinnowKernels
import WinnowTokenizers

/// What the caller reads of the last layer.
package enum WantedStates: Sendable {
    /// The first token of each sequence: the last layer computes keys and values for all tokens, the rest for one.
    case firstTokens
    case allTokens
}

/// A BERT that is ready to run, in whichever arithmetic.
package protocol PackedEncoder: Sendable {
    var configuration: BertConfiguration { get }
    var kernels: Kernels { get }
    var layout: WorkspaceLayout { get }

    /// Runs the sequences through all layers.
    /// - Parameters:
    ///   - inputs: at least one; each has 1…`maxPositions` tokens with ids and type ids in range (``check(_:)``).
    ///   - observe: called with the activations [tokens, hidden], `hiddenStride` apart, after the embeddings and after each
    ///     layer; for tests.
    /// - Returns: nothing; `workspace.hidden` holds [sequences, hidden] for ``WantedStates/firstTokens``, else [tokens, hidden],
    ///   rows `workspace.hiddenStride` apart.
    func forward(
        _ inputs: [ModelInput], wanted: WantedStates, workspace: BertWorkspace,
        observe: ((UnsafePointer<Float>) -> Void)?)
}

extension PackedEncoder {
    package func forward(_ inputs: [ModelInput], wanted: WantedStates, workspace: BertWorkspace) {
        forward(inputs, wanted: wanted, workspace: workspace, observe: nil)
    }

    /// Whether a sequence may be run: the sizes that `forward` relies on.
    package func check(_ input: ModelInput) -> Bool {
        (1...configuration.maxPositions).contains(input.ids.count) && input.typeIDs.count == input.ids.count
            && input.ids.allSatisfy { $0 >= 0 && Int($0) < configuration.vocabularySize }
            && input.typeIDs.allSatisfy { $0 >= 0 && Int($0) < configuration.typeVocabularySize }
    }
}

/// BERT (Devlin et al. 2019) on packed sequences: what ``ReferenceBert`` computes, fast.
///
/// Sequences of a group lie end to end in one matrix [tokens, hidden]: the products see real tokens only, attention runs a
/// sequence at a time. Everything here is immutable; the memory of a pass is a ``BertWorkspace``.
package struct PackedBert<Arithmetic: BertArithmetic>: PackedEncoder {
    package let configuration: BertConfiguration
    private let arithmetic: Arithmetic
    private let wordEmbeddings: WeightMatrix
    private let positions, types: [Float]
    private let embeddingNorm: PackedNorm
    private let layers: [Layer]

    package var kernels: Kernels { arithmetic.kernels }
    package var layout: WorkspaceLayout { arithmetic.layout }

    private struct Layer: Sendable {
        let query, keyValue, attentionOutput, intermediate, output: Arithmetic.Matrix
        let attentionNorm, outputNorm: PackedNorm
    }

    package init(_ weights: BertWeights, configuration: BertConfiguration, arithmetic: Arithmetic) {
        let epsilon = configuration.layerNormEpsilon
        self.configuration = configuration
        self.arithmetic = arithmetic
        wordEmbeddings = weights.wordEmbeddings
        positions = weights.positionEmbeddings.floats()
        types = weights.tokenTypeEmbeddings.floats()
        embeddingNorm = PackedNorm(weights.embeddingNorm, epsilon: epsilon)
        func pack(_ parts: LinearWeights..., codes: winnow_codes = WINNOW_CODES_SYMMETRIC) -> Arithmetic.Matrix {
            arithmetic.pack(parts, codes: codes)
        }
        layers = weights.layers.map { layer in
            Layer(
                query: pack(layer.query), keyValue: pack(layer.key, layer.value),
                attentionOutput: pack(layer.attentionOutput), intermediate: pack(layer.intermediate),
                output: pack(layer.output, codes: WINNOW_CODES_GELU),
                attentionNorm: PackedNorm(layer.attentionNorm, epsilon: epsilon),
                outputNorm: PackedNorm(layer.outputNorm, epsilon: epsilon))
        }
    }

    package func forward(
        _ inputs: [ModelInput], wanted: WantedStates, workspace: BertWorkspace,
        observe: ((UnsafePointer<Float>) -> Void)?
    ) {
        let lengths = inputs.map(\.ids.count)
        let tokens = lengths.reduce(0, +)
        workspace.reserve(rows: tokens, longest: lengths.max() ?? 0)
        var operand = embed(inputs, tokens: tokens, workspace)
        observe?(workspace.hidden)
        for (index, layer) in layers.enumerated() {
            let prunes = wanted == .firstTokens && index == layers.count - 1
            operand = run(
                layer, operand, lengths: lengths, tokens: tokens, firstTokensOnly: prunes, workspace)
            observe?(workspace.hidden)
        }
    }

    private func embed(_ inputs: [ModelInput], tokens: Int, _ workspace: BertWorkspace) -> Operand {
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
        return arithmetic.normalize(
            embeddingNorm, workspace.hidden, residual: nil, rows: tokens, into: workspace.hidden,
            stride: workspace.hiddenStride, spare: workspace.operand)
    }

    /// - Parameter operand: `workspace.hidden` as matrices take it.
    /// - Returns: the same for the next layer.
    private func run(
        _ layer: Layer, _ operand: Operand, lengths: [Int], tokens: Int, firstTokensOnly: Bool,
        _ workspace: BertWorkspace
    ) -> Operand {
        arithmetic.multiply(
            layer.keyValue, operand, rows: tokens, forAttention: workspace.keyValue, stride: workspace.keyValueStride)
        if firstTokensOnly { keepFirstTokens(operand, lengths: lengths, workspace) }
        let rows = firstTokensOnly ? lengths.count : tokens
        arithmetic.multiply(
            layer.query, operand, rows: rows, forAttention: workspace.query, stride: workspace.queryStride)
        attend(lengths: lengths, firstTokensOnly: firstTokensOnly, workspace)
        return afterAttention(layer, rows: rows, workspace)
    }

    /// Moves the rows of first tokens together, each to a place it has passed or stands on.
    private func keepFirstTokens(_ operand: Operand, lengths: [Int], _ workspace: BertWorkspace) {
        let stride = workspace.hiddenStride
        let isSeparate = workspace.layout.operandBytes > 0
        var first = 0
        for (sequence, length) in lengths.enumerated() {
            (workspace.hidden + sequence * stride).update(
                from: workspace.hidden + first * stride, count: configuration.hiddenSize)
            if isSeparate, sequence != first {
                operand.advanced(by: sequence).base.copyMemory(
                    from: operand.advanced(by: first).base, byteCount: operand.stride)
                operand.scales[sequence] = operand.scales[first]
            }
            first += length
        }
    }

    private func attend(lengths: [Int], firstTokensOnly: Bool, _ workspace: BertWorkspace) {
        let head = configuration.headSize
        let size = workspace.layout.attentionBytes
        var firstToken = 0
        var firstQuery = 0
        for length in lengths {
            let queries = firstTokensOnly ? 1 : length
            let query = workspace.query + firstQuery * workspace.queryStride * size
            let keys = workspace.keyValue + firstToken * workspace.keyValueStride * size
            for index in 0..<configuration.headCount {
                let column = index * head
                arithmetic.attend(
                    query: query + column * size, queryStride: workspace.queryStride, queries: queries,
                    key: keys + column * size, value: keys + (configuration.hiddenSize + column) * size,
                    keyValueStride: workspace.keyValueStride, keys: length, head: head,
                    into: workspace.context + firstQuery * workspace.hiddenStride + column,
                    stride: workspace.hiddenStride, scratch: workspace.scratch)
            }
            firstToken += length
            firstQuery += queries
        }
    }

    /// Projection, norm, feed-forward and norm, a block of rows at a time: all that a block needs stays in the cache.
    private func afterAttention(_ layer: Layer, rows: Int, _ workspace: BertWorkspace) -> Operand {
        let stride = workspace.hiddenStride
        var result = workspace.operand
        var first = 0
        while first < rows {
            // Blocks of nearly equal size rather than full ones and a short one.
            let blocks = (rows - first + BertWorkspace.blockRows - 1) / BertWorkspace.blockRows
            let count = (rows - first + blocks - 1) / blocks
            let hidden = workspace.hidden + first * stride
            let spare = workspace.operand.advanced(by: first)

            let context = arithmetic.operand(
                workspace.context + first * stride, stride: stride, rows: count, columns: configuration.hiddenSize,
                codes: WINNOW_CODES_SYMMETRIC, spare: spare)
            arithmetic.multiply(
                layer.attentionOutput, context, rows: count, epilogue: WINNOW_EPILOGUE_NONE, into: workspace.projected,
                stride: stride)
            let normalized = arithmetic.normalize(
                layer.attentionNorm, workspace.projected, residual: hidden, rows: count, into: hidden, stride: stride,
                spare: spare)

            let middle = arithmetic.feedForwardMiddle(
                layer.intermediate, normalized, rows: count, columns: configuration.intermediateSize, workspace)
            arithmetic.multiply(
                layer.output, middle, rows: count, epilogue: WINNOW_EPILOGUE_NONE, into: workspace.projected,
                stride: stride)
            let next = arithmetic.normalize(
                layer.outputNorm, workspace.projected, residual: hidden, rows: count, into: hidden, stride: stride,
                spare: spare)
            if first == 0 { result = next }
            first += count
        }
        return result
    }
}
