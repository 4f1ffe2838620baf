import TestSupport
import Testing
import WinnowEvaluation

@Suite struct LatencySummaryTests {
    @Test func noSamplesNoSummary() { #expect(LatencySummary([]) == nil) }

    @Test func oneSample() throws {
        let summary = try #require(LatencySummary([.milliseconds(7)]))
        #expect(summary.count == 1 && !summary.p95IsSupported)
        for value in [summary.mean, summary.minimum, summary.maximum, summary.p50, summary.p95, summary.p99] {
            #expect(value == .milliseconds(7))
        }
    }

    /// 10, 20 … 100 ms: by type 7 the 95th percentile lies at rank 8.55 from 0.
    @Test func quantilesAreOfType7() throws {
        let samples = (1...10).map { Duration.milliseconds($0 * 10) }
        let summary = try #require(LatencySummary(samples.reversed()))
        #expect(summary.mean == .milliseconds(55) && summary.p50 == .milliseconds(55))
        #expect(abs(seconds(summary.p95) - 0.0955) < 1e-12 && abs(seconds(summary.p99) - 0.0991) < 1e-12)
        #expect(summary.minimum == .milliseconds(10) && summary.maximum == .milliseconds(100))
    }

    @Test func agreesWithNumpy() throws {
        for row in try SignificanceGolden.read().quantiles {
            let summary = try #require(LatencySummary(row.values.map { .nanoseconds(Int64(($0 * 1e6).rounded())) }))
            for (share, expected) in zip(row.shares, row.quantiles) {
                let value: Duration? = [0.5: summary.p50, 0.95: summary.p95, 0.99: summary.p99][share]
                if let value {
                    #expect(abs(seconds(value) * 1000 - expected) < 1e-6, "\(share) of \(row.values.count)")
                }
            }
        }
    }

    @Test(arguments: [(58, false, false), (59, true, false), (298, true, false), (299, true, true)])
    func saysWhatTheSamplesBear(count: Int, p95: Bool, p99: Bool) throws {
        let summary = try #require(LatencySummary((0..<count).map { .microseconds($0) }))
        #expect(summary.p95IsSupported == p95 && summary.p99IsSupported == p99)
    }

    private func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
