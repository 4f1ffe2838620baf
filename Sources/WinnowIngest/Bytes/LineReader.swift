/// Lines of a byte source, one at a time, in memory for the longest of them and no longer than it is needed.
package struct LineReader: ~Copyable {
    package struct Line {
        /// From 1.
        package var number: Int
        /// The first byte's offset in the source.
        package var offset: Int
        /// Without the line feed, the carriage return before it, and a byte order mark at the start of the source.
        package var bytes: ArraySlice<UInt8>
    }

    /// A line is longer than the limit; the reader stands at the next one.
    package struct TooLong: Error, CustomStringConvertible {
        package var number: Int
        /// Bytes.
        var limit: Int

        package var description: String {
            "the line has over \(limit) bytes, and a longer one is not read: if it is one record, split it; if it is many, "
                + "write one a line (jq -c does)"
        }
    }

    /// 256 MiB. A longer line is no record that anyone wrote, but a file without lines, and would fill the memory.
    package static let longestLine = 1 << 28

    private let source: ByteSource
    private let longestLine: Int
    private var buffer: [UInt8] = []
    /// Where the next line starts in `buffer`, and up to where no line feed was found.
    private var start = 0
    private var searched = 0
    private var bufferOffset = 0
    private var number = 0
    private var atEnd = false

    /// Bytes that are read at once: the larger number for long lines.
    private static let readSizes = 1 << 18...1 << 22
    /// What the buffer may take for good.
    private static let keptCapacity = 1 << 20

    init(_ source: consuming ByteSource, longestLine: Int = Self.longestLine) {
        self.source = source
        self.longestLine = longestLine
    }

    /// - Throws: ``IngestError``.
    package init(path: String, longestLine: Int) throws {
        self.init(try ByteSource(path), longestLine: longestLine)
    }

    var path: String { source.path }
    /// Bytes of the source up to the end of the last line.
    package var offset: Int { bufferOffset + start }
    /// Bytes of memory that the reader holds.
    package var capacity: Int { buffer.capacity }

    /// - Returns: nil at the end.
    /// - Throws: ``TooLong``, after which the next call gives the next line; ``IngestError``; `CancellationError`.
    package mutating func next() throws -> Line? {
        giveBack()
        while true {
            if let feed = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return try line(to: feed, next: feed + 1)
            }
            searched = buffer.count
            if atEnd {
                return start < buffer.count ? try line(to: buffer.count, next: buffer.count) : nil
            }
            if buffer.count - start > longestLine { throw try skipLine() }
            if start > 0 { dropRead() }
            try Task.checkCancellation()
            try fill(min(max(Self.readSizes.lowerBound, buffer.count), Self.readSizes.upperBound))
        }
    }

    private mutating func fill(_ count: Int) throws {
        atEnd = try source.read(count, appendingTo: &buffer) == 0
    }

    private mutating func line(to end: Int, next: Int) throws(TooLong) -> Line {
        var bytes = buffer[start..<end]
        var offset = bufferOffset + start
        start = next
        searched = next
        number += 1
        guard bytes.count <= longestLine else { throw TooLong(number: number, limit: longestLine) }
        if offset == 0, bytes.starts(with: TextDecoding.byteOrderMark) {
            bytes = bytes.dropFirst(TextDecoding.byteOrderMark.count)
            offset = TextDecoding.byteOrderMark.count
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return Line(number: number, offset: offset, bytes: bytes)
    }

    /// Reads on to the end of the line without keeping any of it.
    private mutating func skipLine() throws -> TooLong {
        while true {
            bufferOffset += buffer.count
            buffer = []
            (start, searched) = (0, 0)
            try Task.checkCancellation()
            try fill(Self.readSizes.lowerBound)
            let feed = buffer.firstIndex(of: UInt8(ascii: "\n"))
            guard feed != nil || atEnd else { continue }
            start = feed.map { $0 + 1 } ?? buffer.count
            searched = start
            number += 1
            return TooLong(number: number, limit: longestLine)
        }
    }

    private mutating func dropRead() {
        buffer.removeSubrange(..<start)
        bufferOffset += start
        searched -= start
        start = 0
    }

    /// Frees what a long line took. What is left is copied when it is a quarter at most, so that copying costs linear time in all.
    private mutating func giveBack() {
        guard buffer.capacity > Self.keptCapacity, buffer.count - start <= buffer.capacity / 4 else { return }
        buffer = Array(buffer[start...])
        bufferOffset += start
        searched -= start
        start = 0
    }
}
