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
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: count))
        let got: Int
        do {
            got = try bytes.withUnsafeMutableBytes {
                try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
            }
        } catch {
            bytes.removeLast(count)
            throw error
        }
        bytes.removeLast(count - got)
        return got
    }

    /// Fills the buffer from its start, perhaps not to its end. Returns how many bytes; 0 at the end of the source.
    private func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try waitForInput()
        while true {
            #if canImport(Darwin)
            let got = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #elseif canImport(Musl)
            let got = Musl.read(descriptor, buffer.baseAddress, buffer.count)
            #else
            let got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if got >= 0 { return got }
            if errno != EINTR { throw Self.failure(path, "cannot be read") }
        }
    }

    /// Returns when a read would not block. A read that blocks cannot be cancelled, so this waits in short steps.
    private func waitForInput() throws {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&request, 1, 50) == 0 { try Task.checkCancellation() }
    }

    /// All that is left.
    ///
    /// - Parameter most: bytes of a file that must be in memory whole.
    /// - Throws: ``IngestError``, with `advice` as its end where there is more; `CancellationError`.
    func readAll(most: Int, advice: String) throws -> [UInt8] {
        func tooLong(_ size: String) -> IngestError {
            .unsupported(path: path, reason: "has \(size) bytes, and at most \(most) are read: \(advice)")
        }
        if let size, size > most { throw tooLong("\(size)") }
        var bytes: [UInt8] = []
        if let size { bytes.reserveCapacity(size + 1) }
        while try read(max(1 << 16, min(bytes.count, 1 << 24)), appendingTo: &bytes) > 0 {
            try Task.checkCancellation()
            if bytes.count > most { throw tooLong("over \(most)") }
        }
        return bytes
    }

    /// All that is left as text, read into the string's own memory: no second copy of a large file is made.
    ///
    /// - Parameters:
    ///   - head: what was read before and belongs to the text.
    ///   - offset: of `head` in the file.
    /// - Throws: ``IngestError``; `TextDecoding.InvalidText`; `CancellationError`.
    func readText(after head: ArraySlice<UInt8>, offset: Int) throws -> String {
        let size = size ?? 0
        guard size <= Self.longestText else {
            throw IngestError.unsupported(
                path: path,
                reason:
                    "has \(size) bytes, and a text of over \(Self.longestText) is not read as one document: split it, or "
                    + "make it a .jsonl of records")
        }
        // One byte more than the file has shows that it has no more.
        let capacity = head.count + max(0, size - offset - head.count) + 1
        var overflow: [UInt8] = []
        let text = try String(unsafeUninitializedCapacity: capacity) { buffer in
            let room = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: capacity)
            head.withUnsafeBytes { room.copyMemory(from: $0) }
            var count = head.count
            while count < capacity {
                try Task.checkCancellation()
                let end = min(capacity, count + 1 << 24)
                let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: room[count..<end]))
                if got == 0 { break }
                count += got
            }
            if count == capacity {
                overflow = Array(room)
                return 0
            }
            let bytes = UnsafeBufferPointer(start: UnsafePointer(buffer.baseAddress), count: count)
            if let fault = TextDecoding.fault(bytes, offset: offset) { throw fault }
            return count
        }
        guard !overflow.isEmpty else { return text }
        // The file grows while it is read, or is of a kind that does not tell its size.
        while try read(max(1 << 16, min(overflow.count, 1 << 24)), appendingTo: &overflow) > 0 {}
        if let fault = overflow.withUnsafeBufferPointer({ TextDecoding.fault($0, offset: offset) }) { throw fault }
        return String(decoding: overflow, as: UTF8.self)
    }

    /// Two gigabytes: a text is held in memory whole.
    static let longestText = 1 << 31

    /// Bytes of a regular file, as the system says; nil for pipes and the like.
    private var size: Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    static func failure(_ path: String, _ action: String) -> IngestError {
        let code = errno
        return code == ENOENT || code == ENOTDIR
            ? .notFound(path: path) : .system(path: path, action: action, reason: String(cString: strerror(code)))
    }
}
