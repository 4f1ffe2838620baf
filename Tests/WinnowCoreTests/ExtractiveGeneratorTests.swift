import TestSupport
import Testing
import WinnowCore

/// Takes down what it is asked.
private actor Record {
    private(set) var candidates: [Candidate] = []
    private(set) var calls = 0
    private(set) var deadline: ContinuousClock.Instant?
    func add(_ candidates: [Candidate], _ deadline: ContinuousClock.Instant?) {
        calls += 1
        self.candidates += candidates
        self.deadline = deadline
    }
}

private struct RecordingReranker: Reranker {
    var record = Record()
    var logits: @Sendable (Int) -> Float?

    var identity: ModelIdentity { get throws { try LogitReranker { _ in 0 }.identity } }

    func score(_ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?) async throws
        -> [PairScore?]
    {
        await record.add(candidates, deadline)
        return candidates.indices.map { index in
            logits(index).map { PairScore(logit: Logit($0), score: Score($0, kind: .identity)) }
        }
    }
}

/// Two dimensions: whether a text speaks of blue, and that it is one.
private struct WordEmbedder: Embedder {
    actor Asked {
        private(set) var sizes: [Int] = []
        var count: Int { sizes.count }
        func add(_ count: Int) { sizes.append(count) }
    }

    let asked = Asked()
    let dimension = 2
    var identity: ModelIdentity { get throws { try LogitReranker { _ in 0 }.identity } }

    func embed(_ texts: [String], as side: EmbeddingSide) async throws -> Vectors {
        await asked.add(texts.count)
        return Vectors(dimension: 2, values: texts.flatMap { [$0.lowercased().contains("blue") ? 1 : 0, 0.1] })
    }
}

/// The pieces that a generator hands on.
actor Pieces {
    private(set) var all: [String] = []
    func add(_ piece: String) { all.append(piece) }
}

@Suite struct ExtractiveGeneratorTests {
    static func context(_ passages: [Passage], budget: Int = 100_000) -> Context {
        ContextBuilder(tokenBudget: budget, counter: ApproximateTokenCounter()).context(of: Hits.list(passages))
    }

    /// The answer; what was handed on must add up to it.
    private func generate(_ generator: ExtractiveGenerator, _ context: Context) async throws -> GeneratedAnswer {
        let pieces = Pieces()
        let answer = try await generator.generate(Query("which?"), from: context) { await pieces.add($0) }
        #expect(await pieces.all.joined() == answer.text)
        #expect(!answer.declined)
        return answer
    }

    /// Sentences as the reranker gets them.
    private func sentences(_ text: String) async throws -> [String] {
        let reranker = RecordingReranker { _ in 0 }
        _ = try await generate(ExtractiveGenerator(reranker: reranker), Self.context([Hits.passage("d", text)]))
        #expect(await reranker.record.calls == 1)
        return await reranker.record.candidates.map(\.passage.text)
    }

    static let long = String(repeating: "| a long row | of a long table |\n", count: 30)

    @Test(
        arguments: [
            ("One. Two!\nStill two? Three", ["One.", "Two!", "Three"]),
            ("# Head\n\nBody.\n\n## Head 2\n\nMore.", ["Body.", "More."]),
            ("- First item.\n- Second. Third.\n\n3. Fourth", ["First item.", "Second.", "Third.", "Fourth"]),
            // What introduces a list is of use with the list only; its items are of use alone.
            (
                "To cancel, do this:\n\n1. Open Settings.\n2. Click Cancel.\n\nDone.",
                [
                    "To cancel, do this:\n\n1. Open Settings.\n2. Click Cancel.", "Open Settings.", "Click Cancel.",
                    "Done.",
                ]
            ),
            ("Run:\n\n```\nmake\n```\n\nThen wait.", ["Run:\n\n```\nmake\n```", "```\nmake\n```", "Then wait."]),
            ("Nothing follows:\n\nA paragraph.", ["A paragraph."]),
            ("| A | B |\n|---|---|\n| 1 | 2 |", ["| A | B |\n|---|---|\n| 1 | 2 |"]),
            ("---\n\n***\n\nText.", ["Text."]),
            // A question is no answer while there is another sentence.
            ("How long? A week.", ["A week."]),
            ("How long? How much?", ["How long?", "How much?"]),
            ("Same. Same. Other.", ["Same.", "Other."]),
            (
                "| Plan | Price |\n|---|---|\n" + long + "| Pro | 20 |",
                ["| a long row | of a long table |", "| Pro | 20 |"]
            ),
            ("```\n" + String(repeating: "code ", count: 200) + "\n```\n\nText.", ["Text."]),
            ("これは文です。次の文です。", ["これは文です。", "次の文です。"]),
        ] as [(String, [String])])
    func units(_ text: String, expected: [String]) async throws {
        #expect(try await sentences(text) == expected)
    }

    @Test func endlessSentencesAreCut() async throws {
        let words = (0..<400).map { "word\($0)" }.joined(separator: " ")
        let letters = String(String.UnicodeScalarView((0..<900).compactMap { Unicode.Scalar(0x4E00 + $0) }))
        for text in [words, letters] {
            let units = try await sentences(text)
            #expect(units.count > 1 && units.allSatisfy { $0.utf8.count <= 600 })
            #expect(units.joined(separator: text == words ? " " : "") == text)
        }
    }

    @Test func aSentenceIsScoredUnderItsTitleAndHeadings() async throws {
        let reranker = RecordingReranker { _ in 0 }
        let passages = [
            Hits.passage("a", "One.", title: "Plans", section: "Pro > Prices"),
            Hits.passage("b", "Two.", title: "Plans"),
            Hits.passage("c", "Three."),
        ]
        _ = try await generate(ExtractiveGenerator(reranker: reranker), Self.context(passages))
        let asked = await reranker.record.candidates
        #expect(asked.map(\.passage.content) == ["Plans > Pro > Prices\nOne.", "Plans\nTwo.", "Three."])
        #expect(asked.map(\.rank) == [1, 2, 3])
        #expect(await reranker.record.deadline == nil)
    }

    @Test(
        arguments: [
            // The best alone where nothing is close, within the margin others too, in the order of the text.
            ([0, 5, 1, 2], 3, "Bravo two [1]"),
            ([0, 5, 3, 4.5], 3, "Bravo two [1] Charlie three [2] Delta four [2]"),
            ([4, 5, 3, 4.5], 2, "Bravo two [1] Delta four [2]"),
            ([5, 5, 5, 5], 2, "Alpha one [1] Bravo two [1]"),
            ([nil, nil, -9, nil], 3, "Charlie three [2]"),
            // No score at all: the first sentences of the best passage.
            ([nil, nil, nil, nil], 2, "Alpha one [1] Bravo two [1]"),
            ([.nan, 1, .infinity, nil], 3, "Bravo two [1]"),
        ] as [([Float?], Int, String)])
    func choice(logits: [Float?], most: Int, expected: String) async throws {
        let reranker = RecordingReranker { logits[$0] }
        let context = Self.context([
            Hits.passage("a", "Alpha one\n\nBravo two"), Hits.passage("b", "Charlie three\n\nDelta four"),
        ])
        let answer = try await generate(ExtractiveGenerator(reranker: reranker, maxSentences: most), context)
        #expect(answer.text == expected)
        let isScored = logits.contains { $0?.isFinite == true }
        #expect(answer.extracts?.allSatisfy { ($0.pairScore != nil) == isScored } == true)
        let citations = CitationParser.citations(in: answer, context: context)
        #expect(citations.map(\.number) == answer.extracts?.map(\.number) && !citations.contains { !$0.exists })
    }

    @Test(arguments: [(0, 2), (-3, 2), (3, -1), (3, Float.nan)])
    func theBestOneIsThereWhateverTheSettings(most: Int, closeness: Float) async throws {
        let context = Self.context([Hits.passage("a", "Alpha one\n\nBravo two")])
        for logit in [1, nil] as [Float?] {
            let generator = ExtractiveGenerator(
                reranker: LogitReranker { $0.text.hasPrefix("A") ? logit : nil }, maxSentences: most,
                closeness: closeness)
            let answer = try await generate(generator, context)
            #expect(answer.text.hasPrefix("Alpha one [1]"))
        }
        let leastScored = ExtractiveGenerator(reranker: LogitReranker { _ in 1 }, maxScored: -1)
        let answer = try await generate(leastScored, context)
        #expect(answer.text == "Alpha one [1]")
    }

    @Test func whatRepeatsIsLeftOut() async throws {
        let context = Self.context([
            Hits.passage("a", "Refunds take five working days."),
            Hits.passage("b", "All refunds take five working days!"),
            Hits.passage("c", "Credit is booked at once."),
        ])
        let answer = try await generate(ExtractiveGenerator(reranker: LogitReranker { _ in 1 }), context)
        #expect(answer.extracts?.map(\.number) == [1, 3])
        // A list and one of its items are the same words too.
        let list = Self.context([Hits.passage("a", "Do this:\n\n- open the Settings page\n- click Cancel there")])
        let whole = try await generate(ExtractiveGenerator(reranker: LogitReranker { _ in 1 }), list)
        #expect(whole.text == "Do this:\n\n- open the Settings page\n- click Cancel there\n[1]")
    }

    @Test func wrappedLinesAreOneLineAndExtractsVerbatim() async throws {
        let context = Self.context([Hits.passage("a", "A sentence\n  that goes\r\non.")])
        let answer = try await generate(ExtractiveGenerator(reranker: LogitReranker { _ in 1 }), context)
        #expect(answer.text == "A sentence that goes on. [1]")
        #expect(answer.extracts?.map(\.text) == ["A sentence\n  that goes\r\non."])
    }

    @Test func theNumberScoredIsBounded() async throws {
        let reranker = RecordingReranker { _ in 0 }
        let passages = (0..<5).map { number in
            Hits.passage("d\(number)", (0..<40).map { "Sentence \($0) of \(number)." }.joined(separator: " "))
        }
        _ = try await generate(ExtractiveGenerator(reranker: reranker), Self.context(passages))
        let asked = await reranker.record.candidates
        #expect(asked.count == 64)
        #expect(asked.prefix(40).allSatisfy { $0.passage.documentID == "d0" })
    }

    @Test func aTimeLimitIsHandedOn() async throws {
        let reranker = RecordingReranker { _ in nil }
        let generator = ExtractiveGenerator(reranker: reranker, timeLimit: .seconds(3600))
        _ = try await generate(generator, Self.context([Hits.passage("a", "Text.")]))
        #expect(try #require(await reranker.record.deadline) > .now)
    }

    /// The earlier of the two counts.
    @Test func aDeadlineIsHandedOn() async throws {
        let reranker = RecordingReranker { _ in 1 }
        let context = Self.context([Hits.passage("a", "Text.")])
        let deadline = ContinuousClock.now + .seconds(60)
        for (limit, isOwn) in [(Duration.seconds(3600), false), (.seconds(1), true)] {
            let generator = ExtractiveGenerator(reranker: reranker, timeLimit: limit)
            _ = try await generator.generate(Query("q"), from: context, until: deadline) { _ in }
            let given = try #require(await reranker.record.deadline)
            #expect(isOwn ? given < deadline : given == deadline)
        }
    }

    @Test func withoutTimeTheFirstSentencesAreTheAnswer() async throws {
        let context = Self.context([
            Hits.passage("a", "One is first. Two is second. Three is third. Four is fourth."),
            Hits.passage("b", "Five."),
        ])
        let first = "One is first. [1] Two is second. [1] Three is third. [1]"
        let reranked = try await ExtractiveGenerator(reranker: RecordingReranker { _ in nil })
            .generate(Query("q"), from: context, until: .now) { _ in }
        #expect(reranked.text == first && reranked.sentences == .init(scored: 0, of: 5))
        let embedder = WordEmbedder()
        let embedded = try await ExtractiveGenerator(embedder: embedder)
            .generate(Query("q"), from: context, until: .now) { _ in }
        #expect(embedded.text == first && embedded.sentences == .init(scored: 0, of: 5))
        #expect(await embedder.asked.count == 0)
    }

    @Test func anEmbedderReadsSentencesUntilTheDeadline() async throws {
        let texts = (0..<20).map { "Sentence number \($0) stands here." }
        let context = Self.context([Hits.passage("a", texts.joined(separator: " ") + " Blue is what matters.")])
        let embedder = WordEmbedder()
        let answer = try await ExtractiveGenerator(embedder: embedder)
            .generate(Query("blue"), from: context, until: .now + .seconds(3600)) { _ in }
        #expect(answer.text == "Blue is what matters. [1]" && answer.sentences == .init(scored: 21, of: 21))
        // The question and 21 sentences, eight at a time.
        #expect(await embedder.asked.sizes == [1, 8, 8, 5])
    }

    /// The best of those that were scored, and how many those were.
    @Test func someSentencesInTime() async throws {
        let context = Self.context([Hits.passage("a", "One is first. Two is second. Three is third. Four is fourth.")])
        let answer = try await ExtractiveGenerator(
            reranker: RecordingReranker { [-3, 2, nil, nil][$0] }
        ).generate(Query("q"), from: context, until: .now + .seconds(60)) { _ in }
        #expect(answer.text == "Two is second. [1]" && answer.sentences == .init(scored: 2, of: 4))
        // An embedder that takes its time over the first eight.
        struct Slow: Embedder {
            let dimension = 2
            var identity: ModelIdentity { get throws { try LogitReranker { _ in 0 }.identity } }
            let deadline: ContinuousClock.Instant
            func embed(_ texts: [String], as side: EmbeddingSide) async throws -> Vectors {
                if side == .passage { try await Task.sleep(until: deadline, clock: .continuous) }
                return Vectors(dimension: 2, values: texts.flatMap { [Float($0.utf8.count), 1] })
            }
        }
        let deadline = ContinuousClock.now + .milliseconds(300)
        let many = Self.context([
            Hits.passage("a", (10..<30).map { "Sentence number \($0) stands here." }.joined(separator: " "))
        ])
        let embedded = try await ExtractiveGenerator(embedder: Slow(deadline: deadline))
            .generate(Query("q"), from: many, until: deadline) { _ in }
        #expect(embedded.sentences == .init(scored: 8, of: 20))
    }

    @Test func headingsAndTitlesWhereThereIsNothingElse() async throws {
        let generator = ExtractiveGenerator(reranker: LogitReranker { _ in 1 })
        let heading = try await generate(generator, Self.context([Hits.passage("a", "# Refunds take a week")]))
        #expect(heading.text == "Refunds take a week [1]")
        #expect(heading.extracts?.map(\.range) == [2..<21])
        let title = try await generate(generator, Self.context([Hits.passage("a", "", title: "Refunds [1] work")]))
        #expect(title.text == "Refunds [1] work [1]" && title.extracts?.isEmpty == true && title.sentences == nil)
        let nothing = try await generator.generate(Query("q"), from: Context(items: [])) { _ in }
        #expect(nothing.text.isEmpty)
    }

    @Test func aRerankerMustAnswerForAll() async throws {
        struct Short: Reranker {
            var identity: ModelIdentity { get throws { try LogitReranker { _ in 0 }.identity } }
            func score(_ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?) async throws
                -> [PairScore?]
            { [] }
        }
        let generator = ExtractiveGenerator(reranker: Short())
        await #expect(throws: SearchError.scoreCount(candidates: 1, scores: 0)) {
            try await generator.generate(Query("q"), from: Self.context([Hits.passage("a", "Text.")])) { _ in }
        }
    }

    /// Whatever the chunker, the merging and the cut to the budget made of a document: an extract is its bytes.
    @Test func extractsAreTheBytesOfTheSource() async throws {
        var random = SeededGenerator(seed: 4_003)
        for round in 0..<150 {
            let documents = (0..<2).map { number in
                Document(
                    id: "d\(number)",
                    text: ContextBuilderTests.text(using: &random) + "\nDo:\n\n- a thing\n- another\n",
                    textOffset: number * 17)
            }
            let passages = try documents.flatMap {
                try SentenceChunker(overlap: 0.3).chunk($0, budget: budget(Int.random(in: 8...30, using: &random)))
            }.shuffled(using: &random)
            let context = Self.context(Array(passages.prefix(8)), budget: Int.random(in: 20...400, using: &random))
            let seed = Int.random(in: 1...1000, using: &random)
            let generator = ExtractiveGenerator(
                reranker: LogitReranker { Float(($0.range.lowerBound * seed) % 17) }, maxSentences: 6, closeness: 12)
            let answer = try await generate(generator, context)
            let extracts = try #require(answer.extracts)
            #expect(!extracts.isEmpty && extracts.count <= 6)
            for extract in extracts {
                let document = try #require(documents.first { $0.id == extract.documentID })
                let bytes = Array(repeating: UInt8(ascii: "?"), count: document.textOffset) + Array(document.text.utf8)
                #expect(String(decoding: bytes[extract.range], as: UTF8.self) == extract.text, "round \(round)")
                #expect(context[extract.number]?.range.contains(extract.range.lowerBound) == true)
            }
            #expect(extracts.map(\.number) == extracts.map(\.number).sorted())
            let citations = CitationParser.citations(in: answer, context: context)
            #expect(citations.map(\.number) == extracts.map(\.number), "round \(round): \(answer.text)")
        }
    }
}
