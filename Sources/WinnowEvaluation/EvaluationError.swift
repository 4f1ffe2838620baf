import WinnowCore

/// What is wrong with what an evaluation was given. Each message says what, where and how to mend it.
public enum EvaluationError: Error, Sendable, Hashable {
    /// A run's score is NaN or infinite.
    case scoreNotFinite(run: String, queryID: String, documentID: String, score: Float)
    /// A run ranks one document twice for one query.
    case documentTwice(run: String, queryID: String, documentID: String)
    /// A run names a document that the corpus does not have.
    case unknownDocument(run: String, queryID: String, documentID: String)
    /// A stage failed on a query.
    case query(id: String, reason: String)
    /// A field to group or cut by that no query has.
    case noQueryHasField(String, known: [String])
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
        case .unknownDocument(let run, let queryID, let documentID):
            "run '\(PathText.quoted(run))': document '\(PathText.quoted(documentID))' of query "
                + "'\(PathText.quoted(queryID))' is not in the corpus: give the corpus that the run was made over"
        case .query(let id, let reason):
            "query '\(PathText.quoted(id))' cannot be evaluated: \(reason)"
        case .noQueryHasField(let field, let known):
            "no query has '\(PathText.quoted(field))' in its metadata: "
                + (known.isEmpty
                    ? "the queries have none"
                    : "there are " + known.prefix(20).map(PathText.quoted).joined(separator: ", "))
        case .measure(let fault):
            fault.description
        case .noJudgedQuery(let run, let queries):
            "run '\(PathText.quoted(run))': none of its \(queries) queries has judgements, so nothing can be measured; check that "
                + "queries and qrels are of one collection and name the queries alike"
        }
    }
}
