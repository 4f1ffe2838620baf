import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `exit` of the C library: a command's own `exit` of ArgumentParser hides it.
func endProcess(_ code: Int32) -> Never { exit(code) }

/// Ctrl-C: the first one cancels the work, which ends between two batches; the second one, or two seconds, end the process.
final class Interruption {
    /// 128 + SIGINT, as shells expect.
    static let exitCode: Int32 = 130

    /// Ctrl-C is how the command is meant to end.
    private static let isExpected = Atomic(false)

    /// Says that Ctrl-C is no failure of the command that runs: it ends with the code that it ends with.
    static func endsWell() { isExpected.store(true, ordering: .releasing) }

    /// What Ctrl-C does while somebody else answers for it.
    private static let diversion = Mutex<(@Sendable () -> Void)?>(nil)

    /// Until it is nil again, Ctrl-C calls `handler` and ends nothing.
    static func divert(to handler: (@Sendable () -> Void)?) { diversion.withLock { $0 = handler } }

    private let state = State()
    private let source: any DispatchSourceSignal

    private final class State: Sendable {
        let happened = Atomic(false)
    }

    /// The process was interrupted, and not as it is meant to end.
    var happened: Bool {
        state.happened.load(ordering: .acquiring) && !Self.isExpected.load(ordering: .acquiring)
    }

    init(_ cancel: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        // A process that a shell started in the background ignores Ctrl-C, and goes on doing so.
        var before = sigaction()
        sigaction(SIGINT, nil, &before)
        guard !Self.isIgnored(before) else { return }
        signal(SIGINT, SIG_IGN)
        let state = state
        source.setEventHandler {
            if let handler = Self.diversion.withLock({ $0 }) { return handler() }
            guard !state.happened.exchange(true, ordering: .acquiringAndReleasing) else { exit(Self.exitCode) }
            cancel()
            // Opening a pipe that nobody writes to cannot be cancelled.
            DispatchQueue.global().asyncAfter(deadline: .now() + 2) {
                StandardStreams.note("interrupted")
                exit(Self.exitCode)
            }
        }
        source.activate()
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        #if canImport(Darwin)
        let handler = action.__sigaction_u.__sa_handler
        #else
        let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
