import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

#if canImport(Darwin)
private let streamSocket = SOCK_STREAM
#else
private let streamSocket = Int32(SOCK_STREAM.rawValue)
#endif

/// A socket that listens on a free port of 127.0.0.1.
struct Listener: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init() {
        signal(SIGPIPE, SIG_IGN)
        let descriptor = socket(AF_INET, streamSocket, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, generic, &size) == 0
            }
        }
        guard descriptor >= 0, listens else {
            print("cannot listen: \(String(cString: strerror(errno)))")
            exit(1)
        }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    func accept(number: Int) -> Connection? {
        #if canImport(Glibc)
        let accepted = Glibc.accept(descriptor, nil, nil)
        #elseif canImport(Musl)
        let accepted = Musl.accept(descriptor, nil, nil)
        #elseif canImport(Darwin)
        let accepted = Darwin.accept(descriptor, nil, nil)
        #endif
        return accepted >= 0 ? Connection(number: number, descriptor: accepted) : nil
    }
}

/// One accepted connection.
struct Connection: Sendable {
    /// Which one it is, from 1.
    let number: Int
    let descriptor: Int32

    /// - Returns: false when the other side is gone.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ all: [UInt8]) -> Bool {
        var bytes = all[...]
        while !bytes.isEmpty {
            let sent = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard sent > 0 else { return false }
            bytes = bytes.dropFirst(sent)
        }
        return true
    }

    /// Empty when the other side has closed.
    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        return Array(buffer.prefix(max(count, 0)))
    }

    /// Returns when the other side has closed.
    func waitForClose() {
        while !receive().isEmpty {}
    }

    /// Sends a reset instead of a regular end.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    }

    func end() {
        close(descriptor)
    }
}

/// The requests so far, in a file of JSON lines and by their paths.
final class Records: Sendable {
    private let path: String
    private let lock = NSLock()
    private nonisolated(unsafe) var counts: [String: Int] = [:]  // Guarded by `lock`.

    init(path: String) {
        self.path = path
    }

    /// - Returns: which request of that path it is, from 1.
    func add(_ request: Request, on connection: Connection) -> Int {
        lock.withLock {
            counts[request.path, default: 0] += 1
            append([
                "connection": connection.number, "method": request.method, "path": request.path,
                "headers": request.headers, "body": request.body,
            ])
            return counts[request.path] ?? 0
        }
    }

    /// The client has left in the middle of an answer.
    func addClosed(_ path: String) {
        lock.withLock { append(["closed": path]) }
    }

    /// Returns once there is a file beside the records with `.gate` behind its name.
    func waitForGate() {
        while access(path + ".gate", F_OK) != 0 { usleep(5000) }
    }

    private func append(_ record: [String: Any]) {
        guard let line = try? JSONSerialization.data(withJSONObject: record, options: [.sortedKeys]),
            let file = fopen(path, "a")
        else { return }
        let bytes = Array(line) + [UInt8(ascii: "\n")]
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }
}
