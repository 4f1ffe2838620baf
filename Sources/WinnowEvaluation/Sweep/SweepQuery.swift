import WinnowCore

/// One query of a sweep with all that does not depend on the setting: what each candidate is judged as, and each
/// system's orders of its candidates.
///
/// The reranker's order of the first initialK candidates is its order of all without those behind initialK, as a place is
/// decided by logit and first-stage rank alone: so it is made once a query, whatever the number of initialKs. A blend depends on the
/// least and largest scores among the candidates, and ranks on their number: such an order is made for each initialK.
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
    /// Of the first stage, then of the settings' variants: one for all initialKs, or one each.
    private let orders: [[Order]]

    /// Candidates in one system's order: all of them, or those of one initialK.
    struct Order {
        /// Candidates, best first.
        let candidates: [Int]
        /// What the system orders by, in the place of ``candidates``; nil where there was no score.
        let keys: [Double?]
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
            candidates: Array(candidates.indices), keys: candidates.map(\.retrievalScore),
            reaches: [Array(repeating: true, count: candidates.count)])
        var orders = [[firstStage]]
        let depthOf = depths
        for variant in settings.variants {
            let system = settings.systems[variant.system]
            let scores = try Self.scores(of: system, observation)
            let sets =
                variant.order == .reranker
                ? [Array(candidates.indices)]
                : settings.sweptInitialKs.map { initialK in candidates.indices.filter { depthOf[$0] < initialK } }
            orders.append(
                try sets.map {
                    try Self.order(of: $0, variant.order, candidates, scores, system, settings.thresholds(of: system))
                })
        }
        self.orders = orders
    }

    /// What a run's candidates are ordered by; candidates behind its initialK may be among them.
    func order(of run: SweepGrid.RunKey) -> Order {
        let orders = orders[run.variant]
        return orders[orders.count == 1 ? 0 : run.depth]
    }

    private static func scores(
        of system: SweepSettings.System, _ observation: QueryObservation
    ) throws -> [PairScore?] {
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
        return scores
    }

    /// - Parameter taken: candidates that take part, in the first stage's order; a candidate's rank is its index, from 1.
    private static func order(
        of taken: [Int], _ order: FinalOrder, _ candidates: [Candidate], _ scores: [PairScore?],
        _ system: SweepSettings.System, _ thresholds: [Ranking.Threshold?]
    ) throws -> Order {
        var hits = try Ranking.rank(
            taken.map { candidates[$0] }, scores: taken.map { scores[$0] }, finalK: max(1, taken.count), order: order
        ).candidates
        if let probability = system.probability {
            for index in hits.indices { hits[index].probability = hits[index].logit.flatMap(probability) }
        }
        return Order(
            candidates: hits.map { $0.initialRank - 1 }, keys: hits.map { $0.orderedBy(secondStage: true) },
            reaches: thresholds.map { threshold in
                hits.map { hit in threshold.map { $0.admits(hit) } ?? true }
            })
    }
}

extension SweepQuery {
    /// Ids as a measure takes them: each unit once, at its best candidate's score, equal scores in trec_eval's order.
    ///
    /// Candidates without a score keep their order: they have none that could be equal.
    func measuredIDs(_ order: Order, places: [Int]) -> [String] {
        var ranked: [(unit: Int, key: Double?)] = []
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
