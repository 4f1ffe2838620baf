import GRDB
import WinnowCore

/// The tables of a store.
///
/// Texts that may hold any character, U+0000 too, are bound as bytes and cast to TEXT: SQLite keeps them whole, and people
/// can read them with its shell. A passage's row number is also its vector's and its number in the scan cache: numbers grow
/// and are never used again, and the passages of one document are one range of them.
enum StoreSchema {
    /// `Wnno` in ASCII: marks the file as Winnow's in its first page.
    static let applicationID: Int32 = 0x576E_6E6F
    /// The schema that this build writes.
    static let version = 2
    /// The oldest that a reader can read as it is: before 2 there were no lexical index and no tables of metadata values.
    static let oldestReadable = 1

    /// 8 KB hold five vectors of 384 floats with little left over.
    static let pageSize = 8192

    /// Brings a file of an older schema up to date, and makes a new one with its first settings in one transaction, so that
    /// no crash leaves a store without its profile.
    static func migrator(settings: StoreSettings?) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1", foreignKeyChecks: .immediate) { database in
            guard let settings else { throw SchemaFault.noSettings }
            try database.execute(sql: firstSchema)
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: "PRAGMA user_version = 1")
            try settings.write(to: database)
        }
        migrator.registerMigration("2", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: LexicalRows.schema)
            try database.execute(sql: FieldRows.schema)
            try database.execute(sql: "PRAGMA user_version = 2")
        }
        return migrator
    }

    enum SchemaFault: Error {
        case noSettings
    }

    private static let firstSchema = """
        CREATE TABLE setting (
            key TEXT NOT NULL PRIMARY KEY,
            value BLOB
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE document (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            title TEXT,
            metadata TEXT NOT NULL,
            origin TEXT,
            content_hash BLOB NOT NULL,
            byte_count INTEGER NOT NULL,
            first_row INTEGER,
            passage_count INTEGER NOT NULL,
            indexed_at TEXT NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX document_origin ON document (origin) WHERE origin IS NOT NULL;

        CREATE TABLE passage (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            document INTEGER NOT NULL REFERENCES document (row) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            id TEXT NOT NULL UNIQUE,
            title TEXT,
            text TEXT NOT NULL,
            start INTEGER NOT NULL,
            end INTEGER NOT NULL,
            metadata TEXT,
            tokens BLOB,
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX passage_document ON passage (document);

        CREATE TABLE vector (
            row INTEGER PRIMARY KEY REFERENCES passage (row) ON DELETE CASCADE,
            value BLOB NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE deletion (
            revision INTEGER NOT NULL,
            first_row INTEGER NOT NULL PRIMARY KEY,
            last_row INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;
        """

    /// What a file says of itself.
    enum Kind: Hashable {
        /// None of Winnow's tables yet: an empty file, or what a writer that died at once left.
        case empty
        case store(version: Int)
        case foreign(reason: String)
    }

    static func kind(_ database: Database) throws -> Kind {
        let applicationID = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if applicationID == Self.applicationID {
            return version >= 1 ? .store(version: version) : .foreign(reason: "it has no schema version")
        }
        // GRDB makes its own table ahead of the first migration.
        let tables =
            try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'")
            ?? 0
        if applicationID == 0, version == 0, tables == 0 { return .empty }
        return .foreign(reason: "it is an SQLite database of another program")
    }
}
