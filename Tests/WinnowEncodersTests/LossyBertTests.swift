import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowEncoders
import WinnowModels
import WinnowTokenizers

/// int8 and bfloat16 through whole models: near float32, and as independent of everything beside a text.
@Suite struct LossyBertTests {
    /// Every arithmetic that is computed here, by kernels and name.
    static let pairs = Kernels.available.flatMap { kernels in
        ["int8", "bfloat16"].map { [kernels.name, $0] }
    }

    /// Without the scalar kernels, which would take minutes over a real model; they run the tiny ones.
    static let vectorPairs = pairs.filter { $0[0] != "scalar" }

    /// Every arithmetic over every shape that it takes.
    static let tinyCases = pairs.flatMap { pair in
        Golden.shapes.map { pair + [$0] }
    }

    func options(_ pair: [String], threads: Int? = nil) throws -> EncoderOptions {
        EncoderOptions(
            precision: try #require(Precision(rawValue: pair[1])), threads: threads,
            kernels: try #require(Kernels.available.first { $0.name == pair[0] }))
    }

    /// Against transformers' float32 logits. The bounds are about twice the errors that were seen.
    @Test(arguments: vectorPairs)
    func theBuiltInCrossEncoderStaysNearTheReference(pair: [String]) async throws {
        let reference: CrossEncoderReference = try Fixtures.json("built-in-models/cross-encoder-reference.json")
        let encoder = try CrossEncoder.load(.builtIn(.crossEncoder), options: try options(pair))
        var errors: [Float] = []
        for group in reference.groups {
            let scores = try await encoder.score(Query(group.query), group.candidates)
            for (score, logit) in zip(scores, group.logits) {
                errors.append(abs(try #require(score).logit.value - logit))
            }
        }
        #expect(errors.count > 20)
        let mean = errors.reduce(0, +) / Float(errors.count)
        let most = errors.max() ?? .infinity
        #expect(most <= (pair[1] == "int8" ? 0.5 : 0.12), "largest error \(most)")
        #expect(mean <= (pair[1] == "int8" ? 0.12 : 0.03), "mean error \(mean)")
        // A path that secretly computed in float32 would be no path.
        #expect(most > 1e-3)
    }

    @Test(arguments: vectorPairs)
    func vectorsPointWhereTheReferencePoints(pair: [String]) async throws {
        let reference: BiEncoderReference = try Fixtures.json("built-in-models/bi-encoder-reference.json")
        let encoder = try BiEncoder.load(.builtIn(.biEncoder), options: try options(pair))
        let exact = try BiEncoder.load(.builtIn(.biEncoder), options: EncoderOptions(precision: .float32))
        let vectors = try await encoder.embed(reference.texts, as: .passage)
        let expected = try await exact.embed(reference.texts, as: .passage)
        let dimension = encoder.dimension
        for text in reference.texts.indices {
            let range = text * dimension..<(text + 1) * dimension
            let cosine = zip(vectors.values[range], expected.values[range]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            #expect(cosine >= (pair[1] == "int8" ? 0.99 : 0.999), "text \(text): \(cosine)")
        }
    }

    /// Neighbours, order and threads change no bit.
    @Test(arguments: vectorPairs)
    func scoresAreBitwiseTheSameHoweverTheyAreAskedFor(pair: [String]) async throws {
        let reference: CrossEncoderReference = try Fixtures.json("built-in-models/cross-encoder-reference.json")
        let group = try #require(reference.groups.first)
        let query = Query(group.query)
        let candidates = Array(group.candidates.prefix(6))
        let encoder = try CrossEncoder.load(.builtIn(.crossEncoder), options: try options(pair))
        let together = try await encoder.score(query, candidates).map { $0?.logit.value }
        #expect(try await encoder.score(query, candidates.reversed()).map { $0?.logit.value } == together.reversed())
        for (candidate, logit) in zip(candidates, together) {
            #expect(try await encoder.score(query, [candidate])[0]?.logit.value == logit)
        }
        let other = try CrossEncoder.load(.builtIn(.crossEncoder), options: try options(pair, threads: 1))
        #expect(try await other.score(query, candidates).map { $0?.logit.value } == together)
    }

    /// Sizes that no vector, panel or pair divides, through tokens, layers and head. The bounds are about twice the errors that were
    /// seen (0.38 and 0.085, of logits with a standard deviation of 3): random weights are far more uneven than trained ones.
    @Test(arguments: tinyCases)
    func tinyCrossEncodersStayNearTransformers(tiny: [String]) async throws {
        let golden = try Golden.read(tiny[2])
        let inputs = golden.examples.map { ModelInput(ids: $0.ids, typeIDs: $0.typeIDs) }
        let encoder = try CrossEncoder.load(Golden.source(tiny[2]), options: try options(tiny))
        let together = try await encoder.logits(inputs).map { try #require($0) }
        let errors = zip(together, golden.examples.compactMap(\.logit)).map { abs($0 - $1) }
        let most = errors.max() ?? .infinity
        #expect(most <= (tiny[1] == "int8" ? 0.7 : 0.17), "largest error \(most)")
        #expect(most > 1e-4, "a path that secretly computed in float32")
        // Batch, order and threads change no bit.
        #expect(try await encoder.logits(inputs.reversed()) == together.reversed())
        for (input, logit) in zip(inputs, together) { #expect(try await encoder.logits([input]) == [logit]) }
        for threads in [1, 3] {
            let other = try CrossEncoder.load(Golden.source(tiny[2]), options: try options(tiny, threads: threads))
            #expect(try await other.logits(inputs) == together)
        }
    }

    /// Lengths around tiles, panels and blocks: computing `[CLS]` only gives the bits of computing all.
    @Test(arguments: tinyCases)
    func firstTokensHaveTheBitsOfAllTokens(tiny: [String]) throws {
        let source = Golden.source(tiny[2])
        let description = try ModelDescription.read(source)
        let weights = try BertWeights(source, description: description)
        let options = try options(tiny)
        let kernels = try #require(options.kernels)
        let head = description.bert.headSize
        func packed(_ arithmetic: some BertArithmetic) -> any PackedEncoder {
            PackedBert(weights, configuration: description.bert, arithmetic: arithmetic)
        }
        let bert =
            if options.precision == .int8 {
                packed(Int8Arithmetic(kernels, headSize: head, positions: description.bert.maxPositions))
            } else if kernels.hasBFloat16 && head % 2 == 0 {
                packed(BFloat16Arithmetic(kernels, headSize: head))
            } else {
                packed(BFloat16WeightArithmetic(kernels))
            }
        let workspace = BertWorkspace(bert.configuration, layout: bert.layout)
        let hidden = description.bert.hiddenSize
        var random = SeededGenerator(seed: 1)
        let inputs = [1, 2, 6, 7, 11, 12, 13, 31, 32, 33, 63, 64].filter { $0 <= bert.configuration.maxPositions }.map {
            length in
            ModelInput(
                ids: (0..<length).map { _ in
                    Int32.random(in: 0..<Int32(bert.configuration.vocabularySize), using: &random)
                },
                typeIDs: (0..<length).map { $0 < length / 3 ? 0 : 1 })
        }
        func row(_ index: Int) -> [Float] { (0..<hidden).map { workspace.hidden[index * workspace.hiddenStride + $0] } }
        bert.forward(inputs, wanted: .firstTokens, workspace: workspace)
        let first = inputs.indices.map(row)
        // Near float32: a code is a 127th of the largest value of its row, a bfloat16 a 256th of itself.
        let exact = PackedBert(
            weights, configuration: description.bert, arithmetic: Float32Arithmetic(kernels))
        let floats = BertWorkspace(bert.configuration, layout: exact.layout)
        exact.forward(inputs, wanted: .firstTokens, workspace: floats)
        for index in inputs.indices {
            for column in 0..<hidden {
                let error = abs(first[index][column] - floats.hidden[index * floats.hiddenStride + column])
                #expect(error <= (options.precision == .int8 ? 0.15 : 0.1), "sequence \(index), column \(column)")
            }
        }
        bert.forward(inputs, wanted: .allTokens, workspace: workspace)
        var start = 0
        for (input, expected) in zip(inputs, first) {
            #expect(row(start) == expected)
            start += input.ids.count
        }
        for (input, expected) in zip(inputs, first) {
            bert.forward([input], wanted: .firstTokens, workspace: workspace)
            #expect(row(0) == expected)
        }
        for parts in [2, 3, 7] {
            bert.forward(inputs, wanted: .firstTokens, workspace: workspace, parts: parts)
            #expect(inputs.indices.map(row) == first, "\(parts) parts")
        }
    }

    /// int8 weights of a file are taken as they are, byte for byte, with their own scales.
    @Test func storedCodesAreUsedAsTheyAre() throws {
        let source = Golden.source("tiny-cross-encoder-int8")
        let description = try ModelDescription.read(source)
        let matrix = try BertWeights(source, description: description).layers[0].query.weight
        var codes = [Int8](repeating: 0, count: matrix.columns)
        var floats = [Float](repeating: 0, count: matrix.columns)
        for row in 0..<matrix.rows {
            let scale = matrix.copyCodes(row, into: &codes, floats: &floats)
            let stored = matrix.values.withUnsafeBytes { bytes in
                bytes[row * matrix.columns..<(row + 1) * matrix.columns].map { Int8(bitPattern: $0) }
            }
            #expect(codes == stored && scale == matrix.scales[row])
        }
    }

    /// Sums of int8 products that could leave int32 are refused, not wrapped.
    @Test func aMatrixTooWideForInt8IsRefused() throws {
        #expect(255 * 128 * Int8Linear.mostInputs <= Int(Int32.max))
        #expect(255 * 128 * (Int8Linear.mostInputs + 1) > Int(Int32.max))
        let text = "\(EncoderError.tooWideForInt8(model: "wide", inputs: 70_000))"
        #expect(text.contains("70000") && text.contains("float32"))
    }

    /// Float weights come within half a step of the row's scale.
    @Test func floatWeightsAreRoundedToTheNearestCode() throws {
        let source = Golden.source("tiny-cross-encoder")
        let description = try ModelDescription.read(source)
        let matrix = try BertWeights(source, description: description).layers[0].intermediate.weight
        var codes = [Int8](repeating: 0, count: matrix.columns)
        var floats = [Float](repeating: 0, count: matrix.columns)
        for row in 0..<matrix.rows {
            let scale = matrix.copyCodes(row, into: &codes, floats: &floats)
            matrix.copyRow(row, into: &floats)
            #expect(scale == (floats.map(abs).max() ?? 0) / 127)
            #expect(zip(codes, floats).allSatisfy { abs(Float($0) * scale - $1) <= scale * 0.5001 })
        }
    }
}
