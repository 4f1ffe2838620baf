import TestSupport
import Testing
import WinnowStore

/// What a power failure leaves: of the writes since the last sync each sector is there, or not, or garbage.
@Suite struct ScanCacheCrashTests {
    /// A disk that fails at its n-th sync, after some of what was to be synced.
    private final class FailingDisk: ScanCacheStorage {
        let path = "disk"
        /// What a reader finds after the failure.
        var durable: [UInt8] = []
        var isPublished = false
        var syncs = 0
        private var pending: [(offset: Int, bytes: [UInt8])] = []
        private let failsAt: Int
        private var random: SeededGenerator
        private static let sector = 512

        init(failsAt: Int, random: SeededGenerator) {
            self.failsAt = failsAt
            self.random = random
        }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ScanCacheError) {
            pending.append((offset, Array(bytes)))
        }

        func sync() throws(ScanCacheError) {
            syncs += 1
            guard syncs == failsAt else {
                for write in pending { put(write.bytes[...], at: write.offset) }
                pending = []
                return
            }
            lose(pending.map { $0.offset..<$0.offset + $0.bytes.count })
            throw .unwritable(path: path, action: "syncing it", reason: "power failure")
        }

        /// A disk writes whole sectors, in any order: each one that was written to keeps its old content, takes the new one,
        /// or is garbage. Not garbage is a sector with sealed rows, which the same bytes are written over (SQLite, too,
        /// relies on that).
        private func lose(_ written: [Range<Int>]) {
            let before = durable.count
            let end = max(before, written.map(\.upperBound).max() ?? 0)
            var after = durable + [UInt8](repeating: 0, count: end - before)
            for write in pending {
                after.replaceSubrange(write.offset..<write.offset + write.bytes.count, with: write.bytes)
            }
            if Bool.random(using: &random) { durable += [UInt8](repeating: 0, count: end - before) }
            let sectors = Set(written.flatMap { $0.lowerBound / Self.sector...($0.upperBound - 1) / Self.sector })
            for start in sectors.sorted().map({ $0 * Self.sector }) {
                let sector = start..<min(end, start + Self.sector)
                switch Int.random(in: 0..<5, using: &random) {
                case 0, 1:
                    put(after[sector], at: start)
                case 2 where start >= before || start < ScanCacheLayout.dataOffset:
                    put(
                        [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: sector.count)[...],
                        at: start)
                default:
                    break
                }
            }
        }

        func publish() throws(ScanCacheError) { isPublished = true }

        private func put(_ bytes: ArraySlice<UInt8>, at offset: Int) {
            let end = offset + bytes.count
            if durable.count < end { durable += [UInt8](repeating: 0, count: end - durable.count) }
            durable.replaceSubrange(offset..<end, with: bytes)
        }
    }

    /// Every sync of a history of seals fails once, in many ways: what is found is refused, or one of the sealed states.
    @Test(arguments: 1...16)
    func whatIsFoundIsASealedStateOrRefused(failsAt: Int) throws {
        var random = SeededGenerator(seed: 77)
        let rows = Sample.rows(2300, dimension: 24, using: &random)
        let seals = [0, 5, 70, 1000, 1024, 1024, 1500, 2300]
        var opened = 0
        for round in 0..<12 {
            let disk = FailingDisk(failsAt: failsAt, random: SeededGenerator(seed: UInt64(failsAt * 100 + round)))
            var sealed: [Int] = []
            var current = 0
            do {
                let writer = try ScanCacheWriter.create(on: disk, identity: Sample.identity(), revision: 0)
                for (revision, count) in seals.enumerated() {
                    current = count
                    try writer.append(rows[writer.count..<count])
                    try writer.seal(revision: Int64(revision))
                    sealed.append(count)
                }
                Issue.record("the history has \(disk.syncs) syncs, the failing one was to be \(failsAt)")
            } catch ScanCacheError.unwritable {
                // A failed writer does nothing more.
            }
            // A file that has not got its name is found by nobody.
            guard disk.isPublished else {
                #expect(sealed.isEmpty)
                continue
            }
            let folder = try TemporaryFolder()
            try folder.write("kb.sqlite.vec", bytes: disk.durable)
            let last = try #require(sealed.last)
            // The header of the seal that failed is written only after its rows were synced: it may hold, or be torn.
            let cache = try ScanCache.open(path: folder.cachePath, identity: Sample.identity())
            #expect(cache.count == last || cache.count == current, "\(cache.count) rows after \(last), then \(current)")
            #expect(cache.sealedRevision >= Int64(sealed.count - 1))
            try cache.verify()
            let wrong = rows.prefix(cache.count).filter { cache.agrees(row: $0.row, with: $0.vector) != true }
            #expect(wrong.isEmpty)
            opened += 1

            // And the next writer goes on from there to the end.
            let writer = try ScanCacheWriter.open(path: folder.cachePath, identity: Sample.identity())
            try writer.append(rows[writer.count...])
            try writer.seal(revision: 99)
            let whole = try ScanCache.open(path: folder.cachePath, identity: Sample.identity())
            try whole.verify()
            #expect(rows.allSatisfy { whole.agrees(row: $0.row, with: $0.vector) == true })
        }
        // From the second seal on there is a file to find.
        #expect(failsAt <= 2 || opened == 12)
    }

    @Test func afterAFailureAWriterWritesNoMore() throws {
        let disk = FailingDisk(failsAt: 1, random: SeededGenerator(seed: 1))
        let writer = try ScanCacheWriter.create(on: disk, identity: Sample.identity(), revision: 0)
        #expect(throws: ScanCacheError.self) { try writer.seal(revision: 0) }
        #expect(throws: ScanCacheError.writerFailed(path: "disk")) { try writer.seal(revision: 0) }
        #expect(throws: ScanCacheError.writerFailed(path: "disk")) {
            try writer.append(row: 1, vector: [Float](repeating: 0, count: 24))
        }
        #expect(disk.syncs == 1 && !disk.isPublished)
    }
}
