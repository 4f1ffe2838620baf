import WinnowCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A file of traces, one JSON object a line. Several processes may append to one file.
struct TraceLog: ~Copyable {
    private let descriptor: CInt
    private let path: String

    /// Opens the file, or makes it readable for its owner alone: it holds what people asked.
    init(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened") }
        // A store, a document: a line at its end would damage it.
        var first: UInt8 = 0
        if pread(descriptor, &first, 1, 0) == 1, first != UInt8(ascii: "{") {
            close(descriptor)
            throw LogError(
                path: path, action: "is no log of Winnow's", reason: "it does not begin with {; name another file")
        }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Appends one line in one write, so that lines of several processes do not mix.
    func append(_ trace: Trace) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = try encoder.encode(trace)
        line.append(UInt8(ascii: "\n"))
        let written = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written >= 0 else { throw Self.failure(path, "cannot be written") }
        guard written == line.count else {
            throw LogError(path: path, action: "was not written whole", reason: "there is no more room")
        }
    }

    private static func failure(_ path: String, _ action: String) -> LogError {
        LogError(path: path, action: action, reason: String(cString: strerror(errno)))
    }
}

struct LogError: Error, CustomStringConvertible {
    var path: String
    var action: String
    var reason: String

    var description: String { "the log \(PathText.quoted(path)) \(action): \(reason)" }
}
