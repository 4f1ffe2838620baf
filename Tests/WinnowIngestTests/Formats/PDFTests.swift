import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowIngest

/// What becomes of the text that `pdftotext` gives; no program is run.
@Suite struct PDFTextTests {
    private func text(_ pages: String...) -> PDFText { PDFText(pages: pages.map { Array($0.utf8)[...] }) }

    private static let filler = "This line is as long as all the others of it\n"

    @Test(arguments: [
        // The line's end is the word's: the halves are no words of the text.
        ("The infor-\nmation is here.", "The information is here."),
        // Elsewhere it stands with its hyphen.
        ("A well-known fact, a well-\nknown one.", "A well-known fact, a well-known one."),
        // Elsewhere it stands without.
        ("To recover and re-\ncover it.", "To recover and recover it."),
        // Both halves are words of the text.
        ("A snow storm and a snow-\nstorm again.", "A snow storm and a snow-storm again."),
        // A prefix of compounds.
        ("They were self-\nemployed people.", "They were self-employed people."),
        ("The line 10-\n20 of it is here.", "The line 10-20 of it is here."),
        ("Sankt-\nPauli is a part.", "Sankt-Pauli is a part."),
        ("A soft\u{AD}\nware house here.", "A software house here."),
        ("A non\u{2010}\nsmoker smokes.", "A non\u{2010}smoker smokes."),
    ])
    func hyphens(_ printed: String, expected: String) {
        #expect(text(printed).text.replacing("\n", with: " ") == expected)
    }

    @Test func paragraphsAreOneLine() {
        let pages = text(
            "One line of a paragraph that is long\nand the next line of it as it stands\nend.\n\nAnother one.\nShort\n• first item of it\n• second\n"
        )
        #expect(
            pages.text
                == "One line of a paragraph that is long and the next line of it as it stands end.\n\nAnother one.\nShort\n• first item of it\n• second"
        )
    }

    @Test func runningHeadsAndPageNumbersGo() {
        let words = ["Harbour", "Lamp", "River", "Window", "Copper", "Garden"]
        let pages = (1...6).map { number in
            "ACME Handbook\nChapter of page \(number % 2)\n\n\(words[number - 1]) is what this page tells.\n\n\(number) of 6\n"
        }
        let result = PDFText(pages: pages.map { Array($0.utf8)[...] })
        #expect(!result.text.contains("ACME") && !result.text.contains("of 6"), "\(result.text)")
        for word in words { #expect(result.text.contains("\(word) is what")) }
        // Two pages are no pattern.
        #expect(text("Head\n\na b c", "Head\n\nd e f").text == "Head\n\na b c\n\nHead\n\nd e f")
    }

    @Test func pagesBeginWhereTheyDo() {
        let result = text("First page.\n", "", "Third page.\n", " \n")
        #expect(result.text == "First page.\n\nThird page.")
        #expect(result.starts == [0, 11, 13, 24])
        // A paragraph goes on: one line, and the page begins within it.
        let joined = text(
            "A paragraph that does not end on the\nfirst page goes on with its last words on", "the second page.")
        #expect(
            joined.text
                == "A paragraph that does not end on the first page goes on with its last words on the second page.")
        #expect(joined.starts == [0, 79])
    }

    @Test func nothingIsNothing() {
        #expect(text().text.isEmpty && text("", " \n").text.isEmpty)
        #expect(text("", " \n").starts == [0, 0])
    }
}

@Suite struct PageMetadataTests {
    private struct Words: TokenCounter {
        func tokenCount(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }
    }

    @Test func passagesKnowTheirPages() throws {
        let sentence = "Seven words stand on this very page. "
        let text = String(repeating: sentence, count: 12)
        let length = sentence.utf8.count
        // Page 2 is empty, and page 4 begins within a sentence.
        let document = Document(
            id: "d", text: text, structure: .pages(starts: [0, 3 * length, 3 * length, 7 * length + 5]))
        let passages = try SentenceChunker(overlap: 0).chunk(
            document, budget: [.init(name: "words", counter: Words(), maximum: 21)])
        let pages = passages.map { [$0.metadata["page"], $0.metadata["page_end"]] }
        #expect(pages == [[.integer(1), nil], [.integer(3), nil], [.integer(3), .integer(4)], [.integer(4), nil]])
        let whole = try WholeDocumentChunker().chunk(document, budget: [])
        #expect(whole[0].metadata["page"] == .integer(1) && whole[0].metadata["page_end"] == .integer(4))
    }
}

@Suite(.enabled(if: TestPDF.hasReader, "pdftotext of poppler-utils is not installed")) struct PDFTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func aFileIsADocumentWithPages() throws {
        let path = try folder.write(
            "a.pdf",
            bytes: TestPDF.document([
                ["The harbour closes at ten.", "", "", "Lamps (all) burn."], ["Second page: caf\u{E9}."],
            ]))
        let corpus = try CorpusReader().read([path])
        let document = try #require(corpus.documents.first)
        #expect(document.id == "a.pdf" && document.metadata["source"] == .string(path))
        #expect(document.text == "The harbour closes at ten.\n\nLamps (all) burn.\n\nSecond page: café.")
        #expect(document.structure == .pages(starts: [0, 47]))
        #expect(corpus.notes.isEmpty && corpus.skipped.isEmpty)
    }

    @Test func namesThatLookLikeOptionsAndSpaces() throws {
        for name in ["-a b.pdf", "'$(x).PDF", "sub/ü\n.pdf"] {
            try folder.write("n/" + name, bytes: TestPDF.document([["Text of it."]]))
        }
        let corpus = try CorpusReader().read([folder.path + "/n"])
        #expect(corpus.documents.count == 3 && corpus.documents.allSatisfy { $0.text == "Text of it." })
    }

    @Test func whatCannotBeReadIsNamedAndTheRestIsRead() throws {
        try folder.write("good.md", "Text")
        try folder.write("broken.pdf", "%PDF-1.4 and nothing of it")
        try folder.write("empty.pdf", "")
        try folder.write("scan.pdf", bytes: TestPDF.document([[], []]))
        try folder.write("half.pdf", bytes: TestPDF.document([["Text."], []]))
        let corpus = try CorpusReader().read([folder.path])
        #expect(corpus.documents.map(\.id) == ["good.md", "half.pdf"])
        let reasons = Dictionary(
            uniqueKeysWithValues: corpus.skipped.map { (String($0.path.split(separator: "/").last ?? ""), $0) })
        #expect(reasons["broken.pdf"]?.reason.contains("is no PDF that can be read") == true, "\(corpus.skipped)")
        #expect(reasons["broken.pdf"]?.isEmpty == false)
        #expect(reasons["empty.pdf"]?.reason == "the file is empty")
        #expect(
            reasons["scan.pdf"]?.reason.contains("may be a scan; OCR it first") == true
                && reasons["scan.pdf"]?.isEmpty == true)
        #expect(corpus.notes.map(\.text) == ["1 of 2 pages have no text: they may be pictures, or scans to OCR first"])
    }

    @Test func limitsAreKept() throws {
        var limits = ReadingLimits()
        limits.mostExtracted = 10
        let path = try folder.write("a.pdf", bytes: TestPDF.document([["More than ten bytes."]]))
        let error = try #require(throws: IngestError.self) { try CorpusReader(limits: limits).read([path]) }
        #expect(error.description.contains("over 10 bytes of text"), "\(error)")
    }
}
