import Foundation
import TestSupport
import Testing
import WinnowEncoders

/// Files of our writer, read by our reader; `Scripts/check-quantized` reads them with the reference implementation.
@Suite struct SafetensorsWriterTests {
    private func written(_ tensors: [SafetensorsWriter.Tensor]) throws -> Data {
        var data = Data()
        try SafetensorsWriter(tensors).write { data.append(contentsOf: $0) }
        return data
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let original = try SafetensorsFile(Golden.source("tiny-cross-encoder-f16"))
        let name = try #require(original.names.first { $0.hasSuffix("LayerNorm.bias") })
        let stored = try #require(original.stored(name))
        let floats: [Float] = [1, -0.0, Float.leastNonzeroMagnitude, .greatestFiniteMagnitude]
        let data = try written([
            .init("codes", [-127, 0, 127] as [Int8], shape: [3, 1]), .init("odd \"name\"", [5] as [Int8], shape: []),
            .init("floats", floats, shape: [2, 2]), .init("none", [Float](), shape: [0, 4]),
            .init(name, dtype: stored.dtype, shape: stored.shape, bytes: stored.bytes),
        ])
        let file = try SafetensorsFile(data)
        #expect(file.names == ["codes", "floats", "none", "odd \"name\"", name].sorted())
        #expect(try file.tensor("codes").floats() == [-127, 0, 127] && file.shape(of: "codes") == [3, 1])
        #expect(try file.tensor("odd \"name\"").floats() == [5] && file.shape(of: "odd \"name\"") == [])
        #expect(try file.tensor("floats").floats().map(\.bitPattern) == floats.map(\.bitPattern))
        let (copy, tensor) = (try file.tensor(name), try original.tensor(name))
        #expect(copy.dtype == .f16 && copy.shape == tensor.shape)
        #expect(copy.withUnsafeBytes { Data($0) } == tensor.withUnsafeBytes { Data($0) })
    }

    /// The data begin at a multiple of 8 and each tensor at one of its elements' size, so that mapped bytes can be used in place.
    @Test(arguments: 1...9)
    func everythingIsAligned(length: Int) throws {
        let name = String(repeating: "x", count: length)
        let data = try written([
            .init("a", [1] as [Int8], shape: [1]), .init(name, [2] as [Float], shape: [1]),
            .init("z", [3] as [Int8], shape: [1]),
        ])
        let header = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(header % 8 == 0)
        let json = try #require(
            try JSONSerialization.jsonObject(with: data[8..<8 + header]) as? [String: [String: Any]])
        #expect(json["__metadata__"] as? [String: String] == ["format": "pt"])
        #expect(json[name]?["data_offsets"] as? [Int] == [0, 4])
        #expect(data.count == 8 + header + 6)
    }
}
