extension Ranking {
    /// The least that a hit must reach, in a named space: there is no number that means the same in all of them.
    public enum Threshold: Sendable, Hashable {
        /// Of the head's raw output: any number, comparable only within one model.
        case logit(Float)
        /// Of the model's own activation of it; its range depends on ``Score/kind``.
        case score(Float)
        /// Of a calibrated probability, in 0…1. A hit without one does not reach it.
        case probability(Double)
    }
}

extension Ranking.Threshold {
    /// Reads `score:0.3`, `logit:-2` or `probability:0.5`: a space, a colon, a decimal number, and nothing else.
    ///
    /// - Throws: ``SearchError/thresholdSpelling(_:)`` for anything else, a bare number first of all, and
    ///   ``SearchError/thresholdOutOfRange(_:)`` for NaN, infinities and probabilities outside 0…1.
    public init(parsing text: String) throws {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw SearchError.thresholdSpelling(text) }
        let threshold: Self? =
            switch parts[0] {
            case "logit": PlainNumber.parse(parts[1]).map { .logit($0) }
            case "score": PlainNumber.parse(parts[1]).map { .score($0) }
            case "probability": PlainNumber.parse(parts[1]).map { .probability($0) }
            default: nil
            }
        guard let threshold else { throw SearchError.thresholdSpelling(text) }
        guard threshold.isInRange else { throw SearchError.thresholdOutOfRange(text) }
        self = threshold
    }

    /// A finite number, and a probability in 0…1: another threshold would be reached by every hit or by none.
    var isInRange: Bool {
        switch self {
        case .logit(let least), .score(let least): least.isFinite
        case .probability(let least): least >= 0 && least <= 1
        }
    }

    /// What a hit has in this space, spelled likewise; nil when it has nothing there.
    func value(of hit: Hit) -> Self? {
        switch self {
        case .logit: hit.logit.map { .logit($0.value) }
        case .score: hit.score.map { .score($0.value) }
        case .probability: hit.probability.map { .probability($0.value) }
        }
    }

    package func admits(_ hit: Hit) -> Bool {
        switch self {
        case .logit(let least): hit.logit.map { $0.value >= least } ?? false
        case .score(let least): hit.score.map { $0.value >= least } ?? false
        case .probability(let least): hit.probability.map { $0.value >= least } ?? false
        }
    }
}

extension Ranking.Threshold: CustomStringConvertible {
    /// For a person to read: few decimals, rounded down, so that what missed a threshold never looks as if it had reached it.
    var shortened: Self {
        switch self {
        case .logit(let value): .logit((value * 100).rounded(.down) / 100)
        case .score(let value): .score((value * 10_000).rounded(.down) / 10_000)
        case .probability(let value): .probability((value * 1000).rounded(.down) / 1000)
        }
    }

    /// As ``init(parsing:)`` reads it.
    public var description: String {
        switch self {
        case .logit(let least): "logit:" + PlainNumber.text(least)
        case .score(let least): "score:" + PlainNumber.text(least)
        case .probability(let least): "probability:" + PlainNumber.text(least)
        }
    }
}
