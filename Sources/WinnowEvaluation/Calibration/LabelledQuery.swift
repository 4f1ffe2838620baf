import WinnowCore

/// A reranker's word on one (query, passage) pair, and a person's.
public struct LabelledLogit: Sendable, Hashable {
    /// Finite.
    public var logit: Float
    public var relevant: Bool
    /// What the final order sorts by, as ``Hit/finalScore``; nil: the logit itself.
    public var finalScore: Double?

    public init(logit: Float, relevant: Bool, finalScore: Double? = nil) {
        self.logit = logit
        self.relevant = relevant
        self.finalScore = finalScore
    }

    /// Whether it stands ahead of the other in the final order; of two that say the same neither does.
    func isAhead(of other: LabelledLogit) -> Bool {
        let (mine, theirs) = (finalScore ?? Double(logit), other.finalScore ?? Double(other.logit))
        return mine == theirs ? logit > other.logit : mine > theirs
    }
}

/// One query's candidates with their labels: what calibration and thresholds are fitted on.
///
/// The passages of one query depend on one another, and so do queries of one group (questions of one thread, or about one
/// contract): everything here is split and resampled by group.
public struct LabelledQuery: Sendable, Hashable {
    public var id: String
    /// What it shares with the queries that depend on it; ids are compared by their bytes.
    public var group: String
    /// Whether any document of the collection answers it. When none does, every answer is wrong and abstaining is right.
    public var answerable: Bool
    /// In the first stage's order: exactly the candidates that are deployed, for a deeper list has another map.
    public var pairs: [LabelledLogit]

    /// - Parameter group: nil: a group of its own.
    public init(id: String, group: String? = nil, answerable: Bool = true, pairs: [LabelledLogit]) {
        self.id = id
        self.group = group ?? id
        self.answerable = answerable
        self.pairs = pairs
    }

    /// The highest logit; nil without candidates. A threshold that it does not reach leaves nothing to show.
    public var topLogit: Float? { pairs.lazy.map(\.logit).max() }

    /// The pair that the user sees first: of those that reach the threshold the first in the final order, among equal ones the first
    /// stage's best. Nil when none reaches it.
    public func first(reaching threshold: Float) -> LabelledLogit? {
        var best: LabelledLogit?
        for pair in pairs where pair.logit >= threshold && best.map({ pair.isAhead(of: $0) }) ?? true { best = pair }
        return best
    }

    /// What ``first(reaching:)`` gives at every threshold: from each logit on downwards, that pair, until the next one. Strict to lax.
    var firsts: [LabelledLogit] {
        var kept: [LabelledLogit] = []
        let descending = pairs.enumerated().sorted {
            $0.element.logit == $1.element.logit ? $0.offset < $1.offset : $0.element.logit > $1.element.logit
        }
        for (_, pair) in descending where kept.last.map({ pair.isAhead(of: $0) }) ?? true { kept.append(pair) }
        return kept
    }
}

/// What a label means, and so what a probability that was fitted on it means.
public enum LabelKind: String, Sendable, Hashable, CaseIterable {
    /// Only pairs that a person judged take part.
    case judgedOnly
    /// What nobody judged counts as not relevant: the map gives P(judged relevant), a lower bound of P(relevant).
    case unjudgedAsNegative

    /// What the probability is of, in words.
    public var meaning: String {
        switch self {
        case .judgedOnly: "P(relevant), learnt from judged pairs only"
        case .unjudgedAsNegative:
            "P(judged relevant), a lower bound: passages that nobody judged counted as not relevant"
        }
    }
}

extension LabelledQuery {
    /// What one pass over a query observed, held against the judgements.
    ///
    /// - Parameters:
    ///   - system: which of the observation's scorings; candidates that it did not score are left out.
    ///   - labels: what becomes of pairs without a judgement (those with a negative grade have none).
    ///   - level: whose id the judgements name. Judged documents take part once each, with their best passage's logit, as they
    ///     do in measures: of their other passages nobody said that they answer.
    ///   - initialK: only so many candidates of the first stage take part.
    ///   - group: nil: the query's own id.
    ///   - answerable: nil: as the judgements say, where a query that has some, and none that is relevant, is unanswerable.
    /// - Throws: `SearchError` when the scoring's order cannot be computed.
    public init(
        _ observation: QueryObservation, system: Int, qrels: Qrels, labels: LabelKind,
        level: QueryObservation.Level = .document, initialK: Int = .max, group: String? = nil, answerable: Bool? = nil
    ) throws {
        let answerable =
            answerable ?? (!qrels.contains(queryID: observation.id) || !qrels.relevant(to: observation.id).isEmpty)
        let grades = qrels.gradesByDocument(of: observation.id)
        var pairs: [LabelledLogit] = []
        let taken = Array(observation.candidates.prefix(max(0, initialK)))
        let scoring = observation.scorings[system]
        let finalScores = try scoring.order.values(
            of: taken, logits: scoring.scores.prefix(taken.count).map { $0?.logit })
        var places: [ExactText: Int] = [:]
        for (index, candidate) in taken.enumerated() {
            guard let score = scoring.scores[index] else { continue }
            let id = ExactText(level == .document ? candidate.passage.documentID : candidate.passage.id)
            let grade = grades[id] ?? -1
            // Of an unanswerable query everything is known not to be relevant, judged or not.
            guard grade >= 0 || labels == .unjudgedAsNegative || !answerable else { continue }
            if let place = places[id] {
                if score.logit.value > pairs[place].logit {
                    pairs[place].logit = score.logit.value
                    pairs[place].finalScore = finalScores[index]
                }
                continue
            }
            places[id] = pairs.count
            pairs.append(
                LabelledLogit(
                    logit: score.logit.value, relevant: grade >= 1 && answerable, finalScore: finalScores[index]))
        }
        self.init(id: observation.id, group: group, answerable: answerable, pairs: pairs)
    }

    /// - Throws: ``EvaluationError`` when a logit is not finite, a query stands there twice, or one that is said to be
    ///   unanswerable has a relevant passage.
    package static func validate(_ queries: [LabelledQuery]) throws {
        var seen: Set<ExactText> = []
        for query in queries {
            guard seen.insert(ExactText(query.id)).inserted else {
                throw EvaluationError.labelledTwice(queryID: query.id)
            }
            if let pair = query.pairs.first(where: { !$0.logit.isFinite }) {
                throw EvaluationError.logitNotFinite(queryID: query.id, logit: pair.logit)
            }
            if !query.answerable, query.pairs.contains(where: \.relevant) {
                throw EvaluationError.unanswerableHasRelevant(queryID: query.id)
            }
        }
    }
}
