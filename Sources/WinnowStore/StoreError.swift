/// What was wrong with vectors or passages handed to a store.
public enum StoreError: Error, Sendable, Hashable {
    /// The number of vectors is not the number of passages.
    case vectorCount(passages: Int, vectors: Int)
    /// A vector of another length than the store's.
    case dimension(expected: Int, found: Int)
    /// A vector holds NaN or an infinite value.
    case vectorNotFinite(of: String)
    /// Two passages have one id.
    case duplicatePassage(id: String, firstDocument: String, secondDocument: String)
    /// A limit under 1.
    case notPositive(limit: Int)
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .vectorCount(let passages, let vectors):
            "\(vectors) vectors were given for \(passages) passages: each passage needs exactly one"
        case .dimension(let expected, let found):
            "a vector has \(found) dimensions where the index has \(expected): embed queries and passages with one model"
        case .vectorNotFinite(let id):
            "the vector of \(id) holds a value that is not finite: the embedding model's weights or its arithmetic are broken"
        case .duplicatePassage(let id, let first, let second):
            "passage '\(id)' of document '\(second)' has the id of a passage of document '\(first)': rename one of the "
                + "documents"
        case .notPositive(let limit):
            "the limit of a search is \(limit): it must be at least 1"
        }
    }
}
