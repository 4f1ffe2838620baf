import Synchronization

/// Watches over the two waits of an answer that is under way: for its first piece, and between two pieces.
final class Watchdog: Sendable {
    private struct State {
        var kind = HTTPTimeouts.Kind.firstByte
        /// Nil while nobody waits for the server.
        var deadline: ContinuousClock.Instant?
    }

    private let timeouts: HTTPTimeouts
    private let state: Mutex<State>

    /// The wait for the first piece begins.
    init(_ timeouts: HTTPTimeouts) {
        self.timeouts = timeouts
        state = Mutex(State(deadline: .now + timeouts.firstByte))
    }

    /// A piece came: from here on the wait is for the next one.
    func progress() {
        state.withLock { $0 = State(kind: .idle, deadline: .now + timeouts.idle) }
    }

    /// The reader is busy with a piece, which the server must not pay for; ``progress()`` goes on.
    func pause() {
        state.withLock { $0.deadline = nil }
    }

    /// The kind of wait that ran out; nil when the task was cancelled before one did.
    func expiry() async -> HTTPTimeouts.Kind? {
        // A wait that begins while this sleeps is at least this long, so no deadline is missed by looking this often.
        let shortest = min(timeouts.firstByte, timeouts.idle)
        while true {
            let now = ContinuousClock.now
            let (kind, deadline) = state.withLock { ($0.kind, $0.deadline) }
            if let deadline, deadline <= now { return kind }
            let wake = now + shortest
            do {
                try await Task.sleep(until: min(deadline ?? wake, wake), clock: .continuous)
            } catch {
                return nil
            }
        }
    }
}
