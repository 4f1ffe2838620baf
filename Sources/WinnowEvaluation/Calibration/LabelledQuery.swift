import WinnowCore

/// A reranker's word on one (query, passage) pair, and a person's.
public struct LabelledLogit: Sendable, Hashable {
    /// Finite.
    public var logit: Float
    public var relevant: Bool

    public init(logit: Float, relevant: Bool) {
        self.logit = logit
        self.relevant = relevant
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

    /// The pair that the user sees first: the highest logit, among equal ones the first stage's best. Nil without candidates.
    public var top: LabelledLogit? {
        guard var best = pairs.first else { return nil }
        for pair in pairs.dropFirst() where pair.logit > best.logit { best = pair }
        return best
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
    ///   - level: whose id the judgements name. A passage of a relevant document counts as relevant.
    ///   - initialK: only so many candidates of the first stage take part.
    ///   - group: nil: the query's own id.
    ///   - answerable: nil: as the judgements say, where a query that has some, and none that is relevant, is unanswerable.
    public init(
        _ observation: QueryObservation, system: Int, qrels: Qrels, labels: LabelKind,
        level: QueryObservation.Level = .document, initialK: Int = .max, group: String? = nil, answerable: Bool? = nil
    ) {
        let answerable =
            answerable ?? (!qrels.contains(queryID: observation.id) || !qrels.relevant(to: observation.id).isEmpty)
        let grades = qrels.gradesByDocument(of: observation.id)
        var pairs: [LabelledLogit] = []
        let scored = zip(observation.candidates, observation.scorings[system].scores)
        for (candidate, score) in scored.prefix(max(0, initialK)) {
            guard let score else { continue }
            let id = level == .document ? candidate.passage.documentID : candidate.passage.id
            let grade = grades[ExactText(id)] ?? -1
            // Of an unanswerable query everything is known not to be relevant, judged or not.
            guard grade >= 0 || labels == .unjudgedAsNegative || !answerable else { continue }
            pairs.append(LabelledLogit(logit: score.logit.value, relevant: grade >= 1 && answerable))
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
