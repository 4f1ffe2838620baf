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
        // What a laxer threshold changes of one question: it is answered, or another passage is now shown first.
        struct Change {
            var logit: Float
            var answers: Bool
            var answerable: Bool
            var correct: Int
        }
        let changes = queries.flatMap { query in
            var wasRelevant = false
            return query.firsts.enumerated().map { index, pair in
                defer { wasRelevant = pair.relevant }
                return Change(
                    logit: pair.logit, answers: index == 0, answerable: query.answerable,
                    correct: (pair.relevant ? 1 : 0) - (wasRelevant ? 1 : 0))
            }
        }.sorted { $0.logit > $1.logit }
        guard let laxest = queries.compactMap(\.topLogit).min() else { return nil }
        var point = OperatingPoint(
            threshold: laxest, answerable: answerable, answerableAnswered: 0, correct: 0,
            unanswerable: queries.count - answerable, unanswerableAnswered: 0)
        var points: [OperatingPoint] = []
        var area = 0.0
        for (index, change) in changes.enumerated() where change.logit >= laxest {
            point.threshold = change.logit
            if change.answerable {
                point.answerableAnswered += change.answers ? 1 : 0
                point.correct += change.correct
            } else {
                point.unanswerableAnswered += change.answers ? 1 : 0
            }
            if index + 1 < changes.count, changes[index + 1].logit == change.logit { continue }
            // Between two points no further question is answered: only what the answered ones show first changes.
            guard point.answered > (points.last?.answered ?? 0) else { continue }
            let risk = Double(point.answered - point.correct) / Double(point.answered)
            area += risk * Double(point.answered - (points.last?.answered ?? 0))
            points.append(point)
        }
        let (answered, correct) = (point.answered, point.correct)
        self.points = points
        self.area = area / Double(answered)
        flatArea = Double(answered - correct) / Double(answered)
        let oracleRisks = (correct..<answered).map { Double($0 + 1 - correct) / Double($0 + 1) }
        oracleArea = oracleRisks.reduce(0, +) / Double(answered)
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
