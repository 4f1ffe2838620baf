import TestSupport
import WinnowEvaluation

/// What the references made of drawn labels: `Fixtures/evaluation/calibration/README.md`.
struct CalibrationGoldens: Decodable {
    struct Map: Decodable, CustomStringConvertible {
        var name: String
        var logits: [Float]
        var labels: String
        var sklearnSlope: Double
        var sklearnIntercept: Double
        var slope: Double
        var intercept: Double
        var knots: [[Double]]
        var probes: [Float]
        var isotonic: [Double]
        var sigmoid: [Double]

        var description: String { name }
        var pairs: [LabelledLogit] { zip(logits, labels).map { LabelledLogit(logit: $0, relevant: $1 == "1") } }
    }

    struct Forecasts: Decodable, CustomStringConvertible {
        var name: String
        var probabilities: [Double]
        var labels: String
        var brier: Double
        var logLoss: Double
        var miscalibration: Double
        var discrimination: Double
        var uncertainty: Double
        var binShares: [Double]?
        var binProbabilities: [Double]?
        var calibrationError: Double?
        var calibrationErrorLimit: Double?

        var description: String { name }
        var forecasts: [Forecast] {
            zip(probabilities, labels).map { Forecast(probability: $0, relevant: $1 == "1") }
        }
    }

    var maps: [Map]
    var forecasts: [Forecasts]
    var lowerBounds: [[Double]]
    var tails: [[Double]]
    var leastTrials: [[Double]]
    var trialsNeeded: [[Double]]

    static func read() throws -> CalibrationGoldens { try Fixtures.json("evaluation/calibration/goldens.json") }
}
