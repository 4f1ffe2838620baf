import Dispatch
import Synchronization
import WinnowPrompt

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The modes of the terminal on standard input while a session has it. Whatever ends or stops the process, the user's own come back first.
///
/// There is one at a time: signals know nothing but globals.
final class SessionTerminal: Sendable {
    enum Mode: Sendable {
        /// As they were found.
        case own
        /// Every key comes as it is pressed, none is a signal, none is shown.
        case editing
        /// Likewise, but Ctrl-C, Ctrl-Z and Ctrl-\ are signals; what is typed waits.
        case working
    }

    /// What the one who waits for keys is told of.
    enum Notice: UInt8 {
        /// The terminal has another size.
        case resized = 1
        /// The process was stopped and goes on.
        case continued
        /// Ctrl-C, from elsewhere.
        case interrupted
    }

    private let found: termios
    private let mode = Mutex(Mode.own)
    /// Two ends of a pipe: what is read from the first was told by ``notify(_:)``.
    let notices: (read: CInt, write: CInt)
    private let signals: (read: CInt, write: CInt)

    private static let pasteOn = "\u{1B}[?2004h"
    private static let pasteOff = "\(pasteOffBytes)"
    private static let handled = [SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH]
    private static let crashes = [SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV]
    private static let end: UInt8 = 0

    /// - Returns: nil where standard input is no terminal whose modes can be had.
    init?() {
        var modes = termios()
        guard tcgetattr(0, &modes) == 0, let notices = Self.pipe(), let signals = Self.pipe() else { return nil }
        found = modes
        self.notices = notices
        self.signals = signals
        // Before any handler can run, and never again.
        foundModes = modes
        signalPipe = signals.write
        for signal in Self.handled { Self.install(tellSignal, for: signal) }
        for signal in Self.crashes { Self.install(restoreAtCrash, for: signal) }
        let queue = DispatchQueue(label: "winnow.terminal")
        queue.async { [self] in handleSignals() }
    }

    private static func pipe() -> (read: CInt, write: CInt)? {
        var ends: (CInt, CInt) = (-1, -1)
        let made = withUnsafeMutablePointer(to: &ends) { pointer in
            pointer.withMemoryRebound(to: CInt.self, capacity: 2) { makePipe($0) }
        }
        guard made == 0 else { return nil }
        for end in [ends.0, ends.1] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // Nobody waits for a notice to be read: a full pipe tells enough.
        _ = fcntl(ends.1, F_SETFL, O_NONBLOCK)
        return (ends.0, ends.1)
    }

    func set(_ mode: Mode) {
        // In the background this stops the process, as reading does, instead of changing what the shell has now.
        if mode != .own { JobControl.admitStops() }
        self.mode.withLock {
            $0 = mode
            apply(mode)
        }
    }

    /// The user's own modes, for good.
    func close() {
        set(.own)
        for signal in Self.handled + Self.crashes { Self.install(SIG_DFL, for: signal) }
        tell(signals.write, Self.end)
    }

    func notify(_ notice: Notice) { tell(notices.write, notice.rawValue) }

    /// Stops the process, and those that it shares the terminal with, as Ctrl-Z does; ``Notice/continued`` follows.
    func suspend() { kill(0, SIGTSTP) }

    var size: LineScreen.Size {
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return .init(columns: 80, rows: 24)
        }
        return .init(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    private func apply(_ mode: Mode) {
        // A shell has put its own modes back: they are not a background process's to change.
        if mode == .own, JobControl.isInBackground { return }
        var modes = found
        if mode != .own {
            modes.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON)
            modes.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | IEXTEN)
            modes.c_cflag = modes.c_cflag & ~tcflag_t(CSIZE | PARENB) | tcflag_t(CS8)
            if mode == .editing { modes.c_lflag &= ~tcflag_t(ISIG) }
            setMinimum(&modes)
        }
        // What was typed ahead is not thrown away.
        while tcsetattr(0, TCSADRAIN, &modes) != 0, errno == EINTR {}
        // Also while an answer is made: a paste that comes then is one line all the same.
        try? StandardStreams.output(mode == .own ? Self.pasteOff : Self.pasteOn)
    }

    /// A read waits for one byte, and for no time.
    private func setMinimum(_ modes: inout termios) {
        withUnsafeMutableBytes(of: &modes.c_cc) { characters in
            characters[Int(VMIN)] = 1
            characters[Int(VTIME)] = 0
        }
    }
}

// MARK: - Signals

extension SessionTerminal {
    /// Runs until the session ends, on a thread of its own.
    private func handleSignals() {
        // Threads of Dispatch block all signals, and the main thread does since the first Ctrl-C.
        for signal in Self.handled { Self.unblock(signal) }
        JobControl.admitStops()
        while true {
            var number: UInt8 = 0
            let count = read(signals.read, &number, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, number != Self.end else { return }
            switch CInt(number) {
            case SIGWINCH: notify(.resized)
            case SIGCONT: goOn()
            case SIGTSTP: stop()
            case let signal: die(signal)
            }
        }
    }

    private func goOn() {
        mode.withLock { apply($0) }
        notify(.continued)
    }

    private func stop() {
        mode.withLock { mode in
            apply(.own)
            // That it goes on is known here: it is not to be told a second time.
            for signal in [SIGTSTP, SIGCONT] { Self.install(SIG_DFL, for: signal) }
            raise(SIGTSTP)
            for signal in [SIGTSTP, SIGCONT] { Self.install(tellSignal, for: signal) }
            apply(mode)
        }
        notify(.continued)
    }

    private func die(_ signal: CInt) {
        // It is to end, not to stop.
        JobControl.refuseStops()
        mode.withLock { mode in
            if mode == .editing { try? StandardStreams.output("\r\n") }
            apply(.own)
            mode = .own
        }
        Self.install(SIG_DFL, for: signal)
        raise(signal)
    }

    private static func unblock(_ signal: CInt) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, signal)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    private static func install(_ handler: (@convention(c) (CInt) -> Void)?, for signal: CInt) {
        var action = sigaction()
        sigemptyset(&action.sa_mask)
        action.sa_flags = CInt(SA_RESTART)
        #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = handler
        #else
        action.__sigaction_handler.sa_handler = handler
        #endif
        sigaction(signal, &action, nil)
    }
}

/// Written before the handlers that read it are installed.
private nonisolated(unsafe) var foundModes = termios()
/// Likewise.
private nonisolated(unsafe) var signalPipe: CInt = -1

private let pasteOffBytes: StaticString = "\u{1B}[?2004l"

/// Hands a signal's number to the thread that may do more than a handler.
private let tellSignal: @convention(c) (CInt) -> Void = { number in
    let error = errno
    // In the background the terminal is not ours to be put right, and the thread that would do it may be stopped for trying.
    if number == SIGTERM || number == SIGHUP || number == SIGQUIT, JobControl.isInBackground {
        signal(number, SIG_DFL)
        raise(number)
    } else {
        tell(signalPipe, UInt8(truncatingIfNeeded: number))
    }
    errno = error
}

/// A program that breaks leaves the terminal as it was found. Calls what a handler may call.
private let restoreAtCrash: @convention(c) (CInt) -> Void = { number in
    if !JobControl.isInBackground {
        tcsetattr(0, TCSANOW, &foundModes)
        _ = write(1, pasteOffBytes.utf8Start, pasteOffBytes.utf8CodeUnitCount)
    }
    signal(number, SIG_DFL)
    raise(number)
}

private func tell(_ descriptor: CInt, _ byte: UInt8) {
    var byte = byte
    _ = write(descriptor, &byte, 1)
}

private func makePipe(_ ends: UnsafeMutablePointer<CInt>) -> CInt { pipe(ends) }
