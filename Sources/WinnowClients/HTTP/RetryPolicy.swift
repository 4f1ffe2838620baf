#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// When a request that failed for a passing reason is sent again.
public struct RetryPolicy: Sendable, Hashable {
    /// How often a request is sent at most, the first time included; 1 never repeats it.
    public var attempts: Int
    /// The longest wait before the second attempt; it doubles with each one.
    public var initialBackoff: Duration
    /// What the doubling stops at.
    public var maximumBackoff: Duration
    /// The longest `Retry-After` that is waited for. A server that asks for more fails the request at once, with the
    /// time named.
    public var longestRetryAfter: Duration

    public init(
        attempts: Int = 4, initialBackoff: Duration = .milliseconds(500), maximumBackoff: Duration = .seconds(8),
        longestRetryAfter: Duration = .seconds(60)
    ) {
        self.attempts = attempts
        self.initialBackoff = initialBackoff
        self.maximumBackoff = maximumBackoff
        self.longestRetryAfter = longestRetryAfter
    }

    /// The wait after the attempt of that number, from 1; nil when there is to be no other.
    ///
    /// Full jitter (Brooker 2015, "Exponential Backoff And Jitter"): uniform from nothing to the doubled bound, so that
    /// clients that failed together do not come back together. Never before the time that the server named.
    ///
    /// - Parameters:
    ///   - retryAfter: what the server asked for.
    ///   - random: uniform in 0 ..< 1.
    package func delay(after attempt: Int, retryAfter: Duration?, random: Double) -> Duration? {
        guard attempt < attempts else { return nil }
        var bound = min(initialBackoff, maximumBackoff)
        var doublings = attempt - 1
        while doublings > 0, bound > .zero, bound < maximumBackoff {
            bound = min(bound * 2, maximumBackoff)
            doublings -= 1
        }
        let backoff = bound * random
        guard let retryAfter else { return backoff }
        return retryAfter > longestRetryAfter ? nil : max(retryAfter, backoff)
    }
}

/// What a server says about when to come back.
package enum RetryAfter {
    /// - Parameters:
    ///   - milliseconds: the `retry-after-ms` header, which OpenAI's service sends beside the standard one.
    ///   - header: `Retry-After`: seconds, or a date.
    ///   - now: seconds since 1970.
    package static func delay(milliseconds: String?, header: String?, now: Int64) -> Duration? {
        if let delay = milliseconds.flatMap(number) { return .seconds(delay / 1000) }
        guard let header = header.map({ String($0.drop { $0 == " " }) }) else { return nil }
        if let delay = number(header) { return .seconds(delay) }
        return HTTPDate.seconds(header, now: now).map { .seconds(max($0 - now, 0)) }
    }

    private static func number(_ text: String) -> Double? {
        guard let value = Double(text), value >= 0 else { return nil }
        return min(value, 1e9)
    }
}

/// What a retry needs from outside, so that a test can do without time and chance.
package struct RetryEnvironment: Sendable {
    package var sleep: @Sendable (Duration) async throws -> Void
    /// Uniform in 0 ..< 1.
    package var random: @Sendable () -> Double
    /// Seconds since 1970.
    package var now: @Sendable () -> Int64

    package init(
        sleep: @escaping @Sendable (Duration) async throws -> Void, random: @escaping @Sendable () -> Double,
        now: @escaping @Sendable () -> Int64
    ) {
        self.sleep = sleep
        self.random = random
        self.now = now
    }

    package static var system: RetryEnvironment {
        RetryEnvironment(
            sleep: { try await Task.sleep(for: $0) }, random: { Double.random(in: 0..<1) },
            now: { Int64(Date().timeIntervalSince1970) })
    }
}
