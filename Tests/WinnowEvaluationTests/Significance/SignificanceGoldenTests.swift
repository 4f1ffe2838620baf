import Testing
import WinnowEvaluation

/// Against scipy, numpy and statsmodels.
@Suite struct SignificanceGoldenTests {
    let golden: SignificanceGolden

    init() throws { golden = try SignificanceGolden.read() }

    /// Relative; scipy itself is good to about 1e-13 here.
    private static let functions = 1e-9
    /// Relative; sums in another order.
    private static let sums = 1e-11

    @Test func distributions() {
        #expect(golden.normalQuantiles.count > 10 && golden.studentQuantiles.count > 100)
        for row in golden.normalQuantiles {
            let x = NormalDistribution.quantile(row[0])
            #expect(
                SignificanceGolden.isClose(x, row[1], Self.functions), "normal quantile of \(row[0]): \(x), \(row[1])")
        }
        for row in golden.normalCumulative {
            let p = NormalDistribution.cumulative(row[0])
            #expect(SignificanceGolden.isClose(p, row[1], Self.functions), "normal cdf of \(row[0]): \(p), \(row[1])")
        }
        for row in golden.studentQuantiles {
            let t = StudentT(degreesOfFreedom: row[0]).quantile(row[1])
            #expect(
                SignificanceGolden.isClose(t, row[2], Self.functions),
                "t quantile of \(row[1]), \(row[0]) df: \(t), \(row[2])")
        }
        for row in golden.studentCumulative {
            let p = StudentT(degreesOfFreedom: row[0]).cumulative(row[1])
            #expect(
                SignificanceGolden.isClose(p, row[2], Self.functions),
                "t cdf of \(row[1]), \(row[0]) df: \(p), \(row[2])")
        }
    }

    @Test func distributionsAtTheirEnds() {
        let t = StudentT(degreesOfFreedom: 3)
        #expect(t.quantile(0) == -.infinity && t.quantile(1) == .infinity && t.quantile(0.5) == 0)
        #expect(t.quantile(-0.1).isNaN && t.quantile(1.1).isNaN && t.quantile(.nan).isNaN)
        #expect(t.cumulative(-.infinity) == 0 && t.cumulative(.infinity) == 1 && t.cumulative(0) == 0.5)
        #expect(t.cumulative(.nan).isNaN)
        #expect(NormalDistribution.quantile(0) == -.infinity && NormalDistribution.quantile(1) == .infinity)
    }

    @Test func expandedTails() {
        for row in golden.expandedTails {
            let tail = Bootstrap.expandedTail(confidence: row[1], count: Int(row[0]))
            #expect(
                SignificanceGolden.isClose(tail, row[2], Self.functions), "n = \(row[0]), \(row[1]): \(tail), \(row[2])"
            )
            // Wider than the plain percentile interval.
            #expect(tail < (1 - row[1]) / 2)
        }
    }

    @Test func comparisons() throws {
        #expect(golden.comparisons.contains { $0.groups != nil } && golden.comparisons.contains { !$0.isExact })
        for row in golden.comparisons {
            // More resamples than usual leave less chance between the two bootstraps.
            let made = try PairedComparison(
                baseline: row.baseline, system: row.system, groups: row.groups, options: .init(resamples: 200_000))
            #expect(abs(made.difference - row.difference) < 1e-12, "\(row)")
            let deviation = try #require(made.standardDeviation)
            #expect(SignificanceGolden.isClose(deviation, row.standardDeviation, Self.sums), "\(row): sd \(deviation)")
            let error = try #require(made.standardError)
            #expect(SignificanceGolden.isClose(error, row.standardError, Self.sums), "\(row): se \(error)")
            let student = try #require(made.tInterval)
            #expect(
                abs(student.lower - row.tInterval[0]) < 1e-9 && abs(student.upper - row.tInterval[1]) < 1e-9, "\(row)")
            expectSame(made.randomisation, row)
            for (interval, expected) in [(made.interval, row.bootstrap95), (made.interval90, row.bootstrap90)] {
                let interval = try #require(interval)
                // The standard deviation of a quantile of 200,000 resamples at 2 % is under 0.007 standard errors: 5 of them,
                // and a step of the coarse values.
                let slack = 0.035 * error + 1e-3 / Double(row.baseline.count)
                let distance = max(abs(interval.lower - expected[0]), abs(interval.upper - expected[1]))
                #expect(
                    distance <= slack, "\(row): \(interval), expected \(expected), off by \(distance / error) errors")
            }
        }
    }

    private func expectSame(_ test: RandomisationTest, _ row: SignificanceGolden.Comparison) {
        for (name, actual, expected) in [
            ("two-sided", test.twoSided, row.twoSided), ("greater", test.greater, row.greater),
            ("less", test.less, row.less),
        ] {
            // Five standard deviations of 100,000 patterns here and a million there.
            let slack = row.isExact ? 1e-12 : 5 * (expected * (1 - expected) * (1e-5 + 1e-6)).squareRoot() + 1e-5
            #expect(abs(actual - expected) <= slack, "\(row), \(name): \(actual), expected \(expected) ± \(slack)")
        }
    }

    @Test func quantiles() {
        for row in golden.quantiles {
            for (share, expected) in zip(row.shares, row.quantiles) {
                let value = Quantile.type7(row.values.sorted(), share)
                #expect(abs(value - expected) < 1e-10, "\(share) of \(row.values.count): \(value), \(expected)")
            }
        }
    }

    @Test func holm() {
        for row in golden.holm {
            let adjusted = Holm.adjusted(row.p)
            #expect(zip(adjusted, row.adjusted).allSatisfy { abs($0 - $1) < 1e-14 }, "\(row.p): \(adjusted)")
            #expect(adjusted.count == row.p.count)
        }
        #expect(Holm.adjusted([]) == [])
        #expect(Holm.adjusted([.nan, 0.01]) == [1, 0.02])
    }

    @Test func power() {
        for row in golden.power {
            let needed = Power.unitsNeeded(toDetect: row.difference, standardDeviation: row.standardDeviation)
            // statsmodels also counts the rejections on the wrong side, which is nothing at 80 %.
            #expect(needed == Int(row.units.rounded(.up)), "\(row)")
        }
        #expect(Power.unitsNeeded(toDetect: 0, standardDeviation: 0.2) == nil)
        #expect(Power.unitsNeeded(toDetect: 0.02, standardDeviation: 0) == 2)
        #expect(Power.unitsNeeded(toDetect: .nan, standardDeviation: 0.2) == nil)
    }
}
