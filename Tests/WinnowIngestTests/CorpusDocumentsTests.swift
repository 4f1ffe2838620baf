import Foundation
import Synchronization
import TestSupport
import Testing
import WinnowCore
import WinnowIngest

/// What was left out, as it was told.
private final class Skips: Sendable {
    private let state = Mutex<[SkippedRecord]>([])
    var all: [SkippedRecord] { state.withLock { $0 } }
    func add(_ record: SkippedRecord) { state.withLock { $0.append(record) } }
}

@Suite struct CorpusDocumentsTests {
    let folder: TemporaryFolder
    let reader = CorpusReader()

    init() throws { folder = try TemporaryFolder() }

    static func all(_ documents: CorpusDocuments) async throws -> [Document] {
        var all: [Document] = []
        for try await document in documents { all.append(document) }
        return all
    }

    @Test func theSameAsAllAtOnce() async throws {
        try folder.write("a.md", "---\nid: custom\n---\n# Title\n\nBody")
        try folder.write("b/c.txt", "Text")
        try folder.write(
            "b/d.jsonl",
            "{\"id\":\"1\",\"text\":\"x\"}\nbroken\n\n{\"id\":\"1\",\"text\":\"again\"}\n{\"id\":\"2\",\"text\":\"y\"}")
        try folder.write("e.txt", bytes: [0xFF, 0x00])
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/gone.md", withDestinationPath: "nowhere.md")
        let expected = try reader.read([folder.path])
        let skips = Skips()
        let documents = try reader.documents(in: [folder.path]) { skips.add($0) }
        #expect(skips.all.isEmpty, "nothing is told before the iteration")
        #expect(try await Self.all(documents) == expected.documents)
        #expect(skips.all == expected.skipped)
        #expect(expected.documents.map(\.id) == ["custom", "b/c.txt", "1", "2"])
        #expect(expected.skipped.count == 4)
        #expect(documents.fileCount == 4)
        // Again, from the start.
        #expect(try await Self.all(documents) == expected.documents)
    }

    @Test func originsAreRealPaths() async throws {
        try folder.write("real/a.md", "Text")
        try folder.write("real/b.jsonl", "{\"id\":\"1\",\"text\":\"x\"}")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link", withDestinationPath: folder.path + "/real")
        let documents = try reader.read([folder.path + "/link/../link"]).documents
        let real = URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path + "/real/"
        #expect(documents.map(\.origin) == [real + "a.md", real + "b.jsonl"])
        #expect(documents[0].metadata["source"] == .string(folder.path + "/link/../link/a.md"))
    }

    /// Pruning looks for what lies below the folder given: what a link leads to from there must be found by it.
    @Test func originsLieBelowTheFolderGiven() throws {
        let elsewhere = try TemporaryFolder()
        try elsewhere.write("sub/b.md", "Text")
        let one = try elsewhere.write("c.md", "Text")
        try folder.write("kb/a.md", "Text")
        for (name, target) in [("linked", elsewhere.path + "/sub"), ("one.md", one)] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/kb/" + name, withDestinationPath: target)
        }
        let root = URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path + "/kb/"
        let documents = try reader.read([folder.path + "/kb"]).documents
        #expect(documents.map(\.origin) == ["a.md", "linked/b.md", "one.md"].map { root + $0 })
        let alone = try reader.read([folder.path + "/kb/../kb/one.md", folder.path + "/kb/linked/b.md"]).documents
        let behind = URL(fileURLWithPath: elsewhere.path).resolvingSymlinksInPath().path + "/sub/"
        #expect(alone.map(\.origin) == [root + "one.md", behind + "b.md"])
    }

    @Test func progressGrowsToTheTotal() async throws {
        try folder.write("a.txt", "12345")
        let lines = (0..<5).map { "{\"id\":\"\($0)\",\"text\":\"x\"}\n" }
        try folder.write("b.jsonl", lines.joined())
        try folder.write("c.txt", bytes: [0, 1, 2])
        try folder.write("d.md", "Text")
        let documents = try reader.documents(in: [folder.path, folder.path + "/a.txt"])
        let line = lines[0].utf8.count
        #expect(documents.totalBytes == 5 + 5 * line + 3 + 4)
        #expect(documents.progress.bytesRead == 0)
        var seen: [Int] = []
        for try await _ in documents { seen.append(documents.progress.bytesRead) }
        #expect(seen == [5] + (1...5).map { 5 + $0 * line } + [documents.totalBytes])
        #expect(documents.progress.bytesRead == documents.totalBytes)
    }

    @Test func filesAreOpenedWhenTheirTurnComes() async throws {
        for name in ["a.txt", "b.txt", "c.jsonl", "d.txt"] { try folder.write(name, "text") }
        let skips = Skips()
        var iterator = try reader.documents(in: [folder.path]) { skips.add($0) }.makeAsyncIterator()
        #expect(try await iterator.next()?.id == "a.txt")
        try FileManager.default.removeItem(atPath: folder.path + "/b.txt")
        try FileManager.default.removeItem(atPath: folder.path + "/c.jsonl")
        try folder.write("d.txt", "changed, and longer than it was when it was listed")
        #expect(try await iterator.next()?.text == "changed, and longer than it was when it was listed")
        #expect(try await iterator.next() == nil)
        #expect(try await iterator.next() == nil)
        #expect(skips.all.map { $0.path.split(separator: "/").last } == ["b.txt", "c.jsonl"])
        #expect(skips.all.allSatisfy { $0.reason == "vanished while the corpus was read" })
    }

    @Test func nothingToReadIsSaidAtTheEnd() async throws {
        try folder.write("a.txt", " ")
        try folder.write("b.jsonl", "{\n[]\n")
        let skips = Skips()
        var iterator = try reader.documents(in: [folder.path]) { skips.add($0) }.makeAsyncIterator()
        let error = await #expect(throws: IngestError.self) { _ = try await iterator.next() }
        #expect(error == .nothingToRead(paths: [folder.path], skipped: skips.all))
        #expect(skips.all.count == 3)
        #expect(error?.description.contains("3 could not be read, the first: ") == true)
        #expect(try await iterator.next() == nil)

        let empty = try TemporaryFolder()
        try empty.write("picture.png", "")
        var nothing = try reader.documents(in: [empty.path]).makeAsyncIterator()
        let missing = await #expect(throws: IngestError.self) { _ = try await nothing.next() }
        #expect(missing?.description.contains("looked for corpus.jsonl, or for .md .txt .jsonl .html") == true)
    }

    @Test func pathsAreCheckedBeforeTheFirstDocument() throws {
        let good = try folder.write("a.txt", "text")
        #expect(throws: IngestError.notFound(path: "/no/such")) { try reader.documents(in: [good, "/no/such"]) }
        let image = try folder.write("a.png", "")
        #expect(throws: IngestError.self) { try reader.documents(in: [good, image]) }
    }

    @Test func aCancelledTaskStopsBetweenDocuments() async throws {
        for index in 0..<5 { try folder.write("\(index).txt", "text") }
        let documents = try reader.documents(in: [folder.path])
        let count = await Task {
            var count = 0
            do {
                for try await _ in documents {
                    count += 1
                    if count == 2 { withUnsafeCurrentTask { $0?.cancel() } }
                }
                Issue.record("the iteration went on")
            } catch {
                #expect(error is CancellationError)
            }
            return count
        }.value
        #expect(count == 2)
    }

    @Test(
        arguments: [
            ([0x61, 0x00, 0x62], "NUL byte at offset 1"), ([0xEF, 0xBB, 0xBF, 0x61, 0x00], "NUL byte at offset 4"),
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x00], "NUL byte at offset 6"),
            (Array("---\nid: \u{0}\n---\nText".utf8), "NUL byte at offset 8"),
            (Array("---\nid: x\n---\nText".utf8) + [0x81], "byte 0x81 at offset 18"),
            (Array("---\nid: ".utf8) + [0x81, 0x0A] + Array("---\nText".utf8), "byte 0x81 at offset 8"),
        ] as [([UInt8], String)], ["bad.md", "bad.txt"])
    func binaryFilesAreNamed(_ file: ([UInt8], String), name: String) throws {
        try folder.write(name, bytes: file.0)
        try folder.write("good.txt", "fine")
        let corpus = try reader.read([folder.path])
        #expect(corpus.documents.map(\.id) == ["good.txt"])
        #expect(corpus.skipped.count == 1)
        #expect(corpus.skipped[0].reason.contains(file.1), "\(corpus.skipped[0])")
    }

    #if os(Linux)
    /// A regular file by its kind whose every read fails, whoever reads.
    @Test(arguments: ["a.txt", "a.md", "a.jsonl"])
    func aFileThatCannotBeReadIsNamed(_ name: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/" + name, withDestinationPath: "/proc/self/mem")
        try folder.write("d.txt", "fine")
        let corpus = try reader.read([folder.path])
        #expect(corpus.documents.map(\.id) == ["d.txt"])
        #expect(corpus.skipped.count == 1)
        #expect(corpus.skipped.first?.reason.hasPrefix("cannot be read: ") == true, "\(corpus.skipped)")
    }

    /// Files of the kernel have text and say that they have no bytes.
    @Test func aFileThatDoesNotTellItsSize() throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/a.txt", withDestinationPath: "/proc/self/status")
        let document = try #require(try reader.read([folder.path]).documents.first)
        #expect(document.text.contains("VmRSS"))
    }
    #endif

    @Test func aFileOfTerabytesIsRefused() throws {
        let path = try folder.write("huge.txt", "text")
        #expect(truncate(path, 1 << 43) == 0)
        try folder.write("good.txt", "fine")
        let corpus = try reader.read([folder.path])
        #expect(corpus.documents.map(\.id) == ["good.txt"])
        #expect(corpus.skipped.first?.reason.contains("split it") == true, "\(corpus.skipped)")
    }

    /// Around the size of what is read at first, and of front matter.
    @Test(arguments: [4094, 4095, 4096, 4097, 4100, 70_000, (1 << 20) - 5, 1 << 20, (1 << 20) + 5])
    func textsOfAnyLength(size: Int) throws {
        for matter in ["", "---\nid: x\n---\n", "---\nid: x\nno end\n", "\u{FEFF}---\nid: x\n---\n", "\u{FEFF}"] {
            let body = String(repeating: "x", count: size - matter.utf8.count - 2) + "é🙂\n"
            let source = matter + body
            for name in ["a.md", "a.txt"] {
                try folder.write(name, source)
                let document = try #require(try reader.read([folder.path + "/" + name]).documents.first)
                let hasMatter = name == "a.md" && matter.contains("\n---\n")
                let offset = hasMatter ? matter.utf8.count : matter.hasPrefix("\u{FEFF}") ? 3 : 0
                #expect(document.textOffset == offset)
                #expect(document.text.utf8.elementsEqual(source.utf8.dropFirst(offset)))
                #expect(document.id == (hasMatter ? "x" : name))
            }
        }
    }

    @Test func frontMatterOfAnyLength() throws {
        for count in [100, 4000, 60_000] {
            let matter = "---\n" + (0..<count).map { "key\($0): value\n" }.joined() + "---\n"
            try folder.write("a.md", matter + "Body")
            let document = try #require(try reader.read([folder.path]).documents.first)
            #expect(document.text == "Body" && document.textOffset == matter.utf8.count)
            #expect(document.metadata["key\(count - 1)"] == .string("value"))
        }
    }
}
