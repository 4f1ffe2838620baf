import WinnowCore

/// What a threshold is to guarantee of questions that are yet to come.
public enum ThresholdTarget: Sendable, Hashable {
    /// At least this share of the answers has a relevant top passage.
    case precision(Double)
    /// At least this share of the questions without an answer is not answered.
    case abstention(Double)

    /// The share, in 0 ..< 1 where a guarantee is possible.
    public var rate: Double {
        switch self {
        case .precision(let rate), .abstention(let rate): rate
        }
    }

    public var name: String {
        switch self {
        case .precision: "precision"
        case .abstention: "abstention"
        }
    }

    /// With its article.
    var inWords: String {
        switch self {
        case .precision: "a precision"
        case .abstention: "an abstention rate"
        }
    }

    /// - Throws: ``EvaluationError`` when the rate is not over 0 and under 1.
    package func validate() throws {
        guard rate > 0, rate < 1 else { throw EvaluationError.targetOutOfRange(name: name, rate: rate) }
    }
}
