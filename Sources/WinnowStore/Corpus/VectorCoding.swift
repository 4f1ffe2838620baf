/// A vector as it lies in a store: normalised float32, little-endian.
enum VectorCoding {
    static func encode(_ vector: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(vector.count * 4)
        for value in vector {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// Appends the vector to `values`.
    ///
    /// - Throws: ``DamagedRow`` unless the bytes are `dimension` floats.
    static func decode(_ bytes: UnsafeRawBufferPointer, row: Int64, dimension: Int, into values: inout [Float]) throws {
        guard bytes.count == dimension * 4 else {
            throw DamagedRow("the vector of passage row \(row) has \(bytes.count) bytes instead of \(dimension * 4)")
        }
        for index in 0..<dimension {
            let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
            values.append(Float(bitPattern: bits))
        }
    }
}
