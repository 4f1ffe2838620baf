/// The output of a model's head before any activation: any finite number, comparable only within one model.
///
/// A logit is not a probability and not a score of another model: it has a type of its own so that no code can take one
/// for the other.
public struct Logit: Sendable, Hashable, Comparable {
    public let value: Float

    public init(_ value: Float) {
        self.value = value
    }

    public static func < (left: Logit, right: Logit) -> Bool { left.value < right.value }
}

/// Which function of the logit a ``Score`` is, as the model's own configuration names it.
public enum ScoreKind: String, Sendable, Hashable, Codable {
    /// 1 / (1 + exp(−logit)), in (0, 1). A monotonous squashing, *not* a probability.
    case sigmoid
    /// The logit itself.
    case identity
}

/// The model's own activation of a logit, with its name. Range depends on ``kind``.
public struct Score: Sendable, Hashable {
    public let value: Float
    public let kind: ScoreKind

    public init(_ value: Float, kind: ScoreKind) {
        self.value = value
        self.kind = kind
    }
}

/// The probability that a passage is relevant, in 0…1. Exists only as the output of a calibration that was fitted on labels.
public struct Probability: Sendable, Hashable, Comparable {
    public let value: Double

    /// - Returns: nil when `value` is not in 0…1.
    public init?(calibrated value: Double) {
        guard value >= 0, value <= 1 else { return nil }
        self.value = value
    }

    /// The nearest of 0…1, for maps whose rounding may leave it by the last bit; 0 for NaN.
    package init(clamping value: Double) {
        self.value = value > 0 ? min(value, 1) : 0
    }

    public static func < (left: Probability, right: Probability) -> Bool { left.value < right.value }
}

/// What a reranker says of one (query, passage) pair.
public struct PairScore: Sendable, Hashable {
    public var logit: Logit
    public var score: Score
    /// Tokens of the passage that the model did not see. 0: it was read whole.
    public var passageTokensDropped: Int
    /// Tokens of the query that the model did not see. Always 0 unless `longest-first` truncation was asked for.
    public var queryTokensDropped: Int
    /// The window of a long passage that gave this score, counted from 0; nil when the passage was read in one piece.
    public var window: Int?

    public init(
        logit: Logit, score: Score, passageTokensDropped: Int = 0, queryTokensDropped: Int = 0, window: Int? = nil
    ) {
        self.logit = logit
        self.score = score
        self.passageTokensDropped = passageTokensDropped
        self.queryTokensDropped = queryTokensDropped
        self.window = window
    }
}
