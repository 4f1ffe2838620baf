import TestSupport
import Testing
import WinnowCore
import WinnowIngest

@Suite struct CandidateReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String, _ format: CandidateReader.Format = .auto, name: String = "candidates") throws
        -> [Candidate]
    {
        try CandidateReader(format: format).read(try folder.write(name, text))
    }

    @Test func records() throws {
        let candidates = try read(
            """
            {"_id":"a","title":"T","text":"x","score":0.5,"metadata":{"k":"v"}}

            {"text":"no id","score":null}
            {"id":3.0e0,"text":"y"}
            """.replacing("3.0e0", with: "\"c\"") + "\n")
        #expect(candidates.map(\.passage.id) == ["a", "3", "c"])
        #expect(candidates.map(\.rank) == [1, 2, 3])
        #expect(candidates.map(\.retrievalScore) == [0.5, nil, nil])
        #expect(candidates[0].passage.content == "T\nx")
        #expect(candidates[0].passage.metadata == ["k": .string("v")])
    }

    @Test func plainLines() throws {
        let candidates = try read("first text\r\nsecond {\"not\": json}\n third")
        #expect(candidates.map(\.passage.text) == ["first text", "second {\"not\": json}", " third"])
        #expect(candidates.map(\.passage.id) == ["1", "2", "3"])
        #expect(try read("{\"text\":\"x\"}", .lines).map(\.passage.text) == ["{\"text\":\"x\"}"])
    }

    @Test(arguments: ["", "\u{FEFF}"])
    func nothing(_ text: String) throws {
        #expect(try read(text, name: "c.jsonl").isEmpty)
    }

    @Test func emptyFile() throws {
        #expect(try read("").isEmpty)
        #expect(try read("\n\n", .jsonl).isEmpty)
    }

    @Test(arguments: [
        ("a\n\nb", ":2: the line is empty"),
        ("a\n \t\nb", ":2: the line is empty"),
        (#"{"text":"a"}"# + "\n{\"text\":\n", ":2: is not valid JSON"),
        (#"{"text":"a"}"# + "\nplain", "--format lines"),
        (#"{"id":"x","text":"a"}"# + "\n\n" + #"{"id":"x","text":"b"}"#, ":3: the id 'x' stands in line 1 too"),
        (#"{"id":"x","text":" "}"#, ":1: candidate 'x' has neither title nor text"),
        (#"{"id":"x","text":"a","score":"high"}"#, "`score` is no number"),
    ])
    func whatIsWrongIsNamed(_ text: String, message: String) throws {
        let error = try #require(throws: IngestError.self) { try read(text) }
        #expect(error.description.contains(message), "\(error)")
    }

    @Test func invalidUTF8() throws {
        let path = try folder.write("bad", bytes: Array("good\nb".utf8) + [0xFF])
        let error = try #require(throws: IngestError.self) { try CandidateReader().read(path) }
        #expect(error.description.contains(":2: is not valid UTF-8: byte 0xFF at offset 6"), "\(error)")
    }

    @Test func noSuchFile() {
        #expect(throws: IngestError.notFound(path: "/no/such/file")) { try CandidateReader().read("/no/such/file") }
        #expect(throws: IngestError.self) { try CandidateReader().read("/") }
    }

    @Test func aMegabyte() throws {
        let text = String(repeating: "word ", count: 210_000)
        #expect(try read("{\"text\":\"\(text)\"}\n{\"text\":\"b\"}").map(\.passage.text.utf8.count) == [1_050_000, 1])
    }
}
