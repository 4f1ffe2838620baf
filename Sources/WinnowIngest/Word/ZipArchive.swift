import CZlib
import WinnowCore

/// The entries of a ZIP archive, by its central directory (PKWARE's APPNOTE, 4.3): as much of the format as office documents use.
///
/// Every offset and length is checked, and what is unpacked is bounded by `mostBytes` for the whole archive and by a ratio, so that a
/// small file cannot fill the memory.
struct ZipArchive {
    private let bytes: [UInt8]
    private let entries: [String: Entry]
    /// Bytes that may still be unpacked.
    private var left: Int

    private struct Entry {
        var isEncrypted: Bool
        var method: Int
        var checksum: UInt32
        var packed: Int
        var unpacked: Int
        var header: Int
    }

    /// A hundred times is far beyond what text packs to; small entries may be what they like.
    private static let mostRatio = 200
    private static let alwaysAllowed = 1 << 24
    private static let mostEntries = 65_535

    /// - Throws: `ReadFailure`.
    init(_ bytes: [UInt8], mostBytes: Int) throws(ReadFailure) {
        self.bytes = bytes
        left = mostBytes
        guard let end = Self.directoryEnd(bytes) else {
            throw ReadFailure(description: "is no ZIP archive, which a .docx is, or it is cut off")
        }
        let count = Self.number(bytes, end + 10, 2)
        var place = Self.number(bytes, end + 16, 4)
        guard count < Self.mostEntries, place != 0xFFFF_FFFF else {
            throw ReadFailure(description: "is a ZIP64 archive, which no .docx needs to be")
        }
        var entries: [String: Entry] = [:]
        for _ in 0..<count {
            guard place + 46 <= end, Self.number(bytes, place, 4) == 0x0201_4B50 else {
                throw ReadFailure(description: "its table of contents is damaged")
            }
            let nameLength = Self.number(bytes, place + 28, 2)
            let next = place + 46 + nameLength + Self.number(bytes, place + 30, 2) + Self.number(bytes, place + 32, 2)
            guard next <= end else { throw ReadFailure(description: "its table of contents is damaged") }
            let name = String(decoding: bytes[place + 46..<place + 46 + nameLength], as: UTF8.self)
            entries[name] = Entry(
                isEncrypted: Self.number(bytes, place + 8, 2) & 1 != 0, method: Self.number(bytes, place + 10, 2),
                checksum: UInt32(truncatingIfNeeded: Self.number(bytes, place + 16, 4)),
                packed: Self.number(bytes, place + 20, 4), unpacked: Self.number(bytes, place + 24, 4),
                header: Self.number(bytes, place + 42, 4))
            place = next
        }
        self.entries = entries
    }

    /// The end of the central directory is the last thing in the file but for a comment of at most 64 KiB.
    private static func directoryEnd(_ bytes: [UInt8]) -> Int? {
        var place = bytes.count - 22
        let least = max(0, place - 0xFFFF)
        while place >= least {
            if bytes[place] == 0x50, number(bytes, place, 4) == 0x0605_4B50 { return place }
            place -= 1
        }
        return nil
    }

    /// Little-endian. The caller has checked that the bytes are there.
    private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    func has(_ name: String) -> Bool { entries[name] != nil }

    /// The content of an entry; nil when there is none of that name.
    ///
    /// - Throws: `ReadFailure`; `CancellationError`.
    mutating func content(of name: String) throws -> [UInt8]? {
        guard let entry = entries[name] else { return nil }
        func failure(_ what: String) -> ReadFailure {
            ReadFailure(description: "its part \(PathText.quoted(name)) \(what)")
        }
        guard !entry.isEncrypted else { throw failure("is locked with a password: save it without one") }
        guard entry.header + 30 <= bytes.count, Self.number(bytes, entry.header, 4) == 0x0403_4B50 else {
            throw failure("is not where the table of contents says")
        }
        let start =
            entry.header + 30 + Self.number(bytes, entry.header + 26, 2) + Self.number(bytes, entry.header + 28, 2)
        guard start + entry.packed <= bytes.count else { throw failure("is cut off") }
        let most = min(left, max(Self.alwaysAllowed, entry.packed * Self.mostRatio))
        guard entry.unpacked <= most else {
            throw failure("would unpack to \(entry.unpacked) bytes, and at most \(most) are read")
        }
        let packed = bytes[start..<start + entry.packed]
        let content: [UInt8]
        switch entry.method {
        case 0: content = Array(packed)
        case 8:
            guard let inflated = try Inflation.bytes(packed, most: entry.unpacked) else { throw failure("is damaged") }
            content = inflated
        default: throw failure("is packed by a method (\(entry.method)) that office programs do not use")
        }
        guard content.count == entry.unpacked, Inflation.checksum(content) == entry.checksum else {
            throw failure("is damaged: its checksum is another")
        }
        left -= content.count
        return content
    }
}

/// Deflated bytes (RFC 1951) by the system's zlib.
enum Inflation {
    private static let portion = 1 << 16

    /// - Parameter most: bytes that come out; more is damage.
    /// - Returns: nil for what is not deflated, is cut off or too long.
    /// - Throws: `CancellationError`.
    static func bytes(_ packed: ArraySlice<UInt8>, most: Int) throws -> [UInt8]? {
        var stream = z_stream()
        // Raw: an archive has no header of zlib's around it.
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var position = packed.startIndex
        var code = Z_OK
        // zlib wants its input by a pointer that may be written through; it does not, and a copy costs little.
        var input = Array(packed.prefix(portion))
        var used = 0
        while code == Z_OK || code == Z_BUF_ERROR {
            try Task.checkCancellation()
            if used == input.count {
                position += input.count
                input = Array(packed[position...].prefix(portion))
                used = 0
                if input.isEmpty { return nil }
            }
            let start = output.count
            output.append(contentsOf: repeatElement(0, count: portion))
            (code, used) = input.withUnsafeMutableBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    stream.next_in = input.baseAddress.map { $0 + used }
                    stream.avail_in = UInt32(input.count - used)
                    stream.next_out = output.baseAddress.map { $0 + start }
                    stream.avail_out = UInt32(portion)
                    let code = inflate(&stream, Z_NO_FLUSH)
                    return (code, input.count - Int(stream.avail_in))
                }
            }
            output.removeLast(Int(stream.avail_out))
            if output.count > most { return nil }
        }
        return code == Z_STREAM_END ? output : nil
    }

    /// CRC-32, as archives have it.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value = crc32(0, nil, 0)
        var position = 0
        while position < bytes.count {
            let count = min(1 << 30, bytes.count - position)
            value = bytes[position..<position + count].withUnsafeBufferPointer {
                crc32(value, $0.baseAddress, UInt32(count))
            }
            position += count
        }
        return UInt32(truncatingIfNeeded: value)
    }
}
