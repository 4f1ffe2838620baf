/// The final order of a query's candidates.
///
/// Order, ties, threshold and cut are decided here and nowhere else, so every reranker behaves the same.
public struct Ranking: Sendable, Hashable {
    /// What the user gets: the first `finalK` that pass the threshold.
    public let hits: [Hit]
    /// Every candidate in the final order, final ranks 1, 2, 3 …, whether or not it is among the hits.
    public let candidates: [Hit]

    /// Ranks candidates by the second stage's word, or by what `order` makes of both stages' words.
    ///
    /// - Scored candidates come first, by logit, descending, or by the order's value, equal values by logit; equal logits keep the
    ///   first stage's order.
    /// - Candidates without a score follow, in the first stage's order.
    /// - Without a second stage the first stage's order is the final one.
    ///
    /// - Parameters:
    ///   - candidates: in the first stage's order.
    ///   - scores: one a candidate, in the same order, nil where there is none; nil for all: there is no second stage.
    ///   - finalK: how many hits at most, at least 1.
    ///   - order: without a second stage it has nothing to say.
    ///   - threshold: hits that do not reach it are left out, those without a score among them; it speaks of the reranker's word,
    ///     whatever the order.
    ///   - calibration: gives scored candidates their probability; it does not change the order.
    /// - Throws: ``SearchError`` when the counts differ, a logit is not finite, `finalK` is under 1, or the order cannot be
    ///   computed: a weight or constant out of range, a blend of candidates that came without scores.
    public static func rank(
        _ candidates: [Candidate], scores: [PairScore?]?, finalK: Int, order: FinalOrder = .reranker,
        threshold: Threshold? = nil, calibration: (any ScoreCalibration)? = nil
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

        try order.validate()
        let logits = scores.map { $0?.logit }
        let values = try order.values(of: candidates, logits: logits)
        var places = FinalOrder.byLogit(Array(candidates.indices), logits)
        if order != .reranker {
            // Of those that are scored alone: the others keep their places behind them. Equal values stay as the logits have them.
            let scored = logits.count { $0 != nil }
            let best = places[..<scored].enumerated().sorted { left, right in
                let (leftValue, rightValue) = (values[left.element] ?? 0, values[right.element] ?? 0)
                return leftValue == rightValue ? left.offset < right.offset : leftValue > rightValue
            }
            places.replaceSubrange(..<scored, with: best.map(\.element))
        }
        let ranked = places.enumerated().map { place, index in
            let candidate = candidates[index]
            let logit = scores[index]?.logit
            return Hit(
                passage: candidate.passage, initialRank: candidate.rank, finalRank: place + 1,
                retrievalScore: candidate.retrievalScore, retrievals: candidate.retrievals,
                pairScore: scores[index], probability: logit.flatMap { calibration?.probability(of: $0) },
                finalScore: values[index])
        }
        let passing = threshold.map { threshold in ranked.filter { threshold.admits($0) } } ?? ranked
        return Ranking(hits: Array(passing.prefix(finalK)), candidates: ranked)
    }
}
