import WinnowCore

/// One query of a sweep with all that does not depend on the setting: what each candidate is judged as, and each
/// system's order of all candidates.
///
/// The order of the first initialK candidates is the order of all without those behind initialK, as a place is decided
/// by logit and first-stage rank alone. So each system ranks once a query, whatever the number of initialKs.
struct SweepQuery {
    let id: String
    /// Ids of what is judged: documents or passages.
    let unitIDs: [String]
    /// Relevant by judgement, by unit.
    let isRelevant: [Bool]
    /// Places of the units in the descending order of their ids' bytes: trec_eval's order of equal scores.
    let tiePlaces: [Int]
    /// The unit of each candidate.
    let unitOf: [Int]
    /// How many passages, or documents, the first stage has before each candidate: it takes part in every larger initialK.
    let depths: [Int]
    /// Tokens of each candidate; nil where nobody counted them.
    let tokens: [Int]?
    /// All relevant units, retrieved or not.
    let relevantCount: Int
    /// Of the first stage, then of the systems.
    let orders: [Order]

    /// All candidates in one system's order.
    struct Order {
        /// Candidates, best first.
        let candidates: [Int]
        /// What the system orders by, in the place of ``candidates``; nil where there was no score.
        let keys: [Float?]
        /// For each threshold of the system, whether the candidate in this place reaches it.
        let reaches: [[Bool]]
    }

    init(_ observation: QueryObservation, qrels: Qrels, settings: SweepSettings) throws {
        id = observation.id
        let candidates = observation.candidates
        for (index, candidate) in candidates.enumerated() where candidate.rank != index + 1 {
            throw EvaluationError.sweep(
                .candidateRank(queryID: observation.id, rank: candidate.rank, place: index + 1))
        }
        let grades = qrels.gradesByDocument(of: observation.id)
        relevantCount = grades.values.count { $0 >= settings.relevanceLevel }

        var units: [ExactText: Int] = [:]
        var keys: [ExactText] = []
        unitOf = candidates.map { candidate in
            let key = ExactText(settings.level == .document ? candidate.passage.documentID : candidate.passage.id)
            if let known = units[key] { return known }
            units[key] = keys.count
            keys.append(key)
            return keys.count - 1
        }
        unitIDs = keys.map(\.text)
        isRelevant = keys.map { (grades[$0] ?? 0) >= settings.relevanceLevel }
        var places = [Int](repeating: 0, count: keys.count)
        for (place, unit) in keys.indices.sorted(by: { keys[$1].precedes(keys[$0]) }).enumerated() {
            places[unit] = place
        }
        tiePlaces = places
        switch settings.initialKUnit {
        case .passages: depths = Array(candidates.indices)
        case .documents:
            var documents: [ExactText: Int] = [:]
            depths = candidates.map { candidate in
                let key = ExactText(candidate.passage.documentID)
                let depth = documents[key] ?? documents.count
                documents[key] = depth
                return depth
            }
        }
        let counts = candidates.compactMap { $0.tokens?.ids.count }
        tokens = counts.count == candidates.count ? counts : nil

        let firstStage = Order(
            candidates: Array(candidates.indices), keys: candidates.map { $0.retrievalScore.map(Float.init) },
            reaches: [Array(repeating: true, count: candidates.count)])
        orders = try [firstStage] + settings.systems.map { try Self.order(of: $0, observation, settings) }
    }

    private static func order(
        of system: SweepSettings.System, _ observation: QueryObservation, _ settings: SweepSettings
    ) throws -> Order {
        guard observation.scorings.indices.contains(system.scoring) else {
            throw EvaluationError.sweep(
                .scoringMissing(
                    queryID: observation.id, system: system.name, scoring: system.scoring,
                    present: observation.scorings.count))
        }
        let scores = observation.scorings[system.scoring].scores
        guard scores.count == observation.candidates.count else {
            throw EvaluationError.sweep(
                .scoreCount(
                    queryID: observation.id, system: system.name, candidates: observation.candidates.count,
                    scores: scores.count))
        }
        var hits = try Ranking.rank(
            observation.candidates, scores: scores, finalK: max(1, observation.candidates.count)
        ).candidates
        if let probability = system.probability {
            for index in hits.indices { hits[index].probability = hits[index].logit.flatMap(probability) }
        }
        return Order(
            candidates: hits.map { $0.initialRank - 1 }, keys: hits.map { $0.logit?.value },
            reaches: settings.thresholds(of: system).map { threshold in
                hits.map { hit in threshold.map { $0.admits(hit) } ?? true }
            })
    }
}

extension SweepQuery {
    /// Ids as a measure takes them: each unit once, at its best candidate's score, equal scores in trec_eval's order.
    ///
    /// Candidates without a score keep their order: they have none that could be equal.
    func measuredIDs(_ order: Order, places: [Int]) -> [String] {
        var ranked: [(unit: Int, key: Float?)] = []
        ranked.reserveCapacity(places.count)
        var isSeen = [Bool](repeating: false, count: unitIDs.count)
        for place in places {
            let unit = unitOf[order.candidates[place]]
            guard !isSeen[unit] else { continue }
            isSeen[unit] = true
            ranked.append((unit, order.keys[place]))
        }
        var start = 0
        while start < ranked.count {
            var end = start + 1
            if let key = ranked[start].key {
                while end < ranked.count, ranked[end].key == key { end += 1 }
                if end - start > 1 { ranked[start..<end].sort { tiePlaces[$0.unit] < tiePlaces[$1.unit] } }
            }
            start = end
        }
        return ranked.map { unitIDs[$0.unit] }
    }
}
