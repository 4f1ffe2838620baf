import TestSupport

/// `evaluation/significance.json`, as `Scripts/make-significance-goldens.py` writes it.
struct SignificanceGolden: Decodable {
    struct Comparison: Decodable, CustomStringConvertible {
        var name: String
        var baseline: [Double]
        var system: [Double]
        var groups: [String]?
        var isExact: Bool
        var twoSided: Double
        var greater: Double
        var less: Double
        var difference: Double
        var standardDeviation: Double
        var standardError: Double
        var tInterval: [Double]
        var bootstrap95: [Double]
        var bootstrap90: [Double]

        var description: String { name }
    }

    struct Quantiles: Decodable {
        var values: [Double]
        var shares: [Double]
        var quantiles: [Double]
    }

    struct HolmRow: Decodable {
        var p: [Double]
        var adjusted: [Double]
    }

    struct PowerRow: Decodable {
        var difference: Double
        var standardDeviation: Double
        var units: Double
    }

    var normalQuantiles: [[Double]]
    var normalCumulative: [[Double]]
    var studentQuantiles: [[Double]]
    var studentCumulative: [[Double]]
    var expandedTails: [[Double]]
    var comparisons: [Comparison]
    var quantiles: [Quantiles]
    var holm: [HolmRow]
    var power: [PowerRow]

    static func read() throws -> SignificanceGolden { try Fixtures.json("evaluation/significance.json") }

    static func isClose(_ actual: Double, _ expected: Double, _ relative: Double) -> Bool {
        abs(actual - expected) <= relative * max(abs(expected), 1e-300)
    }
}
