import TestSupport
import Testing
import WinnowCore

@Suite struct RankingTests {
    static func candidates(_ count: Int) -> [Candidate] {
        (0..<count).map { index in
            Candidate(
                passage: Passage(id: "p\(index)", documentID: "p\(index)", text: "text \(index)"), rank: index + 1,
                retrievalScore: 1 - Double(index) / 100)
        }
    }

    static func score(_ logit: Float?) -> PairScore? {
        logit.map { PairScore(logit: Logit($0), score: Score($0, kind: .identity)) }
    }

    @Test(
        arguments: [
            ([1, 2, 3], [2, 1, 0]),
            ([3, 2, 1], [0, 1, 2]),
            ([1, 1, 1], [0, 1, 2]),
            ([0, 5, 0, 5], [1, 3, 0, 2]),
            ([-0.0, 0.0], [0, 1]),
            ([nil, 1, nil, 2], [3, 1, 0, 2]),
            ([nil, nil], [0, 1]),
            ([nil, -1e30], [1, 0]),
            ([], []),
        ] as [([Float?], [Int])])
    func order(logits: [Float?], expected: [Int]) throws {
        let candidates = Self.candidates(logits.count)
        let ranking = try Ranking.rank(candidates, scores: logits.map(Self.score), finalK: 10)
        #expect(ranking.candidates.map(\.passage.id) == expected.map { "p\($0)" })
        #expect(ranking.candidates.map(\.finalRank) == Array(1..<logits.count + 1))
        for hit in ranking.candidates {
            #expect(hit.delta == hit.initialRank - hit.finalRank)
            #expect(hit.passage.id == "p\(hit.initialRank - 1)")
        }
        #expect(ranking.hits == ranking.candidates)
    }

    @Test func withoutSecondStageTheFirstOrderStays() throws {
        let ranking = try Ranking.rank(Self.candidates(4), scores: nil, finalK: 2)
        #expect(ranking.hits.map(\.passage.id) == ["p0", "p1"])
        #expect(ranking.candidates.count == 4)
        #expect(ranking.hits.allSatisfy { $0.logit == nil && $0.score == nil && $0.delta == 0 && !$0.truncated })
    }

    @Test(arguments: [
        (Ranking.Threshold.logit(1), ["p2", "p0"]),
        (.logit(2.5), ["p2"]),
        (.score(4), []),
    ])
    func threshold(_ threshold: Ranking.Threshold, expected: [String]) throws {
        let ranking = try Ranking.rank(
            Self.candidates(4), scores: [1, 0, 3, nil].map(Self.score), finalK: 3, threshold: threshold)
        #expect(ranking.hits.map(\.passage.id) == expected)
        #expect(ranking.candidates.count == 4)
    }

    @Test func whatWasCutIsSaid() throws {
        let scores = [
            PairScore(logit: Logit(2), score: Score(2, kind: .identity), passageTokensDropped: 3),
            PairScore(logit: Logit(1), score: Score(1, kind: .identity), queryTokensDropped: 1),
        ]
        let hits = try Ranking.rank(Self.candidates(2), scores: scores, finalK: 2).hits
        #expect(hits.map(\.truncated) == [true, false])
        #expect(hits.map(\.queryTruncated) == [false, true])
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func logitsThatAreNotFinite(_ logit: Float) {
        let error = #expect(throws: SearchError.self) {
            try Ranking.rank(Self.candidates(2), scores: [1, logit].map(Self.score), finalK: 1)
        }
        #expect(error?.description.contains("'p1'") == true)
    }

    @Test func countsMustAgree() {
        #expect(throws: SearchError.scoreCount(candidates: 3, scores: 1)) {
            try Ranking.rank(Self.candidates(3), scores: [Self.score(1)], finalK: 1)
        }
        #expect(throws: SearchError.notPositive(parameter: "finalK", value: 0)) {
            try Ranking.rank(Self.candidates(3), scores: nil, finalK: 0)
        }
    }

    @Test func orderDoesNotDependOnSortingNoise() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            let count = Int.random(in: 0...60, using: &random)
            let logits = (0..<count).map { _ in
                Bool.random(using: &random) ? Float(Int.random(in: 0...5, using: &random)) : nil
            }
            let hits = try Ranking.rank(Self.candidates(count), scores: logits.map(Self.score), finalK: 1).candidates
            for (left, right) in zip(hits, hits.dropFirst()) {
                switch (left.logit, right.logit) {
                case (let a?, let b?): #expect(a > b || (a == b && left.initialRank < right.initialRank))
                case (nil, nil): #expect(left.initialRank < right.initialRank)
                case (nil, _?): Issue.record("an unscored candidate stands before a scored one")
                case (_?, nil): break
                }
            }
            #expect(Set(hits.map(\.initialRank)).count == count)
        }
    }
}
