import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowStore

@Suite struct StoreConditionTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/kb.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    private func write(_ ids: Range<Int>, passages: Int = 4, seed: UInt64 = 1) async throws {
        var random = SeededGenerator(seed: seed)
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try writer.store(try ids.map { try StoreSamples.sample("doc \($0)", passages: passages, using: &random) })
        try writer.close()
    }

    private func condition() async throws -> StoreCondition { try await Store.open(path).condition() }

    @Test func aStoreThatWasClosedIsInShape() async throws {
        try await write(0..<5)
        let condition = try await condition()
        #expect(condition.schemaVersion == condition.currentSchemaVersion && condition.hasFields)
        #expect(condition.vectors == 20 && condition.scanCache == .usable(behind: 0, dead: 0))
        #expect(condition.lexical?.segments == 1 && condition.lexical?.deleted == 0)
        #expect(condition.lexical?.awaitsMerge == false)
        #expect(condition.pages * condition.pageBytes == (try await Store.open(path).info().fileBytes))
        #expect(condition.freePages == 0 && condition.journalBytes == 0)
    }

    @Test func aStoreOfAnOlderSchema() async throws {
        try FileManager.default.copyItem(atPath: Fixtures.url("stores/schema-1.sqlite").path, toPath: path)
        let condition = try await condition()
        #expect(condition.schemaVersion == 1 && condition.currentSchemaVersion > 1)
        #expect(condition.lexical == nil && !condition.hasFields)
    }

    @Test func scanCachesOfAllKinds() async throws {
        try await write(0..<3)
        let cache = path + ".vec"
        let early = try Data(contentsOf: URL(fileURLWithPath: cache))
        try FileManager.default.removeItem(atPath: cache)
        #expect(try await condition().scanCache == .missing)
        try Data("no cache".utf8).write(to: URL(fileURLWithPath: cache))
        guard case .unusable = try await condition().scanCache else {
            Issue.record("a text is no scan cache")
            return
        }
        // Rows came after it was copied: searches use it, and read those beside.
        try early.write(to: URL(fileURLWithPath: cache))
        try await write(3..<5, seed: 2)
        try early.write(to: URL(fileURLWithPath: cache))
        #expect(try await condition().scanCache == .usable(behind: 8, dead: 0))
        // Deleted for good: the copy holds what must not be found, and is of another time.
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        _ = try writer.delete(["doc 0"])
        try writer.close()
        try early.write(to: URL(fileURLWithPath: cache))
        #expect(try await condition().scanCache == .otherTime)
    }

    @Test func freePagesAreCounted() async throws {
        try await write(0..<40, passages: 12)
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        _ = try writer.delete((1..<40).map { "doc \($0)" })
        try writer.close()
        #expect(try await condition().freePages > 0)
    }

    @Test func aSurveyMeetsEachPassageOnce() async throws {
        try await write(0..<7, passages: 5)
        let store = try Store.open(path)
        var met: [String] = []
        var documents: [Int64] = []
        var last: Int64 = 0
        while true {
            let page = try await store.survey(after: last, limit: 4)
            met += page.map(\.passage.id)
            documents += page.map(\.document)
            guard let end = page.last else { break }
            last = end.row
        }
        #expect(met.count == 35 && Set(met).count == 35)
        #expect(documents == documents.sorted() && Set(documents).count == 7)
        let some = try await store.survey(every: 5, limit: 100)
        // One of each five rows, and not always the same one: each document has five passages.
        #expect(some.map { ($0.row - 1) / 5 } == Array(0..<7))
        #expect(Set(some.map { $0.row % 5 }).count > 1)
        #expect(try await store.survey(every: 5, limit: 100).map(\.row) == some.map(\.row))
        let (first, rest) = (some.prefix(3), some.dropFirst(3))
        #expect(try await store.survey(every: 5, limit: 3).map(\.row) == first.map(\.row))
        #expect(try await store.survey(after: first.last?.row ?? 0, every: 5, limit: 9).map(\.row) == rest.map(\.row))
        #expect(try await store.survey(after: .max, every: 5, limit: 9).isEmpty)
        #expect(try await store.survey(after: .max - 1, every: .max, limit: 9).isEmpty)
        // Two of three passages have tokens, of the profile's tokenizer.
        let tokens = try await store.survey(limit: 3).map(\.tokens)
        #expect(tokens[0]?.tokenizer == store.profile.tokenizer && tokens[2] == nil)
        await #expect(throws: StoreError.self) { try await store.survey(limit: 0) }
    }

    @Test func scoreFilesOfAllKinds() async throws {
        let scores = path + ".scores.sqlite"
        #expect(ScoreCache.condition(ofFile: scores) == .missing)
        try Data("a text that is no database at all, and long enough to be looked at".utf8).write(
            to: URL(fileURLWithPath: scores))
        #expect(ScoreCache.condition(ofFile: scores) == .foreign)
        try FileManager.default.removeItem(atPath: scores)
        // SQLite's own beginning, and nothing of ours.
        try await write(0..<1)
        try FileManager.default.copyItem(atPath: path, toPath: scores)
        #expect(ScoreCache.condition(ofFile: scores) == .foreign)
        try FileManager.default.removeItem(atPath: scores)
        _ = ScoreCache(file: scores)
        guard case .usable(let entries, let bytes) = ScoreCache.condition(ofFile: scores) else {
            Issue.record("a new cache is one")
            return
        }
        #expect(entries == 0 && bytes > 0)
    }
}
