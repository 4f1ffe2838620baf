import GRDB
import WinnowCore

/// A row of the table `document`.
struct DocumentRow {
    var row: Int64
    var id: String
    var title: String?
    /// As the text that is stored.
    var metadata: String
    var origin: String?
    var contentHash: Fingerprint
    var byteCount: Int
    /// Of its passages, which are one range; nil when it has none.
    var firstRow: Int64?
    var passageCount: Int
    var indexedAt: String

    static let columns =
        "row, id, title, metadata, origin, content_hash, byte_count, first_row, passage_count, indexed_at, checksum"

    /// - Parameter condition: what follows `FROM document`, constant.
    static func fetchAll(
        _ database: Database, _ condition: String, _ arguments: StatementArguments = []
    ) throws -> [DocumentRow] {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM document \(condition)")
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        var documents: [DocumentRow] = []
        while let row = try rows.next() { documents.append(try DocumentRow(row)) }
        return documents
    }

    static func fetch(_ database: Database, id: String) throws -> DocumentRow? {
        try fetchAll(database, "WHERE id = CAST(? AS TEXT)", [StoredBytes.data(id)]).first
    }

    /// - Throws: ``DamagedRow`` when the row is not what was written.
    init(_ row: Row) throws {
        let cells = Cells(row, "document")
        self.row = try cells.integer(0)
        id = try cells.text(1)
        title = try cells.optionalText(2)
        metadata = try cells.text(3)
        origin = try cells.optionalText(4)
        contentHash = try cells.fingerprint(5)
        byteCount = try cells.count(6)
        firstRow = try cells.optionalInteger(7)
        passageCount = try cells.count(8)
        indexedAt = try cells.text(9)
        guard try cells.integer(10) == checksum else {
            throw DamagedRow("the row of document \(PathText.inQuotes(id)) does not have its checksum")
        }
    }

    init(_ record: DocumentRecord, metadata: String) {
        row = 0
        id = record.id
        title = record.title
        self.metadata = metadata
        origin = record.origin
        contentHash = record.contentHash
        byteCount = record.byteCount
        passageCount = 0
        indexedAt = Timestamp.now()
    }

    /// Of its passages.
    var rows: ClosedRange<Int64>? {
        guard let firstRow, passageCount > 0 else { return nil }
        return firstRow...firstRow + Int64(passageCount) - 1
    }

    /// By bytes, as SQLite compares: to Swift two spellings of one accent are equal.
    func isNamed(_ id: String) -> Bool { self.id.utf8.elementsEqual(id.utf8) }

    private var checksum: Int64 {
        var checksum = Checksum()
        checksum.add(row)
        checksum.add(id)
        checksum.add(title)
        checksum.add(metadata)
        checksum.add(origin)
        checksum.add(contentHash.hexadecimal)
        checksum.add(Int64(byteCount))
        checksum.add(firstRow ?? -1)
        checksum.add(Int64(passageCount))
        checksum.add(indexedAt)
        return checksum.finished()
    }

    /// Writes it as a new row without passages, whose number it takes.
    mutating func insert(_ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO document
                    (id, title, metadata, origin, content_hash, byte_count, first_row, passage_count, indexed_at, checksum)
                VALUES (CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, NULL, 0, ?, 0)
                """)
        try statement.execute(arguments: [
            StoredBytes.data(id), title.map(StoredBytes.data), StoredBytes.data(metadata),
            origin.map(StoredBytes.data), StoredBytes.data(StoredBytes.bytes(contentHash)), byteCount, indexedAt,
        ])
        row = database.lastInsertedRowID
        // The checksum covers the number.
        try update(database)
    }

    /// Writes what may have changed since it was inserted.
    func update(_ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE document SET origin = CAST(? AS TEXT), first_row = ?, passage_count = ?, checksum = ? WHERE row = ?
                """)
        try statement.execute(
            arguments: [origin.map(StoredBytes.data), firstRow, passageCount, checksum, row])
    }

    func decodedMetadata() throws -> Metadata {
        guard let metadata = MetadataText.decode(metadata) else {
            throw DamagedRow("the metadata of document \(PathText.inQuotes(id)) cannot be read")
        }
        return metadata
    }

    func document() throws -> StoredDocument {
        StoredDocument(
            id: id, title: title, metadata: try decodedMetadata(), origin: origin, contentHash: contentHash,
            byteCount: byteCount, passageCount: passageCount, indexedAt: indexedAt)
    }
}
