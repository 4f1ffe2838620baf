import TestSupport
import Testing
import WinnowEvaluation

/// Passages are strangers' HTML, and ids and names come from anywhere: nothing that was read may become markup, load or
/// run.
@Suite struct PageSafetyTests {
    struct Hostile: Sendable, CustomTestStringConvertible {
        var text: String
        /// As a reader sees it.
        var visible: String

        init(_ text: String, seenAs visible: String? = nil) {
            self.text = text
            self.visible = visible ?? text
        }

        var testDescription: String { text.debugDescription }
    }

    static let hostile: [Hostile] = [
        Hostile("<script>alert(1)</script>"),
        Hostile("\"><img src=x onerror=alert(1)>"),
        Hostile("' onmouseover='alert(1)"),
        Hostile("]]><![CDATA["),
        Hostile("--><style>*{display:none}</style><!--"),
        Hostile("</title></svg></head></html>"),
        Hostile("&amp;&lt;&#60;&notit;"),
        Hostile("javascript:alert(1)"),
        Hostile("a\u{0}b\u{1}c\u{1B}[31md\u{7F}e\u{9B}f", seenAs: "a[U+0000]b[U+0001]c[U+001B][31md[U+007F]e[U+009B]f"),
        Hostile("x\u{202E}gnp.exe\u{2066}y\u{200F}", seenAs: "x[U+202E]gnp.exe[U+2066]y[U+200F]"),
        Hostile("a\u{200B}b\u{FEFF}c\u{AD}d\u{E0041}", seenAs: "a[U+200B]b[U+FEFF]c[U+00AD]d[U+E0041]"),
        // A literal cannot hold what is no character.
        Hostile(
            [0x61, 0xFFFE, 0x62, 0xFFFF, 0x63, 0xFDD0, 0x64, 0x1FFFF].compactMap { Unicode.Scalar(UInt32($0)) }
                .reduce(into: "") { $0.unicodeScalars.append($1) }, seenAs: "a[U+FFFE]b[U+FFFF]c[U+FDD0]d[U+1FFFF]"),
        Hostile("one\r\ntwo\u{2028}three\tfour\u{85}", seenAs: "one  two three four "),
        Hostile("日本語 العربية עברית é e\u{301} 👩‍👩‍👧 ❤️ می‌خواهم"),
    ]

    /// All that the page is made of: what is not here cannot have come from us.
    private static let elements: Set<String> = [
        "html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "div", "h1", "h2", "h3",
        "p", "a",
        "span", "bdi", "small", "strong", "code", "pre", "ul", "ol", "li", "dl", "dt", "dd", "details", "summary",
        "table",
        "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "svg", "defs", "pattern", "g", "rect", "line",
        "circle",
        "polygon", "polyline", "text",
    ]

    private static func page(_ hostile: String) throws -> String {
        var fixture = ReportFixture()
        fixture.queryCount = 45
        fixture.systems.append(.init(name: "tiny", separation: 0.5))
        fixture.hasRun = true
        fixture.sliceFields = ["kind"]
        fixture.measures = [.primaryDefault]
        fixture.text = { $0 + hostile }
        return try fixture.page()
    }

    @Test(arguments: hostile) func nothingReadBecomesMarkup(_ hostile: Hostile) throws {
        let reader = PageReader(try Self.page(hostile.text))
        #expect(reader.fault == nil)
        let strange = reader.elements.filter { !Self.elements.contains($0.name) }
        #expect(strange.isEmpty, "\(strange.map(\.name))")
        // The same elements as without anything hostile: none was opened or closed by a text.
        let plain = PageReader(try Self.page(""))
        #expect(reader.elements.map(\.name) == plain.elements.map(\.name))
        #expect(
            reader.elements.map { $0.attributes.keys.sorted() } == plain.elements.map { $0.attributes.keys.sorted() })
        // And what was read can be read.
        for what in ["?", "m6", "support-kb", "tiny"] {
            #expect(reader.text.contains(what + hostile.visible), "\(what)")
        }
    }

    @Test(arguments: hostile) func nothingInvisibleIsLeft(_ hostile: Hostile) throws {
        let page = try Self.page(hostile.text)
        let strange = page.unicodeScalars.filter { scalar in
            let properties = scalar.properties
            return scalar != "\n"
                && (properties.generalCategory == .control || properties.isNoncharacterCodePoint
                    || properties.isBidiControl
                    || properties.generalCategory == .format && !properties.isJoinControl)
        }
        #expect(strange.isEmpty, "\(strange.map { String($0.value, radix: 16) })")
    }

    @Test func nothingIsLoadedOrRun() throws {
        let page = try Self.page("<a href='https://example.org'>")
        let reader = PageReader(page)
        for element in reader.elements {
            for (name, value) in element.attributes {
                #expect(!name.hasPrefix("on") && name != "src" && name != "style" && name != "srcdoc", "\(name)")
                if name == "href" { #expect(value.hasPrefix("#")) }
                #expect(!name.contains("xlink"))
            }
        }
        #expect(!page.contains("@import"))
        for use in page.split(separator: "url(").dropFirst() { #expect(use.hasPrefix("#")) }
        let policy = reader.elements.first { $0.attributes["http-equiv"] == "Content-Security-Policy" }
        #expect(policy?.attributes["content"]?.hasPrefix("default-src 'none'; style-src 'unsafe-inline'") == true)
        // Ahead of all that a policy is for.
        let names = reader.elements.map { $0.attributes["http-equiv"] ?? $0.name }
        let (place, style) = (names.firstIndex(of: "Content-Security-Policy"), names.firstIndex(of: "style"))
        #expect((place ?? .max) < (style ?? 0))
    }

    @Test func linksMeetTheirSectionsAndIDsAreUnique() throws {
        let reader = PageReader(try Self.page(""))
        let ids = reader.elements.compactMap { $0.attributes["id"] }
        #expect(Set(ids).count == ids.count)
        for element in reader.elements {
            if let target = element.attributes["href"] {
                #expect(ids.contains(String(target.dropFirst())), "\(target)")
            }
            if let target = element.attributes["aria-labelledby"] { #expect(ids.contains(target)) }
        }
    }

    /// Whatever the text: it is escaped once, and a strict parser gives it back but for what is written out.
    @Test func escapedTextIsGivenBack() {
        var random = SeededGenerator(seed: 20_261_123)
        let alphabet = Array("&<>\"'ab]-;#x é日\u{301}".unicodeScalars)
        for _ in 0..<200 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int(random.next() % 30) { text.append(alphabet[Int(random.next() % UInt64(alphabet.count))]) }
            let escaped = PageText.escaped(String(text))
            for character in ["<", ">", "\"", "'"] { #expect(!escaped.contains(character)) }
            let reader = PageReader("<p title=\"\(escaped)\">\(escaped)</p>")
            #expect(reader.fault == nil)
            #expect(Array(reader.text.unicodeScalars) == Array(text))
            #expect(reader.elements.first?.attributes["title"].map { Array($0.unicodeScalars) } == Array(text))
        }
    }
}
