import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A file of a few words, such as an API key's.
enum SmallFile {
    private static let most = 65_536

    /// - Parameter isOnlyFound: nobody named it, so it must be a regular file: a pipe of its name would never end.
    /// - Throws: ``Unreadable`` when it cannot be read, is no text or is no small file.
    static func text(_ path: String, isOnlyFound: Bool = false) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (isOnlyFound ? O_NONBLOCK : 0))
        guard descriptor >= 0 else { throw Unreadable(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        if isOnlyFound {
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw Unreadable(path: path, reason: "it is no regular file")
            }
        }
        var bytes = [UInt8](repeating: 0, count: most + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw Unreadable(path: path, reason: String(cString: strerror(errno)))
            }
            if got == 0 { break }
            count += got
        }
        guard count <= most else { throw Unreadable(path: path, reason: "it is larger than \(most) bytes") }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw Unreadable(path: path, reason: "it is not UTF-8")
        }
        return text
    }

    struct Unreadable: Error, CustomStringConvertible {
        var path: String
        var reason: String

        var description: String { "\(PathText.quoted(path)) cannot be read: \(reason)" }
    }
}
