import TestSupport
import Testing
import WinnowEncoders
import WinnowTokenizers

/// What a pass sees of the inputs, against the plain reference.
@Suite struct CalibrationPassTests {
    private func pass(_ checkpoint: String, threads: Int, first: Bool) throws -> (
        pass: CalibrationPass, weights: BertWeights, description: ModelDescription, inputs: [ModelInput]
    ) {
        let source = Golden.source(checkpoint)
        let description = try ModelDescription.read(source)
        let weights = try BertWeights(source, description: description)
        let examples = try Golden.read(checkpoint).examples.map { ModelInput(ids: $0.ids, typeIDs: $0.typeIDs) }
        // More tokens than a chunk has.
        let inputs = examples + examples.reversed() + examples + examples
        return (
            CalibrationPass(
                weights, configuration: description.bert, inputs: inputs, readsFirstTokens: first, kernels: .active,
                threads: threads), weights, description, inputs
        )
    }

    /// Query, key and value of a layer read the hidden states before it.
    @Test(arguments: ["tiny-bi-encoder", "tiny-cross-encoder", "tiny-cross-encoder-odd"])
    func hiddenStatesAreTheInputsOfTheProjections(checkpoint: String) async throws {
        let (pass, weights, description, inputs) = try pass(checkpoint, threads: 2, first: false)
        #expect(pass.chunkCount > 1)
        let found = try await pass.moments(layers: 0..<weights.layers.count) { _ in }
        let reference = ReferenceBert(weights, configuration: description.bert)
        let hidden = description.bert.hiddenSize
        var expected = [[Double]](
            repeating: [Double](repeating: 0, count: hidden * hidden), count: weights.layers.count)
        for input in inputs {
            let states = reference.hiddenStates(ids: input.ids, typeIDs: input.typeIDs)
            for layer in expected.indices {
                for token in input.ids.indices {
                    let row = states[layer][token * hidden..<(token + 1) * hidden].map(Double.init)
                    for i in 0..<hidden {
                        for j in 0..<hidden { expected[layer][i * hidden + j] += row[i] * row[j] }
                    }
                }
            }
        }
        for (layer, expected) in zip(weights.layers, expected) {
            for linear in [layer.query, layer.key, layer.value] {
                let moments = try #require(found[linear.weight.name])
                #expect(moments.count == inputs.reduce(0) { $0 + $1.ids.count })
                let comparison = Approximate(
                    moments.sums.map(Float.init), expected.map(Float.init), within: .moments, linear.weight.name)
                #expect(comparison.holds, "\(comparison)")
            }
            #expect(found[layer.output.weight.name]?.size == description.bert.intermediateSize)
            #expect(found[layer.attentionOutput.weight.name]?.size == hidden)
        }
    }

    /// Where the last layer is read at first tokens, those count as much as all others; the pooler reads what the layer made of them.
    @Test func firstTokensCountHalf() async throws {
        let (pass, weights, description, inputs) = try pass("tiny-cross-encoder", threads: 1, first: true)
        let last = weights.layers.count - 1
        let found = try await pass.moments(layers: last..<last + 1) { _ in }
        let reference = ReferenceBert(weights, configuration: description.bert)
        let hidden = description.bert.hiddenSize
        let states = inputs.map { reference.hiddenStates(ids: $0.ids, typeIDs: $0.typeIDs) }
        func mean(_ rows: [[Float]]) -> [Float] {
            (0..<hidden * hidden).map { place in
                Float(
                    rows.reduce(0.0) { $0 + Double($1[place / hidden]) * Double($1[place % hidden]) }
                        / Double(rows.count))
            }
        }
        let tokens = states.flatMap { states in
            stride(from: 0, to: states[last].count, by: hidden).map { Array(states[last][$0..<$0 + hidden]) }
        }
        let (all, first) = (mean(tokens), mean(states.map { Array($0[last].prefix(hidden)) }))
        let query = try #require(found[weights.layers[last].query.weight.name])
        let expected = zip(all, first).map { ($0 + $1) / 2 }
        var comparison = Approximate(query.mean.map(Float.init), expected, within: .moments, "query")
        #expect(comparison.holds, "\(comparison)")
        let key = try #require(found[weights.layers[last].key.weight.name])
        comparison = Approximate(key.mean.map(Float.init), all, within: .moments, "key")
        #expect(comparison.holds, "\(comparison)")
        let head = try #require(weights.pooler)
        let pooler = try #require(found[head.weight.name])
        let outputs = states.flatMap { states in
            stride(from: 0, to: states[last + 1].count, by: hidden).map { Array(states[last + 1][$0..<$0 + hidden]) }
        }
        let pooled = zip(mean(outputs), mean(states.map { Array($0[last + 1].prefix(hidden)) })).map { ($0 + $1) / 2 }
        comparison = Approximate(pooler.mean.map(Float.init), pooled, within: .moments, "pooler")
        #expect(comparison.holds, "\(comparison)")
    }

    @Test func threadsChangeNoBit() async throws {
        let one = try await pass("tiny-cross-encoder", threads: 1, first: true).pass.moments(layers: 0..<2) { _ in }
        let three = try await pass("tiny-cross-encoder", threads: 3, first: true).pass.moments(layers: 0..<2) { _ in }
        #expect(one.count == three.count && one.count == 13)
        for (name, moments) in one { #expect(three[name]?.mean == moments.mean, "\(name)") }
    }
}

extension Tolerance {
    /// float32 activations, and sums of them over one chunk, against the reference's sums in double.
    fileprivate static let moments = Tolerance("float32 activations and sums", 2e-5, .largest)
}
