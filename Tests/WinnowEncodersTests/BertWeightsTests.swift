import Foundation
import TestSupport
import Testing
import WinnowEncoders
import WinnowModels

@Suite struct BertWeightsTests {
    @Test func readsTheTinyCheckpoints() throws {
        for checkpoint in Golden.crossEncoders + Golden.biEncoders {
            let source = Golden.source(checkpoint)
            let description = try ModelDescription.read(source)
            let weights = try BertWeights(source, description: description)
            #expect(weights.layers.count == description.bert.layerCount)
            #expect((weights.classifier == nil) == (description.kind == .biEncoder))
            #expect((weights.pooler == nil) == (description.kind == .biEncoder))
            let isQuantized = checkpoint.hasSuffix("int8")
            #expect((weights.layers[0].query.weight.values.dtype == .i8) == isQuantized)
            #expect((weights.wordEmbeddings.scales.count == 208) == isQuantized)
        }
    }

    @Test func int8RowsAreIntegersTimesTheirScale() throws {
        let source = Golden.source("tiny-cross-encoder-int8")
        let description = try ModelDescription.read(source)
        let matrix = try BertWeights(source, description: description).layers[1].intermediate.weight
        let floats = matrix.floats()
        let integers = matrix.values.withUnsafeBytes { $0.map { Int8(bitPattern: $0) } }
        for row in 0..<matrix.rows {
            var copy = [Float](repeating: .nan, count: matrix.columns)
            copy.withUnsafeMutableBufferPointer { buffer in
                if let base = buffer.baseAddress { matrix.copyRow(row, into: base) }
            }
            let range = row * matrix.columns..<(row + 1) * matrix.columns
            #expect(copy == Array(floats[range]))
            #expect(copy == integers[range].map { Float($0) * matrix.scales[row] })
        }
        #expect(integers.contains(127) || integers.contains(-127))
    }

    @Test func copiesAnyRangeOfRows() throws {
        for checkpoint in Golden.crossEncoders {
            let source = Golden.source(checkpoint)
            let matrix = try BertWeights(source, description: ModelDescription.read(source)).positionEmbeddings
            let floats = matrix.floats()
            for range in [0..<0, 0..<1, 5..<9, 63..<64, 0..<64, 64..<64] {
                var copy = [Float](repeating: .nan, count: range.count * matrix.columns + 1)
                copy.withUnsafeMutableBufferPointer { buffer in
                    if let base = buffer.baseAddress { matrix.copyRows(range, into: base) }
                }
                #expect(copy.removeLast().isNaN)
                #expect(copy == Array(floats[range.lowerBound * matrix.columns..<range.upperBound * matrix.columns]))
            }
        }
    }

    @Test func readsTheBuiltInModels() throws {
        let cross = ModelSource.memory(
            name: BuiltInModel.crossEncoder.name, files: BuiltInModel.crossEncoder.files, fingerprint: nil)
        let pair = try ModelDescription.read(cross)
        #expect(pair.kind == .crossEncoder && pair.maxLength == 512 && pair.activation == .sigmoid)
        #expect(pair.bert.quantization?.quantizesActivations == true && pair.notes.isEmpty)
        #expect(try BertWeights(cross, description: pair).classifier?.weight.rows == 1)
        let bi = ModelSource.memory(
            name: BuiltInModel.biEncoder.name, files: BuiltInModel.biEncoder.files, fingerprint: nil)
        let text = try ModelDescription.read(bi)
        #expect(text.kind == .biEncoder && text.maxLength == 256 && text.pooling == .mean && text.normalizes)
        #expect(try BertWeights(bi, description: text).layers.count == 6)
        #expect(text.queryPrompt.isEmpty && text.passagePrompt.isEmpty && text.notes.isEmpty)
    }

    // MARK: Refusals

    private static let query = "bert.encoder.layer.1.attention.self.query.weight"

    private typealias Change = (inout [SafetensorsBuilder.Tensor]) -> Void

    private func expectRefusal(
        of checkpoint: String = "tiny-cross-encoder", _ reason: String, dropQuantization: Bool = false,
        _ change: Change
    ) throws {
        let source = Golden.source(checkpoint)
        var builder = try SafetensorsBuilder(copying: SafetensorsFile(source))
        change(&builder.tensors)
        let file = try SafetensorsFile(builder.build(), file: "changed.safetensors")
        let configuration =
            try dropQuantization
            ? BertConfiguration.read(Golden.source("tiny-cross-encoder")) : BertConfiguration.read(source)
        let error = #expect(throws: ModelError.self) {
            try BertWeights(file, configuration: configuration, head: .crossEncoder)
        }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("changed.safetensors: ") && text.contains(reason), "\(text)")
    }

    @Test func refusesMissingTensors() throws {
        try expectRefusal("no tensor \"bert.\(Self.query.dropFirst(5))\" or \"\(Self.query.dropFirst(5))\"") {
            $0.removeAll { $0.name == Self.query }
        }
        try expectRefusal(
            "\"bert.embeddings.LayerNorm.weight\" or \"embeddings.LayerNorm.weight\" "
                + "or \"bert.embeddings.LayerNorm.gamma\""
        ) {
            $0.removeAll { $0.name == "bert.embeddings.LayerNorm.weight" }
        }
        try expectRefusal("no tensor \"bert.pooler.dense.weight\"") { $0.removeAll { $0.name.contains("pooler") } }
        try expectRefusal("\"classifier.bias\"") { $0.removeAll { $0.name == "classifier.bias" } }
        try expectRefusal("no tensor \"bert.embeddings.word_embeddings.weight\"") { $0 = [] }
    }

    @Test func refusesOtherShapes() throws {
        try expectRefusal("tensor \"\(Self.query)\": the shape is [4096], and config.json asks for [64, 64]") {
            for index in $0.indices where $0[index].name == Self.query { $0[index].shape = [4096] }
        }
        try expectRefusal("intermediate.dense.weight\": the shape is [64, 128], and config.json asks for [128, 64]") {
            for index in $0.indices where $0[index].name.hasSuffix("layer.0.intermediate.dense.weight") {
                $0[index].shape = [64, 128]
            }
        }
        try expectRefusal("tensor \"classifier.bias\": the shape is [1, 1], and config.json asks for [1]") {
            for index in $0.indices where $0[index].name == "classifier.bias" { $0[index].shape = [1, 1] }
        }
        try expectRefusal("weights of a layer 2") {
            var more = $0.filter { $0.name.contains("layer.1.") }
            for index in more.indices {
                more[index].name = more[index].name.replacingOccurrences(of: "layer.1.", with: "layer.2.")
            }
            $0 += more
        }
    }

    @Test(arguments: [
        query, "bert.embeddings.word_embeddings.weight", "bert.pooler.dense.bias", "bert.embeddings.LayerNorm.bias",
    ])
    func refusesNaN(name: String) throws {
        try expectRefusal("tensor \"\(name)\": element 3 is infinite or not a number") {
            for index in $0.indices where $0[index].name == name {
                $0[index].data.replaceSubrange(12..<16, with: [0, 0, 0xC0, 0x7F])
            }
        }
    }

    @Test func refusesInt8ThatDoesNotAddUp() throws {
        let int8 = "tiny-cross-encoder-int8"
        let scale = Self.query + "_scale"
        try expectRefusal(of: int8, "\"\(Self.query)\": it is int8, and its scales \"\(scale)\" are missing") {
            $0.removeAll { $0.name == scale }
        }
        try expectRefusal(of: int8, "no quantization_config", dropQuantization: true) { _ in }
        try expectRefusal(of: int8, "floats of shape [64, 1] belong there") {
            for index in $0.indices where $0[index].name == scale { $0[index].shape = [1, 64] }
        }
        try expectRefusal(of: int8, "\"\(scale)\": element 0 is infinite") {
            for index in $0.indices where $0[index].name == scale {
                $0[index].data.replaceSubrange(0..<4, with: [0, 0, 0x80, 0x7F])
            }
        }
        try expectRefusal(of: int8, "the scale of row 1 is -1.0") {
            for index in $0.indices where $0[index].name == scale {
                $0[index].data.replaceSubrange(4..<8, with: [0, 0, 0x80, 0xBF])
            }
        }
        try expectRefusal(of: int8, "only symmetric int8 is read") {
            $0.append(.init(name: Self.query + "_zero_point", dtype: "I8", shape: [64, 1], data: Data(count: 64)))
        }
        try expectRefusal("it is F32 and has scales") {
            $0.append(.init(name: scale, dtype: "F32", shape: [64, 1], data: Data(count: 256)))
        }
        try expectRefusal(of: int8, "\"bert.pooler.dense.bias\" is int8") {
            for index in $0.indices where $0[index].name == "bert.pooler.dense.bias" {
                $0[index].dtype = "I8"
                $0[index].data = Data(count: 64)
            }
        }
    }

    @Test func readsScalesOfEitherShape() throws {
        let source = Golden.source("tiny-cross-encoder-int8")
        let description = try ModelDescription.read(source)
        var builder = try SafetensorsBuilder(copying: SafetensorsFile(source))
        for index in builder.tensors.indices where builder.tensors[index].name.hasSuffix("_scale") {
            builder.tensors[index].shape.removeLast()
        }
        let file = try SafetensorsFile(builder.build())
        let weights = try BertWeights(file, configuration: description.bert, head: .crossEncoder)
        let expected = try BertWeights(source, description: description)
        #expect(weights.wordEmbeddings.floats() == expected.wordEmbeddings.floats())
    }
}
