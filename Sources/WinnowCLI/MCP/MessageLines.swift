#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The lines of a descriptor, each of bounded length. Reading blocks.
struct MessageLines {
    enum Line {
        /// Without its end.
        case line(ArraySlice<UInt8>)
        /// It was longer than the bound, and is left out.
        case tooLong
    }

    /// More than any answer to an agent should need.
    static let mostBytes = 64 << 20
    private static let chunk = 1 << 16

    private let descriptor: CInt
    /// What one read gives.
    private var part = [UInt8](repeating: 0, count: chunk)
    private var buffer: [UInt8] = []
    /// In `buffer`: where the next line begins, and how far no line feed was found.
    private var start = 0
    private var searched = 0
    private var isLeavingOut = false
    private var isAtEnd = false

    init(_ descriptor: CInt) { self.descriptor = descriptor }

    /// - Returns: nil at the end. A last line need not have an end.
    mutating func next() throws -> Line? {
        while true {
            if let end = lineFeed() {
                let line = buffer[start..<end]
                start = end + 1
                searched = start
                if isLeavingOut {
                    isLeavingOut = false
                    return .tooLong
                }
                return line.count > Self.mostBytes ? .tooLong : .line(line)
            }
            searched = buffer.count
            if isAtEnd {
                guard start < buffer.count || isLeavingOut else { return nil }
                defer {
                    buffer = []
                    (start, searched, isLeavingOut) = (0, 0, false)
                }
                return isLeavingOut ? .tooLong : .line(buffer[start...])
            }
            if buffer.count - start > Self.mostBytes { isLeavingOut = true }
            if isLeavingOut || start == buffer.count {
                buffer.removeAll(keepingCapacity: buffer.capacity <= 16 * Self.chunk)
                start = 0
            } else if start > 0 {
                buffer.removeFirst(start)
                start = 0
            }
            searched = buffer.count
            try fill()
        }
    }

    /// The first one that was not looked at yet.
    private func lineFeed() -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, searched < bytes.count,
                let found = memchr(base + searched, 0x0A, bytes.count - searched)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    private mutating func fill() throws {
        while true {
            let count = part.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw InputFault(reason: String(cString: strerror(errno))) }
            buffer += part[..<count]
            isAtEnd = count == 0
            return
        }
    }
}

struct InputFault: Error, CustomStringConvertible {
    var reason: String

    var description: String { "standard input: cannot be read: \(reason)" }
}
