import Foundation
import Synchronization
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

    @Test func whatADeadlineLeftIsTold() async throws {
        let pipeline = try SearchPipeline(
            retriever: first, reranker: StubReranker(logits: [0, 3, nil, nil]), initialK: 4, finalK: 1)
        let plain = try await pipeline.search(Query("which?"))
        #expect(plain.trace.deadline == nil)
        let hurried = try await pipeline.search(Query("which?"), until: Deadline(.milliseconds(40)))
        let deadline = Trace.Deadline(limit: .milliseconds(40), scored: 2, of: 4)
        #expect(hurried.trace.deadline == deadline && deadline.wasReached)
        #expect(hurried.candidates.map(\.passage.id) == ["p1", "p0", "p2", "p3"])
        #expect(hurried.advice.contains(.deadlineReached(deadline)))
        #expect("\(Advice.deadlineReached(deadline))".hasPrefix("2 of 4 candidates were scored in the 40.0 ms"))

        let inTime = try SearchPipeline(
            retriever: first, reranker: StubReranker(logits: [0, 3, 1, 2]), initialK: 4, finalK: 1)
        let whole = try await inTime.search(Query("which?"), until: Deadline(.seconds(1)))
        #expect(whole.trace.deadline == Trace.Deadline(limit: .seconds(1), scored: 4, of: 4))
        #expect(!whole.advice.contains { if case .deadlineReached = $0 { true } else { false } })
    }

    @Test func aDeadlineIsHandedOn() async throws {
        actor Asked {
            var deadlines: [ContinuousClock.Instant?] = []
            func add(_ deadline: ContinuousClock.Instant?) { deadlines.append(deadline) }
        }
        struct Noting: Reranker {
            let asked = Asked()
            var identity: ModelIdentity { get throws { try StubReranker(logits: []).identity } }
            func score(_ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?) async throws
                -> [PairScore?]
            {
                await asked.add(deadline)
                return candidates.map { _ in nil }
            }
        }
        let reranker = Noting()
        let deadline = Deadline(.milliseconds(40), from: .now)
        let pipeline = try SearchPipeline(retriever: first, reranker: reranker, initialK: 4, finalK: 1)
        _ = try await pipeline.search(Query("which?"), until: deadline)
        _ = try await pipeline.search(Query("which?"))
        #expect(await reranker.asked.deadlines == [deadline.scoringEnd, nil])
        // What comes after scoring has 2 ms, or a tenth of less than 20.
        #expect(deadline.instant - deadline.scoringEnd == .milliseconds(2))
        let short = Deadline(.milliseconds(10))
        #expect(short.instant - short.scoringEnd == .milliseconds(1))
        // Without a second stage there is nothing that a deadline could leave out.
        let dense = try SearchPipeline(retriever: first, reranker: nil, initialK: 4, finalK: 1)
        #expect(try await dense.search(Query("which?"), until: deadline).trace.deadline == nil)
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
        (.max, 5, .tooLarge(parameter: "initialK", value: .max, most: 1_000_000_000)),
        (.max, .max / 3, .tooLarge(parameter: "initialK", value: .max, most: 1_000_000_000)),
        (1_000_000_001, 1, .tooLarge(parameter: "initialK", value: 1_000_000_001, most: 1_000_000_000)),
    ])
    func impossibleCounts(initialK: Int, finalK: Int, expected: SearchError) {
        #expect(throws: expected) {
            try SearchPipeline(retriever: first, reranker: nil, initialK: initialK, finalK: finalK)
        }
    }

    /// First-stage scores 1, 0.99, 0.98, 0.97; logits −1, 3, nil, 2: the blend of the first is 0.5 × 0 + 0.5 × 1, of the second 0.5
    /// × 1 + 0.5 × ⅔, of the fourth 0.5 × ¾ + 0.
    @Test func aBlendOfBothStages() async throws {
        let reranker = StubReranker(logits: [-1, 3, nil, 2])
        let blend = try SearchPipeline(
            retriever: first, reranker: reranker, initialK: 4, finalK: 2, order: .blend(weight: 0.5))
        let result = try await blend.search(Query("which?"))
        #expect(result.candidates.map(\.passage.id) == ["p1", "p0", "p3", "p2"])
        #expect(result.hits.map(\.passage.id) == ["p1", "p0"])
        #expect(result.trace.order == "blend:0.5")
        #expect(result.trace.candidates.map(\.finalScore) == result.candidates.map(\.finalScore))
        #expect(result.candidates.map { $0.finalScore == nil } == [false, false, false, true])
        let plain = try SearchPipeline(retriever: first, reranker: reranker, initialK: 4, finalK: 2)
        #expect(try await plain.search(Query("which?")).trace.order == "reranker")
        let none = try SearchPipeline(retriever: first, reranker: nil, initialK: 4, finalK: 2)
        #expect(try await none.search(Query("which?")).trace.order == nil)
    }

    @Test func ordersThatCannotBe() async throws {
        #expect(throws: SearchError.orderWithoutReranker(.blend(weight: 0.5))) {
            try SearchPipeline(retriever: first, reranker: nil, order: .blend(weight: 0.5))
        }
        #expect(throws: SearchError.orderOutOfRange(.blend(weight: 2))) {
            try SearchPipeline(retriever: first, reranker: StubReranker(logits: []), order: .blend(weight: 2))
        }
        let given = GivenCandidates([Candidate(passage: Passage(id: "a", documentID: "a", text: "t"), rank: 1)])
        let pipeline = try SearchPipeline(
            retriever: given, reranker: StubReranker(logits: [1]), order: .blend(weight: 0.5))
        let error = await #expect(throws: SearchError.self) { try await pipeline.search(Query("which?")) }
        #expect(error?.description.contains("'a' came without a first-stage score") == true)
    }

    /// A blend may put another one first than the one that the reranker's word is about.
    @Test func theStrongestIsTheRerankers() async throws {
        let pipeline = try SearchPipeline(
            retriever: first, reranker: StubReranker(logits: [-9, -8, -10, -7]), initialK: 4, finalK: 2,
            order: .blend(weight: 0))
        let result = try await pipeline.search(Query("which?"))
        #expect(result.hits.map(\.passage.id) == ["p0", "p1"])
        #expect(result.strongest?.id == "p3")
        let weak = result.advice.compactMap { advice -> Float? in
            if case .weakEvidence(let best) = advice { best.logit.value } else { nil }
        }
        #expect(weak == [-8], "of what is shown")
        // While one is unscored nobody knows how weak the evidence is.
        let partial = try SearchPipeline(
            retriever: first, reranker: StubReranker(logits: [-9, -8, nil, -7]), initialK: 4, finalK: 1)
        let hurried = try await partial.search(Query("which?"))
        #expect(!hurried.advice.contains { if case .weakEvidence = $0 { true } else { false } })
        #expect(hurried.unscoredCount == 1)
    }

    /// The first time it may be a file of 90 MB that is hashed, which is not to be done within a deadline.
    @Test func identitiesAreAskedForBeforeTheQuery() async throws {
        final class Times: Sendable {
            private let state = Mutex(0)
            var count: Int { state.withLock { $0 } }
            func add() { state.withLock { $0 += 1 } }
        }
        struct Counting: Reranker {
            let times = Times()
            var identity: ModelIdentity {
                get throws {
                    times.add()
                    return try LogitReranker { _ in 0 }.identity
                }
            }
            func score(_ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?) async throws
                -> [PairScore?]
            { candidates.map { _ in nil } }
        }
        let reranker = Counting()
        let pipeline = try SearchPipeline(retriever: first, reranker: reranker, initialK: 4, finalK: 1)
        #expect(reranker.times.count == 1)
        #expect(try await pipeline.search(Query("which?")).trace.models["reranker"]?.name == "stub")
        #expect(reranker.times.count == 1)
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
        #expect(json["version"] as? Int == 4)
        #expect(json["order"] as? String == "reranker")
        #expect(json["time"] as? String == trace.time)
        #expect(
            json["threshold"] is NSNull && json["answer"] is NSNull && json["selection"] is NSNull, "absent, not null")
        let candidates = try #require(json["candidates"] as? [[String: Any]])
        let unscored = try #require(candidates.last)
        for key in ["logit", "score", "scoreKind", "probability", "finalScore", "window"] {
            #expect(unscored[key] is NSNull, "\(key) is absent, not null")
        }
        #expect((candidates[0]["logit"] as? Double) == 3)
    }
}
