/// How long one stage took, one request at a time: service times, without any queueing.
///
/// Quantiles are of type 7, as numpy's. A high quantile of few samples is their maximum in disguise, so each says
/// whether the samples can bear it.
public struct LatencySummary: Sendable, Hashable {
    public let count: Int
    public let mean: Duration
    public let minimum: Duration
    public let maximum: Duration
    public let p50: Duration
    public let p95: Duration
    public let p99: Duration

    /// The fewest samples of which the largest is above the 95th percentile with 95 % confidence: 1 − 0.95⁵⁹ ≥ 0.95.
    public static let fewestForP95 = 59
    /// Likewise for the 99th: 1 − 0.99²⁹⁹ ≥ 0.95.
    public static let fewestForP99 = 299

    /// - Returns: nil for no samples.
    public init?(_ samples: [Duration]) {
        let sorted = samples.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        count = sorted.count
        minimum = first
        maximum = last
        mean = sorted.reduce(.zero, +) / sorted.count
        p50 = Self.quantile(sorted, 0.5)
        p95 = Self.quantile(sorted, 0.95)
        p99 = Self.quantile(sorted, 0.99)
    }

    /// With fewer samples ``p95`` has no upper bound at 95 % confidence: show ``maximum``.
    public var p95IsSupported: Bool { count >= Self.fewestForP95 }
    /// As ``p95IsSupported``.
    public var p99IsSupported: Bool { count >= Self.fewestForP99 }

    private static func quantile(_ sorted: [Duration], _ share: Double) -> Duration {
        let (index, fraction) = Quantile.place(share, count: sorted.count)
        guard fraction > 0 else { return sorted[index] }
        return sorted[index] + (sorted[index + 1] - sorted[index]) * fraction
    }
}
