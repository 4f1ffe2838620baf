#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A program of the system, run once for a file, within limits of time, memory and output.
///
/// `posix_spawn` and `poll`, for reading is synchronous and pulled by whoever wants the next document
/// (Documentation/decisions/0009-readers.md).
package struct ExternalProgram {
    /// Its file, absolute or below the working folder.
    private let path: String

    package init(path: String) {
        self.path = path
    }

    /// - Returns: nil where no folder of `PATH` has a program of that name.
    package init?(named name: String) {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin")
            .split(separator: ":", omittingEmptySubsequences: true)
        for folder in folders {
            let path = folder + "/" + name
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 {
                self.path = path
                return
            }
        }
        return nil
    }

    package struct Outcome {
        /// The exit code; nil where a signal ended it.
        package var code: Int32?
        package var output: [UInt8]
        /// The beginning of what it wrote to standard error.
        package var errors: [UInt8]
    }

    package enum Failure: Error {
        case cannotStart(reason: String)
        case tooSlow
        case tooMuch
    }

    private static let mostErrors = 1 << 16
    /// Kilobytes of address space, where the system has such a limit.
    private static let memory = 4 << 20

    /// Runs it and waits for its end.
    ///
    /// - Parameters:
    ///   - longest: after that it is killed.
    ///   - mostOutput: bytes; it is killed when it writes more.
    /// - Throws: ``Failure``; `CancellationError`, and then it is killed too.
    package func run(_ arguments: [String], longest: Duration, mostOutput: Int) throws -> Outcome {
        let output = try Pipe()
        let errors = try Pipe()
        let process = try spawn(arguments, output, errors)
        output.closeWriting()
        errors.closeWriting()
        var isDone = false
        defer {
            if !isDone {
                kill(-process, SIGKILL)
                kill(process, SIGKILL)
                _ = Self.wait(for: process, options: 0)
            }
        }
        let deadline = ContinuousClock.now + longest
        var outcome = Outcome(code: nil, output: [], errors: [])
        var isOpen = (output: true, errors: true)
        while isOpen.output || isOpen.errors {
            try Task.checkCancellation()
            guard ContinuousClock.now < deadline else { throw Failure.tooSlow }
            var requests = [
                pollfd(fd: isOpen.output ? output.reading : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen.errors ? errors.reading : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&requests, 2, 50) > 0 else { continue }
            if requests[0].revents != 0 { isOpen.output = output.read(to: &outcome.output) }
            if requests[1].revents != 0 {
                isOpen.errors = errors.read(to: &outcome.errors)
                outcome.errors.removeLast(max(0, outcome.errors.count - Self.mostErrors))
            }
            guard outcome.output.count <= mostOutput else { throw Failure.tooMuch }
        }
        while true {
            if let status = Self.wait(for: process, options: WNOHANG) {
                isDone = true
                // What WIFEXITED and WEXITSTATUS say, which are macros.
                outcome.code = status & 0x7F == 0 ? status >> 8 & 0xFF : nil
                return outcome
            }
            try Task.checkCancellation()
            guard ContinuousClock.now < deadline else { throw Failure.tooSlow }
            usleep(2000)
        }
    }

    /// - Returns: the status; nil while it runs.
    private static func wait(for process: pid_t, options: Int32) -> Int32? {
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, options)
            if ended == process { return status }
            if ended == 0 { return nil }
            // No such child: someone else has waited for it.
            if errno != EINTR { return 0x7F }
        }
    }

    private func spawn(_ arguments: [String], _ output: Pipe, _ errors: Pipe) throws -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.writing, 2)
        // A group of its own: Ctrl-C is for us, and killing the group leaves nothing of it.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)

        // The shell sets the limit, which must be the child's alone, and becomes the program.
        let line = "ulimit -v \(Self.memory) 2>/dev/null; exec \"$0\" \"$@\""
        let words = ["/bin/sh", "-c", line, path] + arguments
        let environment = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"].compactMap { name in
            getenv(name).map { name + "=" + String(cString: $0) }
        }
        var process: pid_t = 0
        let code = Self.withCStrings(words) { words in
            Self.withCStrings(environment + ["LC_ALL=C"]) { environment in
                posix_spawn(&process, "/bin/sh", &actions, &attributes, words, environment)
            }
        }
        guard code == 0 else { throw Failure.cannotStart(reason: String(cString: strerror(code))) }
        return process
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            // An array that ends with nil is never empty.
            withUnsafeMutablePointer(to: &buffer[0]) { body($0) }
        }
    }

    /// The way from the child's descriptor to us.
    private final class Pipe {
        let reading: Int32
        let writing: Int32
        private var isWritingOpen = true

        init() throws {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw Failure.cannotStart(reason: String(cString: strerror(errno))) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            reading = ends[0]
            writing = ends[1]
        }

        deinit {
            close(reading)
            closeWriting()
        }

        func closeWriting() {
            if isWritingOpen { close(writing) }
            isWritingOpen = false
        }

        /// Appends what is there. Returns false at the end.
        func read(to bytes: inout [UInt8]) -> Bool {
            let start = bytes.count
            let room = 1 << 16
            bytes.append(contentsOf: repeatElement(0, count: room))
            let got = bytes.withUnsafeMutableBytes { buffer in
                let target = UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
                #if canImport(Darwin)
                return Darwin.read(reading, target.baseAddress, target.count)
                #elseif canImport(Musl)
                return Musl.read(reading, target.baseAddress, target.count)
                #else
                return Glibc.read(reading, target.baseAddress, target.count)
                #endif
            }
            let code = errno
            bytes.removeLast(room - max(0, got))
            return got > 0 || (got < 0 && (code == EINTR || code == EAGAIN))
        }
    }
}
