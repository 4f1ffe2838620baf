import CZlib

/// ZIP archives for tests, right or wrong on purpose.
public struct TestZip {
    private var files: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0

    public init() {}

    /// - Parameters:
    ///   - claimed: bytes that the archive says it unpacks to, where that is a lie.
    ///   - flags: bit 0 says that it is encrypted.
    public mutating func add(
        _ name: String, _ content: [UInt8], isDeflated: Bool = true, claimed: Int? = nil, flags: Int = 0,
        checksum: UInt32? = nil
    ) {
        let packed = isDeflated ? Self.deflated(content) : content
        let sum = checksum ?? UInt32(crc32(0, content, UInt32(content.count)))
        var fields = Self.number(20, 2) + Self.number(flags, 2) + Self.number(isDeflated ? 8 : 0, 2) + Self.number(0, 4)
        fields += Self.number(Int(sum), 4) + Self.number(packed.count, 4) + Self.number(claimed ?? content.count, 4)
        fields += Self.number(name.utf8.count, 2) + Self.number(0, 2)
        directory += Self.number(0x0201_4B50, 4) + Self.number(20, 2) + fields + Self.number(0, 10)
        directory += Self.number(files.count, 4) + Array(name.utf8)
        files += Self.number(0x0403_4B50, 4) + fields + Array(name.utf8) + packed
        count += 1
    }

    public mutating func add(_ name: String, _ content: String) { add(name, Array(content.utf8)) }

    public var bytes: [UInt8] {
        var end = Self.number(0x0605_4B50, 4) + Self.number(0, 4) + Self.number(count, 2) + Self.number(count, 2)
        end += Self.number(directory.count, 4) + Self.number(files.count, 4) + Self.number(0, 2)
        return files + directory + end
    }

    private static func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 < 8 ? value >> (8 * $0) : 0) }
    }

    /// Without a header around it, as archives have it.
    private static func deflated(_ content: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = content
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(content.count))) + 16)
        let used = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                deflate(&stream, Z_FINISH)
                return output.count - Int(stream.avail_out)
            }
        }
        return Array(output[..<used])
    }
}
