/// A reranker that asks another one only about the candidates that the first stage finds nearly as good as its best: so many as the shape
/// of the first stage's scores suggests, instead of a fixed number.
///
/// The others are not scored; a ranking leaves them below the scored ones, in the first stage's order. A candidate without a first-stage score
/// is scored, and so is one whose score is not finite. Wrap it around a cache and not a cache around it: which candidates are scored
/// depends on their company. What that costs and saves, measured: `Documentation/reranking.md`.
public struct SelectiveReranker: Reranker {
    private let reranker: any Reranker
    private let within: Double

    /// What ``Scoring/counts`` calls the candidates that the reranker was not asked about.
    public static let countName = "passedOver"

    /// - Parameter within: how far under the best first-stage score another may be, in the first stage's own units (which differ
    ///   between retrievers): finite, at least 0.
    /// - Throws: ``SearchError/selectionOutOfRange(within:)``
    public init(_ reranker: any Reranker, within: Double) throws {
        guard within.isFinite, within >= 0 else { throw SearchError.selectionOutOfRange(within: within) }
        self.reranker = reranker
        self.within = within
    }

    public var identity: ModelIdentity { get throws { try reranker.identity } }

    public var scoresDependOnCompany: Bool { true }

    public func score(
        _ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?
    ) async throws -> [PairScore?] {
        try await scoring(query, candidates, until: deadline).scores
    }

    public func scoring(
        _ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?
    ) async throws -> Scoring {
        let firstScores = candidates.map { $0.retrievalScore.flatMap { $0.isFinite ? $0 : nil } }
        let best = firstScores.compactMap(\.self).max() ?? 0
        let asked = firstScores.indices.filter { index in firstScores[index].map { best - $0 <= within } ?? true }
        let made = try await reranker.scoring(query, asked.map { candidates[$0] }, until: deadline)
        guard made.scores.count == asked.count else {
            throw SearchError.scoreCount(candidates: asked.count, scores: made.scores.count)
        }
        var scoring = Scoring(scores: Array(repeating: nil, count: candidates.count), counts: made.counts)
        for (index, score) in zip(asked, made.scores) { scoring.scores[index] = score }
        let passedOver = (made.selection?.passedOver ?? 0) + candidates.count - asked.count
        scoring.counts[Self.countName] = passedOver
        scoring.selection = Selection(within: within, of: candidates.count, passedOver: passedOver)
        return scoring
    }
}
