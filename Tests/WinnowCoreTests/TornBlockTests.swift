import TestSupport
import Testing
import WinnowCore

/// Code and tables that are too long for one passage, and text that no memory should hold twice.
@Suite struct TornBlockTests {
    let chunker = SentenceChunker()

    @Test func codeIsTornAtBlankLines() throws {
        let functions = (0..<12).map { "func f\($0)() {\n    let a = \($0)\n    return a\n}" }
        let text = "```swift\n" + functions.joined(separator: "\n\n") + "\n```\n"
        let document = Document(id: "d", text: text)
        let passages = try chunker.chunk(document, budget: budget(40))
        SentenceChunkerTests.check(passages, of: document, budget(40))
        #expect(passages.count > 2)
        for passage in passages.dropLast() { #expect(passage.text.hasSuffix("}")) }
        for passage in passages.dropFirst() { #expect(passage.text.hasPrefix("func")) }
    }

    @Test func aFenceStandsWithItsCode() throws {
        for lines in 1...60 {
            let code = (0..<lines).map { "line \($0)" }.joined(separator: "\n")
            let text = "Some words here to start with.\n\n```\n" + code + "\n```\n"
            let passages = try chunker.chunk(Document(id: "d", text: text), budget: budget(15))
            for passage in passages { #expect(passage.text != "```") }
            for passage in passages.dropLast() { #expect(!passage.text.hasSuffix("\n```"), "\(passage.text)") }
        }
    }

    @Test(arguments: [true, false])
    func tablesAreTornBetweenRows(bars: Bool) throws {
        func row(_ cells: String...) -> String {
            bars ? "| " + cells.joined(separator: " | ") + " |" : cells.joined(separator: " | ")
        }
        let rows = (0..<40).map { row("Name \($0). Next", "Value \($0)", "1. x") }
        let table = ([row("a", "b", "c"), row("---", ":--:", "---")] + rows).joined(separator: "\n")
        let document = Document(id: "d", text: "Before it.\n\n" + table + "\n\nAfter it.\n")
        let passages = try chunker.chunk(document, budget: budget(50))
        SentenceChunkerTests.check(passages, of: document, budget(50))
        #expect(passages.count > 3)
        let all = Set(table.split(separator: "\n").map(String.init) + ["Before it.", "After it.", ""])
        for passage in passages {
            for line in passage.text.split(separator: "\n") { #expect(all.contains(String(line)), "\(line)") }
        }
        // The head and the first row stay together.
        let head = try #require(passages.first { $0.text.contains(row("a", "b", "c")) })
        #expect(head.text.contains("Name 0."))
    }

    @Test func aTableWithoutBarsAtItsEndsStaysWhole() throws {
        let table = "Plan | Price per seat\n--- | ---\nPro. Monthly | 10\nPro. Yearly | 100"
        let filler = "Some words stand here to fill the passage up."
        let document = Document(id: "d", text: "\(filler) \(filler)\n\n\(table)\n\n\(filler)")
        let passages = try chunker.chunk(document, budget: budget(22))
        #expect(passages.contains { $0.text.contains(table) })
        // A line of text with a bar is no table.
        let plain = Document(id: "d", text: "Use a | b here. Then go on | with it.\nAnd so on. And on.")
        #expect(try chunker.chunk(plain, budget: budget(8)).count > 1)
    }

    @Test func blocksAndLinesOverTheBoundAreCut() throws {
        let paragraph = String(repeating: "One sentence of words. ", count: 500)
        for (name, text) in [
            ("paragraph", paragraph), ("lines", paragraph.split(separator: ".").joined(separator: ".\n")),
            ("code", "```\n" + String(repeating: "let x = 1\n", count: 1000) + "```\n\n# After\n\nText."),
            ("word", String(repeating: "長", count: 5000)),
            ("characters", String(repeating: "👨‍👩‍👧", count: 900)),
            ("table", String(repeating: "| a | b |\n", count: 1000)),
            ("blank", "a" + String(repeating: " \n", count: 9000) + "b"),
            ("heading", "# " + paragraph + "\n\nText."), ("list", "- " + paragraph),
            ("spaces", String(repeating: " ", count: 9000)),
        ] {
            var small = chunker
            for longest in [1, 100, 1000, 4096, 4097] {
                small.longest = longest
                let document = Document(id: "d", text: text)
                let passages = try small.chunk(document, budget: budget(20, SubwordCounter()))
                SentenceChunkerTests.check(passages, of: document, budget(20, SubwordCounter()), "\(name), \(longest)")
                if longest > 25 { ChunkerLawTests.checkEdges(passages, of: document) }
            }
        }
    }

    @Test func aFenceReachesOverTheBound() throws {
        var small = chunker
        small.longest = 100
        let text =
            "# Real\n\n```\n" + String(repeating: "# comment\n", count: 100) + "```\n\n# Next\n\n"
            + String(repeating: "Words of it. ", count: 20)
        let passages = try small.chunk(Document(id: "d", text: text), budget: budget(20))
        let sections = passages.map { $0.metadata["section"] }
        #expect(Set(sections) == [.string("Real"), .string("Next")])
        #expect(sections.last == .string("Next"))
    }

    @Test(arguments: [199, 200, 201, 50_000])
    func longHeadingsAreShortenedInSections(length: Int) throws {
        let heading = String(repeating: "é", count: length)
        for text in ["# A\n\n## \(heading)\n\nText.", "# A\n\n\(heading)\n---\n\nText."] {
            let passages = try chunker.chunk(Document(id: "d", text: text), budget: budget(50, SubwordCounter()))
            let shown = length > 200 ? String(heading.prefix(200)) + "…" : heading
            #expect(passages.last?.metadata["section"] == .string("A > " + shown))
        }
        // A title is recognised however long it is.
        let titled = Document(id: "d", title: heading, text: "# \(heading)\n\n## B\n\nText.")
        let passages = try chunker.chunk(titled, budget: budget(50, SubwordCounter()))
        #expect(passages.last?.metadata["section"] == .string("B"))
    }

    @Test func noPassageIsLongerThanTheBound() throws {
        // A tokenizer that makes nothing of a text must not make one passage of all of it.
        struct Nothing: TokenCounter { func tokenCount(_ text: String) -> Int { 0 } }
        var small = chunker
        small.longest = 5000
        let document = Document(id: "d", text: String(repeating: "word ", count: 10_000))
        let passages = try small.chunk(document, budget: budget(20, Nothing()))
        SentenceChunkerTests.check(passages, of: document, budget(20, Nothing()))
        #expect(passages.allSatisfy { $0.text.utf8.count <= 5000 } && passages.count >= 10)
    }

    @Test func charactersStayWhole() throws {
        for character in ["e\u{301}\u{302}", "👩🏽‍🚀", "🇩🇪", "각", "क्षि"] {
            let document = Document(id: "d", text: String(repeating: character, count: 300))
            let passages = try chunker.chunk(document, budget: budget(13, SubwordCounter()))
            SentenceChunkerTests.check(passages, of: document, budget(13, SubwordCounter()))
            for passage in passages { #expect(passage.text.allSatisfy { String($0) == character }, "\(passage.text)") }
        }
        // A full stop with a selector is one character too.
        let marks = try chunker.chunk(
            Document(id: "d", text: "一二三。\u{FE00}四五六！\u{301}七"), budget: budget(4, SubwordCounter()))
        #expect(marks.map(\.text) == ["一二三。\u{FE00}", "四五六！\u{301}", "七"])
    }
}
