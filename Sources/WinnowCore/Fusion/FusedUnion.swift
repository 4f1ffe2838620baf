/// A checked list of a fusion: each passage once, at its best place.
struct FusedList {
    let name: String
    let weight: Double
    private(set) var candidates: [Candidate] = []
    private var places: [ExactText: Int] = [:]
    private let absentScores: [ExactText: Double]

    /// - Throws: ``SearchError`` for a score that is not finite, and for one that is missing where scores are needed.
    init(_ input: FusionInput, needsScores: Bool, fusion: Fusion) throws {
        name = input.name
        weight = input.weight
        absentScores = input.absentScores
        for candidate in input.candidates {
            let id = candidate.passage.id
            if let score = candidate.retrievalScore {
                guard score.isFinite else {
                    throw SearchError.fusionScoreNotFinite(list: name, passageID: id, score: score)
                }
            } else if needsScores {
                throw SearchError.fusionScoreMissing(list: name, passageID: id, fusion: fusion)
            }
            let key = ExactText(id)
            guard places[key] == nil else { continue }
            places[key] = candidates.count
            candidates.append(candidate)
        }
        // The first by id, so that the same input always gives the same message.
        let broken = absentScores.filter { !$0.value.isFinite }.min { $0.key.precedes($1.key) }
        if let broken {
            throw SearchError.fusionScoreNotFinite(list: name, passageID: broken.key.text, score: broken.value)
        }
    }

    /// From 0.
    func place(of id: ExactText) -> Int? { places[id] }

    /// What the list gave, or what was computed for a passage that it does not have.
    func score(of id: ExactText) -> Double? {
        if let place = places[id] { candidates[place].retrievalScore } else { absentScores[id] }
    }

    /// What goes into ``Candidate/retrievals``; nil: the list knows nothing of the passage.
    func retrieval(of id: ExactText) -> Candidate.Retrieval? {
        let (place, score) = (place(of: id), score(of: id))
        return place == nil && score == nil ? nil : .init(rank: place.map { $0 + 1 }, score: score)
    }
}

/// The passages of all lists with their sums, in the order that equal sums keep: by best rank in any list, then by id.
struct FusedUnion {
    private let candidates: [Candidate]
    /// Of ``candidates``.
    let ids: [ExactText]
    /// Likewise.
    var sums: [CompensatedSum]

    /// - Parameter lists: in a fixed order; the first that has a passage gives its text, and the first that has its tokens those.
    init(_ lists: [FusedList]) {
        var found: [ExactText: (candidate: Candidate, best: Int)] = [:]
        for list in lists {
            for (place, candidate) in list.candidates.enumerated() {
                let key = ExactText(candidate.passage.id)
                guard var entry = found[key] else {
                    found[key] = (candidate, place)
                    continue
                }
                entry.best = min(entry.best, place)
                entry.candidate.tokens = entry.candidate.tokens ?? candidate.tokens
                found[key] = entry
            }
        }
        let ordered = found.sorted { left, right in
            left.value.best != right.value.best
                ? left.value.best < right.value.best
                : PassageOrder.precedes(left.value.candidate.passage.id, right.value.candidate.passage.id)
        }
        candidates = ordered.map(\.value.candidate)
        ids = ordered.map(\.key)
        sums = Array(repeating: CompensatedSum(), count: ordered.count)
    }

    /// The `limit` best, ranks 1, 2, 3 …
    func best(_ limit: Int, of lists: [FusedList]) -> [Candidate] {
        let scores = sums.map(\.value)
        let order = scores.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
        return order.prefix(limit).enumerated().map { place, index in
            var candidate = candidates[index]
            candidate.rank = place + 1
            candidate.retrievalScore = scores[index]
            candidate.retrievals = [:]
            for list in lists {
                if let retrieval = list.retrieval(of: ids[index]) { candidate.retrievals[list.name] = retrieval }
            }
            return candidate
        }
    }
}
