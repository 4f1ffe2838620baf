#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Small files, read as one.
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

    private static func message(_ action: String, _ code: Int32) -> String {
        "\(action) failed: \(String(cString: strerror(code)))"
    }
}
