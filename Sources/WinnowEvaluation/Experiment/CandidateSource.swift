import WinnowCore

/// Where an experiment's candidates come from: a first stage that knows which query of the collection is asked.
public protocol CandidateSource: Sendable {
    /// - Parameter limit: how many at most, at least 1; a source of given candidates may mean documents by it, which give all
    ///   their passages.
    /// - Returns: best first, ranks 1, 2, 3 …
    func candidates(for query: EvaluationQuery, limit: Int) async throws -> [Candidate]
    /// The models whose word the order depends on, by role.
    var models: [String: ModelIdentity] { get throws }
}

/// Candidates of a retriever, from all passages or from those that were judged.
public struct RetrieverSource: CandidateSource {
    public let retriever: any Retriever
    /// The documents to choose from, by query; nil: all.
    private let admitted: [ExactText: Set<ExactText>]?
    private let filter: (any PassageFilter)?

    /// - Parameter filter: only passages that it admits are candidates.
    public init(_ retriever: any Retriever, filter: (any PassageFilter)? = nil) {
        self.retriever = retriever
        self.filter = filter
        admitted = nil
    }

    /// Orders the judged documents of each query, whatever their grade. Easier than finding them: nothing is missed.
    public init(_ retriever: any Retriever, judgedIn qrels: Qrels, filter: (any PassageFilter)? = nil) {
        self.retriever = retriever
        self.filter = filter
        admitted = Dictionary(
            qrels.queryIDs.map { (ExactText($0), Set(qrels.gradesByDocument(of: $0).keys)) },
            uniquingKeysWith: { first, _ in first })
    }

    public var models: [String: ModelIdentity] { get throws { try retriever.models } }

    public func candidates(for query: EvaluationQuery, limit: Int) async throws -> [Candidate] {
        var wanted = filter
        if let admitted { wanted = DocumentFilter(documents: admitted[ExactText(query.id)] ?? [], others: filter) }
        return try await retriever.retrieve(Query(query.text), limit: limit, filter: wanted).candidates
    }

    /// Admits passages of these documents, and passages that are named themselves.
    private struct DocumentFilter: PassageFilter {
        let documents: Set<ExactText>
        /// What they must satisfy too.
        let others: (any PassageFilter)?

        func admits(_ passage: Passage) -> Bool {
            (documents.contains(ExactText(passage.documentID)) || documents.contains(ExactText(passage.id)))
                && (others?.admits(passage) ?? true)
        }
    }
}

/// Candidates that another system found, read from its run.
public struct RunSource: CandidateSource {
    public let run: Run
    /// The passages of a document, or the one passage of that id; empty when there is none.
    private let passages: @Sendable (String) async throws -> [Passage]
    private let filter: (any PassageFilter)?

    /// - Parameter filter: only passages that it admits are candidates, and documents without any do not count.
    public init(
        _ run: Run, filter: (any PassageFilter)? = nil, passages: @escaping @Sendable (String) async throws -> [Passage]
    ) {
        self.run = run
        self.filter = filter
        self.passages = passages
    }

    public var models: [String: ModelIdentity] { [:] }

    /// All passages of the first `limit` documents of the run; a query that the run does not have gets none.
    ///
    /// - Throws: ``EvaluationError/unknownDocument(run:queryID:documentID:)``
    public func candidates(for query: EvaluationQuery, limit: Int) async throws -> [Candidate] {
        var candidates: [Candidate] = []
        var seen: Set<ExactText> = []
        var documents = 0
        for entry in run.entries(for: query.id) ?? [] where documents < limit {
            var found = try await passages(entry.documentID)
            guard !found.isEmpty else {
                throw EvaluationError.unknownDocument(
                    run: run.name, queryID: query.id, documentID: entry.documentID)
            }
            if let filter {
                found = found.filter(filter.admits)
                if found.isEmpty { continue }
            }
            documents += 1
            for passage in found where seen.insert(ExactText(passage.id)).inserted {
                candidates.append(
                    Candidate(
                        passage: passage, rank: candidates.count + 1, retrievalScore: Double(entry.score)))
            }
        }
        return candidates
    }
}
