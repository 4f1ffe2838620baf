import TestSupport
import Testing
import WinnowEvaluation

/// Against scipy, as `Scripts/make-shift-goldens.py` writes `evaluation/shift.json`.
struct ShiftGolden: Decodable {
    struct Sample: Decodable, CustomStringConvertible {
        var name: String
        var first: [Double]
        var second: [Double]
        var distance: Double
        var exact: Double
        var limit: Double
        var median: Double
        var lowerQuantile: Double

        var description: String { name }
    }

    var kolmogorov: [[Double]]
    var samples: [Sample]

    static func read() throws -> ShiftGolden { try Fixtures.json("evaluation/shift.json") }
}

@Suite struct KolmogorovSmirnovTests {
    static let samples = (try? ShiftGolden.read().samples) ?? []

    /// Relative: sums of the same paths in another order.
    private static let exact = 1e-9
    private static let limit = 1e-9

    @Test func theGoldensAreThere() { #expect(Self.samples.count == 11) }

    @Test(arguments: samples)
    func agreesWithScipy(_ sample: ShiftGolden.Sample) throws {
        let test = try #require(KolmogorovSmirnov(sample.first, sample.second))
        #expect(abs(test.distance - sample.distance) < 1e-15)
        #expect(test.isExact)
        #expect(
            SignificanceGolden.isClose(test.pValue, sample.exact, Self.exact), "\(test.pValue), scipy \(sample.exact)")
        let (n, m) = (Double(sample.first.count), Double(sample.second.count))
        let limit = KolmogorovSmirnov.limit((n * m / (n + m)).squareRoot() * test.distance)
        #expect(SignificanceGolden.isClose(limit, sample.limit, Self.limit), "\(limit), scipy \(sample.limit)")
    }

    @Test func theLimitIsScipys() throws {
        for row in try ShiftGolden.read().kolmogorov {
            let share = KolmogorovSmirnov.limit(row[0])
            #expect(abs(share - row[1]) <= 1e-9 * row[1] + 1e-15, "at \(row[0]): \(share), \(row[1])")
        }
    }

    @Test func isTheSameFromBothSides() throws {
        for sample in Self.samples {
            let there = try #require(KolmogorovSmirnov(sample.first, sample.second))
            let back = try #require(KolmogorovSmirnov(sample.second, sample.first))
            #expect(there.distance == back.distance)
            #expect(SignificanceGolden.isClose(there.pValue, back.pValue, Self.exact))
        }
    }

    @Test func equalSamplesAreNotApart() throws {
        let test = try #require(KolmogorovSmirnov([3, 1, 2, 2], [2, 1, 3, 2]))
        #expect(test.distance == 0 && test.pValue == 1)
    }

    @Test func manyValuesTakeTheLimit() throws {
        let first = (0..<4000).map(Double.init)
        let test = try #require(KolmogorovSmirnov(first, first.map { $0 + 10 }))
        #expect(!test.isExact && abs(test.distance - 0.0025) < 1e-12)
        #expect(test.pValue > 0.999)
    }

    @Test func whatIsNoSampleHasNoTest() {
        #expect(KolmogorovSmirnov([], [1]) == nil)
        #expect(KolmogorovSmirnov([1], []) == nil)
        #expect(KolmogorovSmirnov([1, .nan], [1]) == nil)
    }

    /// The distance whose p-value is the level.
    @Test(arguments: [(20, 20), (60, 300), (1000, 50)])
    func theCriticalDistanceIsWhereTheLevelIs(_ n: Int, _ m: Int) {
        let distance = KolmogorovSmirnov.criticalDistance(n, m, level: 0.01)
        let effective = (Double(n * m) / Double(n + m)).squareRoot()
        // The first term of the series alone.
        #expect(abs(KolmogorovSmirnov.limit(effective * distance) - 0.01) < 1e-6)
    }
}

@Suite struct ScoreShiftTests {
    /// Values around a centre, evenly spaced: the same in every run.
    private func values(_ count: Int, around centre: Double) -> [Double] {
        (0..<count).map { centre - 2 + 4 * (Double($0) + 0.5) / Double(count) }
    }

    @Test func quantilesAreNumpys() throws {
        for sample in KolmogorovSmirnovTests.samples {
            let shift = try #require(ScoreShift(sample.first, reference: sample.second))
            #expect(abs(shift.median - sample.median) < 1e-12)
            #expect(abs(shift.lowerQuantile - sample.lowerQuantile) < 1e-12)
            let below = sample.first.filter { $0 < shift.lowerQuantile }.count
            #expect(shift.shareBelow == Double(below) / Double(sample.first.count))
        }
    }

    @Test(arguments: [
        (19, 300, -3.0, ScoreShift.Verdict.tooFew), (300, 19, -3, .tooFew), (60, 60, -3, .lower),
        (60, 60, 3, .different),
        (60, 60, 0, .noDifferenceSeen), (20, 20, -0.5, .noDifferenceSeen), (2000, 2000, -0.4, .small),
    ])
    func says(_ count: Int, _ reference: Int, _ centre: Double, _ verdict: ScoreShift.Verdict) throws {
        let shift = try #require(
            ScoreShift(values(count, around: centre), reference: values(reference, around: 0)))
        #expect(shift.verdict == verdict, "distance \(shift.test.distance), p \(shift.test.pValue)")
        #expect(shift.count == count && shift.referenceCount == reference)
    }

    /// Two in five far below all of the reference, the others above: the median is higher, and those two are lost.
    @Test(arguments: [(24, ScoreShift.Verdict.lower), (6, .different)])
    func manyLowOnesAreLower(_ low: Int, _ verdict: ScoreShift.Verdict) throws {
        let mixture = values(low, around: -20) + values(60 - low, around: 3)
        let shift = try #require(ScoreShift(mixture, reference: values(60, around: 0)))
        #expect(shift.median > shift.referenceMedian && shift.shareBelow == Double(low) / 60)
        #expect(shift.verdict == verdict)
    }

    @Test func nothingIsNoShift() {
        #expect(ScoreShift([], reference: [1]) == nil)
        #expect(ScoreShift([1], reference: [.nan]) == nil)
    }
}
