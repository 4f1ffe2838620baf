import TestSupport
import Testing
import WinnowCore

/// One token a word, as split at white space.
struct WordCounter: TokenCounter {
    func tokenCount(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }
}

/// One token for every four bytes of a word or part of it, as a subword tokenizer may do.
struct SubwordCounter: TokenCounter {
    func tokenCount(_ text: String) -> Int {
        text.split(whereSeparator: \.isWhitespace).reduce(0) { $0 + ($1.utf8.count + 3) / 4 }
    }
}

/// Rounds down over the whole text: the sum over parts is *less* than the count of the whole.
struct RoundingCounter: TokenCounter {
    func tokenCount(_ text: String) -> Int { text.utf8.count / 7 }
}

/// Long words become one token, as in WordPiece: longer text may have fewer tokens.
struct UnknownWordCounter: TokenCounter {
    func tokenCount(_ text: String) -> Int {
        text.split(whereSeparator: \.isWhitespace).reduce(0) {
            $0 + ($1.unicodeScalars.count > 100 ? 1 : $1.unicodeScalars.count)
        }
    }
}

func budget(_ maximum: Int, _ counter: any TokenCounter = WordCounter()) -> PassageBudget {
    PassageBudget([.init(name: "test", counter: counter, maximum: maximum)])
}

@Suite struct SentenceChunkerTests {
    let chunker = SentenceChunker()

    /// The laws of every chunker.
    static func check(_ passages: [Passage], of document: Document, _ budget: PassageBudget, _ comment: Comment = "") {
        let bytes = Array(document.text.utf8)
        var covered = 0
        for (number, passage) in passages.enumerated() {
            #expect(budget.admits(passage.content), "\(passage.id) is over its budget; \(comment)")
            #expect(passage.documentID == document.id)
            #expect(passage.id == (passages.count == 1 ? document.id : "\(document.id)#\(number)"), comment)
            let range = passage.range.lowerBound - document.textOffset..<passage.range.upperBound - document.textOffset
            #expect(
                passage.text == String(validating: bytes[range], as: UTF8.self),
                "\(passage.id) splits a scalar; \(comment)")
            #expect(passage.text.utf8.elementsEqual(bytes[range]), comment)
            if range.lowerBound > covered {
                #expect(
                    bytes[covered..<range.lowerBound].allSatisfy(ByteText.isSpace),
                    "text before \(passage.id) is lost; \(comment)")
            }
            #expect(
                range.upperBound > covered || (passage.text.isEmpty && passages.count == 1),
                "\(passage.id) brings nothing new; \(comment)")
            covered = max(covered, range.upperBound)
        }
        if !passages.isEmpty { #expect(bytes[covered...].allSatisfy(ByteText.isSpace), "the end is lost; \(comment)") }
    }

    @Test func aShortDocumentKeepsItsID() throws {
        let document = Document(id: "d", title: "Refunds", text: "You get one.\n", metadata: ["team": .string("x")])
        let passages = try chunker.chunk(document, budget: budget(10))
        #expect(passages.count == 1)
        #expect(passages[0].id == "d")
        #expect(passages[0].content == "Refunds\nYou get one.")
        #expect(passages[0].range == 0..<12)
        #expect(passages[0].metadata["parent_doc_id"] == .string("d"))
        #expect(passages[0].metadata["team"] == .string("x"))
    }

    /// What the windows of a long passage begin with.
    @Test(
        arguments: [
            ("Refunds", "About money", "Refunds"), (nil, "# Refunds\n\nText", "# Refunds"),
            (nil, "\n ### Refunds *now* ###\r\nText", "\n ### Refunds *now* ###"), (nil, "# Refunds", "# Refunds"),
            ("Refunds", "# Refunds and more\nText", "# Refunds and more"),
            ("Refunds", "Refunds take a week", "Refunds"),
            (" Refunds ", "\tRefunds\n=======\nText", "\tRefunds"), ("退款", "退款需要一周", "退款"),
            (nil, "Refunds take a week", ""), (nil, "#Refunds\n", ""), (nil, "####### Refunds\n", ""),
            (nil, "#  \nText", ""), (nil, "", ""), (nil, "#", ""),
            (nil, "# " + String(repeating: "a", count: 4094) + "\nText", "# " + String(repeating: "a", count: 4094)),
            (nil, "# " + String(repeating: "a", count: 4095) + "\nText", ""),
        ] as [(String?, String, String)])
    func whatAPassageOpensWith(title: String?, text: String, expected: String) throws {
        let document = Document(id: "d", title: title, text: text)
        let whole = try WholeDocumentChunker().chunk(document, budget: budget(1)).first
        #expect((whole?.heading ?? "") == expected)
    }

    @Test(
        arguments: [
            ("Refunds", "# Refunds\n\nText", nil),
            ("Refunds", "Refunds take a week", nil),
            ("Refunds", "Refundsmanship", "Refunds"),
            ("Refunds", "About Refunds", "Refunds"),
            ("退款", "退款需要一周", nil),
            ("Caf", "Café", "Caf"),
        ] as [(String, String, String?)])
    func theTitleOnce(title: String, text: String, expected: String?) throws {
        let document = Document(id: "d", title: title, text: text)
        let passage = try #require(try chunker.chunk(document, budget: budget(50)).first)
        #expect(passage.title == expected)
        #expect(passage.content == document.content)
        let whole = try #require(try WholeDocumentChunker().chunk(document, budget: budget(1)).first)
        #expect(whole.content == document.content)
    }

    @Test func nothingAndTitleOnly() throws {
        #expect(try chunker.chunk(Document(id: "d", text: " \n\t"), budget: budget(9)).isEmpty)
        #expect(try chunker.chunk(Document(id: "d", title: "", text: ""), budget: budget(9)).isEmpty)
        let passages = try chunker.chunk(Document(id: "d", title: "Only this", text: ""), budget: budget(9))
        #expect(passages.map(\.content) == ["Only this"])
        #expect(passages.map(\.id) == ["d"])
    }

    @Test func sectionsAndHeadings() throws {
        let text = """
            # Plans

            Intro one two three four five six seven eight.

            ## Downgrading

            ### Mid-cycle

            Data stays for thirty days after the change. Then it is removed from all servers.

            ## Upgrading

            Everything is available at once. Nothing else changes for anyone.
            """
        let document = Document(id: "d", title: "Plans", text: text, metadata: ["section": .string("Billing")])
        let passages = try chunker.chunk(document, budget: budget(20))
        Self.check(passages, of: document, budget(20))
        #expect(
            passages.map { $0.metadata["section"] } == [
                .string("Billing"), .string("Billing > Downgrading > Mid-cycle"), .string("Billing > Upgrading"),
            ])
        #expect(passages[1].text.hasPrefix("## Downgrading\n\n### Mid-cycle\n\nData"))
        #expect(passages.map(\.title) == [nil, "Plans", "Plans"])
    }

    @Test func aHeadingNeverEndsAPassage() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<100 {
            var text = ""
            for section in 0..<6 {
                text += "## Heading \(section)\n\n"
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    text += (0..<Int.random(in: 2...9, using: &random)).map { "w\($0)" }.joined(separator: " ") + ". "
                }
                text += "\n\n"
            }
            let passages = try chunker.chunk(Document(id: "d", text: text), budget: budget(22))
            for passage in passages.dropLast() {
                let last = passage.text.split(separator: "\n").last ?? ""
                #expect(!last.hasPrefix("#"), "\(passage.text)")
            }
        }
    }

    @Test func codeAndTablesStayWhole() throws {
        let code = "```sh\ncurl one. Two three\n\n  four five\n```"
        let table = "| a | b |\n|---|---|\n| 1. One | 2. Two |"
        let filler = "Some words stand here to fill the passage up."
        let text = "\(filler)\n\nRun this:\n\n\(code)\n\n\(filler)\n\n\(table)\n"
        let document = Document(id: "d", text: text)
        let passages = try chunker.chunk(document, budget: budget(18))
        Self.check(passages, of: document, budget(18))
        #expect(passages.contains { $0.text.contains("Run this:\n\n" + code) })
        #expect(passages.contains { $0.text.contains(table) })
    }

    @Test func sentencesOverlapWithinASectionOnly() throws {
        let sentences = (0..<20).map { "Sentence \($0) one two three." }
        let document = Document(id: "d", text: sentences.joined(separator: " "))
        let passages = try chunker.chunk(document, budget: budget(40))
        Self.check(passages, of: document, budget(40))
        #expect(passages.count > 2)
        for (left, right) in zip(passages, passages.dropFirst()) {
            #expect(right.range.lowerBound < left.range.upperBound)
        }
        let apart = try SentenceChunker(overlap: 0).chunk(document, budget: budget(40))
        for (left, right) in zip(apart, apart.dropFirst()) {
            #expect(right.range.lowerBound >= left.range.upperBound)
        }
    }

    @Test func everyLimitHolds() throws {
        let text = (0..<300).map { "wörd\($0)" }.joined(separator: " ")
        let document = Document(id: "d", title: "A title", text: text)
        let both = PassageBudget([
            .init(name: "words", counter: WordCounter(), maximum: 50),
            .init(name: "subwords", counter: SubwordCounter(), maximum: 60),
        ])
        let passages = try chunker.chunk(document, budget: both)
        Self.check(passages, of: document, both)
        #expect(passages.allSatisfy { $0.title == "A title" })
    }

    @Test func aLongTitleTakesAQuarterAtMost() throws {
        let title = (0..<30).map { "t\($0)" }.joined(separator: " ")
        let document = Document(id: "d", title: title, text: (0..<100).map { "w\($0)." }.joined(separator: " "))
        let passages = try chunker.chunk(document, budget: budget(40))
        Self.check(passages, of: document, budget(40))
        #expect(passages.count > 1)
        for passage in passages {
            #expect(passage.title == (0..<10).map { "t\($0)" }.joined(separator: " "))
            #expect(passage.metadata["title"] == .string(title))
        }
    }

    @Test func offsetsCountFromTheSource() throws {
        let document = Document(id: "d", text: "One. Two. Three.", textOffset: 100)
        let passages = try chunker.chunk(document, budget: budget(1))
        #expect(passages.map(\.range) == [100..<104, 105..<109, 110..<116])
        Self.check(passages, of: document, budget(1))
    }

    @Test func longSentencesAndWords() throws {
        let sentence = (0..<500).map { "word\($0)" }.joined(separator: " ")
        let word = String(repeating: "長", count: 3000)
        for (text, counter) in [
            (sentence, WordCounter() as any TokenCounter), (word, SubwordCounter()),
            (word + " " + sentence, RoundingCounter()),
            (String(repeating: "x", count: 350) + " " + sentence, UnknownWordCounter()),
            (String(repeating: "é", count: 90) + sentence, UnknownWordCounter()),
        ] {
            let document = Document(id: "d", title: "T", text: text)
            let limit = budget(50, counter)
            let passages = try chunker.chunk(document, budget: limit)
            Self.check(passages, of: document, limit)
        }
        // Cut at white space.
        for passage in try chunker.chunk(Document(id: "d", text: sentence), budget: budget(50)).dropLast() {
            #expect(passage.text.split(separator: " ").count == 50)
        }
    }

    @Test func aBudgetUnderOneCharacter() {
        #expect(throws: SearchError.self) {
            try chunker.chunk(Document(id: "d", text: "some text"), budget: budget(0, SubwordCounter()))
        }
        #expect(throws: SearchError.self) {
            try chunker.chunk(Document(id: "d", text: "some text"), budget: budget(-5))
        }
    }

    @Test func withoutLimitsADocumentIsOnePassage() throws {
        let document = Document(id: "d", text: String(repeating: "Many words. ", count: 5000))
        #expect(try chunker.chunk(document, budget: PassageBudget()).map(\.id) == ["d"])
    }

    /// Text of everything that has a special meaning somewhere.
    static func fuzz(_ random: inout SeededGenerator) -> String {
        let parts = [
            "# Heading", "## Sub ##", "\n", "\n\n", "\r\n", "\r\n\r\n", "- item", "1. step", "```\n", "~~~",
            "| a | b |", "word",
            "Sentence one. ", "Is it? ", "e.g. ", "中文句子。", "長長長長長長", "é", "🙂👨‍👩‍👧", " ", "\t", "===", "---", "\u{301}", ":",
            "verylongwordwithoutanyspace", "\u{0}", "\u{FEFF}", "\u{2028}", "Dr. ", "3.14 ", "> quote", "    code", "*",
            ".",
        ]
        return (0..<Int.random(in: 0...120, using: &random)).map { _ in
            parts[Int.random(in: 0..<parts.count, using: &random)] + (Bool.random(using: &random) ? " " : "")
        }.joined()
    }

    @Test(arguments: 0..<4)
    func laws(counter: Int) throws {
        let counters: [any TokenCounter] = [WordCounter(), SubwordCounter(), RoundingCounter(), UnknownWordCounter()]
        var random = SeededGenerator(seed: UInt64(100 + counter))
        for round in 0..<400 {
            let title = Bool.random(using: &random) ? "A title of words" : nil
            let document = Document(
                id: "d\(round)", title: title, text: Self.fuzz(&random),
                textOffset: Int.random(in: 0...9, using: &random))
            let limit = budget(Int.random(in: 12...60, using: &random), counters[counter])
            let passages = try chunker.chunk(document, budget: limit)
            Self.check(passages, of: document, limit)
            #expect(passages == (try chunker.chunk(document, budget: limit)))
            if passages.isEmpty { #expect(title == nil && document.text.utf8.allSatisfy(ByteText.isSpace)) }
        }
    }

    @Test func lineEndingsDoNotMatter() throws {
        let text = "# A\n\nOne two three. Four five six.\n\n## B\n\n- seven eight\n- nine ten\n\nEleven twelve."
        let unix = try chunker.chunk(Document(id: "d", text: text), budget: budget(8))
        let windows = try chunker.chunk(
            Document(
                id: "d", text: text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")),
            budget: budget(8))
        #expect(windows.map { $0.text.filter { $0 != "\r" }.replacing("\r\n", with: "\n") } == unix.map(\.text))
        #expect(windows.map { $0.metadata["section"] } == unix.map { $0.metadata["section"] })
    }

    @Test func isFastEnough() throws {
        // 115,000 words in a second leave the tokenizer all of its time; the bound is loose, the machine shared.
        let paragraph =
            "The plan changes at the end of the cycle, e.g. on the 1st. Data is kept for 30 days! Then it goes. "
        let text = (0..<5750).map { $0 % 7 == 0 ? paragraph + "\n\n## Section \($0)\n\n" : paragraph }.joined()
        let start = ContinuousClock.now
        let passages = try chunker.chunk(
            Document(id: "d", title: "Plans", text: text), budget: budget(254, SpaceCounter()))
        let elapsed = ContinuousClock.now - start
        #expect(passages.count > 300)
        #expect(elapsed < .seconds(1))
    }
}

/// Words by ASCII white space over bytes: about as fast as a counter can be.
struct SpaceCounter: TokenCounter {
    func tokenCount(_ text: String) -> Int {
        var count = 0
        var inWord = false
        for byte in text.utf8 {
            let space = ByteText.isSpace(byte)
            if !space, !inWord { count += 1 }
            inWord = !space
        }
        return count
    }
}
