import Synchronization
import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The right to write a store: an exclusive `flock` on `STORE.lock`, which the system lets go when the process ends, however
/// it ends.
///
/// The file is never deleted: a process could hold the lock of a deleted file while another makes and locks a new one. Its
/// text, who holds it, is for people; a text left by a process that died is harmless.
final class StoreLock: Sendable {
    /// −1 once it was given back.
    private let descriptor: Mutex<Int32>

    private init(descriptor: Int32) {
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    /// Gives the lock back; does nothing the second time.
    func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            // Closing alone leaves the lock with a child process that was just forked and has not begun its program yet.
            flock(descriptor, LOCK_UN)
            close(descriptor)
            descriptor = -1
        }
    }

    /// How long a waiting writer sleeps between two attempts.
    private static let pollInterval = Duration.milliseconds(50)

    /// Takes the lock, waiting for it where asked to.
    ///
    /// - Parameters:
    ///   - waiting: how long at most; nil: not at all.
    ///   - onWait: called once while it waits, as soon as it is known for whom.
    /// - Throws: ``StoreError/locked(path:holder:waited:)``, ``StoreError/notWritable(path:reason:)``, `CancellationError`.
    static func take(
        _ path: StorePath, waiting: Duration?, onWait: (LockHolder) -> Void
    ) async throws -> StoreLock {
        let start = ContinuousClock.now
        var hasReported = false
        while true {
            if let lock = try attempt(path) { return lock }
            let holder = holder(of: path)
            guard let waiting, ContinuousClock.now - start < waiting else {
                throw StoreError.locked(path: path.given, holder: holder, waited: waiting)
            }
            if !hasReported, let holder {
                onWait(holder)
                hasReported = true
            }
            try await Task.sleep(for: min(pollInterval, waiting))
        }
    }

    /// - Returns: nil when another holds it.
    private static func attempt(_ path: StorePath) throws -> StoreLock? {
        let descriptor = open(path.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let code = errno
            let mend = code == EACCES || code == EROFS || code == EPERM ? "; write it as a user who may" : ""
            throw StoreError.notWritable(
                path: path.given,
                reason: "its lock \(PathText.inQuotes(path.lock)) cannot be opened: \(StorePath.message(code))\(mend)")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK || code == EINTR { return nil }
            throw StoreError.notWritable(
                path: path.given,
                reason: "its lock \(PathText.inQuotes(path.lock)) cannot be taken: \(StorePath.message(code))")
        }
        write(currentHolder, to: descriptor)
        return StoreLock(descriptor: descriptor)
    }

    /// As well as it goes: on a full disk the lock is held and its text stays empty.
    private static func write(_ holder: LockHolder, to descriptor: Int32) {
        let text = Array("\(holder.processID)\n\(holder.since)\n\(holder.host)\n".utf8)
        guard ftruncate(descriptor, 0) == 0 else { return }
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    /// - Returns: nil when the text is not there (yet) or is no holder's.
    private static func holder(of path: StorePath) -> LockHolder? {
        let descriptor = open(path.lock, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0, let text = String(validating: bytes[..<count], as: UTF8.self) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 4, let processID = Int32(lines[0]), !lines[1].isEmpty else { return nil }
        return LockHolder(processID: processID, host: String(lines[2]), since: String(lines[1]))
    }

    private static var currentHolder: LockHolder {
        var name = [CChar](repeating: 0, count: 256)
        let isKnown = gethostname(&name, name.count - 1) == 0
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return LockHolder(processID: getpid(), host: isKnown ? host : "unknown host", since: Timestamp.now())
    }
}
