import Foundation
import WinnowEncoders

/// Writes safetensors files, right ones and, with a header of the test's own, wrong ones.
struct SafetensorsBuilder {
    struct Tensor {
        var name: String
        var dtype: String
        var shape: [Int]
        var data: Data
    }

    var tensors: [Tensor] = []

    init() {}

    /// All weights of a file, to change one of them. Buffers of other types are left out.
    init(copying file: SafetensorsFile) throws {
        for name in file.names {
            guard let tensor = try? file.tensor(name) else { continue }
            tensors.append(
                Tensor(
                    name: name, dtype: tensor.dtype.rawValue, shape: tensor.shape,
                    data: tensor.withUnsafeBytes { Data($0) }))
        }
    }

    mutating func add(_ name: String, _ dtype: String, _ shape: [Int], _ data: Data) {
        tensors.append(Tensor(name: name, dtype: dtype, shape: shape, data: data))
    }

    mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
        add(name, "F32", shape, values.withUnsafeBytes { Data($0) })
    }

    func build() -> Data {
        var entries: [String] = []
        var body = Data()
        for tensor in tensors {
            let end = body.count + tensor.data.count
            entries.append(
                "\"\(tensor.name)\":{\"dtype\":\"\(tensor.dtype)\",\"shape\":\(tensor.shape),"
                    + "\"data_offsets\":[\(body.count),\(end)]}")
            body.append(tensor.data)
        }
        return Self.file(header: "{" + entries.joined(separator: ",") + "}", body: body)
    }

    static func file(header: String, body: Data = Data()) -> Data {
        file(header: Data(header.utf8), length: UInt64(header.utf8.count), body: body)
    }

    static func file(header: Data, length: UInt64, body: Data) -> Data {
        withUnsafeBytes(of: length.littleEndian) { Data($0) } + header + body
    }
}

extension ModelBytes {
    /// A copy that is never freed, in an allocation of exactly this size.
    convenience init(leaking data: Data) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: data.count, alignment: 1)
        copy.copyBytes(from: data)
        self.init(static: UnsafeRawBufferPointer(copy))
    }
}

extension SafetensorsFile {
    init(_ data: Data, file: String = "test.safetensors") throws {
        try self.init(ModelBytes(leaking: data), file: file)
    }
}
