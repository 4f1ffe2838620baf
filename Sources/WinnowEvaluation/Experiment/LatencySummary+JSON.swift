import WinnowCore

extension LatencySummary {
    /// In milliseconds; quantiles that the samples cannot bear are there, and said to be so.
    package var json: JSONText {
        .object([
            ("count", .integer(count)),
            ("mean", .number(mean.milliseconds)),
            ("min", .number(minimum.milliseconds)),
            ("p50", .number(p50.milliseconds)),
            ("p95", .number(p95.milliseconds)),
            ("p99", .number(p99.milliseconds)),
            ("max", .number(maximum.milliseconds)),
            ("p95Supported", .bool(p95IsSupported)),
            ("p99Supported", .bool(p99IsSupported)),
        ])
    }
}
