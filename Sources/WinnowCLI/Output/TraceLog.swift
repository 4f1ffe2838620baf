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
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        self.path = path
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened") }
    }

    deinit { close(descriptor) }

    /// Appends one line in one write, so that lines of several processes do not mix.
    func append(_ trace: Trace) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = try encoder.encode(trace)
        line.append(UInt8(ascii: "\n"))
        let written = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == line.count else { throw Self.failure(path, "cannot be written") }
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
