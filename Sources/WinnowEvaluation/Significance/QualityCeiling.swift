/// What is missing to a perfect value of a measure, and whose fault it is.
///
/// The oracle orders the same candidates in the best way that the judgements allow. 1 − m = (1 − oracle) + (oracle −
/// m): what the first stage did not find no reranker can put on top, and the rest is the reranker's.
public struct QualityCeiling: Sendable, Hashable {
    /// Mean of the measure, as the system orders.
    public let value: Double
    /// Mean of the measure in the best order of the same candidates.
    public let ceiling: Double

    /// Mean of the measure in the best order of all judged documents: 1 but for measures such as P@5 of a query with one
    /// relevant document, where no system can have more.
    public let ideal: Double

    /// - Parameters:
    ///   - values: one a query, each in 0…1.
    ///   - oracle: of the same queries over the same candidates, in the same order.
    ///   - ideal: of the same queries over all judged documents; nil: 1.
    /// - Throws: ``EvaluationError`` when there is no query, the numbers of values differ, one is not finite, or a query's
    ///   value is above its ceiling.
    public init(values: [Double], oracle: [Double], ideal: [Double]? = nil) throws {
        try PairedComparison.check(baseline: values, system: oracle, groups: nil)
        if let ideal { try PairedComparison.check(baseline: oracle, system: ideal, groups: nil) }
        for (value, ceiling) in zip(values, oracle) where value > ceiling + 1e-9 {
            throw EvaluationError.aboveCeiling(value: value, ceiling: ceiling)
        }
        let count = Double(values.count)
        value = values.reduce(0, +) / count
        let best = oracle.reduce(0, +) / count
        ceiling = best
        self.ideal = ideal.map { max($0.reduce(0, +) / count, best) } ?? 1
    }

    /// ideal − ceiling: relevant documents that are not among the candidates.
    public var lostByFirstStage: Double { max(0, ideal - ceiling) }

    /// ceiling − value: candidates in an order that could be better.
    public var lostByOrder: Double { max(0, ceiling - value) }

    /// Of the whole loss, the first stage's share, 0…1; nil when nothing is lost.
    public var firstStageShare: Double? {
        let lost = lostByFirstStage + lostByOrder
        return lost > 1e-12 ? lostByFirstStage / lost : nil
    }

    /// `nDCG@10 is 0.561 of at most 0.702 with these candidates: of the 0.439 that is missing, the first stage lost 0.298
    /// and the order 0.141.`
    public func sentence(measure: String) -> String {
        guard firstStageShare != nil else { return "\(measure) is \(FigureText.fixed(value, 3)): nothing is missing." }
        return
            "\(measure) is \(FigureText.fixed(value, 3)) of at most \(FigureText.fixed(ceiling, 3)) with these "
            + "candidates: of the \(FigureText.fixed(ideal - value, 3)) that is missing"
            + (ideal < 1 - 1e-9 ? " to the best possible \(FigureText.fixed(ideal, 3))" : "")
            + ", the first stage lost "
            + "\(FigureText.fixed(lostByFirstStage, 3)) and the order \(FigureText.fixed(lostByOrder, 3))."
    }
}
