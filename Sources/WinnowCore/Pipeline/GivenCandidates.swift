/// A first stage that has already run elsewhere: it proposes the candidates it was given, in their order.
public struct GivenCandidates: Retriever {
    private let candidates: [Candidate]

    /// Ranks are set to 1, 2, 3 … in the order given.
    public init(_ candidates: [Candidate]) {
        self.candidates = candidates.enumerated().map { index, candidate in
            var candidate = candidate
            candidate.rank = index + 1
            return candidate
        }
    }

    public func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        guard let filter else { return RankedList(Array(candidates.prefix(limit))) }
        return RankedList(Array(candidates.lazy.filter { filter.admits($0.passage) }.prefix(limit)))
    }
}
