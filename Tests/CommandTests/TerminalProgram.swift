import Foundation
import TestSupport

/// A program at a pseudoterminal of its own, as a person has it: what is sent is typed, and Ctrl-C is a signal where the program lets
/// it be.
final class TerminalProgram {
    let process: pid_t
    /// What the terminal was set to before the program began.
    let modesBefore: termios
    private let master: CInt
    /// Held open, so that the terminal outlives the program.
    private let user: CInt
    private(set) var output = ""
    private var unread = ""
    private var code: Int32?

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    init(
        _ program: BuiltProgram, _ arguments: [String], environment: [String: String] = [:], columns: Int = 200,
        rows: Int = 50
    ) throws {
        var sides: (master: CInt, user: CInt) = (-1, -1)
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&sides.master, &sides.user, nil, nil, &size) == 0, let name = ttyname(sides.user) else {
            throw Failure(description: "no pseudoterminal: \(errno)")
        }
        (master, user) = sides
        var modes = termios()
        tcgetattr(user, &modes)
        modesBefore = modes
        for side in [master, user] { _ = fcntl(side, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(master, F_SETFL, O_NONBLOCK)

        // The leader of a session gets the terminal that it opens first for its own.
        #if canImport(Darwin)
        let newSession = Int16(POSIX_SPAWN_SETSID)
        var (actions, attributes): (posix_spawn_file_actions_t?, posix_spawnattr_t?) = (nil, nil)
        #else
        // POSIX_SPAWN_SETSID of glibc, which declares it for C with its extensions only.
        let newSession: Int16 = 0x80
        var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawnattr_setflags(&attributes, newSession)
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        let variables = ProcessInfo.processInfo.environment
            .merging(["TERM": "xterm", "NO_COLOR": "1", "OPENAI_API_KEY": ""]) { $1 }.merging(environment) { $1 }
        var argv: [UnsafeMutablePointer<CChar>?] = ([program.url.path] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, program.url.path, &actions, &attributes, &argv, &envp)
        guard error == 0 else { throw Failure(description: "posix_spawn: \(error)") }
        self.process = process
    }

    deinit {
        if code == nil {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        close(master)
        close(user)
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    func signal(_ number: CInt) { kill(process, number) }

    /// Waits until the program has written `text` since the last time.
    ///
    /// - Returns: all that it has written since then, as far as the end of it.
    @discardableResult
    func wait(for text: String, limit: Duration = .seconds(60)) async throws -> String {
        let start = ContinuousClock.now
        while true {
            read()
            if let found = unread.range(of: text) {
                defer { unread = String(unread[found.upperBound...]) }
                return String(unread[..<found.upperBound])
            }
            guard ContinuousClock.now - start < limit else {
                throw Failure(description: "'\(text)' did not come; there was: \(unread.debugDescription)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits for the program's end.
    ///
    /// - Returns: its exit code; 128 and the signal's number where a signal ended it.
    func end(limit: Duration = .seconds(60)) async throws -> Int32 {
        let start = ContinuousClock.now
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            read()
            guard ContinuousClock.now - start < limit else { throw Failure(description: "it does not end: \(unread)") }
            try await Task.sleep(for: .milliseconds(5))
        }
        read()
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        self.code = code
        return code
    }

    var modes: termios {
        var modes = termios()
        tcgetattr(user, &modes)
        return modes
    }

    func set(_ modes: termios) {
        var modes = modes
        tcsetattr(user, TCSANOW, &modes)
    }

    func resize(columns: Int, rows: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// The terminal is as it was before, whatever may be set.
    var isRestored: Bool {
        var (before, now) = (modesBefore, modes)
        return withUnsafeBytes(of: &before) { before in withUnsafeBytes(of: &now) { before.elementsEqual($0) } }
    }

    private func read() {
        var part = [UInt8](repeating: 0, count: 65_536)
        var bytes: [UInt8] = []
        while case let count = Foundation.read(master, &part, part.count), count > 0 { bytes += part[..<count] }
        let text = String(decoding: bytes, as: UTF8.self)
        output += text
        unread += text
    }
}
