import WinnowCore

/// One pass over a test collection: a first stage, and any number of second stages that score its candidates.
///
/// Queries run one at a time and nothing else does: times are service times, without queueing. The systems of one query run in
/// an order drawn by the seed, so that none profits from being second. A few queries warm up caches and clock rates first; their
/// results are not used.
public struct Experiment: Sendable {
    public struct System: Sendable {
        /// As tables and files name it.
        public var name: String
        public var reranker: any Reranker
        /// What its final order stands on.
        public var order: FinalOrder

        public init(name: String, reranker: any Reranker, order: FinalOrder = .reranker) {
            self.name = name
            self.reranker = reranker
            self.order = order
        }
    }

    public let source: any CandidateSource
    public let systems: [System]
    /// Candidates of the first stage at most, at least 1.
    public let initialK: Int
    public let seed: UInt64

    /// Queries that warm up at most, and how long that may take.
    private static let warmUp = (queries: 10, time: Duration.seconds(2))

    public init(source: any CandidateSource, systems: [System], initialK: Int, seed: UInt64 = 1) {
        self.source = source
        self.systems = systems
        self.initialK = initialK
        self.seed = seed
    }

    /// Runs all queries.
    ///
    /// - Parameter progress: called after each query with the number of queries that are done.
    /// - Returns: one observation a query, in the order given.
    /// - Throws: ``EvaluationError/query(id:reason:)`` for the first query that a stage fails on: leaving it out would flatter
    ///   the stage; `CancellationError` between stages and batches.
    public func observe(
        _ queries: [EvaluationQuery], progress: (Int) -> Void = { _ in }
    ) async throws -> [QueryObservation] {
        let clock = ContinuousClock()
        let start = clock.now
        for query in queries.prefix(Self.warmUp.queries) where clock.now - start < Self.warmUp.time {
            _ = try await observe(query, order: Array(systems.indices))
        }
        var random = SplitMix64(seed: seed)
        var observations: [QueryObservation] = []
        observations.reserveCapacity(queries.count)
        for query in queries {
            observations.append(try await observe(query, order: random.shuffled(Array(systems.indices))))
            progress(observations.count)
        }
        return observations
    }

    private func observe(_ query: EvaluationQuery, order: [Int]) async throws -> QueryObservation {
        do {
            try Task.checkCancellation()
            guard !Query(query.text).isBlank else { throw SearchError.emptyQuery }
            let clock = ContinuousClock()
            var start = clock.now
            let candidates = try await source.candidates(for: query, limit: initialK)
            let retrievalTime = clock.now - start
            var scorings = systems.map { QueryObservation.Scoring(scores: [], time: .zero, order: $0.order) }
            for index in order where !candidates.isEmpty {
                try Task.checkCancellation()
                start = clock.now
                let scores = try await systems[index].reranker.score(Query(query.text), candidates, until: nil)
                let time = clock.now - start
                // Checks counts and values as a search would.
                let order = systems[index].order
                _ = try Ranking.rank(candidates, scores: scores, finalK: candidates.count, order: order)
                scorings[index] = QueryObservation.Scoring(scores: scores, time: time, order: order)
            }
            return QueryObservation(
                id: query.id, text: query.text, metadata: query.metadata, candidates: candidates,
                retrievalTime: retrievalTime, scorings: scorings)
        } catch let error as CancellationError {
            throw error
        } catch let error as EvaluationError {
            throw error
        } catch {
            throw EvaluationError.query(id: query.id, reason: "\(error)")
        }
    }

    /// Times whole searches with a smaller `initialK` as a user would run them: a shorter list is not a part of a longer one's
    /// time.
    ///
    /// - Parameter system: which of ``systems``; nil: the first stage alone.
    /// - Returns: one time a query that has candidates.
    public func times(of system: Int?, initialK: Int, on queries: some Sequence<EvaluationQuery>) async throws
        -> [Duration]
    {
        let clock = ContinuousClock()
        var times: [Duration] = []
        for query in queries {
            try Task.checkCancellation()
            let start = clock.now
            let candidates = try await source.candidates(for: query, limit: initialK)
            guard !candidates.isEmpty else { continue }
            if let system { _ = try await systems[system].reranker.score(Query(query.text), candidates, until: nil) }
            times.append(clock.now - start)
        }
        return times
    }
}

extension QueryObservation {
    /// A run's entries for this query: the first stage's scores, or a second stage's logits or what its order sorts by, at the level
    /// of documents or passages; candidates that a second stage did not score follow with lower values. Values that are equal as
    /// doubles are equal in the run, and no others: rounding makes no ties.
    ///
    /// - Parameter finalK: how many of the final order are kept.
    public func entries(
        by system: Int?, initialK: Int = .max, finalK: Int = .max, level: Level
    ) throws -> [Run.Entry] {
        var entries: [Run.Entry] = []
        var last: (value: Double?, score: Float)?
        for (id, _, hit) in try ordered(by: system, initialK: initialK, level: level).prefix(finalK) {
            let value = hit.orderedBy(secondStage: system != nil)
            var score: Float
            if let value {
                score = Float(value)
                if let last, let before = last.value, value <= before {
                    score = value == before ? last.score : min(score, last.score.nextDown)
                }
            } else {
                // What has no score keeps its place below all that has one.
                score = last.map { ($0.score - 1).nextDown } ?? 0
            }
            entries.append(Run.Entry(documentID: id, score: score))
            last = (value, score)
        }
        return entries
    }
}

extension Hit {
    /// What gave the hit its place: the logit, what a blended order sorts by, or the first stage's score; nil where there is none.
    func orderedBy(secondStage: Bool) -> Double? {
        secondStage ? finalScore ?? logit.map { Double($0.value) } : retrievalScore
    }
}
