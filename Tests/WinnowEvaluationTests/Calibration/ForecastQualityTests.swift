import TestSupport
import Testing
import WinnowEvaluation

@Suite struct ForecastQualityTests {
    @Test func equalsScikitLearn() throws {
        for golden in try CalibrationGoldens.read().forecasts {
            let quality = try #require(ForecastQuality(golden.forecasts))
            #expect(abs(quality.brier - golden.brier) < 1e-13, "\(golden)")
            #expect(abs(quality.logLoss - golden.logLoss) < 1e-12, "\(golden)")
            #expect(abs(quality.miscalibration - golden.miscalibration) < 1e-12, "\(golden)")
            #expect(abs(quality.discrimination - golden.discrimination) < 1e-12, "\(golden)")
            #expect(abs(quality.uncertainty - golden.uncertainty) < 1e-13, "\(golden)")
            let skill = try #require(quality.brierSkill)
            #expect(abs(skill - (1 - golden.brier / golden.uncertainty)) < 1e-12)
            let diagram = ReliabilityDiagram(golden.forecasts)
            guard let shares = golden.binShares, let means = golden.binProbabilities,
                let error = golden.calibrationError, let limit = golden.calibrationErrorLimit
            else { continue }
            #expect(diagram.bins.count == 10 && diagram.bins.allSatisfy { $0.count == golden.labels.count / 10 })
            for (bin, expected) in zip(diagram.bins, zip(shares, means)) {
                #expect(abs(bin.relevantShare - expected.0) < 1e-12, "\(golden)")
                #expect(abs(bin.meanProbability - expected.1) < 1e-12, "\(golden)")
            }
            #expect(abs(quality.calibrationError - error) < 1e-12, "\(golden)")
            // A quantile of 1,000 draws against one of 20,000: three standard errors are about 5 %.
            #expect(
                abs(quality.calibrationErrorLimit / limit - 1) < 0.05, "\(golden): \(quality.calibrationErrorLimit)")
            #expect(quality.isMiscalibrated == (golden.name == "overconfident"), "\(golden)")
        }
    }

    /// Some of 5 in 100 perfect maps show an error over the limit, and overconfident ones nearly always do.
    @Test func aPerfectMapStaysUnderItsLimit() throws {
        var random = SeededGenerator(seed: 7)
        var over = (perfect: 0, sharpened: 0)
        var squares = 0.0
        for trial in 0..<120 {
            let probabilities = (0..<400).map { _ in Double.random(in: 0...1, using: &random) }
            let draws = probabilities.map { Double.random(in: 0..<1, using: &random) < $0 }
            let perfect = zip(probabilities, draws).map { Forecast(probability: $0, relevant: $1) }
            let sharpened = zip(probabilities, draws).map {
                Forecast(probability: min(1, max(0, 0.5 + ($0 - 0.5) * 1.6)), relevant: $1)
            }
            let quality = try #require(ForecastQuality(perfect, seed: UInt64(trial)))
            over.perfect += quality.isMiscalibrated ? 1 : 0
            over.sharpened += try #require(ForecastQuality(sharpened, seed: 1)).isMiscalibrated ? 1 : 0
            squares += quality.debiasedSquaredError / 120
        }
        // Binomial of 120 at 0.05: over 14 in fewer than 1 of 1,000.
        #expect(over.perfect <= 14, "\(over)")
        #expect(over.sharpened >= 110, "\(over)")
        // The plain square would be about 10/400 · E[p(1−p)] = 0.0042 here.
        #expect(abs(squares) < 0.0006, "\(squares)")
    }

    @Test(arguments: [1, 2, 3, 9, 10, 11, 100, 777])
    func decompositionAddsUp(_ count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        for round in 0..<20 {
            let steps = Double([1, 4, 1000][round % 3])
            let forecasts = (0..<count).map { _ in
                Forecast(
                    probability: (Double.random(in: 0...1, using: &random) * steps).rounded() / steps,
                    relevant: Bool.random(using: &random))
            }
            let quality = try #require(ForecastQuality(forecasts))
            let sum = quality.miscalibration - quality.discrimination + quality.uncertainty
            #expect(abs(sum - quality.brier) < 1e-12)
            #expect(quality.miscalibration >= 0 && quality.discrimination >= 0)
            #expect(quality.discrimination <= quality.uncertainty + 1e-12)
            #expect((quality.brierSkill == nil) == (quality.uncertainty == 0))

            let diagram = ReliabilityDiagram(forecasts)
            #expect(diagram.bins.reduce(0) { $0 + $1.count } == count)
            #expect(diagram.bins.count <= 10)
            #expect(diagram.histogram.reduce(0) { $0 + $1.relevant + $1.other } == count)
            #expect(zip(diagram.bins, diagram.bins.dropFirst()).allSatisfy { $0.upper < $1.lower }, "a tie was split")
            #expect(
                zip(diagram.curve, diagram.curve.dropFirst()).allSatisfy {
                    $0.probability < $1.probability && $0.relevantShare <= $1.relevantShare
                })
            #expect(diagram.band.allSatisfy { $0.lower <= $0.upper })
            #expect(ReliabilityDiagram(forecasts.reversed()) == diagram)
        }
    }

    @Test func certaintiesAndConstants() throws {
        #expect(ForecastQuality([]) == nil)
        let diagram = ReliabilityDiagram([])
        #expect(diagram.bins.isEmpty && diagram.curve.isEmpty && diagram.band.isEmpty)
        // All right and certain.
        let certain = [0, 0, 1, 1].map { Forecast(probability: $0, relevant: $0 == 1) }
        let quality = try #require(ForecastQuality(certain))
        #expect(quality.brier == 0 && quality.brierSkill == 1 && quality.calibrationError == 0)
        #expect(quality.calibrationErrorLimit == 0 && !quality.isMiscalibrated)
        // Certain and wrong is punished, and finitely.
        let wrong = try #require(ForecastQuality([Forecast(probability: 0, relevant: true)]))
        #expect(wrong.logLoss > 36 && wrong.logLoss < 37)
        // The base rate each time has no calibration error and no use.
        let constant = (0..<40).map { Forecast(probability: 0.25, relevant: $0 % 4 == 0) }
        let base = try #require(ForecastQuality(constant))
        #expect(base.calibrationError == 0 && base.brierSkill == 0 && base.discrimination == 0)
        #expect(ReliabilityDiagram(constant).bins.count == 1)
    }

    /// The band is where the curve lies if the probabilities are right: about nine of ten points.
    @Test func theBandHoldsAPerfectCurve() {
        var random = SeededGenerator(seed: 3)
        var (inside, all) = (0, 0)
        for _ in 0..<30 {
            let probabilities = (0..<500).map { _ in Double.random(in: 0...1, using: &random) }
            let forecasts = probabilities.map {
                Forecast(probability: $0, relevant: Double.random(in: 0..<1, using: &random) < $0)
            }
            let diagram = ReliabilityDiagram(forecasts)
            for band in diagram.band {
                // The level stretch that the point is in.
                guard let point = diagram.curve.last(where: { $0.probability <= band.probability }) else { continue }
                all += 1
                inside += point.relevantShare >= band.lower && point.relevantShare <= band.upper ? 1 : 0
            }
        }
        let share = Double(inside) / Double(all)
        #expect(share > 0.85 && share < 0.97, "\(share)")
    }
}
