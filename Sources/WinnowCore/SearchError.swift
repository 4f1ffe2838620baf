/// What a search, its configuration or its input did wrong. Each message says what, where and how to mend it.
public enum SearchError: Error, Sendable, Hashable {
    /// The query has no text, or white space and invisible characters only.
    case emptyQuery
    /// `finalK` or `initialK` is under 1.
    case notPositive(parameter: String, value: Int)
    /// More results were asked for than candidates.
    case finalKOverInitialK(finalK: Int, initialK: Int)
    /// A first stage returned the same passage twice; ranks are from 1.
    case duplicateCandidate(id: String, ranks: [Int])
    /// A reranker returned another number of scores than it got candidates.
    case scoreCount(candidates: Int, scores: Int)
    /// A reranker returned NaN or an infinite logit.
    case scoreNotFinite(passageID: String, logit: Float)
    /// A passage budget under which not one character of a text fits.
    case budgetTooSmall(documentID: String, budget: String)
}

extension SearchError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .emptyQuery:
            "the query is empty: give a question with at least one visible character"
        case .notPositive(let parameter, let value):
            "\(parameter) is \(value): it must be at least 1"
        case .finalKOverInitialK(let finalK, let initialK):
            "finalK (\(finalK)) is over initialK (\(initialK)): the second stage cannot return more passages than the "
                + "first one proposes; raise initialK to at least \(finalK) or lower finalK"
        case .duplicateCandidate(let id, let ranks):
            "the first stage proposed passage '\(id)' \(ranks.count) times, at ranks "
                + ranks.map(String.init).joined(separator: ", ") + ": a retriever must return each passage once"
        case .scoreCount(let candidates, let scores):
            "the reranker returned \(scores) scores for \(candidates) candidates: it must return one each, nil where it "
                + "did not score"
        case .scoreNotFinite(let passageID, let logit):
            "the reranker's logit for passage '\(passageID)' is \(logit): a number that is not finite cannot be ranked; "
                + "the model's weights or its arithmetic are broken"
        case .budgetTooSmall(let documentID, let budget):
            "document '\(documentID)' cannot be cut: not one character fits the passage budget (\(budget)); use a larger "
                + "maximum length"
        }
    }
}
