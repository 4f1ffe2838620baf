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

    @Test func bracketsAreNoArray() throws {
        let lines = ["[1] A citation.", "[", "[ ] a task", "{braces} too"]
        #expect(try read(lines.joined(separator: "\n")).map(\.passage.text) == lines)
        #expect(try read("[\n", .lines).map(\.passage.text) == ["["])
    }

    @Test func whatNeedsQuotesIsNotTakenForText() throws {
        // The way out of JSONL is offered where a line may never have been meant as JSON, and nowhere else.
        let syntax = try #require(throws: IngestError.self) { try read("{curly} text") }
        #expect(syntax.description.contains("--format lines"))
        let field = try #require(throws: IngestError.self) { try read(#"{"text":5}"#) }
        #expect(!field.description.contains("--format lines"))
    }

    @Test func idsAreComparedByTheirBytes() throws {
        let records = ["caf\u{E9}", "cafe\u{301}"].map { "{\"_id\":\"\($0)\",\"text\":\"x\"}\n" }
        #expect(try read(records.joined()).count == 2)
        #expect(throws: IngestError.self) { try read(records.joined() + records[1]) }
    }

    @Test func byteOrderMarkAndWindowsLines() throws {
        let candidates = try read("\u{FEFF}{\"text\":\"a\"}\r\n{\"text\":\"b\"}\r\n")
        #expect(candidates.map(\.passage.text) == ["a", "b"])
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
        (#"{"id":"x","text":" "}"#, ":1: record 'x' has neither title nor text"),
        ("{\"id\":\"x\",\"text\":\"\u{200B}\u{FE0F}\"}", ":1: record 'x' has neither title nor text"),
        ("\u{200B}\u{AD}", ":1: the line is empty"),
        (#" [{"text":"a"}]"#, ":1: a JSON array begins here"),
        ("\n[\n{\"text\":\"a\"}\n]", ":1: the line is empty"),
        ("[\n{\"text\":\"a\"}\n]", "jq -c '.[]'"),
        (#"{"id":12345678901234567890,"text":"a"}"#, "whole number of at most 64 bits: put it in quotes"),
        (#"{"text":"a","score":NaN}"#, "column 21: a JSON value is wanted here, found 'N'"),
        (#"{"text":"a","score":1e999}"#, "column 21: a number is out of range"),
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
