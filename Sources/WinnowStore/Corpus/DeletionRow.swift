import GRDB

/// A row of the table `deletion`: passage rows that went at a revision. A scan cache may still hold them.
struct DeletionRow {
    var revision: Int64
    var rows: ClosedRange<Int64>

    init(revision: Int64, rows: ClosedRange<Int64>) {
        self.revision = revision
        self.rows = rows
    }

    private init(_ row: Row) throws {
        let cells = Cells(row, "deletion")
        let (first, last) = (try cells.integer(1), try cells.integer(2))
        guard first >= 1, first <= last else { throw DamagedRow("rows \(first)…\(last) are noted as deleted") }
        self.init(revision: try cells.integer(0), rows: first...last)
        guard try cells.integer(3) == checksum else {
            throw DamagedRow("the deletion of rows \(first)…\(last) does not have its checksum")
        }
    }

    private var checksum: Int64 {
        var checksum = Checksum()
        checksum.add(revision)
        checksum.add(rows.lowerBound)
        checksum.add(rows.upperBound)
        return checksum.finished()
    }

    func insert(_ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO deletion (revision, first_row, last_row, checksum) VALUES (?, ?, ?, ?)")
        try statement.execute(arguments: [revision, rows.lowerBound, rows.upperBound, checksum])
    }

    /// All of them, in the order of their rows.
    static func fetchAll(_ database: Database) throws -> [DeletionRow] {
        let statement = try database.cachedStatement(
            sql: "SELECT revision, first_row, last_row, checksum FROM deletion ORDER BY first_row")
        let rows = try Row.fetchCursor(statement)
        var deletions: [DeletionRow] = []
        while let row = try rows.next() { deletions.append(try DeletionRow(row)) }
        return deletions
    }
}
