/// The final order of a query's candidates.
///
/// Order, ties, threshold and cut are decided here and nowhere else, so every reranker behaves the same.
public struct Ranking: Sendable, Hashable {
    /// What the user gets: the first `finalK` that pass the threshold.
    public let hits: [Hit]
    /// Every candidate in the final order, final ranks 1, 2, 3 …, whether or not it is among the hits.
    public let candidates: [Hit]

    /// Ranks candidates by the second stage's word.
    ///
    /// - Scored candidates come first, by logit, descending; equal logits keep the first stage's order.
    /// - Candidates without a score follow, in the first stage's order.
    /// - Without a second stage the first stage's order is the final one.
    ///
    /// - Parameters:
    ///   - candidates: in the first stage's order.
    ///   - scores: one a candidate, in the same order, nil where there is none; nil for all: there is no second stage.
    ///   - finalK: how many hits at most, at least 1.
    ///   - threshold: hits that do not reach it are left out, those without a score among them.
    ///   - calibration: gives scored candidates their probability; the order stays that of the logits.
    /// - Throws: ``SearchError`` when the counts differ, a logit is not finite, or `finalK` is under 1.
    public static func rank(
        _ candidates: [Candidate], scores: [PairScore?]?, finalK: Int, threshold: Threshold? = nil,
        calibration: (any ScoreCalibration)? = nil
    ) throws -> Ranking {
        guard finalK >= 1 else { throw SearchError.notPositive(parameter: "finalK", value: finalK) }
        let scores = scores ?? Array(repeating: nil, count: candidates.count)
        guard scores.count == candidates.count else {
            throw SearchError.scoreCount(candidates: candidates.count, scores: scores.count)
        }
        for (candidate, score) in zip(candidates, scores) {
            if let logit = score?.logit.value, !logit.isFinite {
                throw SearchError.scoreNotFinite(passageID: candidate.passage.id, logit: logit)
            }
        }

        let order = candidates.indices.sorted { left, right in
            switch (scores[left]?.logit, scores[right]?.logit) {
            case (let leftLogit?, let rightLogit?) where leftLogit != rightLogit: leftLogit > rightLogit
            case (_?, nil): true
            case (nil, _?): false
            default: left < right
            }
        }
        let ranked = order.enumerated().map { place, index in
            let candidate = candidates[index]
            let logit = scores[index]?.logit
            return Hit(
                passage: candidate.passage, initialRank: candidate.rank, finalRank: place + 1,
                retrievalScore: candidate.retrievalScore, retrievals: candidate.retrievals,
                pairScore: scores[index], probability: logit.flatMap { calibration?.probability(of: $0) })
        }
        let passing = threshold.map { threshold in ranked.filter { threshold.admits($0) } } ?? ranked
        return Ranking(hits: Array(passing.prefix(finalK)), candidates: ranked)
    }
}
