import TestSupport
import Testing
import WinnowCore

@Suite struct WindowChunkerTests {
    static func words(_ range: Range<Int>) -> String { range.map { "w\($0)" }.joined(separator: " ") }

    /// `for i in range(0, len(words), size - overlap)`, without windows that bring nothing new.
    static func windows(_ count: Int, size: Int, overlap: Int) -> [String] {
        var windows: [String] = []
        var start = 0
        while true {
            windows.append(words(start..<min(count, start + size)))
            if start + size >= count { return windows }
            start += size - overlap
        }
    }

    @Test(arguments: [1, 199, 200, 201, 349, 350, 351, 1000])
    func wordsAreTheTutorials(count: Int) throws {
        let passages = try WordChunker().chunk(Document(id: "d", text: Self.words(0..<count)), budget: budget(500))
        #expect(passages.map(\.text) == Self.windows(count, size: 200, overlap: 50))
    }

    @Test(arguments: [(1, 0), (2, 1), (5, 4), (7, 0), (50, 25)])
    func sizesAndOverlaps(size: Int, overlap: Int) throws {
        for count in [1, size - 1, size, size + 1, 3 * size, 100] where count > 0 {
            let document = Document(id: "d", text: Self.words(0..<count))
            let expected = Self.windows(count, size: size, overlap: overlap)
            let words = try WordChunker(size: size, overlap: overlap).chunk(document, budget: budget(100))
            #expect(words.map(\.text) == expected)
            // With one token a word both cut alike.
            let tokens = try TokenChunker(size: size, overlap: overlap).chunk(document, budget: budget(100))
            #expect(tokens.map(\.text) == expected)
        }
    }

    @Test func withoutABudgetWordsStillCount() throws {
        let document = Document(id: "d", text: Self.words(0..<450))
        #expect(try WordChunker().chunk(document, budget: PassageBudget()).count == 3)
        // There is nothing to count tokens with.
        #expect(try TokenChunker().chunk(document, budget: PassageBudget()).map(\.id) == ["d"])
    }

    @Test func whatIsOverTheBudgetEndsEarlier() throws {
        // A title of 4 tokens leaves 36 of 40; the overlap shrinks as the window does.
        let document = Document(id: "d", title: "One two three four", text: Self.words(0..<200))
        let passages = try WordChunker(size: 100, overlap: 50).chunk(document, budget: budget(40))
        SentenceChunkerTests.check(passages, of: document, budget(40))
        #expect(passages.dropLast().allSatisfy { WordCounter().tokenCount($0.text) == 36 })
        #expect(passages[1].text.hasPrefix("w18 "))
        #expect(passages.allSatisfy { $0.title == "One two three four" })
        let tokens = try TokenChunker(size: 100, overlap: 50).chunk(document, budget: budget(40))
        #expect(tokens.map(\.range) == passages.map(\.range))
    }

    @Test func aTitleIsNoPartOfAWindow() throws {
        let document = Document(id: "d", title: "One two three four", text: Self.words(0..<200))
        let passages = try TokenChunker(size: 20, overlap: 0).chunk(document, budget: budget(40))
        #expect(passages.count == 10)
        #expect(passages.allSatisfy { WordCounter().tokenCount($0.text) == 20 && $0.title != nil })
    }

    @Test func tokensFillTheirWindows() throws {
        for text in [
            String(repeating: "退款需要一周才能完成", count: 300), String(repeating: "0123456789abcdef", count: 300),
            (0..<900).map { String(repeating: "x", count: 1 + $0 % 23) }.joined(separator: " "),
        ] {
            let document = Document(id: "d", text: text)
            let passages = try TokenChunker(size: 80, overlap: 20).chunk(
                document, budget: budget(254, SubwordCounter()))
            SentenceChunkerTests.check(passages, of: document, budget(254, SubwordCounter()))
            ChunkerLawTests.checkEdges(passages, of: document)
            for passage in passages.dropLast() {
                #expect((69...80).contains(SubwordCounter().tokenCount(passage.text)))
            }
            for (left, right) in zip(passages, passages.dropFirst()) {
                #expect(left.range.overlaps(right.range))
                #expect(left.range.upperBound - right.range.lowerBound <= 20 * 4 + 40)
            }
        }
    }

    @Test func sectionsAreKnown() throws {
        let text = "# A\n\none two three\n\n## B\n\nfour five six\n\n```\n# no\n```\n"
        let passages = try WordChunker(size: 5, overlap: 0).chunk(
            Document(id: "d", title: "A", text: text), budget: budget(50))
        #expect(passages.map { $0.metadata["section"] } == [nil, .string("B"), .string("B")])
        #expect(passages[1].text == "## B\n\nfour five six")
        #expect(passages.map(\.title) == [nil, "A", "A"])
        let overlapping = try WordChunker(size: 5, overlap: 2).chunk(Document(id: "d", text: text), budget: budget(50))
        // The overlap is of section A, the new text of B.
        #expect(overlapping[1].text == "two three\n\n## B\n\nfour")
        #expect(overlapping[1].metadata["section"] == .string("A > B"))
    }
}

@Suite struct ChunkingTests {
    @Test func identitiesNameTheirChunkers() throws {
        let chunkers: [any Chunker] = [
            SentenceChunker(), SentenceChunker(overlap: 0), try SentenceChunker(size: 128, overlap: 0.2),
            try TokenChunker(),
            try TokenChunker(size: 9, overlap: 0), try WordChunker(), try WordChunker(size: 1, overlap: 0),
            WholeDocumentChunker(),
        ]
        for chunker in chunkers {
            let same = try ChunkingMethod.chunker(identity: chunker.identity)
            #expect(same.identity == chunker.identity)
            #expect(type(of: same) == type(of: chunker))
        }
        #expect(Set(chunkers.map(\.identity)).count == chunkers.count)
        #expect(
            try ChunkingMethod.allCases.map { try $0.chunker().identity } == [
                "sentences overlap=0.15", "tokens size=200 overlap=30", "words size=200 overlap=50", "none",
            ])
        #expect(try ChunkingMethod.words.chunker(size: 10).identity == "words size=10 overlap=2")
        #expect(try ChunkingMethod.tokens.chunker(size: 1).identity == "tokens size=1 overlap=0")
        #expect(try ChunkingMethod.tokens.chunker(overlap: 5).identity == "tokens size=200 overlap=5")
        #expect(try ChunkingMethod.sentences.chunker(size: 96).identity == "sentences size=96 overlap=0.15")
    }

    @Test(
        arguments: [
            (.words, 0, nil, "of 0 words holds nothing"), (.tokens, -3, nil, "of -3 tokens holds nothing"),
            (.sentences, 0, nil, "of 0 tokens holds nothing"), (.words, 10, 10, "10 words in passages of 10"),
            (.tokens, nil, 200, "50 is a usual overlap"), (.tokens, nil, -1, "at least 0"),
            (.words, nil, 0.15, "counted in whole words"), (.words, nil, .infinity, "whole words"),
            (.tokens, nil, .nan, "whole tokens"), (.sentences, nil, 50, "from 0 to 0.5"),
            (.sentences, nil, .nan, "share"),
            (.sentences, 50, 0.6, "from 0 to 0.5"), (.none, 5, nil, "neither a size nor"),
            (.none, nil, 0, "does not cut"),
        ] as [(ChunkingMethod, Int?, Double?, String)])
    func badSettings(method: ChunkingMethod, size: Int?, overlap: Double?, message: String) throws {
        let error = try #require(throws: ChunkingError.self) { try method.chunker(size: size, overlap: overlap) }
        #expect(error.description.contains(message), "\(error)")
    }

    @Test(arguments: ["", "lines", "words size", "words size=1 size=2", "words size=x", "Words", "none size=2 x"])
    func unknownIdentities(_ identity: String) throws {
        let error = try #require(throws: ChunkingError.self) { try ChunkingMethod.chunker(identity: identity) }
        #expect(error.description.contains("no chunking is called"))
    }

    @Test func aSizeBindsSentencesToo() throws {
        let document = Document(id: "d", text: (0..<50).map { "Sentence \($0) one two." }.joined(separator: " "))
        let passages = try SentenceChunker(size: 10).chunk(document, budget: budget(100))
        SentenceChunkerTests.check(passages, of: document, budget(10))
        #expect(passages == (try SentenceChunker().chunk(document, budget: budget(10))))
        #expect(try SentenceChunker(size: 500).chunk(document, budget: budget(100)).count == 3)
    }
}
