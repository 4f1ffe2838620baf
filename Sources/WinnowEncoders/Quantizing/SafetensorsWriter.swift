import WinnowCore

/// Writes the safetensors format: what ``SafetensorsFile`` reads, and its layout there.
package struct SafetensorsWriter: Sendable {
    /// A tensor to be written.
    package struct Tensor: Sendable {
        let name: String
        /// As the format names it.
        let dtype: String
        let shape: [Int]
        let contents: Contents

        package init(_ name: String, _ codes: [Int8], shape: [Int]) {
            self.init(name, dtype: "I8", shape: shape, contents: .codes(codes))
        }

        package init(_ name: String, _ values: [Float], shape: [Int]) {
            self.init(name, dtype: "F32", shape: shape, contents: .floats(values))
        }

        /// A tensor of another file, of any dtype, byte for byte.
        package init(_ name: String, dtype: String, shape: [Int], bytes: SafetensorsFile.StoredBytes) {
            self.init(name, dtype: dtype, shape: shape, contents: .stored(bytes))
        }

        private init(_ name: String, dtype: String, shape: [Int], contents: Contents) {
            self.name = name
            self.dtype = dtype
            self.shape = shape
            self.contents = contents
        }

        enum Contents: Sendable {
            case codes([Int8])
            case floats([Float])
            case stored(SafetensorsFile.StoredBytes)
        }

        var byteCount: Int {
            switch contents {
            case .codes(let codes): codes.count
            case .floats(let values): values.count * 4
            case .stored(let bytes): bytes.count
            }
        }

        /// Bytes of an element: the widest come first, so that each tensor begins at a multiple of it.
        var alignment: Int {
            switch dtype {
            case "F64", "I64", "U64", "C64": 8
            case "F32", "I32", "U32": 4
            case "F16", "BF16", "I16", "U16": 2
            default: 1
            }
        }
    }

    private let tensors: [Tensor]

    /// - Parameter tensors: of different names.
    package init(_ tensors: [Tensor]) {
        self.tensors = tensors.sorted { left, right in
            if left.alignment != right.alignment { return left.alignment > right.alignment }
            return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
    }

    /// Hands out the file's bytes, from the first to the last, in pieces.
    package func write(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        try header.withUnsafeBytes(sink)
        for tensor in tensors {
            switch tensor.contents {
            case .codes(let codes): try codes.withUnsafeBytes(sink)
            // Every platform that Winnow runs on is little-endian, as the format is.
            case .floats(let values): try values.withUnsafeBytes(sink)
            case .stored(let bytes): try bytes.withUnsafeBytes(sink)
            }
        }
    }

    /// The length and the JSON, with spaces at its end so that the data begin at a multiple of 8.
    private var header: [UInt8] {
        var fields: [(String, JSONText)] = [("__metadata__", .object([("format", .string("pt"))]))]
        var position = 0
        for tensor in tensors {
            let end = position + tensor.byteCount
            fields.append(
                (
                    tensor.name,
                    .object([
                        ("dtype", .string(tensor.dtype)), ("shape", .array(tensor.shape.map(JSONText.integer))),
                        ("data_offsets", .array([.integer(position), .integer(end)])),
                    ])
                ))
            position = end
        }
        var json = Array(JSONText.object(fields).text.utf8)
        while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
        return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
    }
}
