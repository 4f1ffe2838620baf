import TestSupport
import Testing
import WinnowCore
import WinnowIngest

@Suite struct JSONFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String, _ limits: ReadingLimits = ReadingLimits()) throws -> Corpus {
        try CorpusReader(limits: limits).read([try folder.write("j.json", text)])
    }

    @Test func anArrayOfObjectsIsItsRecords() throws {
        let corpus = try read(
            #"[{"_id":"a","title":"T","text":"x","tags":["p"],"metadata":{"n":1}}, {"id":7,"question":"Q?","answer":"A."}, {"city":"Bonn","zip":[1,{"k":null,"m":true}]}, {"id":"e","text":""}]"#
        )
        #expect(corpus.documents.map(\.id) == ["a", "7", "j.json#3"])
        #expect(corpus.documents.map(\.title) == ["T", "Q?", nil])
        #expect(corpus.documents.map(\.text) == ["x", "A.", "city: Bonn\nzip[0]: 1\nzip[1].m: true"])
        #expect(corpus.documents[0].metadata["tags"] == .array([.string("p")]))
        #expect(corpus.documents[0].metadata["n"] == .integer(1))
        #expect(
            Set(corpus.documents[2].metadata.keys) == ["city", "source"], "nothing long is repeated in every passage")
        #expect(corpus.documents[2].metadata["source"] == .string(folder.path + "/j.json#3"))
        #expect(corpus.documents.map(\.sharesOrigin) == [true, true, true])
        #expect(corpus.skipped.map(\.reason) == ["record 4 has neither title nor text"])
    }

    @Test(
        arguments: [
            (#"{"title":"T","body":"b"}"#, "T", "b"),
            (#"{"title":"T","sizes":[1,2.5]}"#, "T", "title: T\nsizes[0]: 1\nsizes[1]: 2.5"),
            (#"[1,"two",false]"#, nil, "[0]: 1\n[1]: two\n[2]: false"), (#""words""#, nil, "words"),
            (#"{"a":{"b.c":{"d":"e"}}}"#, nil, "a.b.c.d: e"),
        ] as [(String, String?, String)])
    func anythingElseIsOneDocument(_ json: String, title: String?, text: String) throws {
        let corpus = try read(json)
        #expect(corpus.documents.count == 1)
        let document = corpus.documents[0]
        #expect(document.id == "j.json" && document.title == title && document.text == text && !document.sharesOrigin)
    }

    @Test func anExportWithOneListOfRecords() throws {
        let corpus = try read(#"{"count":2,"next":null,"items":[{"id":1,"text":"a"},{"id":2,"text":"b"}]}"#)
        #expect(corpus.documents.map(\.id) == ["1", "2"])
    }

    @Test(arguments: [
        ("{\n  \"a\": 1,\n  \"b\" 2\n}", "line 3, column 7: ':' is wanted"), ("[1,", "not valid JSON: line 1"),
        (String(repeating: "[", count: 100_000), "more than 128"), ("\n\n", "the file is empty"),
        ("{}", "no value in it"),
        ("[{\"id\":[1],\"text\":\"x\"}]", "`id` is neither"),
    ])
    func whatIsWrongIsNamedWithItsLine(_ json: String, reason: String) throws {
        let error = try #require(throws: IngestError.self) { try read(json) }
        #expect(error.description.contains(reason), "\(error)")
    }

    @Test func pathsCannotMakeATextWithoutEnd() throws {
        var limits = ReadingLimits()
        limits.mostExtracted = 10_000
        let name = String(repeating: "n", count: 1_000)
        let values = Array(repeating: "1", count: 1_000).joined(separator: ",")
        let error = try #require(throws: IngestError.self) { try read("{\"\(name)\":[\(values)]}", limits) }
        #expect(error.description.contains("over 10000 bytes"), "\(error)")
        limits.mostBytes = 100
        let long = try #require(throws: IngestError.self) { try read("[\(values)]", limits) }
        #expect(long.description.contains("at most 100 are read: make it JSONL"), "\(long)")
    }
}
