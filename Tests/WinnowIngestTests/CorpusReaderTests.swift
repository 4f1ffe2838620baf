import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowIngest

@Suite struct CorpusReaderTests {
    let folder: TemporaryFolder
    let reader = CorpusReader()

    init() throws { folder = try TemporaryFolder() }

    func realPath(_ name: String) -> String {
        URL(fileURLWithPath: folder.path + "/" + name).resolvingSymlinksInPath().path
    }

    @Test func aBEIRFolderIsItsCorpusOnly() throws {
        try folder.write(
            "corpus.jsonl",
            #"{"_id":"a","title":"T","text":"x","metadata":{"n":1}}"# + "\r\n\n" + #"{"id":7,"text":"y","extra":[]}"#)
        try folder.write("notes.md", "# not read")
        try folder.write("queries.jsonl", #"{"_id":"q","text":"not read"}"#)
        try folder.write("qrels/test.tsv", "")
        let corpus = try reader.read([folder.path])
        #expect(corpus.skipped.isEmpty)
        let origin = realPath("corpus.jsonl")
        #expect(
            corpus.documents == [
                Document(
                    id: "a", title: "T", text: "x",
                    metadata: ["n": .integer(1), "source": .string(folder.path + "/corpus.jsonl#a")], origin: origin,
                    sharesOrigin: true),
                Document(
                    id: "7", text: "y", metadata: ["source": .string(folder.path + "/corpus.jsonl#7")], origin: origin,
                    sharesOrigin: true),
            ])
    }

    @Test func anyOtherFolderIsItsTexts() throws {
        for name in [
            "b.md", "a.txt", "sub/c.md", "sub/deeper/d.TXT", "sub.md", "README.md", "README", "sub/README.txt",
            ".hidden.md",
            ".git/x.md", "image.png", "queries.jsonl", "qrels/e.txt", "no-extension",
        ] {
            try folder.write(name, "text of \(name)")
        }
        try folder.write("r.jsonl", #"{"id":"r1","text":"record"}"#)
        try folder.write("nested/corpus.jsonl", #"{"_id":"n1","text":"nested"}"#)
        try folder.write("nested/beside.md", "not read")
        let corpus = try reader.read([folder.path])
        #expect(
            corpus.documents.map(\.id) == [
                "a.txt", "b.md", "n1", "r1", "sub.md", "sub/c.md", "sub/deeper/d.TXT",
            ])
        #expect(corpus.skipped.isEmpty)
        #expect(corpus.documents[0].metadata["source"] == .string(folder.path + "/a.txt"))
        #expect(try reader.read([folder.path + "/"]).documents == corpus.documents)
    }

    @Test func filesByThemselves() throws {
        let readme = try folder.write("README.md", "# Read me\n\nIt is asked for.")
        let text = try folder.write("sub/t.txt", "Text.")
        let corpus = try reader.read([readme, text, readme])
        #expect(corpus.documents.map(\.id) == ["README.md", "t.txt"])
        #expect(corpus.documents[0].title == "Read me")
    }

    @Test func markdown() throws {
        try folder.write(
            "a.md",
            """
            ---
            id: custom-id
            title: "Plans: \\"all\\""
            plans: [Pro, 'Enterprise']
            tags:
              - one
              - two
            note: first
              second
            updated: 2026-01-05
            # a comment
            empty:
            ---

            # Another heading

            Body.
            """)
        try folder.write("b.md", "Intro\n\n```\n# not this\n```\n\n# The title #\n\nBody")
        try folder.write("c.md", "\u{FEFF}No heading")
        try folder.write("d.md", "---\nnot front matter\n---\nBody")
        try folder.write("e.md", "---\nkey: value\nBody without an end")
        let documents = try reader.read([folder.path]).documents
        let a = documents[0]
        #expect(a.id == "custom-id")
        #expect(a.title == "Plans: \"all\"")
        #expect(a.text == "\n# Another heading\n\nBody.")
        var metadata = a.metadata
        metadata["source"] = nil
        #expect(
            metadata == [
                "title": .string("Plans: \"all\""), "plans": .array([.string("Pro"), .string("Enterprise")]),
                "tags": .array([.string("one"), .string("two")]), "note": .string("first\nsecond"),
                "updated": .string("2026-01-05"), "empty": .null,
            ])
        let source = try Array(Data(contentsOf: URL(fileURLWithPath: folder.path + "/a.md")))
        #expect(source[a.textOffset...].elementsEqual(a.text.utf8))
        #expect(documents[1].title == "The title")
        #expect(documents[2].title == nil && documents[2].text == "No heading" && documents[2].textOffset == 3)
        #expect(documents[3].text.hasPrefix("---\nnot") && documents[3].textOffset == 0)
        #expect(documents[4].text.hasPrefix("---\nkey"))
    }

    @Test(arguments: [
        (#"["a, b", c]"#, ["a, b", "c"]), (#"['it''s, so', "say \"x, y\"" , z]"#, ["it's, so", #"say "x, y""#, "z"]),
        (#"[don't, won't]"#, ["don't", "won't"]), (#"["", a,, b,]"#, ["", "a", "b"]), ("[]", []),
        (#"["not closed, b]"#, [#""not closed, b"#]), (#"["ends in \\", b]"#, [#"ends in \"#, "b"]),
    ])
    func listsKeepQuotedCommas(_ list: String, items: [String]) throws {
        try folder.write("a.md", "---\ntags: \(list)\n---\nBody")
        let metadata = try reader.read([folder.path]).documents[0].metadata
        #expect(metadata["tags"] == .array(items.map { .string($0) }))
    }

    @Test func aSourceThatADocumentNamesIsKept() throws {
        try folder.write("a.md", "---\nsource: https://example.org/a\n---\nText")
        try folder.write("b.md", "---\nkey: value\n---\nText")
        try folder.write("c.jsonl", #"{"id":"c","text":"Text","metadata":{"source":"https://example.org/c"}}"#)
        let sources = try reader.read([folder.path]).documents.map { $0.metadata["source"]?.stringValue }
        #expect(sources == ["https://example.org/a", folder.path + "/b.md", "https://example.org/c"])
    }

    @Test func recordsShareTheirOrigin() throws {
        for name in ["a.md", "b.txt"] { try folder.write(name, "Text") }
        try folder.write("c.jsonl", #"{"id":"c","text":"Text"}"#)
        #expect(try reader.read([folder.path]).documents.map(\.sharesOrigin) == [false, false, true])
    }

    /// Composed and decomposed: one text to Swift, two to files and to a store.
    @Test func idsAreComparedByTheirBytes() throws {
        let ids = ["caf\u{E9}", "cafe\u{301}"]
        let records = ids.map { "{\"_id\":\"\($0)\",\"text\":\"x\"}\n" }
        let path = try folder.write("a.jsonl", records.joined() + records[1])
        let corpus = try reader.read([path])
        #expect(corpus.documents.map { Array($0.id.utf8) } == ids.map { Array($0.utf8) })
        #expect(corpus.skipped.map(\.line) == [3])
        #expect(corpus.skipped.first?.reason.contains("a.jsonl:2") == true)
    }

    @Test func windowsLineEndings() throws {
        try folder.write("a.md", "---\r\nid: x\r\n---\r\n# Title\r\n\r\nBody\r\n")
        let document = try reader.read([folder.path]).documents[0]
        #expect(document.id == "x" && document.title == "Title" && document.text == "# Title\r\n\r\nBody\r\n")
    }

    @Test(arguments: [
        (#"{"_id":"x","text":"y""#, "not valid JSON: column 1: the object is not closed"),
        (#"{"_id":"x","text":5}"#, "`text` is no string"),
        (#"{"_id":"x","title":["t"]}"#, "`title` is no string"),
        (#"{"_id":"x"}"#, "record 'x' has neither title nor text"),
        (#"{"_id":"x","title":" ","text":"\n"}"#, "neither title nor text"),
        (#"{"text":"y"}"#, "neither `_id` nor `id`"),
        (#"{"_id":"","text":"y"}"#, "`_id` is empty"),
        (#"{"_id":1.5,"text":"y"}"#, "neither a string nor a whole number"),
        (#"{"_id":"x","text":"y","metadata":[]}"#, "`metadata` is no object"),
        (#"["x"]"#, "no object"),
        (#"{"_id":"good","text":"again"}"#, "is taken by"),
    ])
    func aBrokenLineIsLeftOutAndNamed(_ line: String, reason: String) throws {
        let path = try folder.write(
            "c.jsonl", #"{"_id":"good","text":"x"}"# + "\n" + line + "\n" + #"{"_id":"after","text":"z"}"# + "\n")
        let corpus = try reader.read([path])
        #expect(corpus.documents.map(\.id) == ["good", "after"])
        let skipped = try #require(corpus.skipped.first)
        #expect(corpus.skipped.count == 1)
        #expect(skipped.line == 2 && skipped.path == path)
        #expect(skipped.origin == realPath("c.jsonl") && !skipped.isEmpty)
        #expect(skipped.reason.contains(reason), "\(skipped)")
        #expect(skipped.description.hasPrefix(path + ":2: "))
    }

    @Test func duplicatesAcrossFilesNameBothPlaces() throws {
        try folder.write("a.jsonl", "\n" + #"{"_id":"same","text":"x"}"#)
        try folder.write("b.md", "---\nid: same\n---\nText")
        let skipped = try #require(try reader.read([folder.path]).skipped.first)
        #expect(skipped.path == folder.path + "/b.md")
        #expect(skipped.reason.contains("'same' is taken by \(folder.path)/a.jsonl:2"))
    }

    @Test(
        arguments: [
            ([0x61, 0xFF, 0x62], "byte 0xFF at offset 13"),
            ([0xEF, 0xBB, 0xBF, 0x61, 0xC3], "byte 0xC3 at offset 16"),
            ([0xE0, 0x80, 0x80], "byte 0xE0 at offset 12"),
            ([0xF0, 0x9F, 0x98], "byte 0xF0 at offset 12"),
            ([0x61, 0x80], "byte 0x80 at offset 13"),
            ([0xED, 0xA0, 0x80], "byte 0xED at offset 12"),
            ([0xF5, 0x80, 0x80, 0x80], "byte 0xF5 at offset 12"),
        ] as [([UInt8], String)])
    func invalidUTF8(_ bytes: [UInt8], reason: String) throws {
        // Six letters in UTF-8 before it: it is no text in an older encoding.
        try folder.write("bad.txt", bytes: Array("éééééé".utf8) + bytes)
        try folder.write("good.txt", "fine")
        try folder.write(
            "lines.jsonl",
            bytes: Array("{\"id\":\"1\",\"text\":\"a\"}\n{\"id\":\"2\",\"text\":\"".utf8) + bytes + Array("\"}\n".utf8))
        let corpus = try reader.read([folder.path])
        #expect(corpus.documents.map(\.id) == ["good.txt", "1"])
        #expect(corpus.skipped.count == 2)
        #expect(corpus.skipped[0].reason.contains(reason), "\(corpus.skipped[0])")
        #expect(corpus.skipped[1].line == 2)
        #expect(corpus.skipped.allSatisfy { !$0.isEmpty })
        #expect(corpus.skipped[1].reason.contains("not valid UTF-8"))
    }

    @Test func filesThatCannotBeRead() throws {
        try folder.write("good.md", "Text")
        try folder.write("empty.md", " \n")
        try folder.write("matter.md", "---\nkey: value\n---\n")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/gone.md", withDestinationPath: "nowhere.md")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/circle", withDestinationPath: folder.path)
        let corpus = try reader.read([folder.path])
        #expect(corpus.documents.map(\.id) == ["good.md"])
        #expect(corpus.skipped.map { $0.path.split(separator: "/").last } == ["gone.md", "empty.md", "matter.md"])
        #expect(corpus.skipped.map(\.origin) == ["gone.md", "empty.md", "matter.md"].map { realPath("") + "/" + $0 })
        #expect(corpus.skipped.map(\.isEmpty) == [false, true, true])
    }

    @Test func pipesAreNamedAndNotWaitedFor() throws {
        try folder.write("good.md", "Text")
        let pipe = folder.path + "/pipe.txt"
        #expect(mkfifo(pipe, 0o600) == 0)
        let corpus = try reader.read([folder.path])
        #expect(corpus.documents.map(\.id) == ["good.md"])
        #expect(
            corpus.skipped.map(\.description) == [
                pipe + ": is neither a regular file nor a folder, and only those are read"
            ])
        let error = try #require(throws: IngestError.self) { try reader.read([pipe]) }
        #expect(error.description.contains("neither a regular file nor a folder"), "\(error)")
    }

    @Test func filesOfOneNameInTwoFolders() throws {
        try folder.write("a/index.md", "One")
        try folder.write("b/index.md", "Two")
        let apart = try reader.read([folder.path + "/a", folder.path + "/b"])
        #expect(apart.documents.map(\.text) == ["One"])
        #expect(apart.skipped.first?.reason.contains("give a folder above both") == true)
        #expect(try reader.read([folder.path]).documents.map(\.id) == ["a/index.md", "b/index.md"])
    }

    @Test func nothingVisibleIsNothing() throws {
        try folder.write("good.md", "Text")
        try folder.write("zero.txt", "\u{200B}\u{200D}\n")
        let skipped = try reader.read([folder.path]).skipped
        #expect(skipped.map(\.reason) == ["the file is empty"])
        #expect(skipped.map(\.isEmpty) == [true])
    }

    @Test func namesCannotForgeLines() throws {
        try folder.write("a\nb.md", "Text")
        try folder.write("c\nd.md", "")
        let corpus = try reader.read([folder.path])
        #expect(corpus.documents.map(\.id) == ["a\nb.md"])
        #expect(!corpus.skipped[0].description.contains("\n"))
    }

    @Test func nothingToRead() throws {
        let error = try #require(throws: IngestError.self) { try reader.read([folder.path]) }
        #expect(error.description.contains("no document in"))
        try folder.write("a.jsonl", "{")
        let broken = try #require(throws: IngestError.self) { try reader.read([folder.path]) }
        #expect(broken.description.contains("1 could not be read"))
        #expect(throws: IngestError.notFound(path: "/no/such/folder")) { try reader.read(["/no/such/folder"]) }
        let image = try folder.write("a.png", "")
        #expect(throws: IngestError.self) { try reader.read([image]) }
    }

    @Test func linesOfAnyLength() throws {
        var expected: [String] = []
        var lines = ""
        for (index, length) in [1, 1 << 18, (1 << 18) - 30, 1_000_000, 3, 5_000_000].enumerated() {
            let text = String(repeating: "wörd ", count: length / 6 + 1)
            expected.append(text)
            lines += "{\"_id\":\"\(index)\",\"text\":\"\(text)\"}\n"
        }
        let path = try folder.write("long.jsonl", lines)
        #expect(try reader.read([path]).documents.map(\.text) == expected)
    }
}
