import GRDB
import WinnowCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tables of metadata values: which rows have which value of which field. All that they hold can be made again from the passages.
///
/// A value stands once, and its rows are runs: passages of one document, one behind the other. So a filter's leaf is one walk over an
/// index, whatever the documents hold.
enum FieldRows {
    /// Of what is written here; another one makes the tables again. Raised when flattening, dates or the order of values change.
    static let identity = "1"

    /// Values of one type compare as ``FieldValue`` does: integers and reals exactly, BLOBs by their bytes. Where a table is there
    /// already, it is of a build between two releases.
    static let schema = """
        CREATE TABLE IF NOT EXISTS field (
            id INTEGER PRIMARY KEY,
            name BLOB NOT NULL UNIQUE,
            checksum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE IF NOT EXISTS field_value (
            id INTEGER PRIMARY KEY,
            field INTEGER NOT NULL REFERENCES field (id),
            type INTEGER NOT NULL,
            value ANY NOT NULL,
            checksum INTEGER NOT NULL,
            UNIQUE (field, type, value)
        ) STRICT;

        CREATE TABLE IF NOT EXISTS field_run (
            value INTEGER NOT NULL REFERENCES field_value (id),
            first_row INTEGER NOT NULL,
            last_row INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (value, first_row)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS field_run_row ON field_run (first_row);
        """

    static func deleteAll(_ database: Database) throws {
        try database.execute(sql: "DELETE FROM field_run; DELETE FROM field_value; DELETE FROM field")
    }

    /// A value as a statement takes it.
    static func databaseValue(_ value: FieldValue) -> DatabaseValue {
        switch value {
        case .bool(let value): Int64(value ? 1 : 0).databaseValue
        case .integer(let value), .date(let value): value.databaseValue
        case .number(let value): value.databaseValue
        case .text(let text): Data(text.bytes).databaseValue
        case .object: Int64(0).databaseValue
        }
    }

    // MARK: - Writing

    /// - Returns: the number of a field, which is made where there is none.
    static func id(ofField name: ExactText, _ database: Database) throws -> Int64 {
        if let known = try existingID(ofField: name, database) { return known }
        let insert = try database.cachedStatement(sql: "INSERT INTO field (name, checksum) VALUES (?, ?)")
        try insert.execute(arguments: [Data(name.bytes), fieldChecksum(name.bytes)])
        return database.lastInsertedRowID
    }

    static func existingID(ofField name: ExactText, _ database: Database) throws -> Int64? {
        let select = try database.cachedStatement(sql: "SELECT id FROM field WHERE name = ?")
        return try select.first([Data(name.bytes)]) { try Cells($0, "field").integer(0) }
    }

    /// Notes that rows have a value.
    static func insert(_ rows: ClosedRange<Int64>, of value: FieldValue, field: Int64, _ database: Database) throws {
        let id = try id(of: value, field: field, database)
        let statement = try database.cachedStatement(sql: "INSERT INTO field_run VALUES (?, ?, ?, ?)")
        try statement.execute(
            arguments: [id, rows.lowerBound, rows.upperBound, runChecksum(id, rows.lowerBound, rows.upperBound)])
    }

    private static func id(of value: FieldValue, field: Int64, _ database: Database) throws -> Int64 {
        let stored = databaseValue(value)
        let select = try database.cachedStatement(
            sql: "SELECT id FROM field_value WHERE field = ? AND type = ? AND value = ?")
        let known = try select.first([field, value.type.rawValue, stored]) { try Cells($0, "field_value").integer(0) }
        if let known { return known }
        let insert = try database.cachedStatement(
            sql: "INSERT INTO field_value (field, type, value, checksum) VALUES (?, ?, ?, ?)")
        try insert.execute(
            arguments: [field, value.type.rawValue, stored, valueChecksum(field, value.type.rawValue, value)])
        return database.lastInsertedRowID
    }

    /// Forgets a document's rows, with values and fields that no other row has.
    static func remove(_ rows: ClosedRange<Int64>, _ database: Database) throws {
        let bounds: StatementArguments = [rows.lowerBound, rows.upperBound]
        let values = try numbers(
            "SELECT DISTINCT value FROM field_run WHERE first_row BETWEEN ? AND ?", bounds, database)
        try database.cachedStatement(sql: "DELETE FROM field_run WHERE first_row BETWEEN ? AND ?")
            .execute(arguments: bounds)
        var fields: Set<Int64> = []
        for value in values
        where try numbers("SELECT 1 FROM field_run WHERE value = ? LIMIT 1", [value], database).isEmpty {
            fields.formUnion(try numbers("SELECT field FROM field_value WHERE id = ?", [value], database))
            try database.cachedStatement(sql: "DELETE FROM field_value WHERE id = ?").execute(arguments: [value])
        }
        for field in fields
        where try numbers("SELECT 1 FROM field_value WHERE field = ? LIMIT 1", [field], database).isEmpty {
            try database.cachedStatement(sql: "DELETE FROM field WHERE id = ?").execute(arguments: [field])
        }
    }

    private static func numbers(
        _ sql: String, _ arguments: StatementArguments, _ database: Database
    ) throws -> [Int64] {
        let rows = try Row.fetchCursor(try database.cachedStatement(sql: sql), arguments: arguments)
        var numbers: [Int64] = []
        while let row = try rows.next() { numbers.append(try Cells(row, "field_run").integer(0)) }
        return numbers
    }

    // MARK: - Checksums

    // As of lexical blocks: a filter may read a hundred thousand rows, and SHA-256 would take longer than all the rest.

    static func fieldChecksum(_ name: [UInt8]) -> Int64 { Int64(name.withUnsafeBytes { CRC32C.of($0) }) }

    static func valueChecksum(_ field: Int64, _ type: Int, _ value: FieldValue) -> Int64 {
        var checksum = CRC32C()
        add(field, to: &checksum)
        add(Int64(type), to: &checksum)
        switch value {
        case .bool(let value): add(value ? 1 : 0, to: &checksum)
        case .integer(let value), .date(let value): add(value, to: &checksum)
        case .number(let value): add(Int64(bitPattern: value.bitPattern), to: &checksum)
        case .text(let text): text.bytes.withUnsafeBytes { checksum.add($0) }
        case .object: break
        }
        return Int64(checksum.value)
    }

    static func runChecksum(_ value: Int64, _ first: Int64, _ last: Int64) -> Int64 {
        var checksum = CRC32C()
        for number in [value, first, last] { add(number, to: &checksum) }
        return Int64(checksum.value)
    }

    private static func add(_ number: Int64, to checksum: inout CRC32C) {
        withUnsafeBytes(of: number.littleEndian) { checksum.add($0) }
    }
}
