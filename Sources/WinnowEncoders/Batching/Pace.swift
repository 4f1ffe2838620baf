import Synchronization
import WinnowCore

/// How long work has taken lately, to tell whether more of it can end in time.
///
/// Mean and mean deviation are smoothed, and expected is their sum with four deviations, as a TCP sender expects its acknowledgement
/// (RFC 6298, section 2: α 1/8, β 1/4, K 4).
package final class Pace: Sendable {
    private struct State {
        /// Of seconds an operation; nil before the first measurement.
        var mean: Double?
        var deviation = 0.0
    }

    /// A measurement counts as so many times the mean at most.
    private static let mostOfMean = 8.0

    private let state = Mutex(State())

    package init() {}

    /// - Parameters:
    ///   - work: operations, more than 0; what is not is left out.
    ///   - duration: that they took on one thread.
    package func add(work: Double, took duration: Duration) {
        let seconds = duration.milliseconds / 1000 / work
        guard seconds.isFinite, seconds >= 0 else { return }
        state.withLock { state in
            guard let mean = state.mean else {
                state = State(mean: seconds, deviation: seconds / 2)
                return
            }
            // The process may have been stopped meanwhile: one measurement says that it was slow, not how slow it will be.
            let seconds = min(seconds, Self.mostOfMean * mean)
            state.deviation += (abs(seconds - mean) - state.deviation) / 4
            state.mean = mean + (seconds - mean) / 8
        }
    }

    /// Work was given up after so long: all of it takes longer.
    package func add(unfinished work: Double, after duration: Duration) {
        let seconds = duration.milliseconds / 1000 / work
        guard seconds.isFinite, seconds >= 0 else { return }
        state.withLock { state in
            guard seconds > state.mean ?? 0 else { return }
            state.mean = seconds
            state.deviation = max(state.deviation, seconds / 4)
        }
    }

    /// A request ended with nothing begun because of what is expected: unless something is tried again sometimes, nothing would ever be
    /// measured any more, and one slow moment (the first pass, a busy machine) would decide for good.
    package func relax() {
        state.withLock { state in
            state.mean = state.mean.map { $0 * 15 / 16 }
            state.deviation /= 2
        }
    }

    /// How long so much work is expected to take on one thread, with a margin; nil: nothing has been measured.
    package func expected(work: Double) -> Duration? {
        state.withLock { state in
            state.mean.map { .nanoseconds(Int64(min(($0 + 4 * state.deviation) * work * 1e9, 1e18))) }
        }
    }
}

/// The end of the time that one request has, as the threads see it that work on it.
package final class TimeLimit: Sendable {
    private let deadline: ContinuousClock.Instant?
    private let now: @Sendable () -> ContinuousClock.Instant
    private let isShort = Atomic(false)

    /// - Parameter now: tests have a clock of their own.
    package init(
        _ deadline: ContinuousClock.Instant?,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.deadline = deadline
        self.now = now
    }

    /// There is an end: work is then begun in the order in which it is wanted.
    package var isLimited: Bool { deadline != nil }

    package var hasPassed: Bool { deadline.map { now() >= $0 } ?? false }

    /// Something was not begun for want of time, or the time is over: nothing more will be.
    package var isOver: Bool { isShort.load(ordering: .relaxed) || hasPassed }

    /// Whether there is time for what is expected to take so long; nil: nobody knows, and there is while there is any.
    package func hasRoom(for expected: Duration?) -> Bool {
        guard let deadline else { return true }
        let now = now()
        return now < deadline && now + (expected ?? .zero) <= deadline
    }

    /// Whether to begin what is expected to take so long, as ``hasRoom(for:)``.
    ///
    /// Once something was not begun, nothing is: what comes later is less wanted, though it may be shorter.
    package func allows(_ expected: Duration?) -> Bool {
        guard isLimited else { return true }
        if isShort.load(ordering: .relaxed) { return false }
        if hasRoom(for: expected) { return true }
        isShort.store(true, ordering: .relaxed)
        return false
    }
}
