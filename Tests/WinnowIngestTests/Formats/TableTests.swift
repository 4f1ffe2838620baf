import TestSupport
import Testing
import WinnowCore
import WinnowIngest

@Suite struct TableTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String, _ name: String = "t.csv", _ limits: ReadingLimits = ReadingLimits()) throws
        -> Corpus
    {
        try CorpusReader(limits: limits).read([try folder.write(name, text)])
    }

    @Test func rowsAreDocuments() throws {
        let corpus = try read(
            "ID,Title,Body,Views,Rate,Open,Code,Empty\r\na1,T,\"x, \"\"y\"\"\r\nz\",12,-0.5,TRUE,007,\r\n")
        let document = try #require(corpus.documents.first)
        #expect(document.id == "a1" && document.title == "T" && document.text == "x, \"y\"\r\nz")
        #expect(
            document.metadata == [
                "Views": .integer(12), "Rate": .number(-0.5), "Open": .bool(true), "Code": .string("007"),
                "source": .string(folder.path + "/t.csv#a1"),
            ])
        #expect(document.sharesOrigin && corpus.skipped.isEmpty)
    }

    @Test(arguments: [
        ("comma", "id,text\n1,a;b"), ("semicolon", "id;text\n1;a,b"), ("tab", "id\ttext\n1\ta,b"),
        ("sep=", "sep=;\nid;text\n1;a,b"), ("CR only", "id,text\r1,a"), ("mark", "\u{FEFF}id,text\n1,a"),
        ("no end", "id,text\n1,a"), ("blank lines", "\n\nid,text\n\n1,a\n\n"), ("spaces", " Id , TEXT \n1,a"),
        ("trailing delimiters", "id,text\n1,a,,\n"),
    ])
    func readsAnyDialect(_ name: String, _ text: String) throws {
        let corpus = try read(text)
        #expect(corpus.documents.map(\.id) == ["1"], "\(name): \(corpus)")
        #expect(corpus.documents.first?.text.hasPrefix("a") == true)
        #expect(corpus.skipped.isEmpty)
    }

    @Test(
        arguments: [
            ("question,answer\nWhy?,So.", "Why?", "So."), ("title,question,answer\nT,Why?,So.", "T", "Why?\n\nSo."),
            ("title,content\nT,c", "T", "c"), ("text,body\nt,b", nil, "t"),
            ("name,city\nAda,London", nil, "name: Ada\ncity: London"), ("title,city\nT,London", "T", "city: London"),
            ("a,,a\n1,2,3", nil, "a: 1\ncolumn 2: 2\na (2): 3"),
        ] as [(String, String?, String)])
    func columnsByName(_ table: String, title: String?, text: String) throws {
        let document = try read(table).documents[0]
        #expect(document.title == title && document.text == text)
        #expect(document.id == "t.csv#1")
        #expect(document.metadata["source"] == .string(folder.path + "/t.csv#1"))
    }

    @Test func raggedRowsAreNamed() throws {
        let corpus = try read("id,text\n1,a\n2\n\"3\n4\",b\n5,c,d\n6,\n7,e\n")
        #expect(corpus.documents.map(\.id) == ["1", "3\n4", "7"])
        #expect(corpus.skipped.map(\.line) == [3, 6, 7])
        #expect(corpus.skipped[0].reason == "the row has 1 field, and the header has 2")
        #expect(corpus.skipped[1].reason == "the row has 3 fields, and the header has 2")
        #expect(corpus.skipped[2].reason == "the row has neither title nor text")
    }

    @Test func anOpenQuotationIsNamed() throws {
        let corpus = try read("id,text\n1,a\n2,\"b\n3,c\n4,d\n")
        #expect(corpus.documents.map(\.id) == ["1"])
        #expect(corpus.skipped.map(\.line) == [3])
        #expect(corpus.skipped.first?.reason.contains("opens in line 3 is not closed") == true)
    }

    @Test func limitsAreNamed() throws {
        var limits = ReadingLimits()
        limits.longestLine = 100
        let long = String(repeating: "x", count: 101)
        let corpus = try read("id,text\n1,\(long)\n2,ok\n", "l.csv", limits)
        #expect(corpus.documents.map(\.id) == ["2"] && corpus.skipped.map(\.line) == [2])
        let wide = String(repeating: "a,", count: 20_000)
        let error = try #require(throws: IngestError.self) { try read(wide + "\n" + wide + "\n", "w.csv") }
        #expect(error.description.contains("16384 fields"), "\(error)")
        let narrow = try read("id,text\n" + wide + "\n1,a\n", "n.csv")
        #expect(narrow.documents.map(\.id) == ["1"] && narrow.skipped.map(\.line) == [2])
    }

    @Test func windows1252IsDecidedByTheFirstRowThatIsNoUTF8() throws {
        let bytes = Array("id,text\n1,plain\n2,Gr".utf8) + [0xF6, 0xDF] + Array("e\n3,caf".utf8) + [0xE9, 0x0A]
        let corpus = try CorpusReader().read([try folder.write("w.csv", bytes: bytes)])
        #expect(corpus.documents.map(\.text) == ["plain", "Größe", "café"])
        #expect(corpus.notes.count == 1)
        let mixed = Array("id,text\n1,Größe\n2,Gr".utf8) + [0xF6, 0xDF] + Array("e\n3,ok\n".utf8)
        let damaged = try CorpusReader().read([try folder.write("m.csv", bytes: mixed)])
        #expect(damaged.documents.map(\.id) == ["1", "3"])
        #expect(damaged.skipped.map(\.line) == [3] && damaged.notes.isEmpty)
    }

    @Test func anEmptyTableIsEmpty() throws {
        try folder.write("good.md", "Text")
        try folder.write("a.csv", "")
        try folder.write("b.csv", "id,text\n")
        let corpus = try CorpusReader().read([folder.path])
        #expect(corpus.documents.map(\.id) == ["good.md"])
        #expect(corpus.skipped.map(\.isEmpty) == [true])
    }
}
