import Foundation
import Synchronization
import TestSupport
import Testing
import WinnowStore

@Suite struct ScanCacheTests {
    static let edges = [0, 1, 2, 63, 64, 65, 1023, 1024, 1025, 2047, 2048, 2049]

    /// All rows and vectors, and nothing else.
    private func expectHolds(_ cache: ScanCache, _ rows: [SampleRow], sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        #expect(cache.count == rows.count, sourceLocation: sourceLocation)
        #expect(cache.lastRow == rows.last?.row ?? 0, sourceLocation: sourceLocation)
        try cache.verify()
        let wrong = rows.filter { cache.agrees(row: $0.row, with: $0.vector) != true }.map(\.row)
        #expect(wrong.isEmpty, sourceLocation: sourceLocation)
        let held = Set(rows.map(\.row))
        let strangers = (-1...(cache.lastRow + 1)).filter {
            !held.contains($0) && cache.agrees(row: $0, with: []) != nil
        }
        #expect(strangers.isEmpty, sourceLocation: sourceLocation)
    }

    @Test(arguments: edges, [1, 24, 64, 65])
    func holdsWhatWasSealed(count: Int, dimension: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        let folder = try TemporaryFolder()
        let rows = Sample.rows(count, dimension: dimension, using: &random)
        let cache = try folder.cache(rows, identity: Sample.identity(dimension), revision: 7)
        #expect(cache.baseRevision == 7 && cache.sealedRevision == 7)
        #expect(try cache.identity == Sample.identity(dimension) && cache.path == folder.cachePath)
        try expectHolds(cache, rows)
    }

    /// However the rows come in, in one go or with seals and new writers in between, the rows in the file are the same bytes.
    /// Long rows fill more than what is written at once.
    @Test(arguments: 0..<10, [24, 1024])
    func appendingInPartsIsAppendingAtOnce(seed: Int, dimension: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let rows = Sample.rows(2600, dimension: dimension, using: &random)
        let whole = try TemporaryFolder()
        try expectHolds(try whole.cache(rows, identity: Sample.identity(dimension)), rows)

        let parts = try TemporaryFolder()
        var writer = try ScanCacheWriter.create(
            path: parts.cachePath, identity: Sample.identity(dimension), revision: 0)
        try writer.seal(revision: 0)
        var done = 0
        var revision: Int64 = 0
        while done < rows.count {
            let next = min(
                rows.count, done + ([1, 63, 64, 500, 1024 - done % 1024, 1025].randomElement(using: &random) ?? 1))
            try writer.append(rows[done..<next])
            // Behind the last row there may be anything: here what a writer wrote and did not seal.
            if Bool.random(using: &random) {
                revision += 1
                try writer.seal(revision: revision)
                try expectHolds(
                    try ScanCache.open(path: parts.cachePath, identity: Sample.identity(dimension)),
                    Array(rows[..<next]))
                done = next
            }
            if next != done || Bool.random(using: &random) {
                writer = try ScanCacheWriter.open(path: parts.cachePath, identity: Sample.identity(dimension))
                #expect(writer.count == done && writer.sealedRevision == revision && writer.baseRevision == 0)
                #expect(writer.lastRow == (done > 0 ? rows[done - 1].row : 0))
            }
        }
        let cache = try ScanCache.open(path: parts.cachePath, identity: Sample.identity(dimension))
        try expectHolds(cache, rows)
        let data = ScanCacheLayout.dataOffset
        #expect(try parts.cacheBytes[data...] == whole.cacheBytes[data...])
    }

    @Test func aReaderKeepsWhatItOpened() throws {
        var random = SeededGenerator(seed: 1)
        let folder = try TemporaryFolder()
        let rows = Sample.rows(3000, dimension: 24, using: &random)
        let early = try folder.cache(Array(rows[..<1000]), identity: Sample.identity())
        let writer = try ScanCacheWriter.open(path: folder.cachePath, identity: Sample.identity())
        try writer.append(rows[1000..<2500])
        try expectHolds(early, Array(rows[..<1000]))
        try writer.seal(revision: 2)
        let middle = try ScanCache.open(path: folder.cachePath, identity: Sample.identity())
        let replacing = try ScanCacheWriter.create(path: folder.cachePath, identity: Sample.identity(), revision: 3)
        try replacing.append(rows[2500...])
        // Not there before it is sealed.
        #expect(try ScanCache.open(path: folder.cachePath, identity: Sample.identity()).count == 2500)
        try replacing.seal(revision: 3)
        try expectHolds(early, Array(rows[..<1000]))
        try expectHolds(middle, Array(rows[..<2500]))
        let late = try ScanCache.open(path: folder.cachePath, identity: Sample.identity())
        try expectHolds(late, Array(rows[2500...]))
        #expect(late.baseRevision == 3 && late.sealedRevision == 3)
        // What replaces the file goes on under its name.
        try replacing.append(row: 100_000, vector: rows[0].vector)
        try replacing.seal(revision: 4)
        #expect(try ScanCache.open(path: folder.cachePath, identity: Sample.identity()).lastRow == 100_000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["kb.sqlite.vec"])
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }

    /// Readers that open all the while see sealed states only, in the order in which they were sealed.
    @Test func readersBesideAWriter() async throws {
        var random = SeededGenerator(seed: 31)
        let folder = try TemporaryFolder()
        let rows = Sample.rows(1200, dimension: 24, using: &random)
        let path = folder.cachePath
        try folder.cache([], identity: Sample.identity(), revision: 0)
        let isDone = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var last: Int64 = 0
                    while true {
                        let isLast = isDone.value.load(ordering: .acquiring)
                        let cache = try ScanCache.open(path: path, identity: Sample.identity())
                        try cache.verify()
                        #expect(cache.sealedRevision >= last)
                        last = cache.sealedRevision
                        // Revision n has rows up to the n-th.
                        #expect(cache.count == Int(last))
                        if let end = rows.prefix(cache.count).last {
                            #expect(cache.agrees(row: end.row, with: end.vector) == true)
                        }
                        if isLast { return }
                        // There may be no more threads than readers.
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                defer { isDone.value.store(true, ordering: .releasing) }
                var writer = try ScanCacheWriter.open(path: path, identity: Sample.identity())
                var count = 0
                for step in 1...150 {
                    let next = min(rows.count, step * 8)
                    if step % 50 == 0 {
                        writer = try ScanCacheWriter.create(
                            path: path, identity: Sample.identity(), revision: Int64(next))
                        count = 0
                    }
                    try writer.append(rows[count..<next])
                    count = next
                    try writer.seal(revision: Int64(next))
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
        #expect(try ScanCache.open(path: path, identity: Sample.identity()).count == 1200)
    }

    @Test func aWriterThatGoesLeavesTheOldFile() throws {
        var random = SeededGenerator(seed: 1)
        let folder = try TemporaryFolder()
        let rows = Sample.rows(2000, dimension: 24, using: &random)
        try folder.cache(Array(rows[..<10]), identity: Sample.identity())
        do {
            let writer = try ScanCacheWriter.create(path: folder.cachePath, identity: Sample.identity(), revision: 9)
            try writer.append(rows)
            #expect(FileManager.default.fileExists(atPath: ScanCacheWriter.temporaryPath(for: folder.cachePath)))
        }
        #expect(!FileManager.default.fileExists(atPath: ScanCacheWriter.temporaryPath(for: folder.cachePath)))
        #expect(try ScanCache.open(path: folder.cachePath, identity: Sample.identity()).count == 10)
        // What a killed one left is in nobody's way.
        try folder.write("kb.sqlite.vec.new", "left behind")
        try expectHolds(try folder.cache(rows, identity: Sample.identity()), rows)
    }

    @Test func rowsThatCannotEnterChangeNothing() throws {
        let folder = try TemporaryFolder()
        let identity = try Sample.identity(2)
        let writer = try ScanCacheWriter.create(path: folder.cachePath, identity: identity, revision: 0)
        try writer.append(row: 5, vector: [1, 0])
        for row: Int64 in [5, 4, -1] {
            #expect(throws: ScanCacheError.notAscending(path: folder.cachePath, row: row, last: 5)) {
                try writer.append(row: row, vector: [1, 0])
            }
        }
        for vector: [Float] in [[1], [1, 0, 0], [.nan, 0], [1, 1], [.infinity, 0]] {
            #expect(throws: ScanCacheError.self) { try writer.append(row: 6, vector: vector) }
        }
        try writer.append(row: 7, vector: [0, 0])
        try writer.seal(revision: 1)
        try expectHolds(
            try ScanCache.open(path: folder.cachePath, identity: identity),
            [SampleRow(row: 5, vector: [1, 0]), SampleRow(row: 7, vector: [0, 0])])
    }

    @Test func aSealOfNothingNewWritesNothing() throws {
        let folder = try TemporaryFolder()
        let writer = try ScanCacheWriter.create(path: folder.cachePath, identity: Sample.identity(), revision: 3)
        try writer.seal(revision: 3)
        let before = try folder.cacheBytes
        try writer.seal(revision: 3)
        #expect(try folder.cacheBytes == before)
        // A commit that only deleted is news.
        try writer.seal(revision: 4)
        #expect(try ScanCache.open(path: folder.cachePath, identity: Sample.identity()).sealedRevision == 4)
    }

    /// The layout that the documentation gives, read byte by byte: files that exist must stay readable.
    @Test func liesAsDocumented() throws {
        let folder = try TemporaryFolder()
        let identity = try Sample.identity(3)
        let writer = try ScanCacheWriter.create(path: folder.cachePath, identity: identity, revision: 0x11)
        try writer.append(row: 0x0203, vector: [0.5, -0.25, 0.125])
        try writer.append(row: 0x0305, vector: [0, 0, 1])
        try writer.seal(revision: 0x12)
        let bytes = try folder.cacheBytes
        // The first seal's header lies in slot 1.
        let header = Array(bytes[4096..<4096 + 128])
        #expect(bytes[..<4096].allSatisfy { $0 == 0 })
        #expect(Array(header[..<12]) == Array("WinnowV\n".utf8) + [1, 0, 0, 0])
        #expect(Array(header[12..<16]) == [3, 0, 0, 0])
        #expect(Array(header[16..<32]) == identity.storeID)
        func number(_ value: UInt8, _ second: UInt8 = 0) -> [UInt8] { [value, second, 0, 0, 0, 0, 0, 0] }
        #expect(
            Array(header[32..<72]) == number(1) + number(2) + number(0x05, 0x03) + number(0x11) + number(0x12))
        #expect(header[76..<124].allSatisfy { $0 == 0 })
        func checksum(_ bytes: [UInt8]) -> [UInt8] {
            withUnsafeBytes(of: bytes.withUnsafeBytes(CRC32C.of).littleEndian) { Array($0) }
        }
        #expect(Array(header[124...]) == checksum(Array(header[..<124])))
        let block = 8192
        let rows = Array(bytes[block + 64..<block + 64 + 16])
        let scales = Array(bytes[block + 64 + 8192..<block + 64 + 8192 + 8])
        let errors = Array(bytes[block + 64 + 12288..<block + 64 + 12288 + 8])
        let codes = Array(bytes[(block + 64 + 16384)...])
        #expect(rows == number(0x03, 0x02) + number(0x05, 0x03))
        #expect(
            scales == [Float(0.5) / 127, Float(1) / 127].flatMap { withUnsafeBytes(of: $0.bitPattern, Array.init) })
        // −0.25 / 0.5 · 127 = −63.5 and 31.75, to the nearest, to even.
        #expect(
            codes == [127, UInt8(bitPattern: -64), 32] + .init(repeating: 0, count: 61) + [0, 0, 127]
                + .init(repeating: 0, count: 61))
        #expect(Array(header[72..<76]) == checksum(rows + scales + errors + codes))
    }

    @Test func filesThatAreNoneAreRefusedWithTheReason() throws {
        let folder = try TemporaryFolder()
        let path = folder.cachePath
        let identity = try Sample.identity()
        func reason() -> ScanCacheError? {
            do throws(ScanCacheError) {
                _ = try ScanCache.open(path: path, identity: identity)
                return nil
            } catch {
                return error
            }
        }
        #expect(reason() == .missing(path: path))
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(reason() == .notAFile(path: path))
        try FileManager.default.removeItem(atPath: path)
        for text in ["", "short", String(repeating: "SQLite format 3", count: 1000)] {
            try folder.write("kb.sqlite.vec", text)
            #expect(reason() == .notAScanCache(path: path))
        }
        try folder.cache([], identity: ScanCacheIdentity(storeID: Array(2...17), dimension: 24))
        #expect(reason() == .otherStore(path: path))
        try folder.cache([], identity: Sample.identity(25))
        #expect(reason() == .dimension(path: path, expected: 24, found: 25))
        #expect(throws: ScanCacheError.unsupportedDimension(0)) { try Sample.identity(0) }
        #expect(throws: ScanCacheError.unsupportedDimension(100_000)) { try Sample.identity(100_000) }
        #expect(throws: ScanCacheError.storeID(bytes: 15)) {
            try ScanCacheIdentity(storeID: Array(1...15), dimension: 3)
        }
        #expect(throws: ScanCacheError.missing(path: folder.path + "/none")) {
            try ScanCacheWriter.open(path: folder.path + "/none", identity: Sample.identity())
        }
        #expect(throws: ScanCacheError.self) {
            try ScanCacheWriter.create(path: folder.path + "/no/folder", identity: Sample.identity(), revision: 0)
        }
    }

    @Test func messagesSayWhatWhereAndHowToMendIt() {
        let path = "kb.sqlite.vec"
        let errors: [ScanCacheError] = [
            .missing(path: path), .notAFile(path: path), .unreadable(path: path, reason: "No"),
            .notAScanCache(path: path), .version(path: path, found: 9), .otherStore(path: path),
            .dimension(path: path, expected: 1, found: 2), .tooShort(path: path, bytes: 1, needed: 2),
            .damaged(path: path, what: "x"), .unwritable(path: path, action: "syncing it", reason: "No"),
            .notAscending(path: path, row: 1, last: 2), .vector(path: path, row: 1, reason: "x"),
            .writerFailed(path: path),
        ]
        for error in errors { #expect("\(error)".contains("'kb.sqlite.vec'")) }
        #expect("\(ScanCacheError.version(path: path, found: 9))".contains("format 9, this program reads format 1"))
        #expect("\(ScanCacheError.unsupportedDimension(0))".contains("0 dimensions"))
    }

    #if os(Linux)
    /// What waits in memory for the disk fails when it comes to it: at the seal, or before, when a large page is full.
    @Test(arguments: [10, 4000])
    func aFullDiskIsSaidAndNothingGoesOn(count: Int) throws {
        var random = SeededGenerator(seed: 3)
        let rows = Sample.rows(count, dimension: 1024, using: &random)
        let writer = try ScanCacheWriter.create(
            on: ScanCacheFile(existing: "/dev/full"), identity: Sample.identity(1024), revision: 1)
        let error = #expect(throws: ScanCacheError.self) {
            try writer.append(rows)
            #expect(count == 10)
            try writer.seal(revision: 1)
        }
        let full = String(cString: strerror(ENOSPC))
        #expect(error == .unwritable(path: "/dev/full", action: "writing it", reason: full))
        #expect(throws: ScanCacheError.writerFailed(path: "/dev/full")) { try writer.seal(revision: 1) }
        #expect(throws: ScanCacheError.writerFailed(path: "/dev/full")) { try writer.append(rows) }
    }
    #endif
}
