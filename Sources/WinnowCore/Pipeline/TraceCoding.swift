extension Duration {
    /// With the fraction, to the microsecond: what every JSON output of Winnow states.
    public var milliseconds: Double {
        let (seconds, attoseconds) = components
        let microseconds = Double(seconds) * 1e6 + (Double(attoseconds) / 1e12).rounded()
        return microseconds / 1000
    }

    /// - Throws: `DecodingError` for a number that is no duration: a log is input like any other.
    fileprivate static func milliseconds<Key: CodingKey>(
        of container: KeyedDecodingContainer<Key>, _ key: Key
    ) throws -> Duration {
        let microseconds = (try container.decode(Double.self, forKey: key) * 1000).rounded()
        // 31,000 years.
        guard abs(microseconds) <= 1e18 else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: container, debugDescription: "'\(key.stringValue)' is no number of milliseconds")
        }
        return .microseconds(microseconds)
    }
}

extension Trace: Codable {
    private enum Key: String, CodingKey {
        case version, time, query, initialK, finalK, retriever, order, threshold, filter, deadline, selection, stages,
            models, candidates, answer
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let version = try container.decode(Int.self, forKey: .version)
        guard Self.readableVersions.contains(version) else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: container,
                debugDescription:
                    "trace version \(version): this build reads versions \(Self.readableVersions.lowerBound) to "
                    + "\(Self.readableVersions.upperBound); use a newer winnow")
        }
        self.init(
            query: try container.decode(String.self, forKey: .query),
            initialK: try container.decode(Int.self, forKey: .initialK),
            finalK: try container.decode(Int.self, forKey: .finalK),
            stages: try container.decode([Stage].self, forKey: .stages),
            models: try container.decode([String: Model].self, forKey: .models),
            candidates: try container.decode([TracedCandidate].self, forKey: .candidates))
        if version >= 3 {
            retriever = try container.decode(String?.self, forKey: .retriever)
            order = try container.decode(String?.self, forKey: .order)
        }
        if version >= 4 {
            deadline = try container.decode(Deadline?.self, forKey: .deadline)
            selection = try container.decodeIfPresent(Selection.self, forKey: .selection)
        }
        guard version >= 2 else { return }
        time = try container.decode(String?.self, forKey: .time)
        threshold = try container.decode(String?.self, forKey: .threshold)
        filter = try container.decodeIfPresent(String.self, forKey: .filter)
        answer = try container.decode(AnswerSummary?.self, forKey: .answer)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(Self.currentVersion, forKey: .version)
        try container.encode(time, forKey: .time)
        try container.encode(query, forKey: .query)
        try container.encode(initialK, forKey: .initialK)
        try container.encode(finalK, forKey: .finalK)
        try container.encode(retriever, forKey: .retriever)
        try container.encode(order, forKey: .order)
        try container.encode(threshold, forKey: .threshold)
        try container.encode(filter, forKey: .filter)
        try container.encode(deadline, forKey: .deadline)
        try container.encode(selection, forKey: .selection)
        try container.encode(stages, forKey: .stages)
        try container.encode(models, forKey: .models)
        try container.encode(candidates, forKey: .candidates)
        try container.encode(answer, forKey: .answer)
    }
}

extension Trace.Deadline: Codable {
    private enum Key: String, CodingKey { case limit, scored, of }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            limit: try Duration.milliseconds(of: container, .limit),
            scored: try container.decode(Int.self, forKey: .scored), of: try container.decode(Int.self, forKey: .of))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(limit.milliseconds, forKey: .limit)
        try container.encode(scored, forKey: .scored)
        try container.encode(of, forKey: .of)
    }
}

extension Selection: Codable {
    private enum Key: String, CodingKey { case within, of, passedOver }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            within: try container.decode(Double.self, forKey: .within),
            of: try container.decode(Int.self, forKey: .of),
            passedOver: try container.decode(Int.self, forKey: .passedOver))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(within, forKey: .within)
        try container.encode(of, forKey: .of)
        try container.encode(passedOver, forKey: .passedOver)
    }
}

extension Trace.AnswerSummary: Codable {
    private enum Key: String, CodingKey {
        case generator, outcome, reason, citations, invalidCitations, retrievedCount, usedCount
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            generator: try container.decode(String.self, forKey: .generator),
            outcome: try container.decode(Outcome.self, forKey: .outcome),
            reason: try container.decode(String?.self, forKey: .reason),
            citations: try container.decode(Int.self, forKey: .citations),
            invalidCitations: try container.decode(Int.self, forKey: .invalidCitations),
            retrievedCount: try container.decode(Int.self, forKey: .retrievedCount),
            usedCount: try container.decode(Int.self, forKey: .usedCount))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(generator, forKey: .generator)
        try container.encode(outcome, forKey: .outcome)
        try container.encode(reason, forKey: .reason)
        try container.encode(citations, forKey: .citations)
        try container.encode(invalidCitations, forKey: .invalidCitations)
        try container.encode(retrievedCount, forKey: .retrievedCount)
        try container.encode(usedCount, forKey: .usedCount)
    }
}

extension Trace.Stage: Codable {
    private enum Key: String, CodingKey { case name, milliseconds, counts }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            duration: try Duration.milliseconds(of: container, .milliseconds),
            counts: try container.decode([String: Int].self, forKey: .counts))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(duration.milliseconds, forKey: .milliseconds)
        try container.encode(counts, forKey: .counts)
    }
}

extension Candidate.Retrieval: Codable {
    private enum Key: String, CodingKey { case rank, score }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            rank: try container.decode(Int?.self, forKey: .rank),
            score: try container.decode(Double?.self, forKey: .score))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(rank, forKey: .rank)
        try container.encode(score, forKey: .score)
    }
}

extension Trace.TracedCandidate: Codable {
    private enum Key: String, CodingKey {
        case id, document, initialRank, finalRank, retrievalScore, retrieval, logit, score, scoreKind, probability,
            finalScore
        case passageTokensDropped, queryTokensDropped, window
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        id = try container.decode(String.self, forKey: .id)
        document = try container.decode(String.self, forKey: .document)
        initialRank = try container.decode(Int.self, forKey: .initialRank)
        finalRank = try container.decode(Int.self, forKey: .finalRank)
        retrievalScore = try container.decode(Double?.self, forKey: .retrievalScore)
        retrieval = try container.decode([String: Candidate.Retrieval].self, forKey: .retrieval)
        logit = try container.decode(Float?.self, forKey: .logit)
        score = try container.decode(Float?.self, forKey: .score)
        scoreKind = try container.decode(ScoreKind?.self, forKey: .scoreKind)
        probability = try container.decode(Double?.self, forKey: .probability)
        // Not there before version 3.
        finalScore = try container.decodeIfPresent(Double.self, forKey: .finalScore)
        passageTokensDropped = try container.decode(Int?.self, forKey: .passageTokensDropped)
        queryTokensDropped = try container.decode(Int?.self, forKey: .queryTokensDropped)
        window = try container.decode(Int?.self, forKey: .window)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(id, forKey: .id)
        try container.encode(document, forKey: .document)
        try container.encode(initialRank, forKey: .initialRank)
        try container.encode(finalRank, forKey: .finalRank)
        // `encode` of an optional writes null; the synthesised code would leave the key out.
        try container.encode(retrievalScore, forKey: .retrievalScore)
        try container.encode(retrieval, forKey: .retrieval)
        try container.encode(logit, forKey: .logit)
        try container.encode(score, forKey: .score)
        try container.encode(scoreKind, forKey: .scoreKind)
        try container.encode(probability, forKey: .probability)
        try container.encode(finalScore, forKey: .finalScore)
        try container.encode(passageTokensDropped, forKey: .passageTokensDropped)
        try container.encode(queryTokensDropped, forKey: .queryTokensDropped)
        try container.encode(window, forKey: .window)
    }
}
