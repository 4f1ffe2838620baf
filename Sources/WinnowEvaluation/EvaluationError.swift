import WinnowCore

/// What is wrong with what an evaluation was given. Each message says what, where and how to mend it.
public enum EvaluationError: Error, Sendable, Hashable {
    /// A run's score is NaN or infinite.
    case scoreNotFinite(run: String, queryID: String, documentID: String, score: Float)
    /// A run ranks one document twice for one query.
    case documentTwice(run: String, queryID: String, documentID: String)
    /// A measure that does not exist, or does not fit.
    case measure(MeasureFault)
    /// Not one of the queries has judgements, so there is nothing to measure.
    case noJudgedQuery(run: String, queries: Int)
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
        case .measure(let fault):
            fault.description
        case .noJudgedQuery(let run, let queries):
            "run '\(PathText.quoted(run))': none of its \(queries) queries has judgements, so nothing can be measured; check that "
                + "queries and qrels are of one collection and name the queries alike"
        }
    }
}
