import TestSupport
import Testing
import WinnowCore

/// `fusion/goldens.json`, as `Scripts/make-fusion-goldens` writes it.
private struct FusionGoldens: Decodable {
    struct Case: Decodable, CustomStringConvertible {
        var name: String
        var inputs: [FusionInput]
        /// Ids and fused scores, best first, by the spelling of the fusion.
        var expected: [String: [(id: String, score: Double)]]

        var description: String { name }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            name = try container.decode(String.self, forKey: .init("name"))
            inputs = try container.decode([List].self, forKey: .init("lists")).map(\.input)
            expected = [:]
            for spelling in ["rrf", "rrf:7.5", "relative", "distribution"] {
                expected[spelling] = try container.decode([Entry].self, forKey: .init(spelling))
                    .map { ($0.id, $0.score) }
            }
        }
    }

    struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    struct Entry: Decodable {
        var id: String
        var score: Double

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            id = try container.decode(String.self)
            score = try container.decode(Double.self)
        }
    }

    struct List: Decodable {
        var name: String
        var weight: Double
        var entries: [Entry]
        var absent: [String: Double]

        var input: FusionInput {
            FusionLists.list(name, entries.map { ($0.id, $0.score) }, weight: weight, computed: absent)
        }
    }

    var cases: [Case]

    static func read() throws -> FusionGoldens { try Fixtures.json("fusion/goldens.json") }
}

@Suite struct FusionTests {
    /// Doubles against fractions: a few roundings of values in 0…3.
    static let tolerance = 1e-13

    @Test(arguments: ["rrf", "rrf:7.5", "relative", "distribution"])
    func agreesWithTheFormulas(_ spelling: String) throws {
        let cases = try FusionGoldens.read().cases
        #expect(cases.count == 18)
        for row in cases {
            let fused = try Fusion(parsing: spelling).fuse(row.inputs, limit: 1000).candidates
            let expected = try #require(row.expected[spelling])
            #expect(fused.map(\.passage.id) == expected.map(\.id), "\(row)")
            #expect(fused.map(\.rank) == Array(1..<fused.count + 1), "\(row)")
            for (candidate, expected) in zip(fused, expected) {
                let score = try #require(candidate.retrievalScore)
                #expect(abs(score - expected.score) <= Self.tolerance, "\(row), \(expected.id): \(score)")
            }
        }
    }

    /// By hand: 1 of one list and 2 of the other stand equal; both are once the best, so the id decides.
    @Test func everyListsWordIsKept() throws {
        let lists = [
            FusionLists.list("dense", [("b", 0.9), ("a", 0.8)], computed: ["c": 0.25]),
            FusionLists.list("bm25", [("a", 7), ("b", 6), ("c", 5)]),
        ]
        let fused = try Fusion.reciprocalRank().fuse(lists, limit: 10).candidates
        #expect(fused.map(\.passage.id) == ["a", "b", "c"])
        #expect(fused[0].retrievalScore == fused[1].retrievalScore)
        #expect(fused[0].retrievals == ["dense": .init(rank: 2, score: 0.8), "bm25": .init(rank: 1, score: 7)])
        #expect(
            fused[2].retrievals == ["dense": .init(rank: nil, score: 0.25), "bm25": .init(rank: 3, score: 5)],
            "a computed score has no rank")
        let relative = try Fusion.relativeScore.fuse(lists, limit: 10).candidates
        // (0.8 − 0.25) ÷ 0.65 + 1 against 1 + 0.5.
        #expect(relative.map(\.passage.id) == ["a", "b", "c"])
        #expect(relative[1].retrievalScore == 1.5 && relative[2].retrievalScore == 0)
    }

    @Test func whatAListDoesNotKnowIsLeftOut() throws {
        let fused = try Fusion.distribution.fuse(
            [
                FusionLists.list("dense", [("a", 1), ("b", 0)]), FusionLists.list("bm25", [("c", 1), ("b", 0)]),
                FusionLists.list("off", [("a", 1), ("z", 0)], weight: 0),
            ], limit: 10
        ).candidates
        // ⅔ once, or ⅓ twice: all are equal, and b is nowhere the best.
        #expect(fused.map(\.passage.id) == ["a", "c", "b"])
        #expect(fused.map { $0.retrievals.keys.sorted() } == [["dense"], ["bm25"], ["bm25", "dense"]])
    }

    @Test func theLimitCutsAfterFusing() throws {
        let lists = [
            FusionLists.list("x", [("a", 3), ("m", 2)]), FusionLists.list("y", [("b", 3), ("m", 2)]),
        ]
        for (limit, expected) in [(1, ["m"]), (2, ["m", "a"]), (3, ["m", "a", "b"]), (Int.max, ["m", "a", "b"])] {
            let fused = try Fusion.reciprocalRank().fuse(lists, limit: limit).candidates
            #expect(fused.map(\.passage.id) == expected)
        }
        #expect(throws: SearchError.notPositive(parameter: "limit", value: 0)) {
            try Fusion.relativeScore.fuse(lists, limit: 0)
        }
        #expect(try Fusion.relativeScore.fuse([], limit: 3) == RankedList([]))
    }

    @Test func tokensComeFromTheListThatHasThem() throws {
        let fingerprint = try #require(Fingerprint(hexadecimal: String(repeating: "cd", count: 32)))
        let tokens = TokenizedPassage(ids: [7, 8], tokenizer: fingerprint)
        var lists = [FusionLists.list("a", [("p", 1)]), FusionLists.list("b", [("p", 1)])]
        lists[1].candidates[0].tokens = tokens
        #expect(try Fusion.relativeScore.fuse(lists, limit: 1).candidates.map(\.tokens) == [tokens])
    }

    /// Ids that Swift's strings take for the same are two passages, in the order of their bytes.
    @Test func idsAreComparedByBytes() throws {
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        let lists = [
            FusionLists.list("x", [(composed, 1)]), FusionLists.list("y", [(decomposed, 1)]),
        ]
        let fused = try Fusion.reciprocalRank().fuse(lists, limit: 5).candidates
        #expect(fused.map { Array($0.passage.id.utf8) } == [Array(decomposed.utf8), Array(composed.utf8)])
    }

    @Test(arguments: [
        ("rrf", Fusion.reciprocalRank(k: 60), "rrf:60"), ("rrf:20", .reciprocalRank(k: 20), "rrf:20"),
        ("rrf:0.5", .reciprocalRank(k: 0.5), "rrf:0.5"), ("relative", .relativeScore, "relative"),
        ("distribution", .distribution, "distribution"),
    ])
    func spellings(text: String, fusion: Fusion, written: String) throws {
        #expect(try Fusion(parsing: text) == fusion)
        #expect(fusion.description == written)
        #expect(try Fusion(parsing: written) == fusion)
    }

    @Test(arguments: ["", "RRF", "rrf:", "rrf: 20", "rrf:x", "rrf:0x10", "relative:1", "dbsf", "rrf:20:30"])
    func otherSpellings(_ text: String) {
        #expect(throws: SearchError.fusionSpelling(text)) { try Fusion(parsing: text) }
    }

    @Test(arguments: ["rrf:0", "rrf:-1", "rrf:inf", "rrf:nan"])
    func constantsOutOfRange(_ text: String) {
        let error = #expect(throws: SearchError.self) { try Fusion(parsing: text) }
        #expect(error?.description.contains("above 0") == true)
    }

    @Test(arguments: FusionLists.methods)
    func whatCannotBeComputedWith(_ fusion: Fusion) {
        let good = FusionLists.list("good", [("a", 1)])
        let messages: [([FusionInput], String)] = [
            ([good, FusionLists.list("bad", [], weight: -0.5)], "weight of the list 'bad' is -0.5"),
            ([good, FusionLists.list("bad", [], weight: .nan)], "weight of the list 'bad' is nan"),
            ([good, FusionLists.list("bad", [], weight: .infinity)], "weight of the list 'bad' is inf"),
            (
                [
                    FusionLists.list("huge", [], weight: .greatestFiniteMagnitude),
                    FusionLists.list("bad", [], weight: .greatestFiniteMagnitude),
                ], "weight of the list 'bad'"
            ),
            ([good, FusionLists.list("good", [], weight: 0)], "are named 'good'"),
            ([good, FusionLists.list("bad", [("p", .nan)])], "passage 'p' in the list 'bad' is nan"),
            ([good, FusionLists.list("bad", [("p", -.infinity)])], "passage 'p' in the list 'bad' is -inf"),
            (
                [good, FusionLists.list("bad", [("p", 1)], computed: ["z": .nan, "q": .nan])],
                "passage 'q' in the list 'bad' is nan"
            ),
        ]
        for (lists, expected) in messages {
            let error = #expect(throws: SearchError.self, "\(expected)") { try fusion.fuse(lists, limit: 3) }
            #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
        }
    }

    @Test func listsWithoutScoresAreFusedByRankOnly() throws {
        let lists = [FusionLists.list("given", [("a", nil), ("b", nil)]), FusionLists.list("dense", [("b", 0.5)])]
        let fused = try Fusion.reciprocalRank().fuse(lists, limit: 5).candidates
        #expect(fused.map(\.passage.id) == ["b", "a"])
        #expect(fused[1].retrievals == ["given": .init(rank: 1, score: nil)])
        for fusion in [Fusion.relativeScore, .distribution] {
            #expect(throws: SearchError.fusionScoreMissing(list: "given", passageID: "a", fusion: fusion)) {
                try fusion.fuse(lists, limit: 5)
            }
        }
    }

    /// Differences, means and squares of such scores overflow or vanish unless care is taken.
    @Test(arguments: [Double.greatestFiniteMagnitude, 1e200, 1, 1e-200, 5e-324])
    func scoresOfAnySize(_ scale: Double) throws {
        let lists = [FusionLists.list("x", [("a", scale), ("b", 0), ("c", -scale)])]
        let relative = try Fusion.relativeScore.fuse(lists, limit: 3).candidates
        #expect(relative.map(\.retrievalScore) == [1, 0.5, 0])
        let distribution = try Fusion.distribution.fuse(lists, limit: 3).candidates.compactMap(\.retrievalScore)
        // σ = √(2/3) of the scale, so 0.5 ± 1 ÷ 6σ.
        let step = 1 / (6 * (2.0 / 3).squareRoot())
        for (score, expected) in zip(distribution, [0.5 + step, 0.5, 0.5 - step]) {
            #expect(abs(score - expected) <= Self.tolerance)
        }
    }
}
