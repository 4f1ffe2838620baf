import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// Copies, compaction, and vectors of another model.
@Suite struct StoreUpkeepTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/kb.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    private func fill(_ count: Int = 40) async throws -> [String: StoreSamples.Sample] {
        var random = SeededGenerator(seed: 4)
        let samples = try (0..<count).map { try StoreSamples.sample("doc \($0)", passages: 5, using: &random) }
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        for sample in samples { try writer.store(sample) }
        try writer.close()
        return Dictionary(uniqueKeysWithValues: samples.map { ($0.id, $0) })
    }

    @Test func aCopyHoldsTheSameAlsoWhileAWriterGoesOn() async throws {
        var model = try await fill()
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        var random = SeededGenerator(seed: 5)
        let committed = try StoreSamples.sample("new", passages: 2, using: &random)
        try writer.store(committed)
        model["new"] = committed
        try writer.begin()
        try writer.put(try StoreSamples.sample("not yet", passages: 2, using: &random).document)
        let copy = folder.path + "/copy.sqlite"
        let bytes = try await Store.open(path).backup(to: copy)
        #expect(bytes > 0)
        writer.rollback()
        try writer.close()
        try await expect(try Store.open(copy), holds: model)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.contains("part") })
    }

    @Test func aCopyNeverTakesAFilesPlace() async throws {
        _ = try await fill(2)
        let other = folder.path + "/other"
        try Data("mine".utf8).write(to: URL(fileURLWithPath: other))
        await #expect(throws: StoreError.backupExists(path: other)) { try await Store.open(path).backup(to: other) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == Data("mine".utf8))
        let nowhere = folder.path + "/no/copy.sqlite"
        await #expect(throws: StoreError.self) { try await Store.open(path).backup(to: nowhere) }
    }

    @Test func compactingGivesSpaceBackAndChangesNothing() async throws {
        var model = try await fill(200)
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        let gone = (0..<150).map { "doc \($0)" }
        #expect(try writer.delete(gone) == 150)
        for id in gone { model[id] = nil }
        try writer.close()
        let before = try await Store.open(path).info()
        let again = try await StoreWriter.open(path, profile: nil)
        try again.compact()
        try again.close()
        let store = try Store.open(path)
        let after = try await store.info()
        #expect(after.fileBytes < before.fileBytes / 2)
        #expect(after.lexical?.segments == 1)
        try await expect(store, holds: model)
    }

    /// Writers died after deletions, and after vectors were made again, before they came to the scan cache: nothing is impossible then.
    @Test(arguments: [6, 9])
    func writersThatDiedAroundNewVectorsLeaveAWholeStore(dimension: Int) async throws {
        _ = try await fill()
        do {
            let writer = try await StoreWriter.open(path, profile: nil)
            #expect(try writer.delete(["doc 3", "doc 17"]) == 2)
        }
        do {
            let writer = try await StoreWriter.open(path, profile: nil)
            let embedder = LengthEmbedder(dimension: dimension, fails: false)
            let limit = PassageBudget.Limit(name: "length", counter: ApproximateTokenCounter(), maximum: 1000)
            #expect(try await writer.rebuildVectors(embedder, limit: limit).passages == 190)
        }
        #expect(try await Store.open(path).verify().faults == [])
        let writer = try await StoreWriter.open(path, profile: nil)
        #expect(try writer.close().scanCacheIsCurrent)
        #expect(try await Store.open(path).verify().faults == [])
    }

    /// Vectors that say how long the text is.
    private struct LengthEmbedder: Embedder {
        let dimension: Int
        let fails: Bool
        var identity: ModelIdentity {
            get throws {
                ModelIdentity(
                    name: "length", fingerprint: try StoreSamples.fingerprint("f"), precision: "float32",
                    kernels: "none", truncation: "none")
            }
        }
        func embed(_ texts: [String], as side: EmbeddingSide) async throws -> Vectors {
            if fails, texts.count < 64 { throw CancellationError() }
            return Vectors(
                dimension: dimension,
                values: texts.flatMap { text in (0..<dimension).map { Float(text.utf8.count % ($0 + 2)) + 1 } })
        }
    }

    @Test(arguments: [6, 9])
    func vectorsOfAnotherModelTakeTheOldOnesPlace(dimension: Int) async throws {
        let model = try await fill()
        let before = try Store.open(path)
        let limit = PassageBudget.Limit(name: "length", counter: ApproximateTokenCounter(), maximum: 1000)
        let failing = try await StoreWriter.open(path, profile: nil)
        await #expect(throws: CancellationError.self) {
            try await failing.rebuildVectors(LengthEmbedder(dimension: dimension, fails: true), limit: limit)
        }
        try failing.close()
        try await expect(before, holds: model)

        let writer = try await StoreWriter.open(path, profile: nil)
        let rebuilt = try await writer.rebuildVectors(LengthEmbedder(dimension: dimension, fails: false), limit: limit)
        #expect(rebuilt.passages == 200)
        #expect(rebuilt.overBudget == 0)
        try writer.close()
        let store = try Store.open(path)
        #expect(store.profile.dimension == dimension)
        #expect(store.profile.embedder == "length")
        #expect(try await store.verify().faults == [])
        let query = [Float](repeating: 1, count: dimension)
        #expect(try await store.search(query, limit: 300).count == 200)
        // One that was opened before compares no vectors of two models.
        await #expect(throws: StoreError.self) {
            try await before.search([Float](repeating: 1, count: 6), limit: 3)
        }
        await #expect(throws: StoreError.self) {
            try await StoreWriter.open(path, profile: StoreSamples.profile())
        }
    }
}
