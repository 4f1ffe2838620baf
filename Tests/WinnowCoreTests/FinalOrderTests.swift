import TestSupport
import Testing
import WinnowCore

/// The orders in `fusion/goldens.json`, as `Scripts/make-fusion-goldens` writes them.
private struct OrderGoldens: Decodable {
    struct Case: Decodable {
        var logits: [Float?]
        var scores: [Double]
        /// Indices and values, best first, by the spelling of the order.
        var expected: [String: [Entry]]
    }

    struct Entry: Decodable {
        var index: Int
        var value: Double?

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            index = try container.decode(Int.self)
            value = try container.decode(Double?.self)
        }
    }

    var orders: [Case]
}

@Suite struct FinalOrderTests {
    private static func candidates(_ scores: [Double?]) -> [Candidate] {
        scores.enumerated().map { index, score in
            Candidate(
                passage: Passage(id: "p\(index)", documentID: "p\(index)", text: "text"), rank: index + 1,
                retrievalScore: score)
        }
    }

    private static func rank(
        _ logits: [Float?], _ scores: [Double?], _ order: FinalOrder, threshold: Ranking.Threshold? = nil
    ) throws -> Ranking {
        try Ranking.rank(
            candidates(scores), scores: logits.map(RankingTests.score), finalK: max(1, logits.count), order: order,
            threshold: threshold)
    }

    @Test(arguments: ["reranker", "blend:0", "blend:0.3", "blend:0.5", "blend:1", "rrf:60", "rrf:2.5"])
    func agreesWithTheFormulas(_ spelling: String) throws {
        let goldens: OrderGoldens = try Fixtures.json("fusion/goldens.json")
        #expect(goldens.orders.count == 21)
        for row in goldens.orders {
            let expected = try #require(row.expected[spelling])
            let ranked = try Self.rank(row.logits, row.scores, FinalOrder(parsing: spelling)).candidates
            #expect(ranked.map(\.passage.id) == expected.map { "p\($0.index)" }, "\(row)")
            for (hit, expected) in zip(ranked, expected) {
                #expect(abs((hit.finalScore ?? -1) - (expected.value ?? -1)) <= 1e-14, "\(row)")
            }
        }
    }

    /// Whatever the order: who has a score stands before who has none, and the logit says who reaches a threshold.
    @Test(arguments: [FinalOrder.reranker, .blend(weight: 0.25), .blend(weight: 0), .reciprocalRank()])
    func thresholdsSpeakOfTheLogit(_ order: FinalOrder) throws {
        var random = SeededGenerator(seed: 21)
        for _ in 0..<200 {
            let count = Int.random(in: 1...20, using: &random)
            let logits = (0..<count).map { _ in
                Int.random(in: 0..<8, using: &random) == 0 ? nil : Float(Int.random(in: -6...6, using: &random)) / 2
            }
            let scores = (0..<count).map { _ in Double(Int.random(in: 0...9, using: &random)) / 10 }.sorted(by: >)
            let ranking = try Self.rank(logits, scores, order, threshold: .logit(0.5))
            let passing = logits.indices.filter { logits[$0].map { $0 >= 0.5 } ?? false }
            #expect(Set(ranking.hits.map(\.passage.id)) == Set(passing.map { "p\($0)" }))
            let all = ranking.candidates
            #expect(ranking.hits == all.filter { ($0.logit?.value ?? -1) >= 0.5 }, "hits are in the same order")
            #expect(all.map(\.finalRank) == Array(1...count))
            let scored = logits.count { $0 != nil }
            #expect(all.prefix(scored).allSatisfy { $0.logit != nil })
            #expect(
                all.dropFirst(scored).map(\.initialRank) == logits.indices.filter { logits[$0] == nil }.map { $0 + 1 })
            #expect(all.dropFirst(scored).allSatisfy { $0.finalScore == nil })
        }
    }

    /// The reranker's whole weight is the reranker's order, ties included.
    @Test func wholeWeightIsTheReranker() throws {
        var random = SeededGenerator(seed: 22)
        for _ in 0..<200 {
            let count = Int.random(in: 1...20, using: &random)
            // So near to one another that min-max may make them equal.
            let logits = (0..<count).map { _ -> Float? in
                Bool.random(using: &random) ? Float(1e30) : Float(Int.random(in: 0...3, using: &random))
            }
            let scores = (0..<count).map { _ in Double(Int.random(in: 0...9, using: &random)) }.sorted(by: >)
            let ids = try Self.rank(logits, scores, .blend(weight: 1)).candidates.map(\.passage.id)
            #expect(try ids == Self.rank(logits, scores, .reranker).candidates.map(\.passage.id))
        }
    }

    @Test func withoutASecondStageThereIsNothingToBlend() throws {
        let ranking = try Ranking.rank(Self.candidates([nil, nil]), scores: nil, finalK: 2, order: .blend(weight: 0.5))
        #expect(ranking.hits.map(\.passage.id) == ["p0", "p1"] && ranking.hits.allSatisfy { $0.finalScore == nil })
    }

    @Test func candidatesWithoutScoresCannotBeBlended() throws {
        let order = FinalOrder.blend(weight: 0.5)
        #expect(throws: SearchError.blendWithoutRetrievalScore(passageID: "p1", order: order)) {
            try Self.rank([1, 2], [0.5, nil], order)
        }
        #expect(throws: SearchError.retrievalScoreNotFinite(passageID: "p0", score: .infinity)) {
            try Self.rank([1, 2], [.infinity, 0], order)
        }
        // One that was not scored takes no part, and ranks need no scores.
        #expect(try Self.rank([1, nil], [0.5, nil], order).candidates.map(\.passage.id) == ["p0", "p1"])
        #expect(try Self.rank([1, 2], [nil, nil], .reciprocalRank()).candidates.map(\.passage.id) == ["p1", "p0"])
    }

    @Test(arguments: [
        ("reranker", FinalOrder.reranker, "reranker"), ("blend:0.7", .blend(weight: 0.7), "blend:0.7"),
        ("blend:1", .blend(weight: 1), "blend:1"), ("blend:0", .blend(weight: 0), "blend:0"),
        ("rrf", .reciprocalRank(k: 60), "rrf:60"), ("rrf:2.5", .reciprocalRank(k: 2.5), "rrf:2.5"),
    ])
    func spellings(text: String, order: FinalOrder, written: String) throws {
        #expect(try FinalOrder(parsing: text) == order)
        #expect(order.description == written)
        #expect(try FinalOrder(parsing: written) == order)
    }

    @Test(arguments: [
        "", "Reranker", "blend", "blend:", "blend:x", "blend:0.5:1", "blend:0x1", "rrf:", "reranker:1", "0.5",
    ])
    func otherSpellings(_ text: String) {
        #expect(throws: SearchError.orderSpelling(text)) { try FinalOrder(parsing: text) }
    }

    @Test(arguments: [
        ("blend:1.5", "0 to 1"), ("blend:-0.1", "0 to 1"), ("blend:nan", "0 to 1"), ("blend:inf", "0 to 1"),
        ("rrf:0", "above 0"), ("rrf:-1", "above 0"), ("rrf:inf", "above 0"), ("rrf:nan", "above 0"),
    ])
    func outOfRange(text: String, word: String) {
        let error = #expect(throws: SearchError.self) { try FinalOrder(parsing: text) }
        #expect(error?.description.contains(word) == true)
    }
}
