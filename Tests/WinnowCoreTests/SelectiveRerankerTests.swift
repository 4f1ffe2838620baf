import Testing
import WinnowCore

@Suite struct SelectiveRerankerTests {
    /// Of these scores, so many, in this order.
    private static func candidates(_ scores: [Double?]) -> [Candidate] {
        scores.enumerated().map { index, score in
            Candidate(passage: Hits.passage("p\(index)", "text \(index)"), rank: index + 1, retrievalScore: score)
        }
    }

    /// Which of them are scored.
    private func scored(_ scores: [Double?], within: Double) async throws -> [Bool] {
        let reranker = try SelectiveReranker(LogitReranker { _ in 1 }, within: within)
        let candidates = Self.candidates(scores)
        let scoring = try await reranker.scoring(Query("q"), candidates, until: nil)
        let passedOver = scoring.scores.count { $0 == nil }
        #expect(scoring.counts == [SelectiveReranker.countName: passedOver])
        #expect(scoring.selection == .init(within: within, of: scores.count, passedOver: passedOver))
        #expect(reranker.scoresDependOnCompany)
        #expect(try await reranker.score(Query("q"), candidates, until: nil) == scoring.scores)
        return scoring.scores.map { $0 != nil }
    }

    @Test(
        arguments: [
            ([2, 1.5, 1, 0.5], 1, [true, true, true, false]),
            ([2, 1.5, 1, 0.5], 0, [true, false, false, false]),
            ([2, 2, 1], 0, [true, true, false]),
            // Whatever the order they are given in.
            ([0.5, 2, 1.5], 0.5, [false, true, true]),
            // Scores below zero, as cosines can be.
            ([-1, -1.25, -2], 0.25, [true, true, false]),
            // What has no score is scored.
            ([2, nil, 0.5], 1, [true, true, false]),
            ([nil, nil], 0, [true, true]),
            ([], 1, []),
            ([2, -1e300], 1e308, [true, true]),
            ([1e308, -1e308], 1e308, [true, false]),
            // What is no number says nothing of the others, and is scored.
            ([.infinity, 2, 1.5, 0.5], 1, [true, true, true, false]),
            ([2, -.infinity, .nan, 0.5], 1, [true, true, true, false]),
            ([.infinity], 0, [true]),
        ] as [([Double?], Double, [Bool])])
    func theBestAndThoseNearIt(scores: [Double?], within: Double, expected: [Bool]) async throws {
        #expect(try await scored(scores, within: within) == expected)
    }

    @Test(arguments: [-0.1, .nan, .infinity, -.infinity])
    func noDifference(_ within: Double) {
        let error = #expect(throws: SearchError.self) {
            try SelectiveReranker(LogitReranker { _ in 1 }, within: within)
        }
        #expect("\(String(describing: error))".contains("\(within)"))
    }

    /// One within another: what either passes over.
    @Test func nested() async throws {
        let inner = try SelectiveReranker(LogitReranker { _ in 1 }, within: 0.5)
        let outer = try SelectiveReranker(inner, within: 1)
        let scoring = try await outer.scoring(Query("q"), Self.candidates([2, 1.75, 1.25, 0.5]), until: nil)
        #expect(scoring.scores.map { $0 != nil } == [true, true, false, false])
        #expect(scoring.selection == .init(within: 1, of: 4, passedOver: 2))
        #expect(scoring.counts == [SelectiveReranker.countName: 2])
    }

    /// The others stay below the scored ones in the first stage's order, and a deadline that all the rest met was met.
    @Test func whatIsPassedOverKeepsItsOrder() async throws {
        let logits: [String: Float] = ["p0": -3, "p1": 2, "p2": 5, "p3": 9, "p4": 8]
        let pipeline = try SearchPipeline(
            retriever: GivenCandidates(Self.candidates([2, 1.5, 1.25, 0.5, 0.25])),
            reranker: SelectiveReranker(LogitReranker { logits[$0.id] }, within: 1), initialK: 5, finalK: 1)
        let result = try await pipeline.search(Query("q"), until: Deadline(.seconds(60)))
        #expect(result.candidates.map(\.id) == ["p2", "p1", "p0", "p3", "p4"])
        #expect(result.candidates.map { $0.logit?.value } == [5, 2, -3, nil, nil])
        #expect(result.trace.deadline == .init(limit: .seconds(60), scored: 3, of: 3))
        #expect(result.trace.stages[1].counts == ["candidates": 5, "scored": 3, "truncated": 0, "passedOver": 2])
        #expect(result.trace.selection == .init(within: 1, of: 5, passedOver: 2))
        #expect(result.advice == [.passedOver(.init(within: 1, of: 5, passedOver: 2))])
    }
}
