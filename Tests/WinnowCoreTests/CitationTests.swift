import TestSupport
import Testing
import WinnowCore

@Suite struct CitationTests {
    static func context(_ count: Int) -> Context {
        ContextBuilder(tokenBudget: 100_000, counter: ApproximateTokenCounter()).context(
            of: Hits.list((0..<count).map { Hits.passage("d\($0)", "Text \($0).") }))
    }

    @Test(
        arguments: [
            ("No citation.", []),
            ("Soon [1].", ["[1]1"]),
            ("Soon[1].", ["[1]1"]),
            ("[1] Soon", ["[1]1"]),
            ("Both [1][3].", ["[1]1", "[3]3"]),
            ("Both [1] [3].", ["[1]1", "[3]3"]),
            ("Both [1, 3].", ["[1, 3]1", "[1, 3]3"]),
            ("Both [1,3; 2].", ["[1,3; 2]1", "[1,3; 2]3", "[1,3; 2]2"]),
            (
                "Both [1 and 2], all [1, 2, and 3].",
                ["[1 and 2]1", "[1 and 2]2", "[1, 2, and 3]1", "[1, 2, and 3]2", "[1, 2, and 3]3"]
            ),
            ("All [1-3].", ["[1-3]1", "[1-3]2", "[1-3]3"]),
            ("All [1–3], [1 — 2].", ["[1–3]1", "[1–3]2", "[1–3]3", "[1 — 2]1", "[1 — 2]2"]),
            ("Turned round [3-1].", ["[3-1]3", "[3-1]1"]),
            ("[Document 2] says so.", ["[Document 2]2"]),
            (
                "[Documents 1 and 3], [doc 2], [Source 1], [Ref. 3], [#2].",
                ["[Documents 1 and 3]1", "[Documents 1 and 3]3", "[doc 2]2", "[Source 1]1", "[Ref. 3]3", "[#2]2"]
            ),
            ("[Document 1, Document 2]", ["[Document 1, Document 2]1", "[Document 1, Document 2]2"]),
            ("[Document 1 | Source: a.md | Section: B] it is.", ["[Document 1 | Source: a.md | Section: B]1"]),
            (
                "So it is (Document 2), see (documents 1, 3).",
                ["(Document 2)2", "(documents 1, 3)1", "(documents 1, 3)3"]
            ),
            ("So 【1】 and 【2†source】.", ["【1】1", "【2†source】2"]),
            ("A footnote [^1].", ["[^1]1"]),
            ("*[1]* **[2]** ([3])", ["[1]1", "[2]2", "[3]3"]),
            ("日本[1]。", ["[1]1"]),
            ("Unclosed ` stays [1].", ["[1]1"]),
            ("`a` then [1] then `b`", ["[1]1"]),
            ("A stray ` here [1].\n\nAnd ` there [2].", ["[1]1", "[2]2"]),
            ("Over `two\nlines[1]` so [2].", ["[2]2"]),
            ("~~struck~~ [1]", ["[1]1"]),
            ("```\na[1]\n```\nSo [2].", ["[2]2"]),
            ("- step:\n  ```swift\n  a[1]\n  ```\n  So [2].", ["[2]2"]),
            // Invented ones are found too.
            ("Sure [4] [0] [99].", ["[4]4!", "[0]0!", "[99]99!"]),
            ("All [2-4].", ["[2-4]2", "[2-4]3", "[2-4]4!"]),
        ] as [(String, [String])])
    func found(_ text: String, expected: [String]) {
        let bytes = Array(text.utf8)
        let citations = CitationParser.citations(in: text, context: Self.context(3))
        let shown = citations.map { citation in
            String(decoding: bytes[citation.range], as: UTF8.self) + "\(citation.number)" + (citation.exists ? "" : "!")
        }
        #expect(shown == expected)
    }

    @Test(arguments: [
        "A link [1](https://example.com/a) and ![1](a.png).", "Code `a[1]` and ``b[2] ` c[1]``.", "```\na[1]\n",
        "~~~\na[1]\n~~~",
        "````\n```\na[1]\n```\nb[2]\n````", "An index items[0].", "An interval [0, 1].", "In [2024] and [1999-2001].",
        "[x] [ ] [] [sic]",
        "[1", "[1\n]", "[one]", "(1)", "(see 2)", "Document 2", "\\[1\\]", "[1.5]", "[1a]", "[-1]", "[1,]", "[1 2]",
        "[", "【",
        "[Document]", "[Document 1", "[Section 1]",
    ])
    func notFound(_ text: String) {
        #expect(CitationParser.citations(in: text, context: Self.context(3)).isEmpty)
    }

    /// Numbers are those of the items, in whatever order they stand.
    @Test func existenceGoesByNumber() {
        var context = Self.context(3)
        context.items = context.items.reversed()
        context.items.removeLast()
        let citations = CitationParser.citations(in: "[1][2][3]", context: context)
        #expect(citations.map(\.exists) == [false, true, true])
    }

    @Test func inExtractsOnlyWhatStandsBetweenThem() {
        let extracts = [
            GeneratedAnswer.Extract(number: 2, documentID: "d", text: "As shown [1]\n  before `x", range: 0..<24),
            GeneratedAnswer.Extract(number: 3, documentID: "d", text: "A [7]", range: 0..<5),
        ]
        let answer = GeneratedAnswer(text: "As shown [1] before `x [2] A [7] [3]", extracts: extracts)
        let citations = CitationParser.citations(in: answer, context: Self.context(3))
        #expect(citations.map(\.number) == [2, 3])
        #expect(citations.map(\.exists) == [true, true])
        let bytes = Array(answer.text.utf8)
        #expect(citations.map { String(decoding: bytes[$0.range], as: UTF8.self) } == ["[2]", "[3]"])
        // The same text, written by a model.
        let written = CitationParser.citations(in: GeneratedAnswer(text: answer.text), context: Self.context(3))
        #expect(written.map(\.number) == [1, 2, 7, 3])
    }

    /// Whatever a model writes, ranges lie in the text, begin and end with a bracket, and come in order.
    @Test func noise() {
        var random = SeededGenerator(seed: 4_004)
        let parts = [
            "[", "]", "(", ")", "【", "】", "1", "2", "0", "12", ",", "-", "–", " ", "and ", "Document ", "|", "†", "`",
            "```", "\n",
            "~~~", "^", "#", "\\", "é", "word",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in parts.randomElement(using: &random) ?? ""
            }
            .joined()
            let bytes = Array(text.utf8)
            let citations = CitationParser.citations(in: text, context: Self.context(2))
            var last = 0..<0
            for citation in citations {
                #expect(citation.range == last || citation.range.lowerBound >= last.upperBound, "\(text)")
                #expect(citation.range.upperBound <= bytes.count)
                let shown = String(decoding: bytes[citation.range], as: UTF8.self)
                #expect("[【(".contains(shown.prefix(1)) && "]】)".contains(shown.suffix(1)), "\(text)")
                #expect(!shown.contains("\n"))
                last = citation.range
            }
        }
    }

    /// Nothing in a text may make the search for brackets take more than linear time.
    @Test(arguments: ["[", "`", "`` ` ", "`\n\n", "[1", "[Document 1|", "【1†", "(doc ", "~~~\n", "[1,"])
    func hostileTexts(_ part: String) {
        let citations = CitationParser.citations(in: String(repeating: part, count: 50_000), context: Self.context(1))
        #expect(citations.isEmpty)
    }
}
