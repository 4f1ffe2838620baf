#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Tokenises many texts for comparison with a reference (`winnow tokenize --bulk`, Scripts/compare-tokenizers).
public enum BulkTokenize {
    /// Reads a JSON string a line from `input` and writes one binary record each to `output`, little-endian:
    ///
    ///     UInt32  n       tokens by encode(_:)
    ///     Int32   n ids
    ///     UInt32  n starts of tokens, then n ends: UTF-8 bytes in the text
    ///     UInt32  m       tokens by appendTokenIDs(for:to:), which must be the same
    ///     Int32   m ids
    ///
    /// - Throws: ``TokenizerError`` for a line that is not a JSON string, or when reading or writing fails.
    public static func run(input: Int32, output: Int32, tokenizer: some TextTokenizer) throws {
        var pending: [UInt8] = []
        var records: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var line = 0
        func record(_ bytes: UnsafeRawBufferPointer) throws {
            line += 1
            var reader = try JSONReader(bytes, file: "line \(line)")
            let text = try reader.string()
            try reader.end()
            let encoding = tokenizer.encode(text)
            append(UInt32(encoding.ids.count), &records)
            for id in encoding.ids { append(UInt32(bitPattern: id), &records) }
            for range in encoding.offsets { append(UInt32(range.lowerBound), &records) }
            for range in encoding.offsets { append(UInt32(range.upperBound), &records) }
            let ids = tokenizer.tokenIDs(for: text)
            append(UInt32(ids.count), &records)
            for id in ids { append(UInt32(bitPattern: id), &records) }
            if records.count > 1 << 20 { try write(&records, output) }
        }
        while true {
            let count = read(input, &chunk, chunk.count)
            guard count >= 0 else { throw failure("reading") }
            if count == 0 { break }
            pending.append(contentsOf: chunk[..<count])
            var start = 0
            try pending.withUnsafeBytes { bytes in
                while let end = bytes[start...].firstIndex(of: 0x0A) {
                    try record(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                    start = end + 1
                }
            }
            pending.removeFirst(start)
        }
        if !pending.isEmpty { try pending.withUnsafeBytes(record) }
        try write(&records, output)
    }

    private static func append(_ value: UInt32, _ records: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { records.append(contentsOf: $0) }
    }

    private static func write(_ records: inout [UInt8], _ output: Int32) throws {
        var written = 0
        while written < records.count {
            let count = records.withUnsafeBytes { bytes in
                bytes.baseAddress.map { posixWrite(output, $0 + written, bytes.count - written) } ?? 0
            }
            guard count > 0 else { throw failure("writing") }
            written += count
        }
        records.removeAll(keepingCapacity: true)
    }

    private static func posixWrite(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
        Glibc.write(file, bytes, count)
        #elseif canImport(Musl)
        Musl.write(file, bytes, count)
        #else
        Darwin.write(file, bytes, count)
        #endif
    }

    private static func failure(_ action: String) -> TokenizerError {
        TokenizerError(
            .malformed, "\(action) failed: \(String(cString: strerror(errno)))",
            remedy: "Check the files and pipes given")
    }
}
