import CWinnowKernels
import WinnowTokenizers

/// The float model run over texts, to see what the inputs of its matrices are like.
package struct CalibrationPass: Sendable {
    /// Tokens of a chunk, at least one sequence: its sums are made by one thread, and added in the order of the chunks, so that
    /// the number of threads changes no bit.
    private static let chunkTokens = 512

    private let weights: BertWeights
    private let configuration: BertConfiguration
    private let bert: PackedBert<RecordingArithmetic>
    private let kernels: Kernels
    private let chunks: [[ModelInput]]
    private let readsFirstTokens: Bool
    private let threads: Int?

    /// - Parameters:
    ///   - inputs: sequences that fit the model.
    ///   - readsFirstTokens: whether only the first token of the last layer counts: of that layer's inputs those of first tokens
    ///     then count as much as all the others.
    package init(
        _ weights: BertWeights, configuration: BertConfiguration, inputs: [ModelInput], readsFirstTokens: Bool,
        kernels: Kernels, threads: Int?
    ) {
        self.weights = weights
        self.configuration = configuration
        self.kernels = kernels
        self.readsFirstTokens = readsFirstTokens
        self.threads = threads
        bert = PackedBert(
            weights, configuration: configuration,
            arithmetic: RecordingArithmetic(kernels, recorder: InputRecorder(wanted: [])), threads: threads)
        var chunks: [[ModelInput]] = []
        var tokens = Self.chunkTokens
        for input in inputs {
            if tokens + input.ids.count > Self.chunkTokens {
                chunks.append([])
                tokens = 0
            }
            chunks[chunks.count - 1].append(input)
            tokens += input.ids.count
        }
        self.chunks = chunks
    }

    /// How many chunks a call of ``moments(layers:progress:)`` goes through.
    package var chunkCount: Int { chunks.count }

    /// The moments of some layers' inputs, and of the pooler's if the last layer is among them and first tokens are read.
    /// - Parameter progress: called with the chunks that are done.
    /// - Returns: by the name of the weight.
    /// - Throws: `CancellationError`; ``WorkerPoolError``
    package func moments(
        layers: Range<Int>, progress: @Sendable (Int) -> Void
    ) async throws -> [String: SecondMoments] {
        let last = configuration.layerCount - 1
        let all = Set(
            layers.flatMap { index -> [String] in
                let layer = weights.layers[index]
                return [layer.key, layer.attentionOutput, layer.intermediate, layer.output].map(\.weight.name)
            })
        let first = readsFirstTokens && layers.contains(last) ? Self.readByFirstTokens(weights.layers[last]) : []
        var sums: [String: SecondMoments] = [:]
        var firstSums: [String: SecondMoments] = [:]
        let wave = max(1, threads ?? Kernels.processorCount)
        for start in stride(from: 0, to: chunks.count, by: wave) {
            let range = start..<min(start + wave, chunks.count)
            let collected = Collected<(all: [String: Block], first: [String: Block])>(count: range.count)
            let workspaces = BertWorkspaces(configuration, layout: bert.layout)
            try await WorkerPool.runUntilCancelled(chains: [[range.count]], limit: threads) { task in
                let chunk = chunks[range.lowerBound + task.task]
                let blocks = (
                    all: record(all, chunk, wanted: .allTokens, workspaces),
                    first: first.isEmpty ? [:] : record(first, chunk, wanted: .firstTokens, workspaces)
                )
                collected.store(blocks, at: task.task)
            }
            for blocks in collected.values.compactMap({ $0 }) {
                Self.add(blocks.all, to: &sums)
                Self.add(blocks.first, to: &firstSums)
            }
            progress(range.upperBound)
        }
        return completed(sums, firstSums, layers: layers)
    }

    /// Σ x xᵀ of one chunk.
    private struct Block: Sendable {
        var products: [Float]
        var size, count: Int
    }

    private static func readByFirstTokens(_ layer: BertLayerWeights) -> Set<String> {
        Set([layer.query, layer.attentionOutput, layer.intermediate, layer.output].map(\.weight.name))
    }

    private func record(
        _ names: Set<String>, _ chunk: [ModelInput], wanted: WantedStates, _ workspaces: BertWorkspaces
    ) -> [String: Block] {
        let recorder = InputRecorder(wanted: names)
        var blocks: [String: Block] = [:]
        let pooler = readsFirstTokens ? weights.pooler : nil
        workspaces.withWorkspace { workspace in
            bert.using(RecordingArithmetic(kernels, recorder: recorder))
                .forward(chunk, wanted: wanted, workspace: workspace)
            // The pooler reads first tokens; the others keep what those few did not show from being trusted.
            if let pooler, let last = weights.layers.last, names.contains(last.output.weight.name) {
                let size = configuration.hiddenSize
                let count = wanted == .firstTokens ? chunk.count : chunk.reduce(0) { $0 + $1.ids.count }
                var rows: [Float] = []
                for row in 0..<count {
                    let start = workspace.hidden + row * workspace.hiddenStride
                    rows.append(contentsOf: UnsafeBufferPointer(start: start, count: size))
                }
                blocks[pooler.weight.name] = block(rows, columns: size)
            }
        }
        for (name, rows) in recorder.recorded { blocks[name] = block(rows, columns: columns(of: name)) }
        return blocks
    }

    private func block(_ rows: [Float], columns: Int) -> Block {
        Block(
            products: SecondMoments.products(rows, columns: columns, kernels: kernels), size: columns,
            count: rows.count / columns)
    }

    private func columns(of name: String) -> Int {
        weights.layers.contains { $0.output.weight.name == name }
            ? configuration.intermediateSize : configuration.hiddenSize
    }

    private static func add(_ blocks: [String: Block], to sums: inout [String: SecondMoments]) {
        for (name, block) in blocks {
            sums[name, default: SecondMoments(size: block.size)].add(block.products, count: block.count)
        }
    }

    /// Query, key and value read the same input; in the last layer of a model that reads first tokens the query reads those.
    private func completed(
        _ sums: [String: SecondMoments], _ first: [String: SecondMoments], layers: Range<Int>
    ) -> [String: SecondMoments] {
        var result = sums
        for index in layers {
            let layer = weights.layers[index]
            let input = sums[layer.key.weight.name]
            result[layer.query.weight.name] = input
            result[layer.value.weight.name] = input
        }
        for (name, moments) in first {
            result[name] = result[name].map { SecondMoments.halves($0, moments) } ?? moments
        }
        return result
    }
}
