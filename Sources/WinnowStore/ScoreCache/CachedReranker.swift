import WinnowCore

/// A reranker that asks another one only for what it has not scored before.
///
/// Pairs are looked up one by one, so the candidates that a new query shares with an earlier one of the same words are found, and so are
/// those of the same query over a list that changed. What is found is bitwise what would be computed. Found scores are returned even when the
/// deadline has passed. Nothing is kept of a reranker whose scores depend on their company (``Reranker/scoresDependOnCompany``): it is asked
/// as if there were no cache.
public struct CachedReranker: Reranker {
    private let reranker: any Reranker
    private let cache: ScoreCache

    /// What ``Scoring/counts`` calls the candidates whose score was found.
    public static let countName = "cached"

    public init(_ reranker: any Reranker, _ cache: ScoreCache) {
        self.reranker = reranker
        self.cache = cache
    }

    public var identity: ModelIdentity { get throws { try reranker.identity } }

    public var scoresDependOnCompany: Bool { reranker.scoresDependOnCompany }

    public func score(
        _ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?
    ) async throws -> [PairScore?] {
        try await scoring(query, candidates, until: deadline).scores
    }

    public func scoring(
        _ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?
    ) async throws -> Scoring {
        try Task.checkCancellation()
        guard !reranker.scoresDependOnCompany else {
            return try await reranker.scoring(query, candidates, until: deadline)
        }
        let maker = ScoreKey.Maker(try reranker.identity, query)
        let keys = candidates.map { maker.key(of: $0.passage) }
        var scores = cache.scores(keys)
        let missing = scores.indices.filter { scores[$0] == nil }
        var counts = [Self.countName: candidates.count - missing.count]
        guard !missing.isEmpty else { return Scoring(scores: scores, counts: counts) }
        let made = try await reranker.scoring(query, missing.map { candidates[$0] }, until: deadline)
        guard made.scores.count == missing.count else {
            throw SearchError.scoreCount(candidates: missing.count, scores: made.scores.count)
        }
        var new: [(key: ScoreKey, score: PairScore)] = []
        for (index, score) in zip(missing, made.scores) {
            scores[index] = score
            // What is not finite is an error of the model, which the ranking names, and nothing to be kept.
            if let key = keys[index], let score, score.logit.value.isFinite { new.append((key, score)) }
        }
        cache.insert(new)
        counts.merge(made.counts) { $0 + $1 }
        return Scoring(scores: scores, counts: counts, selection: made.selection)
    }
}
