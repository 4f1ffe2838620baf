/// How the share of wrong answers grows with the share of questions answered, from the strictest threshold to none
/// (El-Yaniv and Wiener 2010).
public struct RiskCoverage: Sendable, Hashable {
    /// One a distinct top logit, strict to lax. The risk of each is 1 − ``OperatingPoint/precision``.
    public let points: [OperatingPoint]
    /// AURC: the mean risk over all coverages, equal logits one step; smaller is better. Questions without candidates are
    /// never answered and not in it.
    public let area: Double
    /// Of the order that answers all right ones first.
    public let oracleArea: Double
    /// Of an order that says nothing: the risk of answering all.
    public let flatArea: Double

    /// - Parameter queries: unanswerable ones count as wrong when answered.
    /// - Returns: nil when no query has a candidate.
    public init?(_ queries: [LabelledQuery]) {
        let answerable = queries.reduce(0) { $0 + ($1.answerable ? 1 : 0) }
        let tops = queries.compactMap { query in query.top.map { (pair: $0, answerable: query.answerable) } }
            .sorted { $0.pair.logit > $1.pair.logit }
        guard let first = tops.first else { return nil }
        var point = OperatingPoint(
            threshold: first.pair.logit, answerable: answerable, answerableAnswered: 0, correct: 0,
            unanswerable: queries.count - answerable, unanswerableAnswered: 0)
        var points: [OperatingPoint] = []
        var area = 0.0
        for (index, top) in tops.enumerated() {
            point.threshold = top.pair.logit
            if top.answerable {
                point.answerableAnswered += 1
                point.correct += top.pair.relevant ? 1 : 0
            } else {
                point.unanswerableAnswered += 1
            }
            if index + 1 < tops.count, tops[index + 1].pair.logit == top.pair.logit { continue }
            let risk = Double(point.answered - point.correct) / Double(point.answered)
            area += risk * Double(point.answered - (points.last?.answered ?? 0))
            points.append(point)
        }
        self.points = points
        self.area = area / Double(tops.count)
        flatArea = Double(tops.count - point.correct) / Double(tops.count)
        oracleArea =
            (point.correct..<tops.count).reduce(0.0) { $0 + Double($1 + 1 - point.correct) / Double($1 + 1) }
            / Double(tops.count)
    }

    /// Where ``area`` lies from ``flatArea`` (0) to ``oracleArea`` (1); under 0 when the order misleads. Nil when all answers
    /// are right or all are wrong.
    public var normalizedArea: Double? {
        flatArea > oracleArea ? (flatArea - area) / (flatArea - oracleArea) : nil
    }

    /// The coverages of ``workingPoints``.
    public static let workingCoverages = [0.5, 0.8, 0.95]

    /// Three to choose from: the strictest thresholds that answer at least half, four fifths and nineteen twentieths of the
    /// questions. The last one at hand stands where candidates are missing for more.
    public var workingPoints: [OperatingPoint] {
        Self.workingCoverages.compactMap { wanted in
            points.first { ($0.coverage ?? 0) >= wanted } ?? points.last
        }
    }
}
