import GRDB
import WinnowCore

/// The tables of the lexical index. All that they hold can be made again from the passages.
enum LexicalRows {
    static let schema = """
        CREATE TABLE lexical_segment (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            first_row INTEGER NOT NULL,
            last_row INTEGER NOT NULL,
            header BLOB NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE lexical_block (
            id INTEGER PRIMARY KEY,
            data BLOB NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE lexical_deletion (
            first_row INTEGER NOT NULL PRIMARY KEY,
            last_row INTEGER NOT NULL,
            passages INTEGER NOT NULL,
            tokens INTEGER NOT NULL,
            scrub INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;
        """

    // MARK: - Segments

    /// A block's key: its segment's number and its own.
    private static func key(_ segment: Int64, _ block: Int) -> Int64 { segment << 24 | Int64(block) }

    private static let mostBlocks = 1 << 24

    /// - Returns: the new segment's number, which no other one ever had.
    @discardableResult
    static func insert(_ segment: EncodedSegment, _ database: Database) throws -> Int64 {
        guard segment.blocks.count <= mostBlocks else { throw StoreError.lexicalIndexTooLarge }
        let header = segment.header.encode()
        let (first, last) = (segment.header.firstRow, segment.header.lastRow)
        let statement = try database.cachedStatement(
            sql: "INSERT INTO lexical_segment (first_row, last_row, header, checksum) VALUES (?, ?, ?, ?)")
        try statement.execute(arguments: [
            first, last, StoredBytes.data(header), segmentChecksum(first, last, header),
        ])
        let id = database.lastInsertedRowID
        let blocks = try database.cachedStatement(
            sql: "INSERT INTO lexical_block (id, data, checksum) VALUES (?, ?, ?)")
        for (number, block) in segment.blocks.enumerated() {
            let key = key(id, number)
            try blocks.execute(arguments: [key, StoredBytes.data(block), blockChecksum(key, block)])
        }
        return id
    }

    static func delete(segment id: Int64, _ database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM lexical_block WHERE id BETWEEN ? AND ?")
            .execute(arguments: [key(id, 0), key(id, mostBlocks - 1)])
        try database.cachedStatement(sql: "DELETE FROM lexical_segment WHERE id = ?").execute(arguments: [id])
    }

    static func deleteAll(_ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM lexical_block; DELETE FROM lexical_segment; DELETE FROM lexical_deletion")
    }

    /// The segments in the order of their rows, those that `cache` knows without reading them again.
    static func segments(_ database: Database, _ cache: LexicalCache) throws -> [LexicalSegment] {
        let ids = try Row.fetchCursor(
            database.cachedStatement(sql: "SELECT id FROM lexical_segment ORDER BY first_row"))
        var segments: [LexicalSegment] = []
        while let row = try ids.next() {
            let id = try Cells(row, "lexical_segment").integer(0)
            segments.append(try cache.segment(id) { LexicalSegment(id: id, header: try header(of: id, database)) })
        }
        for (left, right) in zip(segments, segments.dropFirst()) where left.header.lastRow >= right.header.firstRow {
            throw DamagedRow("lexical segments \(left.id) and \(right.id) have rows in common")
        }
        return segments
    }

    private static func header(of id: Int64, _ database: Database) throws -> SegmentHeader {
        let statement = try database.cachedStatement(
            sql: "SELECT first_row, last_row, header, checksum FROM lexical_segment WHERE id = ?")
        let header = try statement.first([id]) { row in
            let cells = Cells(row, "lexical_segment")
            let (first, last) = (try cells.integer(0), try cells.integer(1))
            let header = try cells.bytes(2)
            guard try cells.integer(3) == segmentChecksum(first, last, header) else {
                throw DamagedRow("lexical segment \(id) does not have its checksum")
            }
            return try SegmentHeader(firstRow: first, lastRow: last, decoding: header)
        }
        guard let header else { throw DamagedRow("lexical segment \(id) is missing") }
        return header
    }

    /// Reads blocks in this snapshot.
    static func blocks(_ database: Database) -> SegmentBlocks {
        SegmentBlocks { segment, number in
            let key = key(segment, number)
            let statement = try database.cachedStatement(sql: "SELECT data, checksum FROM lexical_block WHERE id = ?")
            return try statement.first([key]) { row in
                let cells = Cells(row, "lexical_block")
                let data = try cells.bytes(0)
                guard try cells.integer(1) == blockChecksum(key, data) else {
                    throw DamagedRow("block \(number) of lexical segment \(segment) does not have its checksum")
                }
                return data
            }
        }
    }

    static func byteCount(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT total(length(data)) FROM lexical_block") ?? 0
    }

    private static func segmentChecksum(_ first: Int64, _ last: Int64, _ header: [UInt8]) -> Int64 {
        var checksum = Checksum()
        checksum.add(first)
        checksum.add(last)
        checksum.add(header)
        return checksum.finished()
    }

    /// As the scan cache's: some blocks are read at every cold query, and SHA-256 would take longer than the rest.
    private static func blockChecksum(_ key: Int64, _ data: [UInt8]) -> Int64 {
        let crc = data.withUnsafeBytes { CRC32C.of($0) }
        return Int64(crc) ^ key &<< 32
    }

    // MARK: - Deletions

    /// Rows of one segment that are there no more.
    struct Deletion: Sendable, Hashable {
        var rows: ClosedRange<Int64>
        /// What the segment holds of them.
        var passages: Int
        var tokens: Int
        /// Nothing of them is to be left: the segment is written anew before its writer closes.
        var scrub: Bool

        fileprivate var checksum: Int64 {
            var checksum = Checksum()
            for number in [rows.lowerBound, rows.upperBound, Int64(passages), Int64(tokens), scrub ? 1 : 0] {
                checksum.add(number)
            }
            return checksum.finished()
        }
    }

    static func insert(_ deletion: Deletion, _ database: Database) throws {
        try database.cachedStatement(sql: "INSERT INTO lexical_deletion VALUES (?, ?, ?, ?, ?, ?)").execute(arguments: [
            deletion.rows.lowerBound, deletion.rows.upperBound, deletion.passages, deletion.tokens,
            deletion.scrub ? 1 : 0, deletion.checksum,
        ])
    }

    static func delete(_ deletion: Deletion, _ database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM lexical_deletion WHERE first_row = ?")
            .execute(arguments: [deletion.rows.lowerBound])
    }

    /// In the order of their rows.
    static func deletions(_ database: Database) throws -> [Deletion] {
        let rows = try Row.fetchCursor(
            database.cachedStatement(sql: "SELECT * FROM lexical_deletion ORDER BY first_row"))
        var deletions: [Deletion] = []
        while let row = try rows.next() {
            let cells = Cells(row, "lexical_deletion")
            let (first, last) = (try cells.integer(0), try cells.integer(1))
            guard first >= 1, first <= last else {
                throw DamagedRow("rows \(first)…\(last) are noted as deleted from the lexical index")
            }
            let deletion = Deletion(
                rows: first...last, passages: try cells.count(2), tokens: try cells.count(3),
                scrub: try cells.integer(4) != 0)
            guard try cells.integer(5) == deletion.checksum else {
                throw DamagedRow("the lexical deletion of rows \(first)…\(last) does not have its checksum")
            }
            deletions.append(deletion)
        }
        return deletions
    }
}
