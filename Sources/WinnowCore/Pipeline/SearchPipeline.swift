/// The two stages: retrieve broadly, rerank narrowly.
public struct SearchPipeline: Sendable {
    public let retriever: any Retriever
    /// nil: the first stage's order is the answer.
    public let reranker: (any Reranker)?
    /// How many candidates the first stage proposes at most.
    public let initialK: Int
    /// How many hits a search returns at most.
    public let finalK: Int
    /// What the final order stands on.
    public let order: FinalOrder
    public let threshold: Ranking.Threshold?
    /// What gives the hits their ``Hit/probability``; nil: they have none.
    public let calibration: (any ScoreCalibration)?
    /// By role. Asked for here: the first time a model's files may have to be hashed, which is no query's work.
    private let models: [String: Trace.Model]

    /// - Parameter calibration: without a reranker it has nothing to say.
    /// - Throws: ``SearchError`` when a count is under 1, `finalK` is over `initialK`, the order cannot be computed (see
    ///   ``validate(order:reranks:)``), no hit could ever reach the threshold (see
    ///   ``validate(threshold:reranks:calibrated:)``), or the calibration was fitted on another reranker's logits (see
    ///   ``validate(calibration:for:)``); what `Reranker.identity` and `Retriever.models` throw.
    public init(
        retriever: any Retriever, reranker: (any Reranker)?, initialK: Int = 20, finalK: Int = 5,
        order: FinalOrder = .reranker, threshold: Ranking.Threshold? = nil,
        calibration: (any ScoreCalibration)? = nil
    ) throws {
        try Self.validate(initialK: initialK, finalK: finalK)
        try Self.validate(order: order, reranks: reranker != nil)
        if let threshold {
            try Self.validate(threshold: threshold, reranks: reranker != nil, calibrated: calibration != nil)
        }
        let identity = try reranker?.identity
        if let calibration, let identity { try Self.validate(calibration: calibration, for: identity) }
        var models = try retriever.models.mapValues(Trace.Model.init)
        models["reranker"] = identity.map(Trace.Model.init)
        self.models = models
        self.retriever = retriever
        self.reranker = reranker
        self.initialK = initialK
        self.finalK = finalK
        self.order = order
        self.threshold = threshold
        self.calibration = calibration
    }

    /// Whether a pipeline can be made of the two counts: for callers that want to know before they load a model.
    public static func validate(initialK: Int, finalK: Int) throws {
        guard initialK >= 1 else { throw SearchError.notPositive(parameter: "initialK", value: initialK) }
        guard finalK >= 1 else { throw SearchError.notPositive(parameter: "finalK", value: finalK) }
        guard finalK <= initialK else { throw SearchError.finalKOverInitialK(finalK: finalK, initialK: initialK) }
        guard initialK <= mostCandidates else {
            throw SearchError.tooLarge(parameter: "initialK", value: initialK, most: mostCandidates)
        }
    }

    /// More than any store holds passages; a number over it is a slip of the keyboard.
    public static let mostCandidates = 1_000_000_000

    /// Whether a pipeline, with a reranker or without, can order by it: likewise for callers that want to know early.
    public static func validate(order: FinalOrder, reranks: Bool) throws {
        try order.validate()
        guard reranks || order == .reranker else { throw SearchError.orderWithoutReranker(order) }
    }

    /// Whether a pipeline, with a reranker or without, with a calibration or without, can hold its hits against a threshold:
    /// likewise.
    public static func validate(threshold: Ranking.Threshold, reranks: Bool, calibrated: Bool = false) throws {
        guard reranks else { throw SearchError.thresholdWithoutReranker(threshold) }
        guard threshold.isInRange else { throw SearchError.thresholdOutOfRange(threshold.description) }
        if case .probability = threshold, !calibrated { throw SearchError.thresholdWithoutCalibration(threshold) }
    }

    /// Whether a calibration speaks of this reranker's logits: another model's, or the same one's in another precision or
    /// truncation, have another meaning.
    public static func validate(calibration: any ScoreCalibration, for reranker: ModelIdentity) throws {
        guard calibration.reranker.sharesLogits(with: reranker) else {
            throw SearchError.calibrationOfAnotherReranker(fitted: calibration.reranker, reranker: reranker)
        }
    }

    /// Runs both stages on one query.
    ///
    /// A first stage that finds nothing gives an empty result; the second stage is then not asked.
    /// - Parameters:
    ///   - filter: only passages that it admits are candidates.
    ///   - deadline: candidates that the second stage cannot score before it follow the scored ones, unscored. The first stage is not
    ///     cut short.
    /// - Throws: ``SearchError``, what the stages throw, and `CancellationError` between stages and batches.
    public func search(
        _ query: Query, filter: (any PassageFilter)? = nil, until deadline: Deadline? = nil
    ) async throws -> SearchResult {
        guard !query.isBlank else { throw SearchError.emptyQuery }
        let time = UTCTime.now
        var stages: [Trace.Stage] = []
        let clock = ContinuousClock()

        try Task.checkCancellation()
        var start = clock.now
        let candidates = try await retriever.retrieve(query, limit: initialK, filter: filter).candidates
        try Self.refuseDuplicates(candidates)
        stages.append(
            .init(name: "retrieve", duration: clock.now - start, counts: ["candidates": candidates.count]))

        try Task.checkCancellation()
        var scores: [PairScore?]?
        var selection: Selection?
        if let reranker, !candidates.isEmpty {
            start = clock.now
            let scoring = try await reranker.scoring(query, candidates, until: deadline?.scoringEnd)
            let pairs = scoring.scores
            selection = scoring.selection
            let counts = [
                "candidates": candidates.count,
                "scored": pairs.reduce(0) { $0 + ($1 == nil ? 0 : 1) },
                "truncated": pairs.reduce(0) { $0 + (($1?.passageTokensDropped ?? 0) > 0 ? 1 : 0) },
            ]
            stages.append(
                .init(
                    name: "rerank", duration: clock.now - start,
                    counts: counts.merging(scoring.counts) { own, _ in own }))
            scores = pairs
        }

        try Task.checkCancellation()
        start = clock.now
        let ranking = try Ranking.rank(
            candidates, scores: scores, finalK: finalK, order: order, threshold: threshold, calibration: calibration)
        stages.append(
            .init(
                name: "rank", duration: clock.now - start,
                counts: ["candidates": candidates.count, "hits": ranking.hits.count]))

        let trace = Trace(
            query: query.text, initialK: initialK, finalK: finalK, stages: stages, models: models,
            candidates: ranking.candidates.map(Trace.TracedCandidate.init), time: time,
            retriever: retriever.name, order: reranker == nil ? nil : order.description,
            threshold: threshold?.description, filter: (filter as? MetadataFilter)?.description,
            deadline: reranker == nil
                ? nil
                : deadline.map {
                    Trace.Deadline(
                        limit: $0.limit, scored: ranking.candidates.count { $0.pairScore != nil },
                        of: ranking.candidates.count - (selection?.passedOver ?? 0))
                }, selection: selection)
        return SearchResult(query: query, hits: ranking.hits, candidates: ranking.candidates, trace: trace)
    }

    private static func refuseDuplicates(_ candidates: [Candidate]) throws {
        var ranks: [ExactText: Int] = [:]
        for candidate in candidates {
            if let earlier = ranks.updateValue(candidate.rank, forKey: ExactText(candidate.passage.id)) {
                throw SearchError.duplicateCandidate(id: candidate.passage.id, ranks: [earlier, candidate.rank])
            }
        }
    }
}

/// What a search gives back.
public struct SearchResult: Sendable, Hashable {
    public let query: Query
    /// At most `finalK`, best first.
    public let hits: [Hit]
    /// Every candidate of the first stage, in the final order.
    public let candidates: [Hit]
    public internal(set) var trace: Trace

    /// Candidates that the second stage did not score: the deadline came, or they were passed over; 0 where there was none.
    public var unscoredCount: Int {
        trace.models["reranker"] == nil ? 0 : candidates.count { $0.pairScore == nil }
    }

    /// The candidate of which the reranker thinks most, whatever the order: among equal logits, and without a reranker, the first.
    public var strongest: Hit? { candidates.strongest }
}

extension Sequence<Hit> {
    /// The highest logit, among equal ones the first; the first hit where none has a logit.
    var strongest: Hit? {
        reduce(nil) { best, hit in
            guard let best else { return hit }
            guard let logit = hit.logit else { return best }
            return best.logit.map { $0 >= logit } ?? false ? best : hit
        }
    }
}

extension Query {
    /// No character that a reader would see: white space, controls and zero-width characters only.
    public var isBlank: Bool { VisibleText.isAbsent(from: text) }
}
