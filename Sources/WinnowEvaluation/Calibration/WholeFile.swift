#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Small files, read and replaced as one.
enum WholeFile {
    enum Reading {
        case content([UInt8])
        case absent
        /// Why not, in words.
        case failure(String)
    }

    /// Bytes; what is larger was not written by us.
    static let largest = 64 << 20

    static func read(_ path: String) -> Reading {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? .absent : .failure(message("opening it", errno)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { chunk.deallocate() }
        while bytes.count <= largest {
            #if canImport(Darwin)
            let count = Darwin.read(descriptor, chunk.baseAddress, chunk.count)
            #elseif canImport(Musl)
            let count = Musl.read(descriptor, chunk.baseAddress, chunk.count)
            #else
            let count = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(message("reading it", errno)) }
            if count == 0 { return .content(bytes) }
            bytes.append(contentsOf: chunk[..<count])
        }
        return .failure("it has more than \(largest >> 20) MiB: this is no file of winnow calibrate")
    }

    /// Written beside it, synced, renamed.
    ///
    /// - Returns: nil when it is done, otherwise why not; the file is then as it was.
    static func replace(_ path: String, with bytes: [UInt8]) -> String? {
        let temporary = path + ".\(getpid()).tmp"
        // Left by a process of the same number that was killed.
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return message("writing beside it", errno) }
        var failure = write(bytes, descriptor)
        if failure == nil, fsync(descriptor) != 0 { failure = message("syncing it", errno) }
        if close(descriptor) != 0, failure == nil { failure = message("writing it", errno) }
        if failure == nil, rename(temporary, path) != 0 { failure = message("renaming it", errno) }
        guard failure == nil else {
            unlink(temporary)
            return failure
        }
        // A folder that cannot be synced (some network file systems) is no failure: the file itself is whole.
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let folderDescriptor = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        if folderDescriptor >= 0 {
            _ = fsync(folderDescriptor)
            close(folderDescriptor)
        }
        return nil
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32) -> String? {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = pwrite(
                    descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written, off_t(written))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return message("writing it", count == 0 ? EIO : errno) }
                written += count
            }
            return nil
        }
    }

    private static func message(_ action: String, _ code: Int32) -> String {
        "\(action) failed: \(String(cString: strerror(code)))"
    }
}
