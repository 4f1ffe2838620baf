import TestSupport
import Testing
import WinnowEncoders

@Suite struct ReferenceBertTests {
    @Test(arguments: Golden.crossEncoders)
    func agreesWithTransformersOnPairs(checkpoint: String) throws {
        let (bert, hidden) = try reference(checkpoint)
        let golden = try Golden.read(checkpoint)
        #expect(golden.kind == "cross-encoder" && golden.examples.count >= 12)
        var logits: [Float] = []
        for example in golden.examples {
            try expectHiddenStates(bert, example, hidden: hidden)
            logits.append(bert.logit(ids: example.ids, typeIDs: example.typeIDs))
        }
        let comparison = Approximate(
            logits, golden.examples.compactMap(\.logit), within: .logits, "\(checkpoint) logits")
        #expect(comparison.holds, "\(comparison)")
        #expect((logits.min() ?? 0) < -2 && (logits.max() ?? 0) > 2, "logits spread over more than ±2")
    }

    @Test(arguments: Golden.biEncoders)
    func agreesWithTransformersOnTexts(checkpoint: String) throws {
        let (bert, hidden) = try reference(checkpoint)
        let golden = try Golden.read(checkpoint)
        #expect(golden.kind == "bi-encoder" && golden.examples.count >= 12)
        for example in golden.examples {
            try expectHiddenStates(bert, example, hidden: hidden)
            for (pooling, normalize, expected) in [
                (Pooling.mean, false, example.mean), (.mean, true, example.meanNormalized), (.cls, false, example.cls),
            ] {
                let comparison = Approximate(
                    bert.embedding(ids: example.ids, pooling: pooling, normalize: normalize),
                    try #require(expected), within: .embeddings, "\(example.text), \(pooling)")
                #expect(comparison.holds, "\(comparison)")
            }
        }
    }

    private func reference(_ checkpoint: String) throws -> (ReferenceBert, hidden: Int) {
        let source = Golden.source(checkpoint)
        let description = try ModelDescription.read(source)
        let weights = try BertWeights(source, description: description)
        return (ReferenceBert(weights, configuration: description.bert), description.bert.hiddenSize)
    }

    private func expectHiddenStates(_ bert: ReferenceBert, _ example: Golden.Example, hidden: Int) throws {
        guard let rows = example.rows, let expected = example.hiddenStates else { return }
        let states = bert.hiddenStates(ids: example.ids, typeIDs: example.typeIDs)
        #expect(states.count == expected.count)
        for (layer, (state, expected)) in zip(states, expected).enumerated() {
            #expect(state.count == example.ids.count * hidden)
            let kept = rows.flatMap { state[$0 * hidden..<($0 + 1) * hidden] }
            let comparison = Approximate(kept, expected, within: .hiddenStates, "\(example.text), layer \(layer)")
            #expect(comparison.holds, "\(comparison)")
        }
    }
}
