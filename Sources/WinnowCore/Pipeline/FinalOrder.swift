/// What the final order of a query's candidates stands on.
///
/// Whatever the order, ``Ranking/Threshold``, ``Probability`` and calibrations speak of the logit alone: an order decides who stands
/// first, never who is relevant enough to stand there.
public enum FinalOrder: Sendable, Hashable {
    /// The reranker's logit.
    case reranker
    /// weight · minmax(logit) + (1 − weight) · minmax(first-stage score), each (s − least) ÷ (largest − least) over the query's
    /// scored candidates, 1 where all are equal; a weight in 0…1, 1 being the reranker alone. Candidates must come with scores.
    case blend(weight: Double)
    /// 1 ÷ (k + rank by logit) + 1 ÷ (k + rank in the first stage), ranks from 1 among the scored candidates; a finite k above 0.
    case reciprocalRank(k: Double = 60)

    /// What `search`, `ask`, `eval` and `sweep` order by unless told otherwise: of the orders that were tried on four dev splits the
    /// one with the highest mean nDCG@10 (table in `Documentation/fusion.md`). It needs candidates with scores of a first stage.
    public static let standard: FinalOrder = .blend(weight: 0.8)
}

extension FinalOrder: CustomStringConvertible {
    /// Reads `reranker`, `blend:0.7`, `rrf` (k = 60) or `rrf:20`.
    ///
    /// - Throws: ``SearchError/orderSpelling(_:)`` for anything else, and ``SearchError/orderOutOfRange(_:)`` for a weight outside
    ///   0…1 or a k that is not a finite number above 0.
    public init(parsing text: String) throws {
        switch text {
        case "reranker": self = .reranker
        case "rrf": self = .reciprocalRank()
        default:
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let number: Double = PlainNumber.parse(parts[1]) else {
                throw SearchError.orderSpelling(text)
            }
            switch parts[0] {
            case "blend": self = .blend(weight: number)
            case "rrf": self = .reciprocalRank(k: number)
            default: throw SearchError.orderSpelling(text)
            }
            try validate()
        }
    }

    /// As ``init(parsing:)`` reads it.
    public var description: String {
        switch self {
        case .reranker: "reranker"
        case .blend(let weight): "blend:" + PlainNumber.text(weight)
        case .reciprocalRank(let k): "rrf:" + PlainNumber.text(k)
        }
    }

    /// Whether the weight or the constant is one to compute with.
    ///
    /// - Throws: ``SearchError/orderOutOfRange(_:)``
    public func validate() throws {
        switch self {
        case .reranker: break
        case .blend(let weight):
            guard weight >= 0, weight <= 1 else { throw SearchError.orderOutOfRange(self) }
        case .reciprocalRank(let k):
            guard k > 0, k.isFinite else { throw SearchError.orderOutOfRange(self) }
        }
    }
}

extension FinalOrder {
    /// What scored candidates are sorted by, larger first; nil for all where it is the logits themselves.
    ///
    /// - Parameters:
    ///   - candidates: in the first stage's order.
    ///   - logits: one a candidate, finite; nil where it was not scored, and then it has no value.
    /// - Throws: ``SearchError/blendWithoutRetrievalScore(passageID:order:)`` or
    ///   ``SearchError/retrievalScoreNotFinite(passageID:score:)`` for a scored candidate that cannot be blended.
    package func values(of candidates: [Candidate], logits: [Logit?]) throws -> [Double?] {
        switch self {
        case .reranker: return Array(repeating: nil, count: candidates.count)
        case .blend(let weight):
            let scores = try zip(candidates, logits).map { candidate, logit -> Double? in
                guard logit != nil else { return nil }
                let id = candidate.passage.id
                guard let score = candidate.retrievalScore else {
                    throw SearchError.blendWithoutRetrievalScore(passageID: id, order: self)
                }
                guard score.isFinite else { throw SearchError.retrievalScoreNotFinite(passageID: id, score: score) }
                return score
            }
            let reranked = Normalisation.minMax(logits.map { $0.map { Double($0.value) } })
            return zip(reranked, Normalisation.minMax(scores)).map { mine, first in
                guard let mine, let first else { return nil }
                return weight * mine + (1 - weight) * first
            }
        case .reciprocalRank(let k):
            var values = [Double?](repeating: nil, count: candidates.count)
            let scored = candidates.indices.filter { logits[$0] != nil }
            let order = Self.byLogit(scored, logits)
            var places = [Int](repeating: 0, count: candidates.count)
            for (place, index) in order.enumerated() { places[index] = place }
            for (place, index) in scored.enumerated() {
                var sum = CompensatedSum()
                sum.add(1, over: k + Double(places[index] + 1))
                sum.add(1, over: k + Double(place + 1))
                values[index] = sum.value
            }
            return values
        }
    }

    /// Equal logits keep the first stage's order.
    static func byLogit(_ indices: [Int], _ logits: [Logit?]) -> [Int] {
        indices.sorted { left, right in
            switch (logits[left], logits[right]) {
            case (let leftLogit?, let rightLogit?) where leftLogit != rightLogit: leftLogit > rightLogit
            case (_?, nil): true
            case (nil, _?): false
            default: left < right
            }
        }
    }
}
