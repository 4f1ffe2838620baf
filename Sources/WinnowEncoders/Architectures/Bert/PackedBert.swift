import CWinnowKernels
import WinnowTokenizers

/// A BERT that is ready to run, in whichever arithmetic.
package protocol PackedEncoder: Sendable {
    var configuration: BertConfiguration { get }
    var kernels: Kernels { get }
    var layout: WorkspaceLayout { get }

    /// Does one part of a stage: 0…number of layers, of a pass whose earlier stages are done.
    ///
    /// After the last, `pass.workspace.hidden` holds [sequences, hidden] for ``WantedStates/firstTokens``, else
    /// [tokens, hidden], rows `hiddenStride` apart.
    /// - Parameters:
    ///   - part: 0..<``parts(ofStage:of:)``
    ///   - pass: its sequences have 1…`maxPositions` tokens with ids and type ids in range (``check(_:)``).
    ///   - scratch: nobody else uses it meanwhile.
    func run(stage: Int, part: Int, of pass: BertPass, scratch: BertScratch)
}

extension PackedEncoder {
    /// How many parts each stage of a pass has that is cut into `parts`.
    package func stages(wanted: WantedStates, parts: Int) -> [Int] {
        let last = wanted == .firstTokens ? 1 : parts
        return [Int](repeating: parts, count: configuration.layerCount) + [last]
    }

    /// Runs the sequences through all layers on this thread.
    /// - Parameters:
    ///   - inputs: at least one.
    ///   - parts: cuts the pass as several threads would; for tests.
    ///   - observe: called with the activations [tokens, hidden], `hiddenStride` apart, after the embeddings and after each
    ///     layer; for tests.
    ///   - isCancelled: asked before each stage; a pass that it stops leaves nothing of use.
    /// - Returns: whether it came to its end: `workspace.hidden` then holds the result as ``run(stage:part:of:scratch:)`` has it.
    @discardableResult
    package func forward(
        _ inputs: [ModelInput], wanted: WantedStates, workspace: BertWorkspace, parts: Int = 1,
        observe: ((UnsafePointer<Float>) -> Void)? = nil, isCancelled: () -> Bool = { false }
    ) -> Bool {
        let pass = BertPass(inputs, wanted: wanted, parts: parts, workspace: workspace)
        for (stage, count) in stages(wanted: wanted, parts: parts).enumerated() {
            guard !isCancelled() else { return false }
            for part in 0..<count { run(stage: stage, part: part, of: pass, scratch: workspace.scratch) }
            observe?(workspace.hidden)
        }
        return true
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
    private var arithmetic: Arithmetic
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

    /// Packs the matrices, on several threads.
    /// - Parameter threads: nil: as many as the process has processors.
    package init(
        _ weights: BertWeights, configuration: BertConfiguration, arithmetic: Arithmetic, threads: Int? = nil
    ) {
        let epsilon = configuration.layerNormEpsilon
        self.configuration = configuration
        self.arithmetic = arithmetic
        wordEmbeddings = weights.wordEmbeddings
        positions = weights.positionEmbeddings.floats()
        types = weights.tokenTypeEmbeddings.floats()
        embeddingNorm = PackedNorm(weights.embeddingNorm, epsilon: epsilon)
        let matrices = weights.layers.flatMap { layer in
            [[layer.query], [layer.key, layer.value], [layer.attentionOutput], [layer.intermediate], [layer.output]]
        }
        var packed = WorkerPool.map(matrices.count, threads: threads) { index in
            let matrix = arithmetic.pack(matrices[index])
            for part in matrices[index] { part.weight.values.dropPages() }
            return matrix
        }[...]
        layers = weights.layers.map { layer in
            Layer(
                query: packed.removeFirst(), keyValue: packed.removeFirst(), attentionOutput: packed.removeFirst(),
                intermediate: packed.removeFirst(), output: packed.removeFirst(),
                attentionNorm: PackedNorm(layer.attentionNorm, epsilon: epsilon),
                outputNorm: PackedNorm(layer.outputNorm, epsilon: epsilon))
        }
    }

    /// The same packed matrices under another instance of the arithmetic: for one that keeps what a pass shows it.
    package func using(_ arithmetic: Arithmetic) -> PackedBert {
        var copy = self
        copy.arithmetic = arithmetic
        return copy
    }

    package func run(stage: Int, part: Int, of pass: BertPass, scratch: BertScratch) {
        let workspace = pass.workspace
        let rows = pass.parts[part]
        if stage == 0 {
            embed(pass, rows: rows)
        } else if stage == layers.count, pass.wanted == .firstTokens {
            finishFirstTokens(layers[stage - 1], index: stage - 1, pass, scratch)
        } else {
            finish(layers[stage - 1], index: stage - 1, pass, rows: rows, scratch)
        }
        guard stage < layers.count else { return }
        arithmetic.multiply(
            layers[stage].keyValue, workspace.input(from: rows.lowerBound), rows: rows.count,
            forAttention: workspace.keyValue(ofLayer: stage) + rows.lowerBound * workspace.keyValueStride,
            stride: workspace.keyValueStride)
    }

    /// Tokens between asking for a row of the word embeddings and reading it.
    private static var fetchedAhead: Int { 3 }

    private func embed(_ pass: BertPass, rows: Range<Int>) {
        let workspace = pass.workspace
        let hidden = configuration.hiddenSize
        var row = workspace.hidden + rows.lowerBound * workspace.hiddenStride
        let first = row
        positions.withUnsafeBufferPointer { positions in
            types.withUnsafeBufferPointer { types in
                for (sequence, rows) in pass.sequences(in: rows) {
                    for index in rows {
                        let position = index - sequence.rows.lowerBound
                        if index + Self.fetchedAhead < rows.upperBound {
                            wordEmbeddings.fetchRow(Int(sequence.input.ids[position + Self.fetchedAhead]))
                        }
                        wordEmbeddings.copyRow(Int(sequence.input.ids[position]), into: row)
                        let type = Int(sequence.input.typeIDs[position]) * hidden
                        for column in 0..<hidden {
                            row[column] += types[type + column] + positions[position * hidden + column]
                        }
                        row += workspace.hiddenStride
                    }
                }
            }
        }
        _ = arithmetic.normalize(
            embeddingNorm, first, residual: nil, rows: rows.count, into: first, stride: workspace.hiddenStride,
            spare: workspace.operand.advanced(by: rows.lowerBound))
    }

    /// The rest of a layer for some rows, once the keys and values of all are there.
    private func finish(_ layer: Layer, index: Int, _ pass: BertPass, rows: Range<Int>, _ scratch: BertScratch) {
        let workspace = pass.workspace
        multiplyQueries(layer, rows: rows, workspace)
        for (sequence, rows) in pass.sequences(in: rows) {
            attend(sequence, layer: index, queries: rows, workspace, scratch)
        }
        afterAttention(layer, rows: rows, workspace, scratch)
    }

    /// The rest of the last layer for the first token of each sequence; their rows end up side by side.
    private func finishFirstTokens(_ layer: Layer, index: Int, _ pass: BertPass, _ scratch: BertScratch) {
        let workspace = pass.workspace
        let stride = workspace.hiddenStride
        let operand = workspace.input(from: 0)
        let isSeparate = workspace.layout.operandBytes > 0
        // Each row moves to a place that was passed, or it stands on.
        for (place, sequence) in pass.sequences.enumerated() where place != sequence.rows.lowerBound {
            let first = sequence.rows.lowerBound
            (workspace.hidden + place * stride).update(
                from: workspace.hidden + first * stride, count: configuration.hiddenSize)
            if isSeparate {
                operand.advanced(by: place).base.copyMemory(
                    from: operand.advanced(by: first).base, byteCount: operand.stride)
                operand.scales[place] = operand.scales[first]
            }
        }
        let rows = pass.sequences.indices
        multiplyQueries(layer, rows: rows, workspace)
        for (place, sequence) in pass.sequences.enumerated() {
            attend(sequence, layer: index, queries: place..<place + 1, workspace, scratch)
        }
        afterAttention(layer, rows: rows, workspace, scratch)
    }

    private func multiplyQueries(_ layer: Layer, rows: Range<Int>, _ workspace: BertWorkspace) {
        arithmetic.multiply(
            layer.query, workspace.input(from: rows.lowerBound), rows: rows.count,
            forAttention: workspace.query + rows.lowerBound * workspace.queryStride, stride: workspace.queryStride)
    }

    /// - Parameter queries: the rows of `query` and of `context`, whose keys are all of the sequence's.
    private func attend(
        _ sequence: BertPass.Sequence, layer: Int, queries: Range<Int>, _ workspace: BertWorkspace,
        _ scratch: BertScratch
    ) {
        arithmetic.attend(
            AttentionRows(
                query: workspace.query + queries.lowerBound * workspace.queryStride,
                queryStride: workspace.queryStride, queries: queries.count,
                keyValue: workspace.keyValue(ofLayer: layer) + sequence.rows.lowerBound * workspace.keyValueStride,
                keyValueStride: workspace.keyValueStride, keys: sequence.rows.count, heads: configuration.headCount,
                head: configuration.headSize,
                output: workspace.context + queries.lowerBound * workspace.hiddenStride,
                outputStride: workspace.hiddenStride, scratch: scratch.forAttention(keys: sequence.rows.count)))
    }

    /// Projection, norm, feed-forward and norm, a block of rows at a time: all that a block needs stays in the cache.
    private func afterAttention(_ layer: Layer, rows: Range<Int>, _ workspace: BertWorkspace, _ scratch: BertScratch) {
        let stride = workspace.hiddenStride
        var first = rows.lowerBound
        while first < rows.upperBound {
            // Blocks of nearly equal size rather than full ones and a short one.
            let blocks = (rows.upperBound - first + BertScratch.blockRows - 1) / BertScratch.blockRows
            let count = (rows.upperBound - first + blocks - 1) / blocks
            let hidden = workspace.hidden + first * stride
            let spare = workspace.operand.advanced(by: first)

            let context = arithmetic.operand(
                workspace.context + first * stride, stride: stride, rows: count, columns: configuration.hiddenSize,
                spare: spare)
            arithmetic.multiply(
                layer.attentionOutput, context, rows: count, epilogue: WINNOW_EPILOGUE_NONE, into: scratch.projected,
                stride: stride)
            let normalized = arithmetic.normalize(
                layer.attentionNorm, scratch.projected, residual: hidden, rows: count, into: hidden, stride: stride,
                spare: spare)

            let middle = arithmetic.feedForwardMiddle(
                layer.intermediate, normalized, rows: count, columns: configuration.intermediateSize, scratch)
            arithmetic.multiply(
                layer.output, middle, rows: count, epilogue: WINNOW_EPILOGUE_NONE, into: scratch.projected,
                stride: stride)
            _ = arithmetic.normalize(
                layer.outputNorm, scratch.projected, residual: hidden, rows: count, into: hidden, stride: stride,
                spare: spare)
            first += count
        }
    }
}
