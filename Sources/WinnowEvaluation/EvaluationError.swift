import WinnowCore

/// What is wrong with what an evaluation was given. Each message says what, where and how to mend it.
public enum EvaluationError: Error, Sendable, Hashable {
    /// A run's score is NaN or infinite.
    case scoreNotFinite(run: String, queryID: String, documentID: String, score: Float)
    /// A run ranks one document twice for one query.
    case documentTwice(run: String, queryID: String, documentID: String)

    /// A labelled logit is NaN or infinite; the query where it is known.
    case logitNotFinite(queryID: String?, logit: Float)
    /// A query is twice among the labelled ones.
    case labelledTwice(queryID: String)
    /// A query that is said to have no answer has a relevant passage.
    case unanswerableHasRelevant(queryID: String)
    /// All labels are alike, so nothing tells relevant passages from others.
    case oneKindOfLabel(positives: Int, negatives: Int)
    /// Fewer labels than two parameters need.
    case tooFewLabels(positives: Int, negatives: Int, queries: Int)
    /// Fewer independent groups than parts into which they are to be dealt.
    case tooFewGroups(groups: Int, folds: Int)
    /// All pairs of one kind are in one part of the cross-validation.
    case labelsInOneFold(folds: Int)
    /// A higher logit does not mean a higher probability; the slope that was found.
    case logitsDoNotSeparate(slope: Double)
    /// A rate to be guaranteed, or a share, that is none.
    case targetOutOfRange(name: String, rate: Double)
    /// A target for unanswerable questions, and there are none.
    case noUnanswerable
    /// A file of calibrations could not be read or written.
    case calibrationFile(path: String, reason: String)
}

extension EvaluationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .scoreNotFinite(let run, let queryID, let documentID, let score):
            "run '\(PathText.quoted(run))': document '\(PathText.quoted(documentID))' has the score \(score) for query "
                + "'\(PathText.quoted(queryID))': a number that is not finite cannot be ranked; mend the system that wrote it"
        case .documentTwice(let run, let queryID, let documentID):
            "run '\(PathText.quoted(run))': document '\(PathText.quoted(documentID))' stands twice in the list of query "
                + "'\(PathText.quoted(queryID))': each may be ranked once; keep its best place"
        case .logitNotFinite(let queryID, let logit):
            (queryID.map { "query '\(PathText.quoted($0))': " } ?? "")
                + "a candidate has the logit \(logit): nothing can be fitted to a number that is not finite; the model's weights "
                + "or its arithmetic are broken"
        case .labelledTwice(let queryID):
            "query '\(PathText.quoted(queryID))' is twice among the labelled ones and would count twice: keep one"
        case .unanswerableHasRelevant(let queryID):
            "query '\(PathText.quoted(queryID))' is marked unanswerable and has a relevant passage: mend the judgement or the mark"
        case .oneKindOfLabel(let positives, let negatives):
            "there are \(positives) relevant pairs and \(negatives) others: both kinds are needed to tell them apart; judge more "
                + "queries, or look whether the judgements' ids are those of the collection"
        case .tooFewLabels(let positives, let negatives, let queries):
            "a calibration needs at least \(Calibrator.leastPositives) relevant pairs, \(Calibrator.leastNegatives) others and "
                + "\(Calibrator.leastQueries) queries with candidates, and there are \(positives), \(negatives) and \(queries): "
                + "judge more queries"
        case .tooFewGroups(let groups, let folds):
            "the queries are \(groups) independent groups, and dealing them into \(max(2, folds)) parts needs at least "
                + "\(max(2, folds)) of them: judge queries of other groups"
        case .labelsInOneFold(let folds):
            "all relevant pairs, or all others, come from so few groups that one of \(folds) parts holds them all: judge queries of "
                + "other groups"
        case .logitsDoNotSeparate(let slope):
            "relevant passages do not have higher logits than others (slope \(slope)), so no threshold and no probability can be "
                + "made of them: look whether the labels' ids fit the collection, and whether the model is a reranker"
        case .targetOutOfRange(let name, let rate):
            "the \(name) is \(rate): it must be a share between 0 and 1, such as 0.9 (1 itself can never be guaranteed)"
        case .noUnanswerable:
            "abstaining can only be tested on questions without an answer, and there is none: add such questions (near misses are "
                + "the honest ones) and mark them unanswerable"
        case .calibrationFile(let path, let reason):
            "calibrations in \(PathText.quoted(path)): \(reason)"
        }
    }
}
