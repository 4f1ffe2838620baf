#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Where in a file a passage stands.
enum SourceLine {
    /// A file that is larger is not looked through.
    private static let mostBytes = 1 << 28

    /// The line, from 1, that bytes of a file begin on.
    ///
    /// - Returns: nil when the file is not there, or does not say there what the passage says: it has changed, or the passage's bytes are
    ///   those of text that was extracted from it.
    static func of(_ range: Range<Int>, in path: String, text: String) -> Int? {
        guard range.upperBound <= mostBytes, range.count == text.utf8.count else { return nil }
        // No waiting for a pipe that has the name now.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes = [UInt8](repeating: 0, count: range.upperBound)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            count += got
        }
        guard bytes[range].elementsEqual(text.utf8) else { return nil }
        return 1 + bytes[..<range.lowerBound].count { $0 == UInt8(ascii: "\n") }
    }
}
