/// Numbers as bytes: 7 bits a byte, the lowest first, the high bit where more follow.
enum Varint {
    static func append(_ value: Int, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: Int64(value))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Reads bytes of an index that a damaged file may have changed: every step is checked.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var position: Int
    private let what: @Sendable () -> String

    /// - Parameter what: names what is read, for the error.
    init(_ bytes: ArraySlice<UInt8>, _ what: @escaping @Sendable () -> String) {
        self.bytes = bytes
        self.what = what
        position = bytes.startIndex
    }

    init(_ bytes: [UInt8], _ what: @escaping @Sendable () -> String) { self.init(bytes[...], what) }

    var isAtEnd: Bool { position == bytes.endIndex }

    /// A number from 0 that is at most `limit`.
    mutating func number(atMost limit: Int = .max) throws -> Int {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.endIndex {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                guard value <= UInt64(limit) else { throw damaged("a number is too large") }
                return Int(value)
            }
            shift += 7
            guard shift < 63 else { throw damaged("a number is too long") }
        }
        throw damaged("it ends early")
    }

    mutating func slice(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.endIndex - position else { throw damaged("it ends early") }
        defer { position += count }
        return bytes[position..<position + count]
    }

    func damaged(_ reason: String) -> DamagedRow { DamagedRow("\(what()) cannot be read: \(reason)") }
}
