import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowIngest

@Suite struct HTMLTests {
    private struct Golden: Decodable {
        var html: String
        var words: [String]
    }

    /// Marks of Markdown, which the reference does not write.
    private static func isMark(_ word: Substring) -> Bool {
        word.allSatisfy { $0 == "#" } || word == "-" || word == "|" || word == "---" || word.allSatisfy { $0 == "`" }
            || (word.last == "." && word.dropLast().allSatisfy(\.isNumber) && word.count > 1)
    }

    /// `Scripts/make-html-goldens.py`: html5lib 1.1.
    @Test func wordsAreThoseThatAReferenceShows() throws {
        let lines = try Fixtures.data("html/pages.jsonl").split(separator: UInt8(ascii: "\n"))
        #expect(lines.count >= 100)
        for (number, line) in lines.enumerated() {
            let golden = try JSONDecoder().decode(Golden.self, from: Data(line))
            let page = try HTMLReader.page(Array(golden.html.utf8), keepsFurniture: true)
            // Kept in code only, which is verbatim.
            let text = page.text.replacing("\u{AD}", with: "")
            let words = text.split(whereSeparator: \.isWhitespace).filter { !Self.isMark($0) }.map(String.init)
            #expect(
                words == golden.words.filter { !$0.isEmpty && !Self.isMark($0[...]) },
                "page \(number + 1): \(golden.html)\n\(page.text)")
        }
    }

    @Test(arguments: [
        ("<h1>A</h1><p>one<p>two", "# A\n\none\n\ntwo"),
        ("<h2>A <em>b</em>\n c</h2>text", "## A b c\n\ntext"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e", "- a\n- b\n  - c\n- d\n\ne"),
        ("<ol start=3><li>a<li><p>b</p><p>c</p></ol>", "3. a\n4. b\n\n  c"),
        ("<pre>\n  a  &lt;b&gt;\n\n    c\n</pre>", "```\n  a  <b>\n\n    c\n```"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````"),
        ("<table><tr><th>k<th>v<tr><td>a<td>1 <br>2</table>", "| k | v |\n| --- | --- |\n| a | 1 2 |"),
        ("<table><tr><td>a<td>1<tr><td>b<td></table>", "| a | 1 |\n| b |  |"),
        ("<table><tr><td><h2>x</h2><td>y</table>", "## x\n\ny"), ("<dl><dt>t<dd>d</dl>", "t\nd"),
        ("a<br>b<br>---<br>c", "a\nb\nc"), ("a&nbsp;&nbsp;b&shy;c", "a bc"), ("<p>a<script>x</script>b", "ab"),
        ("a<!-- <p>x</p> -->b", "ab"), ("<svg><title>x</title></svg>y", "y"), ("<title>t</title>x", "x"),
    ])
    func structure(_ html: String, text: String) throws {
        #expect(try HTMLReader.page(Array(html.utf8)).text == text)
    }

    @Test(
        arguments: [
            ("<title>A – Site</title><h1>A</h1>x", "A"), ("<title> Other\n title </title><h1>A</h1>x", "Other title"),
            ("<h1>A</h1>x", "A"), ("x", nil), ("<svg><title>no</title></svg><title>yes &amp; no</title>x", "yes & no"),
        ] as [(String, String?)])
    func titles(_ html: String, title: String?) throws {
        #expect(try HTMLReader.page(Array(html.utf8)).title == title)
    }

    private static let body = "<p>" + String(repeating: "A sentence about the harbour and its lamps. ", count: 20)

    @Test(arguments: [
        "<nav><a href=/>NOISE</a></nav>", "<header><a href=/>NOISE</a></header>", "<footer>NOISE</footer>",
        "<aside>NOISE</aside>",
        "<form><label>NOISE</label><input></form>", "<div class=\"cookie-banner\">NOISE</div>",
        "<div id=\"siteNavbar\">NOISE</div>", "<div role=navigation>NOISE</div>", "<div hidden>NOISE</div>",
        "<div style='display : none'>NOISE</div>", "<span aria-hidden=true>NOISE</span>", "<dialog>NOISE</dialog>",
        "<ul><li><a href=1>NOISE</a><li><a href=2>NOISE</a><li><a href=3>NOISE</a><li><a href=4>NOISE</a></ul>",
        "<div class='related posts'>NOISE <a href=1>NOISE</a></div>", "<noscript>NOISE</noscript>",
    ])
    func furnitureIsDropped(_ furniture: String) throws {
        for html in [
            furniture + Self.body, Self.body + "</p>" + furniture, "<div>\(furniture)</div><div>\(Self.body)</div>",
        ] {
            let page = try HTMLReader.page(Array(html.utf8))
            #expect(
                !page.text.contains("NOISE") && page.text.contains("harbour"), "\(furniture): \(page.text.prefix(80))")
        }
    }

    @Test(arguments: [
        ("<div>NOISE</div><main>" + body + "</main><div>NOISE</div>", "lamps"),
        ("<div>NOISE</div><article><header><h1>KEPT</h1></header>" + body + "</article>", "KEPT"),
        ("<main><aside class=note>KEPT</aside>" + body + "</main>", "KEPT"),
        ("<form>" + body + "KEPT<input></form>", "KEPT"), ("<header><h1>KEPT</h1></header>" + body, "KEPT"),
        ("<ul><li><a href=1>KEPT</a><li><a href=2>b</a><li><a href=3>c</a><li><a href=4>d</a></ul>", "KEPT"),
        ("<nav><p>KEPT</p></nav>", "KEPT"), ("<div class=navigation>" + body + "KEPT</div>", "KEPT"),
    ])
    func contentIsKept(_ html: String, word: String) throws {
        let text = try HTMLReader.page(Array(html.utf8)).text
        #expect(text.contains(word) && !text.contains("NOISE"), "\(text.prefix(200))")
    }

    @Test(
        arguments: [
            ("utf-8", "<meta charset=utf-8>", Array("é".utf8)), ("latin1", "<meta charset='ISO-8859-1'>", [0xE9]),
            ("1252", "<META http-equiv=Content-Type content='text/html; charset=windows-1252'>", [0xE9]),
            ("xml", "<?xml version='1.0' encoding='iso-8859-1'?>", [0xE9]), ("none, valid", "", Array("é".utf8)),
            ("none", "", [0xE9]),
            // What is declared counts.
            ("latin1 though it could be UTF-8", "<meta charset=latin1>", [0xE9]),
        ] as [(String, String, [UInt8])])
    func encodings(_ name: String, _ head: String, _ letter: [UInt8]) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.html", bytes: Array(head.utf8) + Array("<p>caf".utf8) + letter)
        let corpus = try CorpusReader().read([path])
        #expect(corpus.documents.map(\.text) == ["café"], "\(name)")
        #expect(corpus.notes.isEmpty == (name != "none"))
    }

    @Test func anEncodingThatIsNotReadIsNamed() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.html", bytes: Array("<meta charset=Shift_JIS><p>".utf8) + [0x93, 0xFA])
        let error = try #require(throws: IngestError.self) { try CorpusReader().read([path]) }
        #expect(error.description.contains("iconv -f shift_jis -t UTF-8"), "\(error)")
        let damaged = try folder.write("b.html", bytes: Array("<meta charset=utf-8><p>éé".utf8) + [0xE9])
        let corpus = try CorpusReader().read([damaged])
        #expect(corpus.documents.map(\.text) == ["éé\u{FFFD}"] && corpus.notes.count == 1)
    }

    @Test func xhtml() throws {
        let page = try HTMLReader.page(
            Array(
                "<?xml version=\"1.0\"?><html><body><div/><script src='x'/><p>a<![CDATA[ <b> ]]></p></body></html>".utf8
            ))
        #expect(page.text == "a <b>")
    }

    /// None of these may take time that grows faster than they do, or end the process.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            "<div>", "<b>", "<p>", "<table>", "<table><tr><td>", "<ul><li>", "</p>", "<a href=x>", "<", "</", "<!--",
            "<!", "&", "&#",
            "&amp", "<p a", "<p a=\"", "<script>", "<title>", "<pre>", "<svg>", "<li>", "<dd>", "<tr>", "<h1>",
            "<option>", "<br>", "|", "<td>", "<ol><li>x",
        ])
    func hostilePages(_ piece: String) throws {
        let page = Array(String(repeating: piece, count: 400_000 / piece.utf8.count).utf8)
        _ = try HTMLReader.page(page + Array("text".utf8))
        _ = try HTMLReader.page(page, isXML: true)
    }

    @Test func headingsBecomeSections() throws {
        let folder = try TemporaryFolder()
        let long = String(repeating: "Words about it. ", count: 30)
        let path = try folder.write(
            "a.html", "<title>T</title><h1>T</h1><p>\(long)<h2>One</h2><p>\(long)<h3>Two</h3><p>\(long)")
        let document = try CorpusReader().read([path]).documents[0]
        let passages = try SentenceChunker(size: 120).chunk(
            document, budget: [.init(name: "words", counter: Words(), maximum: 120)])
        #expect(passages.map { $0.metadata["section"]?.stringValue } == [nil, "One", "One > Two"])
        for passage in passages { #expect(Array(document.text.utf8)[passage.range].elementsEqual(passage.text.utf8)) }
    }

    struct Words: TokenCounter {
        func tokenCount(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }
    }
}
