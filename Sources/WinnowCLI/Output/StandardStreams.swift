#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What the process writes to.
enum StandardStreams {
    /// Results: what a program reads, or a person.
    /// - Parameter progress: is told of the bytes that went out, a pipe's content at a time.
    static func output(_ text: String, progress: (Int) -> Void = { _ in }) throws {
        try write(text, to: 1, name: "standard output", progress: progress)
    }

    /// Notes, progress and errors. A note that cannot be written is no reason to fail.
    /// On a terminal it takes the place of a progress line.
    static func note(_ text: String) {
        try? write((isatty(2) == 1 ? "\r\u{1B}[K" : "") + "winnow: \(text)\n", to: 2, name: "standard error")
    }

    static func progress(_ text: String) { try? write(text, to: 2, name: "standard error") }

    /// Takes up descriptors 0 to 2 where the caller has closed them, so that no file or event queue that is opened later gets
    /// their number; the modes are such that reading and writing there still fails.
    static func reserve() {
        for descriptor: CInt in 0...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
    }

    private static func write(
        _ text: String, to descriptor: CInt, name: String, progress: (Int) -> Void = { _ in }
    ) throws {
        var text = text
        try text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                // One call for more than a pipe holds returns when all of it was read, and nothing would be known until then.
                let count = writeBytes(
                    descriptor, bytes.baseAddress.map { $0 + written }, min(bytes.count - written, 1 << 16))
                if count < 0 {
                    if errno == EINTR { continue }
                    throw OutputError(stream: name, reason: String(cString: strerror(errno)))
                }
                written += count
                progress(count)
            }
        }
    }

    private static func writeBytes(_ descriptor: CInt, _ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int {
        #if canImport(Darwin)
        Darwin.write(descriptor, bytes, count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes, count)
        #else
        Glibc.write(descriptor, bytes, count)
        #endif
    }
}

struct OutputError: Error, CustomStringConvertible {
    var stream: String
    var reason: String

    var description: String { "\(stream) cannot be written: \(reason)" }
}

/// What is known of the terminal, if there is one.
struct Terminal: Sendable {
    /// Columns; 120 where nothing says otherwise.
    var width: Int
    /// Whether bold and colours are understood and wanted.
    var styles: Bool
    var isTerminal: Bool

    /// - Parameter descriptor: 1 for results, 2 for progress.
    static func of(_ descriptor: CInt) -> Terminal {
        let isTerminal = isatty(descriptor) == 1
        var width = environment("COLUMNS").flatMap { Int($0) }
        if width == nil, isTerminal {
            var size = winsize()
            if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { width = Int(size.ws_col) }
        }
        let plain = environment("NO_COLOR").map { !$0.isEmpty } ?? false
        return Terminal(
            width: min(max(width ?? 120, 40), 1000), styles: isTerminal && !plain && environment("TERM") != "dumb",
            isTerminal: isTerminal)
    }

    /// Whether a cursor can be moved there, as far as anybody says.
    static var movesCursor: Bool { environment("TERM").map { $0 != "dumb" && !$0.isEmpty } ?? false }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    enum Style: String {
        case bold = "1"
        case dim = "2"
        case green = "32"
        case red = "31"
    }

    func styled(_ text: String, _ style: Style?) -> String {
        guard styles, let style, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }
}
