import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowIngest

@Suite struct CorpusWatchTests {
    let folder: TemporaryFolder
    private var root: String { URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path }

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("kb/a.md", "A")
        try folder.write("kb/sub/b.md", "B")
    }

    private func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: folder.path + "/" + name) }

    private func documents(_ change: CorpusChange) async throws -> [String] {
        var ids: [String] = []
        for try await document in try CorpusReader().documents(of: change) { ids.append(document.id) }
        return ids
    }

    @Test func changesCountWhenTheyAreSeenTwice() async throws {
        var watch = try CorpusWatch([folder.path + "/kb"])
        #expect(watch.look().isEmpty)
        try folder.write("kb/sub/b.md", "B, changed")
        try folder.write("kb/c.txt", "C")
        try remove("kb/a.md")
        let first = watch.look()
        #expect(first.isEmpty && !first.isSettled)
        try folder.write("kb/c.txt", "C, still being written")
        let second = watch.look()
        #expect(second.origins == ["a.md", "sub/b.md"].map { root + "/kb/" + $0 })
        #expect(second.removedCount == 1 && second.changedCount == 1 && !second.isSettled)
        #expect(try await documents(second) == ["sub/b.md"], "ids are those of the whole")
        // What is not accepted is told again.
        let third = watch.look()
        #expect(third.origins == ["a.md", "c.txt", "sub/b.md"].map { root + "/kb/" + $0 } && third.isSettled)
        watch.accept(third)
        #expect(watch.look().isEmpty && watch.look().isEmpty)
    }

    @Test func aDiskThatDoesNotAnswerIsNotEmpty() throws {
        var watch = try CorpusWatch([folder.path + "/kb"])
        let away = folder.path + "/away"
        try FileManager.default.moveItem(atPath: folder.path + "/kb", toPath: away)
        for round in 0..<3 {
            let change = watch.look()
            #expect(change.isEmpty && change.notes.count == (round == 0 ? 1 : 0))
        }
        // A mount point without its disk.
        try FileManager.default.createDirectory(atPath: folder.path + "/kb", withIntermediateDirectories: true)
        #expect(watch.look().isEmpty && watch.look().isEmpty)
        try remove("kb")
        try FileManager.default.moveItem(atPath: away, toPath: folder.path + "/kb")
        let back = watch.look()
        #expect(back.isEmpty && back.notes.count == 1)
        #expect(watch.look().isEmpty)
        // Of two folders one may be away.
        try folder.write("other/x.md", "X")
        var both = try CorpusWatch([folder.path + "/kb", folder.path + "/other"])
        try FileManager.default.moveItem(atPath: folder.path + "/kb", toPath: away)
        try remove("other/x.md")
        try folder.write("other/y.md", "Y")
        _ = both.look()
        #expect(both.look().origins == ["x.md", "y.md"].map { root + "/other/" + $0 })
    }

    @Test func aFolderThatCannotBeListedKeepsItsFiles() throws {
        var watch = try CorpusWatch([folder.path + "/kb"])
        try remove("kb/sub/b.md")
        try remove("kb/sub")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/kb/sub", withDestinationPath: String(repeating: "x", count: 300))
        #expect(watch.look().isEmpty && watch.look().isEmpty && watch.look().isEmpty)
    }

    @Test func sameSizeSameTime() throws {
        var watch = try CorpusWatch([folder.path + "/kb/a.md"])
        let path = folder.path + "/kb/a.md"
        let date = try #require(FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
        usleep(20_000)
        try folder.write("kb/a.md", "Z")
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
        _ = watch.look()
        #expect(watch.look().origins == [root + "/kb/a.md"])
    }

    @Test func whatIsNotThereIsAnErrorAtFirst() throws {
        #expect(throws: IngestError.notFound(path: "/no/such")) { try CorpusWatch(["/no/such"]) }
    }
}
