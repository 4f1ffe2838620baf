import Crypto
import WinnowCore

/// 64 bits of SHA-256 over the columns of a row: SQLite itself does not notice a byte that changed inside a value.
struct Checksum {
    private var hasher = SHA256()

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        add(Int64(bytes.count))
        hasher.update(bufferPointer: bytes)
    }

    mutating func add(_ bytes: [UInt8]?) {
        guard let bytes else { return add(Int64(-1)) }
        bytes.withUnsafeBytes { add($0) }
    }

    mutating func add(_ text: String?) {
        guard var text else { return add(Int64(-1)) }
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    mutating func add(_ number: Int64) {
        withUnsafeBytes(of: number.littleEndian) { hasher.update(bufferPointer: $0) }
    }

    func finished() -> Int64 {
        let value = hasher.finalize().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int64(bitPattern: value)
    }
}
