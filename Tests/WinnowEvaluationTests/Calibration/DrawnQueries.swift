import Foundation
import TestSupport
import WinnowEvaluation

/// Labelled queries drawn from a known law, so that what should come out is known.
struct DrawnQueries {
    /// P(relevant) = sigmoid(slope · logit + intercept).
    var slope = 1.0
    var intercept = -0.5
    var candidates = 20
    /// Of queries without an answer.
    var unanswerable = 0.0
    /// Queries a group; they share half of their logits' shift.
    var groupSize = 1

    func draw(_ count: Int, _ random: inout SeededGenerator) -> [LabelledQuery] {
        var shift = 0.0
        return (0..<count).map { index in
            if index % groupSize == 0 { shift = Double.random(in: -1...1, using: &random) }
            let answerable = Double.random(in: 0..<1, using: &random) >= unanswerable
            let pairs = (0..<candidates).map { _ in
                let logit = Float(shift + Double.random(in: -6...4, using: &random))
                let chance = 1 / (1 + exp(-(slope * Double(logit) + intercept)))
                return LabelledLogit(
                    logit: logit, relevant: Double.random(in: 0..<1, using: &random) < chance && answerable)
            }
            return LabelledQuery(id: "q\(index)", group: "g\(index / groupSize)", answerable: answerable, pairs: pairs)
        }
    }

    static let settings = CalibrationSettings(
        collection: "drawn", firstStage: "none", chunking: "none", initialK: 20, labels: .judgedOnly)
}
