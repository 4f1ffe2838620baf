import TestSupport
import Testing
import WinnowEncoders
import WinnowTokenizers

/// The fast forward pass against transformers' values and against the reference, in every kernel variant that runs here.
@Suite struct PackedBertTests {
    static let variants = Kernels.available.map(\.name)

    @Test(arguments: variants, Golden.crossEncoders + Golden.biEncoders)
    func hiddenStatesOfEachLayerAgreeWithTransformers(variant: String, checkpoint: String) throws {
        let (bert, hidden) = try packed(checkpoint, variant)
        let workspace = BertWorkspace(bert.configuration, layout: bert.layout)
        for example in try Golden.read(checkpoint).examples {
            guard let rows = example.rows, let expected = example.hiddenStates else { continue }
            let input = ModelInput(ids: example.ids, typeIDs: example.typeIDs)
            #expect(bert.check(input))
            var layer = 0
            bert.forward([input], wanted: .allTokens, workspace: workspace) { state in
                let kept = rows.flatMap { row in (0..<hidden).map { state[row * workspace.hiddenStride + $0] } }
                let comparison = Approximate(
                    kept, expected[layer], within: .hiddenStates, "\(example.text), layer \(layer)")
                #expect(comparison.holds, "\(comparison)")
                layer += 1
            }
            #expect(layer == expected.count)
        }
    }

    /// Packing: sequences side by side, in any order, give each its bits of alone; so does computing `[CLS]` only.
    @Test(arguments: variants, Golden.shapes)
    func neighboursChangeNoBit(variant: String, checkpoint: String) throws {
        let (bert, hidden) = try packed(checkpoint, variant)
        let workspace = BertWorkspace(bert.configuration, layout: bert.layout)
        let inputs = try Golden.read(checkpoint).examples.map { ModelInput(ids: $0.ids, typeIDs: $0.typeIDs) }
        func firstTokens(_ inputs: [ModelInput]) -> [[Float]] {
            bert.forward(inputs, wanted: .firstTokens, workspace: workspace)
            return inputs.indices.map { row in (0..<hidden).map { workspace.hidden[row * workspace.hiddenStride + $0] }
            }
        }
        let alone = inputs.map { firstTokens([$0])[0] }
        #expect(firstTokens(inputs) == alone)
        #expect(firstTokens(inputs.reversed()) == alone.reversed())
        #expect(firstTokens(Array(inputs[1...3])) == Array(alone[1...3]))

        bert.forward(inputs, wanted: .allTokens, workspace: workspace)
        var row = 0
        for (input, expected) in zip(inputs, alone) {
            #expect((0..<hidden).map { workspace.hidden[row * workspace.hiddenStride + $0] } == expected)
            row += input.ids.count
        }
    }

    /// Asked before each stage: one for the embeddings and one a layer.
    @Test(arguments: Golden.shapes)
    func aPassIsGivenUpBetweenStages(checkpoint: String) throws {
        let (bert, _) = try packed(checkpoint, Kernels.active.name)
        let workspace = BertWorkspace(bert.configuration, layout: bert.layout)
        let example = try #require(try Golden.read(checkpoint).examples.first)
        let input = ModelInput(ids: example.ids, typeIDs: example.typeIDs)
        let stages = bert.configuration.layerCount + 1
        for limit in 0...stages {
            var asked = 0
            var done = 0
            let ended = bert.forward(
                [input], wanted: .allTokens, workspace: workspace, observe: { _ in done += 1 },
                isCancelled: {
                    asked += 1
                    return asked > limit
                })
            #expect(ended == (limit == stages) && done == limit)
        }
    }

    /// Cut into parts, wherever sequences begin and end, a pass gives the bits of the whole one.
    @Test(arguments: variants, Golden.shapes)
    func partsChangeNoBit(variant: String, checkpoint: String) throws {
        let (bert, hidden) = try packed(checkpoint, variant)
        let inputs = try Golden.read(checkpoint).examples.map { ModelInput(ids: $0.ids, typeIDs: $0.typeIDs) }
        let tokens = inputs.reduce(0) { $0 + $1.ids.count }
        func rows(_ wanted: WantedStates, parts: Int) -> [[Float]] {
            let workspace = BertWorkspace(bert.configuration, layout: bert.layout)
            bert.forward(inputs, wanted: wanted, workspace: workspace, parts: parts)
            return (0..<(wanted == .firstTokens ? inputs.count : tokens)).map { row in
                (0..<hidden).map { workspace.hidden[row * workspace.hiddenStride + $0] }
            }
        }
        for wanted in [WantedStates.firstTokens, .allTokens] {
            let whole = rows(wanted, parts: 1)
            for parts in [2, 3, 5, tokens] {
                #expect(rows(wanted, parts: parts) == whole, "\(parts) parts")
            }
        }
    }

    /// Lengths around tiles, panels and blocks, and the longest sequence there is, against the plain reference.
    @Test(arguments: variants, Golden.shapes)
    func everyLengthAgreesWithTheReference(variant: String, checkpoint: String) throws {
        let (bert, hidden) = try packed(checkpoint, variant)
        let source = Golden.source(checkpoint)
        let description = try ModelDescription.read(source)
        let reference = ReferenceBert(
            try BertWeights(source, description: description), configuration: description.bert)
        let workspace = BertWorkspace(bert.configuration, layout: bert.layout)
        var random = SeededGenerator(seed: 1)
        let longest = bert.configuration.maxPositions
        for length in [1, 2, 6, 7, 11, 12, 13, 31, 32, 33, 63, 64, 65, 95, 96, 97, longest] where length <= longest {
            let ids = (0..<length).map { _ in
                Int32.random(in: 0..<Int32(bert.configuration.vocabularySize), using: &random)
            }
            let types = (0..<length).map { $0 < length / 3 ? Int32(0) : 1 }
            bert.forward([ModelInput(ids: ids, typeIDs: types)], wanted: .allTokens, workspace: workspace)
            let states = reference.hiddenStates(ids: ids, typeIDs: types)
            let actual = (0..<length).flatMap { row in
                (0..<hidden).map { workspace.hidden[row * workspace.hiddenStride + $0] }
            }
            let comparison = Approximate(actual, states[states.count - 1], within: .hiddenStates, "\(length) tokens")
            #expect(comparison.holds, "\(comparison)")
        }
    }

    @Test func inputsOutOfRangeAreRecognised() throws {
        let (bert, _) = try packed("tiny-cross-encoder", "scalar")
        let vocabulary = Int32(bert.configuration.vocabularySize)
        #expect(bert.check(ModelInput(ids: [0, vocabulary - 1], typeIDs: [0, 1])))
        for bad in [
            ModelInput(ids: [], typeIDs: []), ModelInput(ids: [vocabulary], typeIDs: [0]),
            ModelInput(ids: [-1], typeIDs: [0]), ModelInput(ids: [1], typeIDs: [2]), ModelInput(ids: [1], typeIDs: []),
            ModelInput(
                ids: Array(repeating: 1, count: bert.configuration.maxPositions + 1),
                typeIDs: Array(repeating: 0, count: bert.configuration.maxPositions + 1)),
        ] {
            #expect(!bert.check(bad))
        }
    }

    private func packed(_ checkpoint: String, _ variant: String) throws -> (any PackedEncoder, hidden: Int) {
        let source = Golden.source(checkpoint)
        let description = try ModelDescription.read(source)
        let weights = try BertWeights(source, description: description)
        let kernels = try #require(Kernels.available.first { $0.name == variant })
        let bert = PackedBert(weights, configuration: description.bert, arithmetic: Float32Arithmetic(kernels))
        return (bert, description.bert.hiddenSize)
    }
}
