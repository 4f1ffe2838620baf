#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A file or standard input, read from front to back.
struct ByteSource: ~Copyable {
    private let descriptor: CInt
    private let closes: Bool
    /// As the user gave it.
    let path: String

    /// - Parameter path: `-` is standard input.
    init(standardInputOr path: String) throws {
        if path == "-" {
            self.init(descriptor: 0, closes: false, path: "standard input")
        } else {
            try self.init(path)
        }
    }

    /// Opens a file of any kind; a folder is refused.
    init(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened") }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw IngestError.unsupported(path: path, reason: "is a folder where a file is wanted")
        }
        self.init(descriptor: descriptor, closes: true, path: path)
    }

    private init(descriptor: CInt, closes: Bool, path: String) {
        self.descriptor = descriptor
        self.closes = closes
        self.path = path
    }

    deinit { if closes { close(descriptor) } }

    /// Appends up to `count` bytes. Returns how many; 0 at the end.
    /// - Throws: ``IngestError``; `CancellationError` while a pipe or terminal keeps it waiting.
    func read(_ count: Int, appendingTo bytes: inout [UInt8]) throws -> Int {
        try waitForInput()
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: count))
        while true {
            let got = bytes.withUnsafeMutableBytes { buffer in
                #if canImport(Darwin)
                Darwin.read(descriptor, buffer.baseAddress.map { $0 + start }, count)
                #elseif canImport(Musl)
                Musl.read(descriptor, buffer.baseAddress.map { $0 + start }, count)
                #else
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + start }, count)
                #endif
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw Self.failure(path, "cannot be read")
            }
            bytes.removeLast(count - got)
            return got
        }
    }

    /// Returns when a read would not block. A read that blocks cannot be cancelled, so this waits in short steps.
    private func waitForInput() throws {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&request, 1, 50) == 0 { try Task.checkCancellation() }
    }

    /// All that is left.
    func readAll() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 {
            bytes.reserveCapacity(Int(status.st_size) + 1)
        }
        // A read that is as long as what is there already keeps the number of reads small for pipes of any length.
        while try read(max(1 << 16, min(bytes.count, 1 << 24)), appendingTo: &bytes) > 0 {}
        return bytes
    }

    static func failure(_ path: String, _ action: String) -> IngestError {
        let code = errno
        return code == ENOENT || code == ENOTDIR
            ? .notFound(path: path) : .system(path: path, action: action, reason: String(cString: strerror(code)))
    }
}

/// Lines of a byte source, one at a time, in memory for the longest of them.
struct LineReader: ~Copyable {
    struct Line {
        /// From 1.
        var number: Int
        /// The first byte's offset in the source.
        var offset: Int
        /// Without the line feed, the carriage return before it, and a byte order mark at the start of the source.
        var bytes: ArraySlice<UInt8>
    }

    private let source: ByteSource
    private var buffer: [UInt8] = []
    /// Where the next line starts in `buffer`, and up to where no line feed was found.
    private var start = 0
    private var searched = 0
    private var bufferOffset = 0
    private var number = 0
    private var atEnd = false

    private static let readSize = 1 << 18

    init(_ source: consuming ByteSource) { self.source = source }

    var path: String { source.path }

    mutating func next() throws -> Line? {
        while true {
            if let feed = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return line(to: feed, next: feed + 1)
            }
            searched = buffer.count
            if atEnd {
                return start < buffer.count ? line(to: buffer.count, next: buffer.count) : nil
            }
            if start > 0 {
                buffer.removeSubrange(..<start)
                bufferOffset += start
                searched -= start
                start = 0
            }
            // Long lines are read in growing steps, so that moving them costs linear time in all.
            atEnd = try source.read(max(Self.readSize, buffer.count), appendingTo: &buffer) == 0
        }
    }

    private mutating func line(to end: Int, next: Int) -> Line {
        var bytes = buffer[start..<end]
        var offset = bufferOffset + start
        if offset == 0, bytes.starts(with: TextDecoding.byteOrderMark) {
            bytes = bytes.dropFirst(TextDecoding.byteOrderMark.count)
            offset = TextDecoding.byteOrderMark.count
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        start = next
        searched = next
        number += 1
        return Line(number: number, offset: offset, bytes: bytes)
    }
}
