import Foundation
import TestSupport
import Testing
import WinnowStore

/// Whatever happens to the bytes of a cache: it is refused, or it is what some writer sealed.
@Suite struct ScanCacheDamageTests {
    private static let dimension = 24

    /// A file sealed twice, so that both headers are valid; the first seal counts `first` rows.
    private func twiceSealed(_ folder: TemporaryFolder, rows: [SampleRow], first: Int) throws -> [UInt8] {
        let writer = try ScanCacheWriter.create(path: folder.cachePath, identity: Sample.identity(), revision: 0)
        try writer.append(rows[..<first])
        try writer.seal(revision: 1)
        try writer.append(rows[first...])
        try writer.seal(revision: 2)
        return try folder.cacheBytes
    }

    /// Opens the damaged bytes; when they open, they must hold a sealed prefix of the rows.
    private func expectRefusedOrRight(
        _ bytes: [UInt8], in folder: TemporaryFolder, rows: [SampleRow], counts: Set<Int>, _ what: String
    ) throws -> Bool {
        try folder.write("kb.sqlite.vec", bytes: bytes)
        guard let cache = try? ScanCache.open(path: folder.cachePath, identity: Sample.identity()) else { return false }
        #expect(counts.contains(cache.count), "\(what): \(cache.count) rows")
        #expect(throws: Never.self, "\(what)") { try cache.verify() }
        for row in rows.prefix(cache.count) where cache.agrees(row: row.row, with: row.vector) != true {
            Issue.record("\(what): row \(row.row) is another")
            break
        }
        return true
    }

    @Test(arguments: [(1, 0), (5, 2), (1024, 1000), (1030, 1024), (1100, 1030)])
    func aShortFileIsRefused(count: Int, first: Int) throws {
        var random = SeededGenerator(seed: 4)
        let folder = try TemporaryFolder()
        let rows = Sample.rows(count, dimension: Self.dimension, using: &random)
        let whole = try twiceSealed(folder, rows: rows, first: first)
        let layout = try ScanCacheLayout(dimension: Self.dimension)
        #expect(whole.count == layout.fileBytes(for: count))
        // Around every border of the layout, and at random.
        var borders = [0, 8, 128, 4096, 4096 + 128, 8192]
        for block in 0..<layout.blocks(for: count) {
            let start = layout.offset(ofBlock: block)
            borders += [start, start + 4] + layout.columns.map { start + $0.offset }
            borders.append(start + layout.codesOffset + layout.rows(inBlock: block, of: count) * layout.stride)
        }
        let lengths =
            borders.flatMap { [$0 - 1, $0, $0 + 1] }
            + (0..<40).map { _ in Int.random(in: 0..<whole.count, using: &random) }
        for length in lengths where length >= 0 && length < whole.count {
            try folder.write("kb.sqlite.vec", bytes: Array(whole[..<length]))
            #expect(throws: ScanCacheError.self, "\(length) of \(whole.count) bytes") {
                try ScanCache.open(path: folder.cachePath, identity: Sample.identity())
            }
        }
        // A longer one is what a writer leaves that did not come to its seal.
        #expect(
            try expectRefusedOrRight(
                whole + [UInt8](repeating: 0xAA, count: 5000), in: folder, rows: rows, counts: [count], "longer"))
    }

    @Test func everyByteOfTheHeadersIsGuarded() throws {
        var random = SeededGenerator(seed: 6)
        let folder = try TemporaryFolder()
        let rows = Sample.rows(30, dimension: Self.dimension, using: &random)
        let whole = try twiceSealed(folder, rows: rows, first: 12)
        // The second seal went to slot 0: without it the first one holds.
        for slot in 0..<2 {
            for offset in 0..<ScanCacheHeader.bytes {
                var bytes = whole
                bytes[slot * ScanCacheLayout.slotBytes + offset] ^= 1 << UInt8(offset % 8)
                let opened = try expectRefusedOrRight(
                    bytes, in: folder, rows: rows, counts: slot == 0 ? [12] : [30], "slot \(slot), byte \(offset)")
                #expect(opened, "one torn header must leave the other: slot \(slot), byte \(offset)")
            }
        }
        var both = whole
        both[10] ^= 1
        both[4096 + 10] ^= 1
        try folder.write("kb.sqlite.vec", bytes: both)
        #expect(throws: ScanCacheError.notAScanCache(path: folder.cachePath)) {
            try ScanCache.open(path: folder.cachePath, identity: Sample.identity())
        }
        // A writer goes on after a torn header, and heals it.
        try folder.write(
            "kb.sqlite.vec", bytes: Array(whole[..<64]) + [UInt8](repeating: 0x55, count: 64) + Array(whole[128...]))
        let writer = try ScanCacheWriter.open(path: folder.cachePath, identity: Sample.identity())
        #expect(writer.count == 12)
        try writer.append(rows[12...])
        try writer.seal(revision: 2)
        #expect(try folder.cacheBytes == whole)
    }

    @Test(arguments: [(30, 12), (1040, 1024), (1024, 500)])
    func damageInTheLastBlockIsFound(count: Int, first: Int) throws {
        var random = SeededGenerator(seed: 8)
        let folder = try TemporaryFolder()
        let rows = Sample.rows(count, dimension: Self.dimension, using: &random)
        let whole = try twiceSealed(folder, rows: rows, first: first)
        let layout = try ScanCacheLayout(dimension: Self.dimension)
        let block = layout.blocks(for: count) - 1
        let start = layout.offset(ofBlock: block)
        for column in layout.columns {
            let bytes = layout.rows(inBlock: block, of: count) * column.width
            let places = [0, bytes - 1] + (0..<20).map { _ in Int.random(in: 0..<bytes, using: &random) }
            for place in places {
                var damaged = whole
                damaged[start + column.offset + place] ^= UInt8.random(in: 1...255, using: &random)
                try folder.write("kb.sqlite.vec", bytes: damaged)
                #expect(throws: ScanCacheError.self, "byte \(place) of the column at \(column.offset)") {
                    try ScanCache.open(path: folder.cachePath, identity: Sample.identity())
                }
            }
        }
    }

    /// In the blocks before the last one `verify` finds it: opening reads no more than it must.
    @Test func damageInAnyBlockIsFoundByVerifying() throws {
        var random = SeededGenerator(seed: 8)
        let folder = try TemporaryFolder()
        let rows = Sample.rows(2100, dimension: Self.dimension, using: &random)
        let whole = try twiceSealed(folder, rows: rows, first: 2000)
        let layout = try ScanCacheLayout(dimension: Self.dimension)
        for block in 0..<2 {
            let start = layout.offset(ofBlock: block)
            let places = [0, 3] + layout.columns.flatMap { [$0.offset, $0.offset + 1024 * $0.width - 1] }
            for place in places {
                var damaged = whole
                damaged[start + place] ^= 0x10
                try folder.write("kb.sqlite.vec", bytes: damaged)
                let cache = try ScanCache.open(path: folder.cachePath, identity: Sample.identity())
                #expect(
                    throws: ScanCacheError.damaged(
                        path: folder.cachePath, what: "the checksum of block \(block) is wrong")
                ) {
                    try cache.verify()
                }
            }
        }
    }

    /// A header that counts more rows than reached the disk.
    @Test(arguments: [(10, 11), (10, 1024), (1020, 1025), (0, 1), (10, Int.max / 2), (10, 1 << 40)])
    func aHeaderAheadOfItsRowsIsRefused(count: Int, claimed: Int) throws {
        var random = SeededGenerator(seed: 8)
        let folder = try TemporaryFolder()
        let rows = Sample.rows(count, dimension: Self.dimension, using: &random)
        _ = try folder.cache(rows, identity: Sample.identity())
        var bytes = try folder.cacheBytes
        let slot = ScanCacheLayout.slotBytes
        guard case .header(var header) = bytes[slot...].withUnsafeBytes(ScanCacheHeader.decode) else {
            Issue.record("no header")
            return
        }
        header.sequence += 1
        header.count = claimed
        header.lastRow += 1
        header.lastBlockChecksum = 0x1234_5678
        bytes.replaceSubrange(0..<ScanCacheHeader.bytes, with: header.encoded())
        for length in [bytes.count, bytes.count + 4 << 20] {
            let padded = bytes + [UInt8](repeating: 0, count: length - bytes.count)
            try folder.write("kb.sqlite.vec", bytes: padded)
            #expect(throws: ScanCacheError.self, "\(length) bytes") {
                try ScanCache.open(path: folder.cachePath, identity: Sample.identity())
            }
        }
    }

    @Test(arguments: [0, 2, 77] as [UInt32])
    func anotherVersionIsNamed(version: UInt32) throws {
        let folder = try TemporaryFolder()
        try folder.cache([], identity: Sample.identity())
        var bytes = try folder.cacheBytes
        let slot = ScanCacheLayout.slotBytes
        withUnsafeBytes(of: version.littleEndian) { bytes.replaceSubrange(slot + 8..<slot + 12, with: $0) }
        let checksum = bytes[slot..<slot + 124].withUnsafeBytes(CRC32C.of)
        withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(slot + 124..<slot + 128, with: $0) }
        try folder.write("kb.sqlite.vec", bytes: bytes)
        #expect(throws: ScanCacheError.version(path: folder.cachePath, found: version)) {
            try ScanCache.open(path: folder.cachePath, identity: Sample.identity())
        }
    }
}
