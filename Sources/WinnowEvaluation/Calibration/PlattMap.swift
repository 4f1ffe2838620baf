import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// probability = 1 / (1 + exp(−(slope · logit + intercept))): two numbers, so it needs few labels.
///
/// Platt 1999, "Probabilistic outputs for support vector machines", with the numerically stable Newton method of Lin, Lin
/// and Weng 2007.
public struct PlattMap: Sendable, Hashable {
    /// Over 0: a higher logit is a higher probability.
    public let slope: Double
    public let intercept: Double

    /// - Returns: nil unless both are finite and the slope is over 0.
    public init?(slope: Double, intercept: Double) {
        guard slope > 0, slope.isFinite, intercept.isFinite else { return nil }
        self.slope = slope
        self.intercept = intercept
    }

    public func probability(of logit: Logit) -> Probability {
        Probability(clamping: 1 / (1 + exp(-(slope * Double(logit.value) + intercept))))
    }

    /// The maximum of the likelihood under Platt's smoothed targets (N₊+1)/(N₊+2) and 1/(N₋+2), which keep it finite where a
    /// threshold separates the labels.
    ///
    /// Costs some ten passes over the pairs, whose order does not matter but for the last bits.
    /// - Throws: ``EvaluationError`` when a logit is not finite, one kind of label is missing, or relevant pairs do not have
    ///   the higher logits (a slope not over 0).
    public static func fit(_ pairs: some Collection<LabelledLogit>) throws -> PlattMap {
        let positives = pairs.reduce(0) { $0 + ($1.relevant ? 1 : 0) }
        let negatives = pairs.count - positives
        guard positives > 0, negatives > 0 else {
            throw EvaluationError.oneKindOfLabel(positives: positives, negatives: negatives)
        }
        if let pair = pairs.first(where: { !$0.logit.isFinite }) {
            throw EvaluationError.logitNotFinite(queryID: nil, logit: pair.logit)
        }
        // Newton's steps are the same on any affine scale; on this one they lose no digits.
        let mean = pairs.reduce(0) { $0 + Double($1.logit) } / Double(pairs.count)
        let variance = pairs.reduce(0) { $0 + (Double($1.logit) - mean) * (Double($1.logit) - mean) }
        let deviation = (variance / Double(pairs.count)).squareRoot()
        guard deviation > 0 else { throw EvaluationError.logitsDoNotSeparate(slope: 0) }

        var problem = Likelihood(positives: positives, negatives: negatives)
        problem.points = pairs.map { (x: (Double($0.logit) - mean) / deviation, relevant: $0.relevant) }
        let (scaledSlope, scaledIntercept) = problem.minimum()
        let slope = scaledSlope / deviation
        guard let map = PlattMap(slope: slope, intercept: scaledIntercept - slope * mean) else {
            throw EvaluationError.logitsDoNotSeparate(slope: slope)
        }
        return map
    }

    /// The negative log-likelihood of two parameters.
    private struct Likelihood {
        var points: [(x: Double, relevant: Bool)] = []
        let relevantTarget: Double
        let otherTarget: Double
        let start: Double

        init(positives: Int, negatives: Int) {
            relevantTarget = Double(positives + 1) / Double(positives + 2)
            otherTarget = 1 / Double(negatives + 2)
            start = log(Double(positives + 1) / Double(negatives + 1))
        }

        func loss(_ slope: Double, _ intercept: Double) -> Double {
            var loss = 0.0
            for point in points {
                let target = point.relevant ? relevantTarget : otherTarget
                let z = slope * point.x + intercept
                loss += z >= 0 ? (1 - target) * z + log1p(exp(-z)) : log1p(exp(z)) - target * z
            }
            return loss
        }

        func minimum() -> (slope: Double, intercept: Double) {
            var (slope, intercept) = (0.0, start)
            var value = loss(slope, intercept)
            var polishing = 0
            for _ in 0..<200 {
                var gradient = (slope: 0.0, intercept: 0.0)
                // The ridge keeps it invertible where every point is certain.
                var hessian = (slope: 1e-12, mixed: 0.0, intercept: 1e-12)
                for point in points {
                    let probability = 1 / (1 + exp(-(slope * point.x + intercept)))
                    let residual = probability - (point.relevant ? relevantTarget : otherTarget)
                    let weight = probability * (1 - probability)
                    gradient.slope += residual * point.x
                    gradient.intercept += residual
                    hessian.slope += weight * point.x * point.x
                    hessian.mixed += weight * point.x
                    hessian.intercept += weight
                }
                let determinant = hessian.slope * hessian.intercept - hessian.mixed * hessian.mixed
                let step = (
                    slope: (hessian.mixed * gradient.intercept - hessian.intercept * gradient.slope) / determinant,
                    intercept: (hessian.mixed * gradient.slope - hessian.slope * gradient.intercept) / determinant
                )
                let descent = gradient.slope * step.slope + gradient.intercept * step.intercept
                guard descent < 0, descent.isFinite else { break }
                // So near the minimum the loss cannot tell better from worse, and Newton's own steps converge.
                if -descent < 1e-9 * max(1, value) {
                    slope += step.slope
                    intercept += step.intercept
                    polishing += 1
                    if polishing == 3 { break }
                    continue
                }
                var length = 1.0
                var next = loss(slope + step.slope, intercept + step.intercept)
                while !(next <= value + 1e-4 * length * descent), length > 1e-10 {
                    length /= 2
                    next = loss(slope + length * step.slope, intercept + length * step.intercept)
                }
                guard next <= value else { break }
                slope += length * step.slope
                intercept += length * step.intercept
                value = next
            }
            return (slope, intercept)
        }
    }
}
