import Foundation
import TestSupport
import Testing
import WinnowStore

@Suite struct LexicalLawTests {
    struct Goldens: Decodable {
        struct Words: Decodable {
            var text: String
            var terms: [String]
        }
        struct Parity: Decodable {
            var text: String
            var terms: [String]
            var stems: [String]
        }
        var unicode: [Words]
        var ascii: [Parity]
    }

    @Test func equalsReferences() throws {
        let goldens: Goldens = try Fixtures.json("lexical/terms.json")
        #expect(goldens.unicode.count > 10 && goldens.ascii.count > 2)
        for golden in goldens.unicode { #expect(terms(golden.text) == golden.terms) }
        for golden in goldens.ascii {
            #expect(terms(golden.text, .ascii) == golden.terms)
            #expect(terms(golden.text, .ascii, .english) == golden.stems)
        }
    }

    /// Canonically equivalent texts have the same terms, byte for byte.
    @Test func equivalentTextsHaveEqualTerms() throws {
        let goldens: Goldens = try Fixtures.json("lexical/terms.json")
        let more = ["ガ ぱ 각 한글 क़ ড় ཱི", "q\u{323}\u{307} ก\u{E38}\u{E48}", "\u{1112}\u{1161}\u{11AB}"]
        for text in goldens.unicode.map(\.text) + more {
            let expected = termBytes(Array(text.utf8), LexicalAnalysis())
            for form in [text.decomposedStringWithCanonicalMapping, text.precomposedStringWithCanonicalMapping] {
                #expect(termBytes(Array(form.utf8), LexicalAnalysis()) == expected, "\(text)")
            }
        }
        // Marks in either order.
        let analysis = LexicalAnalysis()
        #expect(
            termBytes(Array("ก\u{E48}\u{E38}".utf8), analysis) == termBytes(Array("ก\u{E38}\u{E48}".utf8), analysis))
    }

    /// Random bytes and random texts of everything that has a rule: no trap; terms of 1 to the maximum's bytes, UTF-8, folded already
    /// (a term without joiners and signs gives itself first).
    @Test(arguments: 0..<8)
    func anyBytes(seed: UInt64) {
        var random = SeededGenerator(seed: 20_261_130 + seed)
        for round in 0..<300 {
            let text =
                round % 2 == 0
                ? randomText(&random, pieces: round % 60)
                : (0..<round).map { _ in UInt8.random(in: 0...255, using: &random) }
            for analysis in allAnalyses {
                for term in termBytes(text, analysis) {
                    #expect((1...LexicalAnalyzer.maximumTermBytes).contains(term.count))
                    #expect(String(validating: term, as: UTF8.self) != nil)
                    guard analysis.stemming == .none, !term.contains(where: { "-_./:#@+'·".utf8.contains($0) }) else {
                        continue
                    }
                    if analysis.words == .unicode { #expect(termBytes(term, analysis).first == term) }
                }
            }
        }
    }

    /// What stands before and after white space does not matter, wherever the text is in memory; an analyzer keeps no state.
    @Test(arguments: 0..<8)
    func termsOfATextAreThoseOfItsPieces(seed: UInt64) {
        var random = SeededGenerator(seed: 77 + seed)
        for analysis in allAnalyses {
            var analyzer = LexicalAnalyzer(analysis)
            for _ in 0..<100 {
                let pieces = (0..<Int.random(in: 1...6, using: &random)).map { _ in randomText(&random, pieces: 9) }
                let separators: [UInt8] = [0x20, 0x0A, 0x09, 0x0D]
                var whole: [UInt8] = []
                for piece in pieces { whole += piece + [separators[Int.random(in: 0..<4, using: &random)]] }
                var together: [[UInt8]] = []
                whole.withUnsafeBufferPointer { analyzer.forEachTerm(in: $0) { together.append(Array($0)) } }
                #expect(together == pieces.flatMap { termBytes($0, analysis) }, "\(whole)")
            }
        }
    }

    /// Windows end at white space only: texts around their size, with a letter that makes them be prepared.
    @Test(arguments: [65_530, 65_535, 65_536, 65_537, 70_000, 200_000])
    func windowsDoNotShow(size: Int) {
        let sentence = "é getName E-4012 U.S. 1,000 東京都 "
        let count = size / sentence.utf8.count
        let text = String(repeating: sentence, count: count) + String(repeating: "x", count: size % sentence.utf8.count)
        let once = terms(sentence)
        let all = terms(text)
        #expect(all.count >= count * once.count)
        #expect(all.indices.prefix(count * once.count).allSatisfy { all[$0] == once[$0 % once.count] })
    }

    /// Ten megabytes of what could be quadratic; each of these takes a fraction of a second.
    @Test(arguments: [
        "a", "A", "aB", "-a", "a.", ".a", "'", "a'", "1,000,", "é", "\u{301}", "\u{200D}", "東", "漢\u{3099}",
        "a_\u{200D}", "ก\u{E48}\u{E38}",
    ])
    func longTextsTakeLinearTime(piece: String) {
        let text = String(repeating: piece, count: 10_000_000 / piece.utf8.count)
        let clock = ContinuousClock()
        for words in LexicalAnalysis.Words.allCases {
            var analyzer = LexicalAnalyzer(LexicalAnalysis(words: words))
            var (count, longest) = (0, 0)
            let time = clock.measure {
                analyzer.forEachTerm(in: text) {
                    count += 1
                    longest = max(longest, $0.count)
                }
            }
            #expect(count <= text.utf8.count && longest <= LexicalAnalyzer.maximumTermBytes)
            #expect(time < .seconds(60), "quadratic time would be hours")
        }
    }
}
