import TestSupport
import Testing
import WinnowCore
import WinnowIngest

@Suite struct WordTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func archive(_ body: String, _ parts: [String: String] = [:]) -> TestZip {
        var zip = TestZip()
        zip.add("[Content_Types].xml", "<Types/>")
        zip.add("word/document.xml", "<?xml version=\"1.0\"?><w:document><w:body>\(body)</w:body></w:document>")
        for (name, content) in parts.sorted(by: { $0.key < $1.key }) { zip.add(name, content) }
        return zip
    }

    private static func paragraph(_ text: String, _ properties: String = "") -> String {
        "<w:p>" + (properties.isEmpty ? "" : "<w:pPr>\(properties)</w:pPr>")
            + "<w:r><w:t xml:space=\"preserve\">\(text)</w:t></w:r></w:p>"
    }

    private func read(_ bytes: [UInt8], _ limits: ReadingLimits = ReadingLimits()) throws -> Document {
        try #require(try CorpusReader(limits: limits).read([try folder.write("a.docx", bytes: bytes)]).documents.first)
    }

    private static let styles = """
        <w:styles><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>\
        <w:style w:styleId="Sub"><w:name w:val="Own"/><w:basedOn w:val="berschrift2"/></w:style>\
        <w:style w:styleId="berschrift2"><w:name w:val="heading 2"/><w:basedOn w:val="Sub"/></w:style>\
        <w:style w:styleId="T"><w:name w:val="Title"/></w:style>\
        <w:style w:styleId="L"><w:name w:val="List Bullet"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style></w:styles>
        """
    private static let numbering = """
        <w:numbering><w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>\
        <w:abstractNum w:abstractNumId="9"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt \
        w:val="lowerLetter"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="8"/></w:num>\
        <w:num w:numId="2"><w:abstractNumId w:val="9"/></w:num></w:numbering>
        """

    private static func item(_ text: String, _ list: Int, _ level: Int) -> String {
        paragraph(text, "<w:numPr><w:ilvl w:val=\"\(level)\"/><w:numId w:val=\"\(list)\"/></w:numPr>")
    }

    @Test func structure() throws {
        let body =
            Self.paragraph("Handbook", "<w:pStyle w:val=\"T\"/>")
            + Self.paragraph("One &amp; two", "<w:pStyle w:val=\"berschrift1\"/>")
            + Self.paragraph("Text.") + Self.paragraph("Deeper", "<w:pStyle w:val=\"Sub\"/>")
            + Self.paragraph("a", "<w:pStyle w:val=\"L\"/>") + Self.paragraph("b", "<w:pStyle w:val=\"L\"/>")
            + Self.paragraph("between") + Self.item("x", 2, 0) + Self.item("y", 2, 1) + Self.item("z", 2, 0)
            + Self.paragraph("By outline", "<w:outlineLvl w:val=\"2\"/>")
        let document = try read(
            Self.archive(body, ["word/styles.xml": Self.styles, "word/numbering.xml": Self.numbering]).bytes)
        #expect(document.title == "Handbook" && document.id == "a.docx")
        #expect(
            document.text
                == "# Handbook\n\n# One & two\n\nText.\n\n## Deeper\n\n- a\n- b\n\nbetween\n\n1. x\n  1. y\n2. z\n\n### By outline"
        )
    }

    @Test func tables() throws {
        func row(_ cells: String..., head: Bool = false) -> String {
            "<w:tr>" + (head ? "<w:trPr><w:tblHeader/></w:trPr>" : "")
                + cells.map { "<w:tc>\($0)</w:tc>" }.joined() + "</w:tr>"
        }
        let p = { Self.paragraph($0) }
        let inner = "<w:tbl>" + row(p("i"), p("j")) + "</w:tbl>"
        let body =
            p("before") + "<w:tbl>" + row(p("k"), p("v"), head: true) + row(p("a") + p("b"), inner) + "</w:tbl>"
            + p("after")
            + "<w:tbl>" + row(p("framed")) + "</w:tbl>"
        #expect(
            try read(Self.archive(body).bytes).text
                == "before\n\n| k | v |\n| --- | --- |\n| a b | i; j |\n\nafter\n\nframed")
    }

    @Test func whatIsShownAndWhatIsNot() throws {
        let body = """
            <w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>\
            <w:del><w:r><w:delText>no</w:delText><w:t>no</w:t></w:r></w:del><w:ins><w:r><w:t> new</w:t></w:r></w:ins>\
            <w:r><w:rPr><w:vanish/></w:rPr><w:t>no</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> shown</w:t></w:r>\
            <w:r><w:instrText>PAGE</w:instrText></w:r><mc:AlternateContent><mc:Choice><w:r><w:t>!</w:t></w:r></mc:Choice>\
            <mc:Fallback><w:r><w:t>no</w:t></w:r></mc:Fallback></mc:AlternateContent>\
            <w:r><w:footnoteReference w:id="2"/></w:r></w:p><w:p><w:r><w:t>next</w:t></w:r></w:p>
            """
        let notes =
            "<w:footnotes><w:footnote w:id=\"0\"/><w:footnote w:id=\"2\"><w:p><w:r><w:t>The note.</w:t></w:r></w:p></w:footnote></w:footnotes>"
        let text = try read(Self.archive(body, ["word/footnotes.xml": notes]).bytes).text
        #expect(text == "a b\nc-d new shown![1]\n\n[1] The note.\n\nnext")
    }

    @Test func titlesAndOtherMainParts() throws {
        let core = "<cp:coreProperties><dc:title>The  title</dc:title></cp:coreProperties>"
        #expect(try read(Self.archive(Self.paragraph("x"), ["docProps/core.xml": core]).bytes).title == "The title")
        var zip = TestZip()
        zip.add(
            "_rels/.rels",
            "<Relationships><Relationship Type=\"http://x/officeDocument\" Target=\"/doc/main.xml\"/></Relationships>")
        zip.add("doc/main.xml", Array("<w:p><w:r><w:t>found</w:t></w:r></w:p>".utf8), isDeflated: false)
        #expect(try read(zip.bytes).text == "found")
    }

    private static func bomb() -> [UInt8] {
        var zip = TestZip()
        zip.add("word/document.xml", [UInt8](repeating: 0x20, count: 40 << 20))
        return zip.bytes
    }

    private static func lying() -> [UInt8] {
        var zip = TestZip()
        zip.add("word/document.xml", [UInt8](repeating: 0x20, count: 1 << 20), claimed: 10)
        return zip.bytes
    }

    private static func wrong(flags: Int = 0, checksum: UInt32? = nil) -> [UInt8] {
        var zip = TestZip()
        zip.add("word/document.xml", Array("<w:p/>".utf8), flags: flags, checksum: checksum)
        return zip.bytes
    }

    @Test(
        arguments: [
            ("no archive", Array("PK and no more".utf8), "is no ZIP archive"),
            ("bomb", bomb(), "would unpack to 41943040 bytes"),
            ("a lie", lying(), "is damaged"), ("locked", wrong(flags: 1), "locked with a password"),
            ("checksum", wrong(checksum: 1), "checksum"), ("old", [0xD0, 0xCF, 0x11, 0xE0, 0, 0], "an old .doc"),
            ("cut off", archive(paragraph("x")).bytes.dropLast(30), "is no ZIP archive"),
            ("no text", archive("").bytes, "there is no text in it"), ("empty", [], "the file is empty"),
            ("XML cut off", archive("<w:p><w:r><w:t").bytes, nil),
            ("another archive", TestZip().bytes, "has no part word/document.xml"),
        ] as [(String, [UInt8], String?)])
    func whatIsWrongIsNamed(_ name: String, _ bytes: [UInt8], reason: String?) throws {
        let error = try #require(throws: IngestError.self, "\(name)") { try read(bytes) }
        if let reason { #expect(error.description.contains(reason), "\(name): \(error)") }
    }

    /// Every byte of a small file changed, and every length of it: an error or a document, and no trap.
    @Test func damageNeverTraps() throws {
        let bytes = Self.archive(Self.paragraph("x"), ["word/styles.xml": Self.styles]).bytes
        for index in stride(from: 0, to: bytes.count, by: 3) {
            var changed = bytes
            changed[index] ^= 0xFF
            _ = try? read(changed)
            _ = try? read(Array(bytes[..<index]))
        }
    }
}
