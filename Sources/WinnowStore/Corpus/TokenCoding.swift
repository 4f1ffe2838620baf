/// Token ids as bytes: 7 bits a byte, the lowest first, the high bit where more follow. An id under 16,384 takes two bytes.
enum TokenCoding {
    static func encode(_ ids: [Int32]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ids.count * 2)
        for id in ids {
            var rest = UInt32(bitPattern: id)
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }
        return bytes
    }

    /// - Returns: nil when the bytes were not made by ``encode(_:)``.
    static func decode(_ bytes: [UInt8]) -> [Int32]? {
        var ids: [Int32] = []
        ids.reserveCapacity(bytes.count / 2)
        var value: UInt64 = 0
        var shift: UInt64 = 0
        for byte in bytes {
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                guard let id = UInt32(exactly: value) else { return nil }
                ids.append(Int32(bitPattern: id))
                (value, shift) = (0, 0)
            } else {
                shift += 7
                guard shift <= 28 else { return nil }
            }
        }
        return shift == 0 ? ids : nil
    }
}
