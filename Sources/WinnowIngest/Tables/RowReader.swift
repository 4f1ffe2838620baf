import WinnowCore

/// Rows of delimited values (RFC 4180), one at a time, in memory for the longest of them.
///
/// More than the RFC allows is read: any of the usual delimiters, lines that end with LF, CR LF or CR, and quotation marks within a
/// field that does not begin with one. The bytes may be of any encoding that ``TextDecoding`` knows; fields come in UTF-8.
struct RowReader: ~Copyable {
    struct Row {
        /// Of its first line, from 1.
        var line: Int
        var fields: [[UInt8]]
        /// The source ended within a quotation that opened in that line.
        var unclosedLine: Int?
        /// It has more bytes or fields than the limits allow, which are left out here.
        var isTooLong = false

        var isBlank: Bool { fields.allSatisfy(\.isEmpty) }
    }

    private let source: ByteSource
    private var transcoder: Transcoder
    let delimiter: UInt8
    private let longestRow: Int
    private var buffer: [UInt8] = []
    private var position = 0
    private var line = 1
    private var atEnd = false
    /// Bytes of the source that are read.
    private(set) var offset: Int

    /// What Excel can hold.
    static let mostFields = 16_384
    private static let portion = 1 << 18

    /// - Parameters:
    ///   - delimiter: nil: the first row tells.
    ///   - longestRow: bytes of a row.
    /// - Throws: ``IngestError``; `TextDecoding.InvalidText`; `CancellationError`.
    init(path: String, delimiter: UInt8?, longestRow: Int) throws {
        let source = try ByteSource(path)
        var head: [UInt8] = []
        while head.count < Self.portion, try source.read(Self.portion - head.count, appendingTo: &head) > 0 {}
        let mark = TextEncoding.marked(head)
        let encoding = mark?.encoding ?? TextEncoding.unmarkedUTF16(head) ?? .utf8
        var transcoder = Transcoder(encoding)
        var buffer: [UInt8] = []
        try transcoder.append(head[(mark?.length ?? 0)...], to: &buffer)
        if let zero = buffer.firstIndex(of: 0) { throw TextDecoding.InvalidText(kind: .zero, offset: zero) }
        if let given = Self.givenDelimiter(buffer) {
            self.delimiter = given.delimiter
            position = given.end
            line = 2
        } else {
            self.delimiter = delimiter ?? Self.likelyDelimiter(buffer)
        }
        self.source = source
        self.transcoder = transcoder
        self.buffer = buffer
        self.longestRow = longestRow
        offset = head.count
    }

    /// A first line `sep=;`, as Excel reads and some programs write it.
    private static func givenDelimiter(_ bytes: [UInt8]) -> (delimiter: UInt8, end: Int)? {
        guard bytes.starts(with: "sep=".utf8), bytes.count >= 6, ",;\t|".utf8.contains(bytes[4]) else { return nil }
        var end = 5
        if bytes[end] == UInt8(ascii: "\r") { end += 1 }
        if end < bytes.count, bytes[end] == UInt8(ascii: "\n") { return (bytes[4], end + 1) }
        return end > 5 ? (bytes[4], end) : nil
    }

    /// What stands most often in the first row outside of quotations; a comma where there is none.
    private static func likelyDelimiter(_ bytes: [UInt8]) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if counts.isEmpty { continue }
                break
            }
            if ",;\t".utf8.contains(byte) { counts[byte, default: 0] += 1 }
        }
        let candidates = Array(",;\t".utf8)
        return candidates.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? UInt8(ascii: ",")
    }

    /// - Returns: nil at the end.
    /// - Throws: ``IngestError``; `TextDecoding.InvalidText`; `CancellationError`.
    mutating func next() throws -> Row? {
        guard try has(1) else { return nil }
        var row = Row(line: line, fields: [])
        var field: [UInt8] = []
        var size = 0
        var quotedFrom: Int?
        var atStart = true
        func isFull() -> Bool { size > longestRow || row.fields.count >= Self.mostFields }

        while try has(1) {
            let byte = buffer[position]
            if quotedFrom != nil {
                let start = position
                while position < buffer.count, buffer[position] != UInt8(ascii: "\"") {
                    if buffer[position] == UInt8(ascii: "\n") { line += 1 }
                    position += 1
                }
                size += position - start
                if size <= longestRow { field += buffer[start..<position] }
                guard position < buffer.count else { continue }
                position += 1
                if try has(1), buffer[position] == UInt8(ascii: "\"") {
                    field.append(UInt8(ascii: "\""))
                    position += 1
                } else {
                    quotedFrom = nil
                }
            } else if byte == UInt8(ascii: "\""), atStart {
                quotedFrom = line
                atStart = false
                position += 1
            } else if byte == delimiter {
                if row.fields.count < Self.mostFields { row.fields.append(field) }
                row.isTooLong = row.isTooLong || isFull()
                field = []
                atStart = true
                position += 1
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                position += 1
                if byte == UInt8(ascii: "\r"), try has(1), buffer[position] == UInt8(ascii: "\n") { position += 1 }
                line += 1
                break
            } else {
                let start = position
                while position < buffer.count, !isSpecial(buffer[position]) { position += 1 }
                size += position - start
                if size <= longestRow { field += buffer[start..<position] }
                atStart = false
            }
        }
        row.fields.append(field)
        row.unclosedLine = quotedFrom
        row.isTooLong = row.isTooLong || size > longestRow
        return row
    }

    @inline(__always)
    private func isSpecial(_ byte: UInt8) -> Bool {
        byte == delimiter || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    /// Whether there are so many bytes at `position`, which are then in the buffer.
    private mutating func has(_ count: Int) throws -> Bool {
        while buffer.count - position < count {
            if atEnd { return false }
            try Task.checkCancellation()
            buffer.removeSubrange(..<position)
            position = 0
            var bytes: [UInt8] = []
            if try source.read(Self.portion, appendingTo: &bytes) == 0 {
                try transcoder.finish()
                atEnd = true
            } else {
                offset += bytes.count
                try transcoder.append(bytes[...], to: &buffer)
            }
        }
        return true
    }
}
