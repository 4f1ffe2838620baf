import WinnowCore

/// What one system answered: a scored list of documents for each query.
///
/// The order is that of trec_eval, whatever order the entries came in: score descending, then document id descending by
/// bytes, as they stand in a file: white space and controls are percent-encoded there, so that what trec_eval makes of
/// the exported run is what we make of this one. Scores are Float32, as trec_eval 9 keeps them: two that differ only
/// beyond that are equal.
public struct Run: Sendable, Hashable {
    /// As files and tables name it.
    public var name: String
    private var lists: [ExactText: [Entry]] = [:]

    public init(name: String) { self.name = name }

    public struct Entry: Sendable, Hashable {
        public var documentID: String
        /// Finite; negative zero counts as zero.
        public var score: Float

        public init(documentID: String, score: Float) {
            self.documentID = documentID
            self.score = score
        }
    }

    /// Sets a query's list, in any order. An empty list is an answer too.
    ///
    /// - Throws: ``EvaluationError`` when a score is not finite or a document stands there twice.
    public mutating func setEntries(_ entries: [Entry], for queryID: String) throws {
        let keys = entries.map { ExactText($0.documentID) }
        var seen = Set<ExactText>(minimumCapacity: entries.count)
        for (key, entry) in zip(keys, entries) {
            guard entry.score.isFinite else {
                throw EvaluationError.scoreNotFinite(
                    run: name, queryID: queryID, documentID: entry.documentID, score: entry.score)
            }
            guard seen.insert(key).inserted else {
                throw EvaluationError.documentTwice(run: name, queryID: queryID, documentID: entry.documentID)
            }
        }
        let order = TRECText.keys(keys, startLines: false)
        // Places are sorted, not entries: moving a string counts its references.
        var places = entries.enumerated().map { (score: $1.score, index: $0) }
        places.sort {
            $0.score == $1.score ? order[$1.index].precedes(order[$0.index]) : $0.score > $1.score
        }
        lists[ExactText(queryID)] = places.map { entries[$0.index] }
    }

    /// Queries with a list, in the order of ``Qrels/queryIDs``.
    public var queryIDs: [String] { TRECText.sortedQueries(lists.keys).map(\.text) }

    /// A query's documents, best first; nil when the run does not have the query.
    public func entries(for queryID: String) -> [Entry]? { lists[ExactText(queryID)] }
}
