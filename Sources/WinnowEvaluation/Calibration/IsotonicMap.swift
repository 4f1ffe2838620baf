import WinnowCore

/// The best map that never falls, whatever its shape: as flexible as labels allow, and so in need of many (about 1,000 pairs:
/// Niculescu-Mizil and Caruana 2005).
///
/// Linear between knots and level outside them, as scikit-learn's `IsotonicRegression(out_of_bounds="clip")`.
public struct IsotonicMap: Sendable, Hashable {
    /// At least one; logits strictly rise, probabilities never fall.
    public let knots: [Knot]

    public struct Knot: Sendable, Hashable {
        /// Finite.
        public var logit: Float
        /// In 0…1.
        public var probability: Double

        public init(logit: Float, probability: Double) {
            self.logit = logit
            self.probability = probability
        }
    }

    /// - Returns: nil without a knot, and when a logit is not finite or not over the one before it, or a probability is
    ///   outside 0…1 or under the one before it.
    public init?(knots: [Knot]) {
        guard !knots.isEmpty, knots.allSatisfy({ $0.logit.isFinite && $0.probability >= 0 && $0.probability <= 1 }),
            zip(knots, knots.dropFirst()).allSatisfy({ $0.logit < $1.logit && $0.probability <= $1.probability })
        else { return nil }
        self.knots = knots
    }

    public func probability(of logit: Logit) -> Probability {
        // The first knot over the logit.
        var (low, high) = (0, knots.count)
        while low < high {
            let middle = (low + high) / 2
            if knots[middle].logit > logit.value { high = middle } else { low = middle + 1 }
        }
        guard low > 0 else { return Probability(clamping: knots[0].probability) }
        let left = knots[low - 1]
        guard low < knots.count else { return Probability(clamping: left.probability) }
        let right = knots[low]
        let share =
            (Double(logit.value) - Double(left.logit)) / (Double(right.logit) - Double(left.logit))
        let value = left.probability + (right.probability - left.probability) * share
        // Rounding may step over the knot by the last bit, and the map would fall there.
        return Probability(clamping: min(value, right.probability))
    }

    /// Pools adjacent violators; equal logits are one place.
    ///
    /// The first and the last block of n pairs with k relevant ones go no further than (k+1)/(n+2), because neither 0 nor 1
    /// is ever true of a passage that is yet to come.
    /// - Throws: ``EvaluationError`` when a logit is not finite, one kind of label is missing, or no value rises over
    ///   another (relevant pairs do not have the higher logits).
    public static func fit(_ pairs: some Collection<LabelledLogit>) throws -> IsotonicMap {
        try fit(pairs, cappingEnds: true)
    }

    /// - Parameter cappingEnds: false: exactly the least-squares fit.
    package static func fit(_ pairs: some Collection<LabelledLogit>, cappingEnds: Bool) throws -> IsotonicMap {
        let positives = pairs.reduce(0) { $0 + ($1.relevant ? 1 : 0) }
        guard positives > 0, positives < pairs.count else {
            throw EvaluationError.oneKindOfLabel(positives: positives, negatives: pairs.count - positives)
        }
        if let pair = pairs.first(where: { !$0.logit.isFinite }) {
            throw EvaluationError.logitNotFinite(queryID: nil, logit: pair.logit)
        }
        var logits: [Float] = []
        var ties: [MonotoneFit.Tie] = []
        for pair in pairs.sorted(by: { $0.logit < $1.logit }) {
            if logits.last != pair.logit {
                logits.append(pair.logit)
                ties.append(.init(count: 0, positives: 0))
            }
            ties[ties.count - 1].count += 1
            ties[ties.count - 1].positives += pair.relevant ? 1 : 0
        }
        let blocks = MonotoneFit.blocks(of: ties)
        guard blocks.count > 1 else { throw EvaluationError.logitsDoNotSeparate(slope: 0) }
        var values = blocks.map(\.value)
        if cappingEnds, let first = blocks.first, let last = blocks.last {
            // Not past the neighbour, so that the order stays.
            values[0] = min(max(values[0], first.smoothed), values[1])
            let end = values.count - 1
            values[end] = max(min(values[end], last.smoothed), values[end - 1])
        }
        var knots: [Knot] = []
        for (block, value) in zip(blocks, values) {
            knots.append(Knot(logit: logits[block.range.lowerBound], probability: value))
            if block.range.count > 1 { knots.append(Knot(logit: logits[block.range.upperBound], probability: value)) }
        }
        guard let map = IsotonicMap(knots: knots) else { throw EvaluationError.logitsDoNotSeparate(slope: 0) }
        return map
    }
}

extension MonotoneFit.Block {
    fileprivate var smoothed: Double { Double(positives + 1) / Double(count + 2) }
}
