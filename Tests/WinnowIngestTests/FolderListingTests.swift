import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowIngest

/// What the system does not say of a folder must never look like a folder without it: pruning would delete what is there.
@Suite struct FolderListingTests {
    let folder: TemporaryFolder
    let reader = CorpusReader()

    init() throws { folder = try TemporaryFolder() }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/" + name, withDestinationPath: target)
    }

    private var root: String { URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path + "/" }

    @Test func namesInTheOrderOfTheirBytes() throws {
        let names = ["b", "a", "Z", "é", "a b", ".hidden"] + (0..<1400).map { "file\($0)" }
        for name in names { try folder.write(name, "") }
        let stream = try #require(opendir(folder.path))
        defer { closedir(stream) }
        let listed = try FolderNames(stream, folder: folder.path)
        #expect(listed.names == names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        #expect(listed.invalid.isEmpty)
    }

    @Test func aListThatBreaksOffIsAnError() throws {
        try folder.write("a.md", "Text")
        let stream = try #require(opendir(folder.path))
        defer { closedir(stream) }
        // Every read of a folder fails on a descriptor that is none any more.
        let other = open("/dev/null", O_RDONLY)
        defer { close(other) }
        #expect(dup2(other, dirfd(stream)) >= 0)
        let error = try #require(throws: IngestError.self) { try FolderNames(stream, folder: "kb") }
        #expect(error.description.hasPrefix("kb: cannot be listed: "), "\(error)")
    }

    /// Of these names nothing says what they are, so that they may be folders of documents.
    @Test(arguments: ["folder", "picture.png", "text.md", "corpus.jsonl"])
    func whatCannotBeLookedAtIsNamed(_ name: String) throws {
        try link(name, to: String(repeating: "x", count: 300))
        try folder.write("sub/good.md", "Text")
        let skipped: [SkippedRecord]
        do {
            let corpus = try reader.read([folder.path])
            #expect(corpus.documents.map(\.id) == ["sub/good.md"])
            skipped = corpus.skipped
        } catch IngestError.nothingToRead(_, let all) {
            #expect(name == "corpus.jsonl")
            skipped = all
        }
        let reason = "cannot be looked at: " + String(cString: strerror(ENAMETOOLONG))
        #expect(skipped == [SkippedRecord(path: folder.path + "/" + name, reason: reason, origin: root + name)])
    }

    @Test func whatIsIgnoredIsNotLookedAt() throws {
        for name in [".hidden", "README.md", "queries.jsonl", "qrels"] {
            try link(name, to: String(repeating: "x", count: 300))
        }
        try folder.write("good.md", "Text")
        #expect(try reader.read([folder.path]).skipped.isEmpty)
    }

    @Test func whatToolsPutThereIsLeftAsideAndSaid() throws {
        let read = [
            "a.md", "build/plan.md", "vendor/contract.md", "web/src/app.js", "README-parser.swift", "target/goals.md",
            "bin/tool.sh",
        ]
        let aside = [
            "web/node_modules/x/index.js", "web/package-lock.json", "web/dist/app.js", "web/lib.min.js",
            "rust/target/a.md",
            "py/__pycache__/a.txt", "cache/a.md", "venv/lib/a.py", "net/obj/a.cs", "go/vendor/x/y.go", "gen/a_pb2.py",
        ]
        let marks = [
            "web/package.json", "rust/Cargo.toml", "cache/CACHEDIR.TAG", "venv/pyvenv.cfg", "net/x.csproj", "go/go.mod",
            "READMEnot",
        ]
        for name in read + aside { try folder.write(name, name.hasSuffix("json") ? "{\"a\": 1}" : "some text") }
        for name in marks { try folder.write(name, "{\"a\": 1}") }
        for name in ["old.doc", "slides.pptx", "photo.png", "README.md", "sub/README"] { try folder.write(name, "x") }
        let corpus = try reader.read([folder.path])
        #expect(Set(corpus.documents.map(\.id)) == Set(read + ["web/package.json"]))
        #expect(corpus.skipped.isEmpty)
        #expect(corpus.notes.map(\.path) == [folder.path, folder.path])
        #expect(corpus.notes[0].text.hasPrefix("not read: cache/, gen/a_pb2.py, go/vendor/, "), "\(corpus.notes[0])")
        #expect(corpus.notes[0].text.contains("and 5 more"), "\(corpus.notes[0])")
        #expect(
            corpus.notes[1].text == "not read: old.doc, slides.pptx: no format that is read; save it as .docx or PDF")
        // By itself, everything is read.
        let own = try reader.read(
            ["web/package-lock.json", "web/node_modules", "rust/target"].map { folder.path + "/" + $0 })
        #expect(own.documents.map(\.id) == ["package-lock.json", "x/index.js", "a.md"])
    }

    @Test(arguments: ["a.MD", "a.Markdown", "a.TEXT", "a.HTM", "a.ndJSON", "a.Csv", "a.Swift"])
    func endingsOfAnyCase(_ name: String) throws {
        let text = name == "a.ndJSON" ? #"{"id":"1","text":"words"}"# : name == "a.Csv" ? "text\nwords" : "words"
        #expect(try reader.read([try folder.write(name, text)]).documents.count == 1)
    }

    @Test func deadLinksAreNamedWhereTheyWouldBeRead() throws {
        try link("circle.md", to: "circle.md")
        try link("gone.txt", to: "nowhere")
        for name in ["circle", "gone", "gone.png"] { try link(name, to: name == "circle" ? name : "nowhere") }
        try folder.write("good.md", "Text")
        let skipped = try reader.read([folder.path]).skipped
        #expect(skipped.map(\.origin) == [root + "circle.md", root + "gone.txt"])
        #expect(skipped.allSatisfy { $0.reason == "a link that leads nowhere, or a file that is gone" && !$0.isEmpty })
    }

    @Test func aRootThatCannotBeLookedAtIsAnError() throws {
        try link("root", to: String(repeating: "x", count: 300))
        let error = try #require(throws: IngestError.self) { try reader.read([folder.path + "/root"]) }
        #expect(error.description.contains("cannot be looked at: "), "\(error)")
        try link("circle", to: "circle")
        #expect(throws: IngestError.notFound(path: folder.path + "/circle")) {
            try reader.read([folder.path + "/circle"])
        }
    }

    #if os(Linux)
    /// As a user who owns nothing here, on this thread only.
    private func unprivileged<T>(_ body: () throws -> T) throws -> T {
        // <sys/fsuid.h> is not in the module map.
        typealias SetUser = @convention(c) (uid_t) -> CInt
        let setUser = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetUser.self)
        let user = setUser(65_534)
        defer { _ = setUser(uid_t(user)) }
        return try body()
    }

    @Test func foldersThatMayNotBeEnteredAreNamed() throws {
        for name in ["good.md", "closed/a.md", "listed/a.md", "listed/sub/b.md", "listed/c.png"] {
            try folder.write(name, "Text")
        }
        let modes: [(String, mode_t)] = [("closed", 0), ("listed", 0o444)]
        for (name, mode) in modes { #expect(chmod(folder.path + "/" + name, mode) == 0) }
        defer { for (name, _) in modes { chmod(folder.path + "/" + name, 0o700) } }
        let corpus = try unprivileged { try reader.read([folder.path]) }
        #expect(corpus.documents.map(\.id) == ["good.md"])
        let denied = String(cString: strerror(EACCES))
        #expect(
            corpus.skipped.map(\.origin) == ["closed", "listed/a.md", "listed/c.png", "listed/sub"].map { root + $0 })
        #expect(
            corpus.skipped.map(\.reason) == ["cannot be listed: " + denied]
                + Array(repeating: "cannot be looked at: " + denied, count: 3))
        let error = try #require(throws: IngestError.self) {
            try unprivileged { try reader.read([folder.path + "/closed"]) }
        }
        #expect(error.description.contains("cannot be listed: " + denied), "\(error)")
        // The origin is known without access to the file, so that what was read from it before is recognised.
        #expect(chmod(folder.path + "/good.md", 0) == 0)
        let other = try folder.write("other.md", "Text")
        let unread = try unprivileged { try reader.read([folder.path + "/good.md", other]) }
        #expect(unread.skipped.map(\.origin) == [root + "good.md"])
        #expect(unread.skipped.map(\.reason) == ["cannot be opened: " + denied])
    }
    #endif
}
