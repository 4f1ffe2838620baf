import Foundation
import GRDB
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// Whatever lies at `STORE.vec`, searches find the same; and what lies there after a writer is up to date.
@Suite struct StoreScanCacheTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/kb.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    private typealias Model = [String: StoreSamples.Sample]

    private func samples(_ ids: Range<Int>, passages: Int, seed: UInt64) throws -> [StoreSamples.Sample] {
        var random = SeededGenerator(seed: seed)
        return try ids.map { try StoreSamples.sample("doc \($0)", passages: passages, using: &random) }
    }

    private func write(_ samples: [StoreSamples.Sample], _ model: inout Model) async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try writer.store(samples)
        try writer.close()
        for sample in samples { model[sample.id] = sample }
    }

    private func storeID() async throws -> [UInt8] {
        let queue = try DatabaseQueue(path: path)
        let data = try await queue.read {
            try Data.fetchOne($0, sql: "SELECT value FROM setting WHERE key = 'store_id'")
        }
        try queue.close()
        return [UInt8](try #require(data))
    }

    private func cache() async throws -> ScanCache {
        try ScanCache.open(
            path: path + ".vec",
            identity: ScanCacheIdentity(storeID: try await storeID(), dimension: StoreSamples.dimension))
    }

    @Test func closingBringsItUpToDate() async throws {
        var model: Model = [:]
        try await write([], &model)
        #expect(!FileManager.default.fileExists(atPath: path + ".vec"))
        for part in 0..<3 {
            try await write(try samples(part * 2..<part * 2 + 3, passages: 4, seed: UInt64(part)), &model)
            let cache = try await cache()
            let info = try await Store.open(path).info()
            #expect(cache.sealedRevision == info.revision)
            // Replaced passages stay until there are many of them.
            #expect(cache.count == (part + 1) * 12)
            #expect(info.cacheBytes > 0)
        }
        try await expect(try Store.open(path), holds: model)
    }

    @Test func deletionBeginsItAnew() async throws {
        var model: Model = [:]
        try await write(try samples(0..<5, passages: 4, seed: 1), &model)
        let reader = try Store.open(path)
        try await expect(reader, finds: model, limits: [9])
        let writer = try await StoreWriter.open(path, profile: nil)
        #expect(try writer.delete(["doc 1"]) == 1)
        model["doc 1"] = nil
        try await expect(reader, finds: model, limits: [9])
        try writer.close()
        #expect(try await cache().count == 16)
        try await expect(reader, holds: model)
        // Not by a deletion of nothing.
        let again = try await StoreWriter.open(path, profile: nil)
        #expect(try again.delete(["doc 1"]) == 0)
        try again.close()
        #expect(try await cache().baseRevision == 2)
        try await expect(reader, holds: model)
    }

    @Test func manyReplacementsBeginItAnew() async throws {
        var model: Model = [:]
        try await write(try samples(0..<10, passages: 100, seed: 1), &model)
        try await write(try samples(0..<10, passages: 100, seed: 2), &model)
        #expect(try await cache().count == 2000)
        try await write(try samples(0..<1, passages: 100, seed: 3), &model)
        #expect(try await cache().count == 1000)
        try await expect(try Store.open(path), holds: model)
    }

    @Test func aLongRunDoesNotLeaveItBehind() async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        let all = try samples(0..<3, passages: 3000, seed: 1)
        for sample in all { try writer.store(sample) }
        #expect(try await cache().count == 9000)
        var model: Model = [:]
        for sample in all { model[sample.id] = sample }
        try await expect(try Store.open(path), finds: model, limits: [1, 20])
        try writer.close()
    }

    /// Beginning the cache anew empties the table of deletions without a new revision: a search that began before sees other
    /// rows of it than one that began after, and each must take its own.
    @Test func snapshotsBesideAnUpkeepSeeTheirOwnRows() async throws {
        var model: Model = [:]
        try await write(try samples(0..<4, passages: 5, seed: 1), &model)
        let writer = try await StoreWriter.open(path, profile: nil)
        #expect(try writer.delete(["doc 1"]) == 1)
        let store = try Store.open(path)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let queues = try (0..<2).map { _ in try DatabaseQueue(path: path, configuration: configuration) }
        func visible(_ queue: DatabaseQueue) throws -> VisibleRows {
            try queue.inDatabase { try store.scanCache.visible(try StoreSettings($0), $0) }
        }
        try queues[0].inDatabase { database in
            try database.beginTransaction(.deferred)
            _ = try StoreSettings(database)
        }
        // The snapshot that is still read holds the journal up.
        #expect(try writer.close() == CloseReport(journalIsHome: false, scanCacheIsCurrent: true))
        for _ in 0..<2 {
            #expect(try visible(queues[1]).deleted == [])
            #expect(try visible(queues[0]).deleted == [6...10])
        }
        try queues[0].inDatabase { try $0.rollback() }
        #expect(try visible(queues[0]).deleted == [])
        for queue in queues { try queue.close() }
    }

    enum Harm: CaseIterable {
        case missing, empty, garbage, folder, ofAnotherStore, cut, flipped, unfinished
    }

    @Test(arguments: Harm.allCases)
    func harmIsWithoutEffectAndMended(harm: Harm) async throws {
        var model: Model = [:]
        try await write(try samples(0..<9, passages: 5, seed: 1), &model)
        let vec = path + ".vec"
        let good = try Data(contentsOf: URL(fileURLWithPath: vec))
        try FileManager.default.removeItem(atPath: vec)
        switch harm {
        case .missing: break
        case .empty: try Data().write(to: URL(fileURLWithPath: vec))
        case .garbage: try Data((0..<20_000).map { UInt8($0 % 251) }).write(to: URL(fileURLWithPath: vec))
        case .folder: try FileManager.default.createDirectory(atPath: vec, withIntermediateDirectories: false)
        case .ofAnotherStore:
            let other = try await StoreWriter.open(folder.path + "/other", profile: StoreSamples.profile())
            try other.store(try samples(0..<9, passages: 5, seed: 2))
            try other.close()
            try FileManager.default.moveItem(atPath: folder.path + "/other.vec", toPath: vec)
        case .cut: try good.prefix(good.count - 1).write(to: URL(fileURLWithPath: vec))
        case .flipped:
            var bytes = [UInt8](good)
            bytes[bytes.count - 70] ^= 4
            try Data(bytes).write(to: URL(fileURLWithPath: vec))
        case .unfinished:
            try good.write(to: URL(fileURLWithPath: vec))
            try Data("left by a writer that was killed".utf8).write(to: URL(fileURLWithPath: vec + ".new"))
        }
        let reader = try Store.open(path)
        try await expect(reader, finds: model, limits: [1, 7, 99])
        let faults = try await reader.verify().faults
        #expect(faults.isEmpty == [.missing, .unfinished, .ofAnotherStore].contains(harm), "\(faults)")
        try await write(try samples(20..<22, passages: 5, seed: 3), &model)
        try await expect(reader, finds: model, limits: [1, 7, 99])
        if harm != .folder {
            #expect(try await cache().count == 55)
            try await expect(reader, holds: model)
        }
        let writer = try await StoreWriter.open(path, profile: nil)
        // A folder in its place cannot be replaced.
        #expect(try writer.close() == CloseReport(journalIsHome: true, scanCacheIsCurrent: harm != .folder))
        #expect(!FileManager.default.fileExists(atPath: vec + ".new"))
    }

    /// It holds rows of which the store no longer notes that they were deleted.
    @Test func aCacheFromBeforeADeletionIsNotUsed() async throws {
        var model: Model = [:]
        try await write(try samples(0..<5, passages: 4, seed: 1), &model)
        let old = try Data(contentsOf: URL(fileURLWithPath: path + ".vec"))
        let writer = try await StoreWriter.open(path, profile: nil)
        #expect(try writer.delete(["doc 1", "doc 4"]) == 2)
        try writer.close()
        (model["doc 1"], model["doc 4"]) = (nil, nil)
        try old.write(to: URL(fileURLWithPath: path + ".vec"))
        try await expect(try Store.open(path), holds: model)
        try await write(try samples(7..<8, passages: 4, seed: 2), &model)
        #expect(try await cache().count == 16)
        try await expect(try Store.open(path), holds: model)
    }

    /// The same row numbers are then used for other passages.
    @Test(arguments: [0, 1, 2])
    func aDatabasePutBackFromACopyDoesNotUseTheOldOne(more: Int) async throws {
        var model: Model = [:]
        try await write(try samples(0..<3, passages: 5, seed: 1), &model)
        try FileManager.default.copyItem(atPath: path, toPath: path + ".copy")
        var lost = model
        for part in 0..<2 { try await write(try samples(3 + part..<4 + part, passages: 5, seed: 2), &lost) }
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".copy", toPath: path)
        try await expect(try Store.open(path), finds: model, limits: [3, 99])
        for part in 0...more {
            try await write(try samples(10 + part..<11 + part, passages: 5, seed: UInt64(9 + part)), &model)
        }
        try await expect(try Store.open(path), holds: model)
    }
}
