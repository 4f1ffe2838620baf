import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// Searches against the formula, and against searches that leave nothing out.
@Suite struct LexicalSearchTests {
    private static let analysis = LexicalAnalysis(words: .ascii, stemming: .none)
    /// Sums of the same doubles in another order differ by their last bits.
    private static let tolerance = 1e-12

    private static func matches(
        _ found: [(row: Int64, score: Double)], _ expected: [(row: Int64, score: Double)], limit: Int
    ) -> Bool {
        guard found.count >= min(limit, expected.count), found.count <= expected.count else { return false }
        let scores = Dictionary(uniqueKeysWithValues: expected.map { ($0.row, $0.score) })
        for (place, hit) in found.enumerated() {
            guard let score = scores[hit.row], abs(hit.score - score) <= tolerance * score,
                abs(hit.score - expected[place].score) <= tolerance * score
            else { return false }
        }
        return true
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 2), (40, 8), (400, 60), (1500, 400)])
    func agreesWithTheFormula(passages: Int, words: Int) throws {
        var random = SeededGenerator(seed: UInt64(passages))
        let corpus = LexicalOracle.corpus(passages: passages, words: words, using: &random)
        for (k1, b) in [(1.2, 0.75), (0.9, 0.4), (0, 0), (3, 1)] {
            let oracle = LexicalOracle(passages: corpus, k1: k1, b: b)
            let index = LexicalIndex(
                corpus.enumerated().map { LexicalOracle.passage($1, $0) }, analysis: Self.analysis)
            for length in [1, 2, 5, 25] {
                let query = (0..<length).map { _ in LexicalOracle.word(words, using: &random) }
                let expected = oracle.ranking(query)
                for limit in [1, 3, 100, passages + 1] {
                    let found = try index.rows(
                        query.joined(separator: " "), try BM25(k1: k1, b: b), limit: limit)
                    #expect(
                        Self.matches(found, expected, limit: limit),
                        "k1 \(k1), b \(b), \(query), limit \(limit): \(found.prefix(3)) for \(expected.prefix(3))")
                }
            }
        }
    }

    /// Over several windows: what was left out, and how the passages were divided over segments, changes no bit.
    @Test(arguments: [1, 7, 100])
    func leavesOutOnlyWhatCannotMatter(limit: Int) throws {
        var random = SeededGenerator(seed: 3)
        let corpus = LexicalOracle.corpus(passages: 3 * Window.size + 77, words: 3000, using: &random)
        let passages = corpus.enumerated().map { LexicalOracle.passage($1, $0) }
        let whole = LexicalIndex(passages, analysis: Self.analysis)
        let divided = LexicalIndex(passages, analysis: Self.analysis, segmentSize: 1000)
        let bm25 = try BM25()
        for length in [1, 2, 4, 8, 16, 32] {
            for _ in 0..<6 {
                let query = (0..<length).map { _ in LexicalOracle.word(3000, using: &random) }.joined(separator: " ")
                let all = try whole.rows(query, bm25, limit: limit, skips: false)
                for found in [
                    try whole.rows(query, bm25, limit: limit), try divided.rows(query, bm25, limit: limit),
                    try divided.rows(query, bm25, limit: limit, skips: false),
                ] {
                    #expect(found.map(\.row) == all.map(\.row))
                    #expect(found.map(\.score) == all.map(\.score))
                }
                // A filtered list is the full list, filtered.
                let every = try whole.rows(query, bm25, limit: passages.count, skips: false)
                for divisor in [2, 997] as [Int64] {
                    let found = try whole.rows(query, bm25, limit: limit) { $0 % divisor == 0 }
                    let expected = every.filter { $0.row % divisor == 0 }
                    #expect(found.prefix(limit).map(\.score) == expected.prefix(limit).map(\.score))
                    #expect(found.allSatisfy { $0.row % divisor == 0 })
                }
            }
        }
    }

    @Test func keepsAllThatTieWithTheLast() throws {
        let passages = (0..<5000).map { LexicalOracle.passage($0 % 5 == 0 ? ["same", "words"] : ["other"], $0) }
        let index = LexicalIndex(passages, analysis: Self.analysis)
        let rows = try index.rows("same words", try BM25(), limit: 10)
        #expect(rows.map(\.row) == stride(from: 1, to: 5001, by: 5).map { Int64($0) })
        // Of those that tie, the first by id.
        #expect(
            try index.search("same", limit: 3).map(\.passage.id) == ["p0", "p10", "p100"])
    }

    @Test func aLimitMayBeAnyNumber() throws {
        let index = LexicalIndex(
            (0..<300).map { LexicalOracle.passage(["word", "w\($0)"], $0) }, analysis: Self.analysis)
        for limit in [299, 300, 301, Int.max / 2 + 1, .max] {
            #expect(try index.search("word", limit: limit).count == min(limit, 300))
        }
    }

    @Test func findsNothingWithoutATermThatIsThere() throws {
        let index = LexicalIndex([LexicalOracle.passage(["something"], 0)], analysis: Self.analysis)
        for query in ["", "the of and", "else", "…"] { #expect(try index.search(query, limit: 5).isEmpty) }
        #expect(try LexicalIndex([]).search("something", limit: 5).isEmpty)
        #expect(throws: StoreError.notPositive(limit: 0)) { try index.search("something", limit: 0) }
    }

    @Test func aTermThatTheQueryRepeatsCountsAsOften() throws {
        let index = LexicalIndex(
            [["a1", "b1"], ["a1"], ["c1"]].enumerated().map { LexicalOracle.passage($1, $0) }, analysis: Self.analysis)
        let once = try index.search("a1", limit: 3)
        let twice = try index.search("a1 a1", limit: 3)
        #expect(once.map(\.passage.id) == twice.map(\.passage.id))
        for (one, two) in zip(once, twice) {
            #expect(two.retrievalScore == one.retrievalScore.map { $0 * 2 })
        }
    }

    @Test(arguments: [(-0.1, 0.5), (.infinity, 0.5), (.nan, 0.5), (1.2, -0.1), (1.2, 1.1), (1.2, .nan)])
    func refusesParametersOutOfRange(k1: Double, b: Double) {
        #expect(throws: StoreError.self) { try BM25(k1: k1, b: b) }
    }
}
