import Synchronization
import TestSupport
import Testing
import WinnowCore

/// What holds for every chunker, over random texts.
@Suite struct ChunkerLawTests {
    /// Every way of cutting, with windows so small that the random texts are many times over them, and as they are used.
    static func chunkers(longest: Int) throws -> [any Chunker] {
        var sentences = [SentenceChunker(), SentenceChunker(overlap: 0), try SentenceChunker(size: 14, overlap: 0.5)]
        for index in sentences.indices { sentences[index].longest = longest }
        var tokens = [try TokenChunker(size: 20, overlap: 6), try TokenChunker(size: 9, overlap: 8)]
        for index in tokens.indices { tokens[index].longest = longest }
        var words = [try WordChunker(size: 7, overlap: 3), try WordChunker(size: 1, overlap: 0), try WordChunker()]
        for index in words.indices { words[index].longest = longest }
        return sentences + tokens + words
    }

    static let counters: [any TokenCounter] = [
        WordCounter(), SubwordCounter(), RoundingCounter(), UnknownWordCounter(),
    ]

    /// Neither end of a passage lies within a scalar, a CR LF or a character. White space is not kept, so an accent on a space
    /// may lose its base.
    static func checkEdges(_ passages: [Passage], of document: Document) {
        let bytes = Array(document.text.utf8)
        var edges: Set<Int> = [0, bytes.count]
        var offset = 0
        for character in document.text {
            offset += character.utf8.count
            edges.insert(offset)
        }
        for passage in passages {
            for edge in [
                passage.range.lowerBound - document.textOffset, passage.range.upperBound - document.textOffset,
            ]
            where !edges.contains(edge) {
                let besideSpace = ByteText.isSpace(bytes[edge]) || ByteText.isSpace(bytes[edge - 1])
                #expect(besideSpace, "\(passage.id) is cut within a character at \(edge)")
            }
        }
    }

    @Test(arguments: 0..<4, [48, 300, 1 << 20])
    func laws(counter: Int, longest: Int) throws {
        var random = SeededGenerator(seed: UInt64(1000 + 10 * counter + longest % 7))
        for round in 0..<30 {
            let title = Bool.random(using: &random) ? "A title of words" : nil
            let document = Document(
                id: "d\(round)", title: title,
                text: SentenceChunkerTests.fuzz(&random) + SentenceChunkerTests.fuzz(&random),
                textOffset: Int.random(in: 0...9, using: &random))
            let limit = budget(Int.random(in: 12...60, using: &random), Self.counters[counter])
            for chunker in try Self.chunkers(longest: longest) {
                let passages = try chunker.chunk(document, budget: limit)
                let comment: Comment = "\(chunker.identity), seed \(1000 + 10 * counter + longest % 7), round \(round)"
                SentenceChunkerTests.check(passages, of: document, limit, comment)
                // A counter that rounds over the text may refuse the only cut between characters.
                if counter != 2 { Self.checkEdges(passages, of: document) }
                #expect(passages == (try chunker.chunk(document, budget: limit)), comment)
                if passages.isEmpty { #expect(title == nil && document.text.utf8.allSatisfy(ByteText.isSpace)) }
                for (left, right) in zip(passages, passages.dropFirst()) {
                    #expect(left.range.lowerBound < right.range.lowerBound, comment)
                }
            }
        }
    }

    @Test func whatIsNotCutIsAllThere() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<50 {
            let document = Document(id: "d", text: SentenceChunkerTests.fuzz(&random), textOffset: 3)
            let passages = try WholeDocumentChunker().chunk(document, budget: budget(1))
            #expect(passages.map(\.text) == (document.text.isEmpty ? [] : [document.text]))
            #expect(passages.allSatisfy { $0.id == "d" && $0.range == 3..<3 + document.text.utf8.count })
        }
    }

    @Test func aTitleAloneIsAPassageAndNothingIsNone() throws {
        for chunker in try Self.chunkers(longest: 64) {
            #expect(
                try chunker.chunk(Document(id: "d", title: "T", text: " \r\n "), budget: budget(9)).map(\.content) == [
                    "T"
                ])
            #expect(try chunker.chunk(Document(id: "d", text: " \n\t"), budget: budget(9)).isEmpty)
            #expect(throws: SearchError.self) {
                try chunker.chunk(Document(id: "d", text: "some text"), budget: budget(0, SubwordCounter()))
            }
        }
    }

    // MARK: - Portions

    /// Paragraphs, lists, code and tables under headings, none of them long.
    static func article(sections: Int, _ random: inout SeededGenerator) -> String {
        var text = ""
        for section in 0..<sections {
            text += String(repeating: "#", count: Int.random(in: 1...3, using: &random)) + " Section \(section)\n\n"
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text += "Steps:\n\n- one two three\n- four five six\n\n"
                case 1: text += "```\nlet x = 1\n\n# no heading\n```\n\n"
                case 2: text += "| a | b |\n|---|---|\n| 1 | 2 |\n\n"
                default:
                    for sentence in 0..<Int.random(in: 1...6, using: &random) {
                        text += "Sentence \(sentence) of this section has words. "
                    }
                    text += "\n\n"
                }
            }
        }
        return text
    }

    @Test func whereTheTextIsReadInStretchesDoesNotMatter() throws {
        var random = SeededGenerator(seed: 11)
        for sections in [0, 1, 2, 40, 400] {
            let document = Document(id: "d", title: "Title", text: Self.article(sections: sections, &random))
            let whole = try Self.chunkers(longest: 1 << 20).map { try $0.chunk(document, budget: budget(24)) }
            for longest in [700, 1100, 5000] {
                let parts = try Self.chunkers(longest: longest).map { try $0.chunk(document, budget: budget(24)) }
                #expect(parts == whole, "stretches of \(longest) bytes")
            }
        }
    }

    @Test func portionsAreTheWhole() throws {
        var random = SeededGenerator(seed: 12)
        let document = Document(id: "d", text: Self.article(sections: 2500, &random))
        for chunker in try Self.chunkers(longest: 1000) + [WholeDocumentChunker()] {
            let portions = try chunker.portions(of: document, budget: budget(24))
            var parts: [[Passage]] = []
            while let portion = try portions.next() { parts.append(portion) }
            #expect(try portions.next() == nil)
            #expect(parts.allSatisfy { !$0.isEmpty })
            #expect(parts.count > 1 || chunker.identity == "none" || parts[0].count <= 1024, "\(chunker.identity)")
            #expect(try parts.flatMap(\.self) == chunker.chunk(document, budget: budget(24)), "\(chunker.identity)")
        }
    }

    /// Exactly as many passages as a portion holds, and one more.
    @Test(arguments: [1, 2, 1023, 1024, 1025, 2048, 2049])
    func portionsEndAnywhere(count: Int) throws {
        let chunker = try WordChunker(size: 1, overlap: 0)
        let text = (0..<count).map { "w\($0)" }.joined(separator: " ")
        let passages = try chunker.chunk(Document(id: "d", text: text), budget: budget(5))
        #expect(passages.map(\.id) == (count == 1 ? ["d"] : (0..<count).map { "d#\($0)" }))
        #expect(passages.map(\.text) == (0..<count).map { "w\($0)" })
    }

    /// One token for every four bytes of what stands between ASCII white space.
    struct ByteSubwordCounter: TokenCounter {
        func tokenCount(_ text: String) -> Int {
            var count = 0
            var length = 0
            for byte in text.utf8 {
                length = ByteText.isSpace(byte) ? 0 : length + 1
                if length % 4 == 1 { count += 1 }
            }
            return count
        }
    }

    /// Bytes that were counted, as a measure of the work.
    final class Meter: TokenCounter {
        let bytes = Atomic(0)
        func tokenCount(_ text: String) -> Int {
            bytes.add(text.utf8.count, ordering: .relaxed)
            return ByteSubwordCounter().tokenCount(text)
        }
    }

    @Test(arguments: [
        "Some words of a sentence that ends. ", "word ", "# Heading\n", "line of code\n", "長い文章", "abcdefghijk",
        "a\n\n",
        "- item\n", "| a | b |\n", "\u{301}", "e\u{301}", "one. ", "  \n", "```\n",
    ])
    func workIsLinearAndDoneAsItIsAskedFor(_ part: String) throws {
        let size = 100_000
        let text = String(repeating: part, count: size / part.utf8.count)
        let document = Document(id: "d", title: "A title", text: text)
        for chunker in try Self.chunkers(longest: 2000) where chunker.identity != "words size=1 overlap=0" {
            let meter = Meter()
            let limit = budget(50, meter)
            let portions = try chunker.portions(of: document, budget: limit)
            let first = try portions.next() ?? []
            let early = meter.bytes.load(ordering: .relaxed)
            let covered = first.last?.range.upperBound ?? 0
            #expect(early <= 40 * covered + 40 * 2000, "\(chunker.identity): \(early) for \(covered)")
            let plain = budget(50, ByteSubwordCounter())
            let passages = try chunker.chunk(document, budget: plain)
            // Windows that hardly move give tens of thousands.
            if passages.count < 5000 {
                SentenceChunkerTests.check(passages, of: document, plain, "\(chunker.identity)")
            }
            while try portions.next() != nil {}
            let all = meter.bytes.load(ordering: .relaxed)
            #expect(all <= 40 * size, "\(chunker.identity): \(all) bytes counted of \(size)")
        }
    }

    @Test func aPortionThatFailsIsTheLast() throws {
        let text = String(repeating: "ok ok\n\n", count: 2000) + "長"
        struct Refusing: TokenCounter {
            func tokenCount(_ text: String) -> Int { text.contains("長") ? 99 : WordCounter().tokenCount(text) }
        }
        let portions = try WordChunker(size: 2, overlap: 0).portions(
            of: Document(id: "d", text: text), budget: budget(5, Refusing()))
        #expect(try portions.next()?.count == 1024)
        #expect(throws: SearchError.self) { while try portions.next() != nil {} }
        #expect(try portions.next() == nil)
    }
}
