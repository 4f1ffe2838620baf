import Foundation
import Testing
import WinnowCore

private struct StubReranker: Reranker {
    var identity: ModelIdentity {
        get throws {
            let fingerprint = try #require(Fingerprint(hexadecimal: String(repeating: "ab", count: 32)))
            return ModelIdentity(
                name: "stub", fingerprint: fingerprint, precision: "float32", kernels: "none", truncation: "passage:512"
            )
        }
    }
    var logits: [Float?]

    func score(_ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?) async throws
        -> [PairScore?]
    {
        logits.map { $0.map { PairScore(logit: Logit($0), score: Score($0, kind: .sigmoid), passageTokensDropped: 2) } }
    }
}

private struct CancellingRetriever: Retriever {
    func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        withUnsafeCurrentTask { $0?.cancel() }
        return RankedList(RankingTests.candidates(3))
    }
}

private struct OnlyEven: PassageFilter {
    func admits(_ passage: Passage) -> Bool { (passage.id.utf8.last ?? 0) % 2 == 0 }
}

@Suite struct SearchPipelineTests {
    let first = GivenCandidates(RankingTests.candidates(4))

    @Test func bothOrders() async throws {
        let pipeline = try SearchPipeline(
            retriever: first, reranker: StubReranker(logits: [0, 3, nil, 1]), initialK: 4, finalK: 2)
        let result = try await pipeline.search(Query("which?"))
        #expect(result.hits.map(\.passage.id) == ["p1", "p3"])
        #expect(result.hits.map(\.delta) == [1, 2])
        #expect(result.candidates.map(\.passage.id) == ["p1", "p3", "p0", "p2"])
        #expect(result.trace.stages.map(\.name) == ["retrieve", "rerank", "rank"])
        #expect(result.trace.stages[1].counts == ["candidates": 4, "scored": 3, "truncated": 3])
        #expect(result.trace.models["reranker"]?.name == "stub")
    }

    @Test func initialKLimitsTheCandidates() async throws {
        let pipeline = try SearchPipeline(retriever: first, reranker: nil, initialK: 3, finalK: 2)
        let result = try await pipeline.search(Query("which?"))
        #expect(result.candidates.count == 3)
        #expect(result.hits.map(\.passage.id) == ["p0", "p1"])
        #expect(result.trace.stages.map(\.name) == ["retrieve", "rank"])
        let filtered = try await pipeline.search(Query("which?"), filter: OnlyEven())
        #expect(filtered.candidates.map(\.passage.id) == ["p0", "p2"])
    }

    @Test func nothingFound() async throws {
        // The reranker would return one score too many: it must not be asked.
        let pipeline = try SearchPipeline(retriever: GivenCandidates([]), reranker: StubReranker(logits: [1]))
        let result = try await pipeline.search(Query("which?"))
        #expect(result.hits.isEmpty && result.candidates.isEmpty)
    }

    @Test(arguments: ["", " ", "\n\t\u{3000}\u{A0}", "\u{200B}", "\u{200D}\u{FEFF} \u{AD}\u{FE0F}", "\u{0}\u{7}"])
    func emptyQuery(_ text: String) async throws {
        let pipeline = try SearchPipeline(retriever: first, reranker: nil)
        await #expect(throws: SearchError.emptyQuery) { try await pipeline.search(Query(text)) }
    }

    @Test(arguments: [
        (20, 21, SearchError.finalKOverInitialK(finalK: 21, initialK: 20)),
        (0, 1, .notPositive(parameter: "initialK", value: 0)),
        (5, -1, .notPositive(parameter: "finalK", value: -1)),
    ])
    func impossibleCounts(initialK: Int, finalK: Int, expected: SearchError) {
        #expect(throws: expected) {
            try SearchPipeline(retriever: first, reranker: nil, initialK: initialK, finalK: finalK)
        }
    }

    @Test func duplicatesAreNamed() async throws {
        var candidates = RankingTests.candidates(3)
        candidates[2].passage.id = "p0"
        let pipeline = try SearchPipeline(retriever: GivenCandidates(candidates), reranker: nil)
        await #expect(throws: SearchError.duplicateCandidate(id: "p0", ranks: [1, 3])) {
            try await pipeline.search(Query("which?"))
        }
    }

    @Test func aRerankerMustAnswerForAll() async throws {
        let pipeline = try SearchPipeline(retriever: first, reranker: StubReranker(logits: [1]))
        await #expect(throws: SearchError.scoreCount(candidates: 4, scores: 1)) {
            try await pipeline.search(Query("which?"))
        }
    }

    @Test func cancellationBetweenStages() async throws {
        let pipeline = try SearchPipeline(retriever: CancellingRetriever(), reranker: StubReranker(logits: [1, 2, 3]))
        let task = Task { try await pipeline.search(Query("which?")) }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func traceAsJSON() async throws {
        let pipeline = try SearchPipeline(
            retriever: first, reranker: StubReranker(logits: [0.1, 3, nil, 1]), initialK: 4, finalK: 2)
        let trace = try await pipeline.search(Query("which \"one\"?")).trace
        let encoded = try JSONEncoder().encode(trace)
        let back = try JSONDecoder().decode(Trace.self, from: encoded)
        #expect(back.candidates == trace.candidates)
        #expect(back.models == trace.models)
        for (read, written) in zip(back.stages, trace.stages) {
            #expect(read.name == written.name && read.counts == written.counts)
            #expect(abs(read.duration.milliseconds - written.duration.milliseconds) <= 0.001)
        }

        let json = try #require(try JSONSerialization.jsonObject(with: encoded) as? [String: Any])
        #expect(json["version"] as? Int == 2)
        #expect(json["time"] as? String == trace.time)
        #expect(json["threshold"] is NSNull && json["answer"] is NSNull, "absent, not null")
        let candidates = try #require(json["candidates"] as? [[String: Any]])
        let unscored = try #require(candidates.last)
        for key in ["logit", "score", "scoreKind", "probability", "window"] {
            #expect(unscored[key] is NSNull, "\(key) is absent, not null")
        }
        #expect((candidates[0]["logit"] as? Double) == 3)
    }
}
