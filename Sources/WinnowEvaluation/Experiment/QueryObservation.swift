import WinnowCore

/// What one query gave in one pass: the first stage's candidates, and each system's word on them. Every pair is scored once;
/// measures, sweeps, calibration and reports are computed from these.
public struct QueryObservation: Sendable, Hashable {
    public var id: String
    public var text: String
    public var metadata: Metadata
    /// In the first stage's order, ranks 1, 2, 3 …
    public var candidates: [Candidate]
    /// From the query to the candidates.
    public var retrievalTime: Duration
    /// One a system, in the order of the systems.
    public var scorings: [Scoring]

    public init(
        id: String, text: String, metadata: Metadata = [:], candidates: [Candidate], retrievalTime: Duration,
        scorings: [Scoring]
    ) {
        self.id = id
        self.text = text
        self.metadata = metadata
        self.candidates = candidates
        self.retrievalTime = retrievalTime
        self.scorings = scorings
    }

    /// One second stage's word on all candidates of one query.
    public struct Scoring: Sendable, Hashable {
        /// One a candidate, in their order; nil where it was not scored.
        public var scores: [PairScore?]
        /// Of all candidates of this query, in one request, nothing else running.
        public var time: Duration
        /// What the system's final order stands on.
        public var order: FinalOrder

        public init(scores: [PairScore?], time: Duration, order: FinalOrder = .reranker) {
            self.scores = scores
            self.time = time
            self.order = order
        }
    }

    /// Passages, or the documents that they are pieces of.
    public enum Level: String, Sendable, CaseIterable {
        case document, passage
    }

    /// Ids of the first `initialK` candidates in the order of a second stage, or of the first one.
    ///
    /// - Parameters:
    ///   - system: which of ``scorings`` orders; nil: the first stage does.
    ///   - initialK: only so many candidates of the first stage take part.
    ///   - level: a document stands once, at its best passage's place.
    /// - Returns: each id with the index into ``candidates`` of the passage that gave it its place.
    public func order(by system: Int?, initialK: Int = .max, level: Level) throws -> [(id: String, candidate: Int)] {
        try ordered(by: system, initialK: initialK, level: level).map { ($0.id, $0.candidate) }
    }

    /// As ``order(by:initialK:level:)``, each with the hit that it is in the final order.
    func ordered(
        by system: Int?, initialK: Int, level: Level
    ) throws -> [(id: String, candidate: Int, hit: Hit)] {
        let taken = Array(candidates.prefix(max(0, initialK)))
        guard !taken.isEmpty else { return [] }
        let scores = system.map { Array(scorings[$0].scores.prefix(taken.count)) }
        var indexByRank: [Int: Int] = [:]
        for (index, candidate) in taken.enumerated() { indexByRank[candidate.rank] = index }
        let ranking = try Ranking.rank(
            taken, scores: scores, finalK: taken.count, order: system.map { scorings[$0].order } ?? .reranker)
        var seen: Set<ExactText> = []
        return ranking.candidates.compactMap { hit in
            let id = level == .document ? hit.passage.documentID : hit.passage.id
            guard seen.insert(ExactText(id)).inserted, let index = indexByRank[hit.initialRank] else { return nil }
            return (id, index, hit)
        }
    }
}
