import Winnow

/// The judgements of documents that a filter admits: the others cannot be found, and counting them as missed would measure the filter.
struct FilteredJudgements {
    var qrels: Qrels
    /// Documents that are there and have no admitted passage.
    private(set) var excluded = IdentifierSet()
    private(set) var relevantJudgements = 0
    /// Queries that had relevant documents and have none left.
    private(set) var emptied = IdentifierSet()

    /// - Parameter level: what the judgements name.
    init(_ given: Qrels, _ filter: MetadataFilter, _ corpus: ExperimentCorpus, level: QueryObservation.Level)
        async throws
    {
        qrels = Qrels()
        var isAdmitted: [ExactText: Bool] = [:]
        for queryID in given.queryIDs {
            for judgement in given.judgements(of: queryID) {
                let id = ExactText(judgement.documentID)
                if isAdmitted[id] == nil {
                    let found = try await corpus.passages(judgement.documentID).filter {
                        level == .document || ExactText($0.id) == id
                    }
                    // What is not in the corpus is not the filter's doing.
                    isAdmitted[id] = found.isEmpty || found.contains(where: filter.admits)
                }
                if isAdmitted[id] == true {
                    qrels.judge(judgement.documentID, for: queryID, grade: judgement.grade)
                } else {
                    excluded.insert(judgement.documentID)
                    if judgement.grade >= 1 { relevantJudgements += 1 }
                }
            }
            if !given.relevant(to: queryID).isEmpty, qrels.relevant(to: queryID).isEmpty { emptied.insert(queryID) }
        }
    }

    /// nil: nothing was left out.
    var warning: String? {
        guard excluded.count > 0 else { return nil }
        let documents = NumberText.plural(excluded.count, "judged document is", "judged documents are")
        let judgements = NumberText.plural(relevantJudgements, "relevant judgement")
        return "\(documents) left out by --where, with \(judgements): they are not counted"
            + (emptied.count == 0
                ? ""
                : "; \(NumberText.plural(emptied.count, "query is", "queries are")) not asked, because none of the relevant documents "
                    + "is left")
    }
}

/// A filter that leaves no query an answer.
struct NothingLeftToMeasure: Error, CustomStringConvertible {
    var filter: MetadataFilter

    var description: String {
        "--where \(SingleLine.of(filter.description, limit: 200)): no query has a relevant document that satisfies it, so nothing can be "
            + "measured: widen it"
    }
}
