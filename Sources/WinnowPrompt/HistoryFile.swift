#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Lines of earlier sessions: a file with one line each, oldest first, readable for its owner only.
///
/// Several processes may use one file at once: each line is added under the file's lock, and a file that is full is replaced whole.
public struct HistoryFile: Sendable {
    public let path: String

    public init(_ path: String) {
        self.path = path
    }

    /// A history that is larger is none.
    private static let mostBytes = 1 << 26

    /// Where the history of a program is: as its variable says, else in the user's folder for states (XDG Base Directory Specification).
    ///
    /// - Parameters:
    ///   - variable: the name of an environment variable; an empty value turns the history off.
    ///   - environment: the value of a variable, if there is one.
    /// - Returns: nil: there is to be none, or no folder for it is known.
    public static func standardPath(
        program: String, variable: String, environment: (String) -> String?
    ) -> String? {
        if let given = environment(variable) { return given.isEmpty ? nil : given }
        // The specification says to ignore paths that are not absolute.
        if let folder = environment("XDG_STATE_HOME"), folder.hasPrefix("/") { return "\(folder)/\(program)/history" }
        guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
        return "\(home)/.local/state/\(program)/history"
    }

    /// The lines, at most ``HistoryRules/most``, the newest of them; none when there is no file.
    ///
    /// - Throws: ``HistoryFault``
    public func read() throws -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw fault("cannot be read")
        }
        defer { close(descriptor) }
        try check(descriptor)
        return Self.lines(try contents(descriptor))
    }

    /// Adds a line, unless ``HistoryRules`` or the file's last line are against it. Folders that are missing are made.
    ///
    /// - Throws: ``HistoryFault``
    public func append(_ line: String) throws {
        let line = EditedLine.shown(line)
        guard HistoryRules.isKept(line, after: nil) else { return }
        try makeFolders()
        let descriptor = try locked()
        defer { close(descriptor) }
        let bytes = try contents(descriptor)
        let lines = Self.lines(bytes)
        guard HistoryRules.isKept(line, after: lines.last) else { return }
        let newline = UInt8(ascii: "\n")
        guard bytes.count(where: { $0 == newline }) < HistoryRules.most else { return try replace(lines + [line]) }
        // A line that another program left without its end stays a line of its own.
        let begin = bytes.last.map { $0 == newline ? "" : "\n" } ?? ""
        try write(begin + line + "\n", to: descriptor)
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        let lines = bytes.split(separator: UInt8(ascii: "\n")).suffix(HistoryRules.most)
        return lines.map { EditedLine.shown(String(decoding: $0, as: UTF8.self)) }.filter {
            HistoryRules.isKept($0, after: nil)
        }
    }

    /// The file, open and locked, and still the one of that name.
    private func locked() throws -> CInt {
        // Another process holds the lock for the time of one small write.
        for _ in 0..<100 {
            let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
            guard descriptor >= 0 else { throw fault("cannot be written") }
            do { try check(descriptor) } catch {
                close(descriptor)
                throw error
            }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                var (held, named) = (stat(), stat())
                if fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino,
                    held.st_dev == named.st_dev
                {
                    // What people ask is nobody else's to read.
                    if held.st_mode & 0o077 != 0, held.st_uid == geteuid() { fchmod(descriptor, 0o600) }
                    return descriptor
                }
            }
            close(descriptor)
            usleep(10_000)
        }
        throw HistoryFault(path: path, reason: "is locked by another process")
    }

    private func check(_ descriptor: CInt) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fault("cannot be read") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw HistoryFault(path: path, reason: "is no regular file") }
        guard status.st_size <= Self.mostBytes else {
            throw HistoryFault(path: path, reason: "is too large for a history")
        }
    }

    private func contents(_ descriptor: CInt) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &part, part.count, off_t(bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault("cannot be read") }
            if count == 0 { return bytes }
            bytes += part[..<count]
            guard bytes.count <= Self.mostBytes else {
                throw HistoryFault(path: path, reason: "is too large for a history")
            }
        }
    }

    /// Puts the newest lines in the file's place. Who waits for its lock finds the new file.
    private func replace(_ lines: [String]) throws {
        // Not the link that may lead to it.
        guard let resolved = realpath(path, nil) else { throw fault("cannot be written") }
        defer { free(resolved) }
        let temporary = String(cString: resolved) + ".part-\(getpid())"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fault("cannot be written") }
        do {
            defer { close(descriptor) }
            try write(lines.suffix(HistoryRules.most).map { $0 + "\n" }.joined(), to: descriptor)
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, resolved) == 0 else {
            let error = fault("cannot be written")
            unlink(temporary)
            throw error
        }
    }

    private func write(_ text: String, to descriptor: CInt) throws {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                writeBytes(descriptor, UnsafeRawBufferPointer(rebasing: $0[written...]))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw fault("cannot be written") }
            written += count
        }
    }

    /// The folders above the file, for their owner alone.
    private func makeFolders() throws {
        var folder = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/").dropLast() {
            folder += part
            if mkdir(folder, 0o700) != 0 {
                // One that is there may be told by other errors than EEXIST, as on a file system that is read-only.
                let code = errno
                var status = stat()
                guard stat(folder, &status) == 0 else {
                    throw HistoryFault(path: path, reason: "cannot be written: \(String(cString: strerror(code)))")
                }
            }
            folder += "/"
        }
    }

    private func fault(_ action: String) -> HistoryFault {
        HistoryFault(path: path, reason: "\(action): \(String(cString: strerror(errno)))")
    }
}

/// Why a history is not read or written. It is no reason not to go on without.
public struct HistoryFault: Error, Sendable, Hashable, CustomStringConvertible {
    public var path: String
    public var reason: String

    public var description: String { "the history \(path) \(reason)" }
}

private func writeBytes(_ descriptor: CInt, _ buffer: UnsafeRawBufferPointer) -> Int {
    write(descriptor, buffer.baseAddress, buffer.count)
}
