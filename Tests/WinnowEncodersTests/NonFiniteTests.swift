import CWinnowKernels
import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowEncoders

/// What float32 cannot hold must come out as NaN or infinity, in every variant, so that the encoders refuse it by name: a
/// kernel that turns it back into a plausible number makes a score out of nothing.
@Suite struct NonFiniteTests {
    static let variants = Kernels.available.map(\.name)
    static let unusable: [Float] = [.nan, .infinity, -.infinity]

    func kernels(_ name: String) throws -> Kernels {
        try #require(Kernels.available.first { $0.name == name })
    }

    @Test(arguments: variants)
    func geluKeepsNaNAndItsLimits(variant: String) throws {
        let kernels = try kernels(variant)
        for count in [1, 7, 8, 9, 16, 33] {
            for place in 0..<count {
                var values = [Float](repeating: 0.5, count: count)
                values[place] = .nan
                kernels.table.pointee.gelu_f32(&values, count)
                #expect(values[place].isNaN, "\(place) of \(count)")
                #expect(values.count { $0.isNaN } == 1)
            }
        }
        var limits: [Float] = [.infinity, -.infinity]
        kernels.table.pointee.gelu_f32(&limits, 2)
        #expect(limits[0] == .infinity)
        // x · Φ(x) goes to 0 from below; the scalar form multiplies −∞ by 0, which is as good: not a number.
        #expect(limits[1].isNaN || abs(limits[1]) < 1e-6)
    }

    @Test(arguments: variants, [1, 5, 16, 17, 33, 64])
    func softmaxOfWhatIsNoNumberIsNone(variant: String, columns: Int) throws {
        let kernels = try kernels(variant)
        for place in 0..<columns {
            for value in [Float.nan, .infinity] {
                var row = [Float](repeating: 1, count: columns)
                row[place] = value
                kernels.table.pointee.softmax_f32(&row, columns, 1, columns, 1)
                #expect(row.contains { $0.isNaN }, "\(value) at \(place) of \(columns)")
            }
        }
        var lowest = [Float](repeating: -.infinity, count: columns)
        kernels.table.pointee.softmax_f32(&lowest, columns, 1, columns, 1)
        #expect(lowest.allSatisfy { $0.isNaN })
        // One that is −∞ beside others is a weight of nothing, as ever.
        if columns > 1 {
            var row = [Float](repeating: 1, count: columns)
            row[columns - 1] = -.infinity
            kernels.table.pointee.softmax_f32(&row, columns, 1, columns, 1)
            #expect(row[columns - 1] < 1e-30)
            #expect(abs(row[0] - 1 / Float(columns - 1)) < 1e-6)
        }
    }

    @Test(arguments: variants, unusable)
    func attentionAndProductsKeepIt(variant: String, value: Float) throws {
        let kernels = try kernels(variant)
        let (keys, head) = (19, 20)
        for part in 0..<3 {
            var inputs = [[Float]](repeating: [Float](repeating: 0.5, count: keys * head), count: 3)
            inputs[part][7 * head + 3] = value
            // An infinite query or key with keys of both signs: ∞ − ∞.
            if part < 2 { inputs[1 - part] = inputs[1 - part].indices.map { $0 % 2 == 0 ? 0.5 : -0.5 } }
            if part < 2 { inputs[part][7 * head + 4] = value }
            var output = [Float](repeating: 0, count: keys * head)
            let scratch = AlignedFloats(count: winnow_attention_f32_scratch(keys, head))
            inputs[0].withUnsafeBufferPointer { query in
                inputs[1].withUnsafeBufferPointer { key in
                    inputs[2].withUnsafeBufferPointer { values in
                        output.withUnsafeMutableBufferPointer { output in
                            var arguments = winnow_attention_f32(
                                query: query.baseAddress, query_stride: head, queries: keys,
                                key: key.baseAddress, key_stride: head, value: values.baseAddress,
                                value_stride: head, keys: keys, head: head, scale: 0.2,
                                output: output.baseAddress, output_stride: head, scratch: scratch.base)
                            kernels.table.pointee.attention_f32(&arguments)
                        }
                    }
                }
            }
            #expect(output.contains { !$0.isFinite }, "\(value) in part \(part)")
        }
    }

    @Test(arguments: variants, [1, 15, 16, 17, 64])
    func layerNormOfWhatFloat32CannotHoldIsNoNumber(variant: String, columns: Int) throws {
        let kernels = try kernels(variant)
        // The last one is finite and the sum of its squares is not: exact arithmetic has an answer, float32 has none.
        for value in Self.unusable + [3e38] where value.isNaN || value.isInfinite || columns > 1 {
            var input = [Float](repeating: 1, count: columns)
            input[columns / 2] = value
            let weight = [Float](repeating: 1, count: columns)
            let bias = [Float](repeating: 0.25, count: columns)
            var output = [Float](repeating: 0, count: columns)
            kernels.table.pointee.layer_norm_f32(
                input, columns, nil, 0, weight, bias, 1e-12, 1, columns, &output, columns)
            #expect(output.contains { !$0.isFinite }, "\(value): \(output.prefix(3))")
        }
    }

    /// Every weight finite, as the file's check demands, and so large that the forward pass overflows.
    @Test(
        arguments: variants,
        [
            "attention.self.query", "attention.self.value", "attention.output.dense", "intermediate.dense",
            "output.dense",
        ])
    func aForwardPassThatOverflowsIsAnErrorAndNoScore(variant: String, matrix: String) async throws {
        let name = "bert.encoder.layer.0.\(matrix).weight"
        var builder = try SafetensorsBuilder(copying: SafetensorsFile(Golden.source("tiny-cross-encoder")))
        let index = try #require(builder.tensors.firstIndex { $0.name == name })
        let count = builder.tensors[index].data.count / 4
        var random = SeededGenerator(seed: 3)
        let values = random.floats(count).map { 2 * ($0 * 3e38) }
        builder.tensors[index].data = values.withUnsafeBytes { Data($0) }
        let folder = try TemporaryFolder.copy(of: "tiny-cross-encoder")
        try folder.write(builder.build(), to: "model.safetensors")

        let kernels = try kernels(variant)
        for precision in [Precision.float32, .int8, .bfloat16] {
            let encoder = try CrossEncoder.load(
                .directory(folder.path), options: EncoderOptions(precision: precision, kernels: kernels))
            let passage = Passage(id: "p", documentID: "p", text: "plan data downgrade")
            let error = await #expect(throws: EncoderError.self, "\(precision)") {
                try await encoder.score(Query("what happens to my data"), [Candidate(passage: passage, rank: 1)])
            }
            guard case .notFinite(_, let item) = error else {
                Issue.record("\(precision): \(String(describing: error))")
                continue
            }
            #expect(item == "candidate \"p\"")
        }
    }
}

extension TemporaryFolder {
    /// The fixture's files, to change some of them.
    static func copy(of fixture: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let source = Fixtures.url(fixture)
        for name in try FileManager.default.subpathsOfDirectory(atPath: source.path) {
            let file = source.appendingPathComponent(name)
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isDirectory), !isDirectory.boolValue
            else { continue }
            try folder.write(Data(contentsOf: file), to: name)
        }
        return folder
    }
}
