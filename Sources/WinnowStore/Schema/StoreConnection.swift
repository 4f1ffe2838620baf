import GRDB
import GRDBSQLite
import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How connections to a store are opened, and what SQLite's errors mean.
enum StoreConnection {
    /// For the holder of the lock: the only connection that writes or checkpoints.
    ///
    /// SQLite before 3.51.3 can damage a file when two connections write or checkpoint at once.
    static func writer(_ path: StorePath, settings: StoreSettings?) throws -> DatabaseQueue {
        // A write beyond RLIMIT_FSIZE must be an error that rolls back, and not the end of the process.
        ignoreFileSizeSignal()
        var configuration = Configuration()
        configuration.label = "winnow.store.writer"
        configuration.busyMode = .timeout(10)
        // One transaction spans many calls.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA page_size = \(StoreSchema.pageSize);
                    PRAGMA cache_size = -16000;
                    PRAGMA secure_delete = ON;
                    PRAGMA fullfsync = ON;
                    PRAGMA checkpoint_fullfsync = ON;
                    PRAGMA trusted_schema = OFF;
                    """)
        }
        let queue = try DatabaseQueue(path: path.database, configuration: configuration)
        do {
            try prepare(queue, path, settings: settings)
        } catch {
            throw translated(error, path, systemError: queue.inDatabase(systemError))
        }
        return queue
    }

    private static func prepare(_ queue: DatabaseQueue, _ path: StorePath, settings: StoreSettings?) throws {
        // Looked at before anything is written: even the journal mode is a write.
        let kind = try queue.inDatabase(StoreSchema.kind)
        try check(kind, path)
        if kind == .empty, settings == nil { throw StoreError.notAStore(path: path.given, reason: nothingYet) }
        try queue.inDatabase { database in
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw StoreError.failed(
                    path: path.given,
                    detail: "SQLite cannot use a write-ahead log there (journal mode \(mode ?? "none"))")
            }
            // Each commit reaches the disk. After the journal mode: GRDB's own set-up of WAL would lower it.
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        try StoreSchema.migrator(settings: settings).migrate(queue)
    }

    /// For readers: as many as are asked for at once, none of which ever writes.
    ///
    /// - Returns: the pool, and whether SQLite was told that the file cannot change.
    static func reader(_ path: StorePath) throws -> (pool: DatabasePool, isImmutable: Bool) {
        var configuration = Configuration()
        configuration.label = "winnow.store.reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -4000; PRAGMA trusted_schema = OFF")
        }
        // A log and its index must be there, or SQLite must be able to make them.
        let isImmutable =
            !StorePath.mayWrite(path.folder)
            && (StorePath.status(path.sharedMemory) == nil || StorePath.status(path.journal) == nil)
        if isImmutable, let journal = StorePath.status(path.journal), journal.size > 0 {
            throw StoreError.unfinishedJournal(path: path.given)
        }
        let pool = try DatabasePool(
            path: isImmutable ? immutableURI(path.database) : path.database, configuration: configuration)
        let kind = try pool.read(StoreSchema.kind)
        try check(kind, path)
        if kind == .empty { throw StoreError.notAStore(path: path.given, reason: nothingYet) }
        if case .store(let version) = kind, version < StoreSchema.oldestReadable {
            throw StoreError.olderSchema(path: path.given, found: version, supported: StoreSchema.version)
        }
        return (pool, isImmutable)
    }

    /// Looks at a file that is about to be written, and writes nothing.
    ///
    /// - Throws: ``StoreError`` when it is not Winnow's, or newer than this build.
    static func checkKind(_ path: StorePath) throws {
        try translating(path) {
            var configuration = Configuration()
            configuration.label = "winnow.store.check"
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            let queue = try DatabaseQueue(path: path.database, configuration: configuration)
            try check(try queue.inDatabase(StoreSchema.kind), path)
        }
    }

    private static func check(_ kind: StoreSchema.Kind, _ path: StorePath) throws {
        switch kind {
        case .foreign(let reason): throw StoreError.notAStore(path: path.given, reason: reason)
        case .store(let version) where version > StoreSchema.version:
            throw StoreError.newerSchema(path: path.given, found: version, supported: StoreSchema.version)
        case .store, .empty: break
        }
    }

    /// SQLite's own words for "nobody writes this file": it then needs neither log nor locks.
    private static func immutableURI(_ path: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var uri = Array("file:".utf8)
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), 48...57, 65...90, 97...122:
                uri.append(byte)
            default:
                uri += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: uri, as: UTF8.self) + "?immutable=1"
    }

    private static let nothingYet = "it holds nothing yet; index something into it"

    private static func ignoreFileSizeSignal() {
        var action = sigaction()
        guard sigaction(SIGXFSZ, nil, &action) == 0 else { return }
        #if canImport(Darwin)
        let isDefault = action.__sigaction_u.__sa_handler == nil
        #elseif canImport(Musl)
        let isDefault = action.__sa_handler.sa_handler == nil
        #else
        let isDefault = action.__sigaction_handler.sa_handler == nil
        #endif
        if isDefault { signal(SIGXFSZ, SIG_IGN) }
    }

    /// Runs `body` and says what an error of SQLite's means for the store at `path`.
    static func translating<Result>(_ path: StorePath, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw translated(error, path) }
    }

    /// The system's code of the last write that it refused: that of the journal's, where transactions are written, or of the
    /// database file's. Says something right behind an error of SQLite's only; 0 when there was none.
    static func systemError(_ database: Database) -> Int32 {
        guard let connection = database.sqliteConnection else { return 0 }
        var code: Int32 = 0
        var journal: UnsafeMutablePointer<sqlite3_file>?
        if sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal) == SQLITE_OK, let journal,
            let control = journal.pointee.pMethods?.pointee.xFileControl
        {
            _ = control(journal, SQLITE_FCNTL_LAST_ERRNO, &code)
        }
        if code == 0 { _ = sqlite3_file_control(connection, "main", SQLITE_FCNTL_LAST_ERRNO, &code) }
        return code != 0 ? code : sqlite3_system_errno(connection)
    }

    /// - Parameter systemError: why the system refused a write, where that is known.
    static func translated(_ error: any Error, _ path: StorePath, systemError: Int32 = 0) -> any Error {
        if let error = error as? DamagedRow { return StoreError.damaged(path: path.given, detail: error.detail) }
        if let error = error as? RowDecodingError {
            return StoreError.damaged(path: path.given, detail: "a value of the wrong type: \(error)")
        }
        if error is StoreSchema.SchemaFault { return StoreError.notAStore(path: path.given, reason: nothingYet) }
        guard let error = error as? DatabaseError else { return error }
        let detail = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_NOTADB:
            return StoreError.notAStore(
                path: path.given, reason: "it is no SQLite database, or its first page was damaged")
        case .SQLITE_CORRUPT:
            return StoreError.damaged(path: path.given, detail: detail)
        case .SQLITE_FULL:
            return StoreError.full(path: path.given, detail: detail)
        case .SQLITE_READONLY:
            return StoreError.notWritable(path: path.given, reason: detail)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return StoreError.busy(path: path.given, detail: detail)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            return StoreError.notReadable(path: path.given, reason: detail)
        case .SQLITE_IOERR:
            return ioError(error, path, detail, systemError)
        case .SQLITE_ERROR where detail.hasPrefix("no such table") || detail.hasPrefix("no such column"),
            .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_FORMAT, .SQLITE_NOTFOUND:
            return StoreError.damaged(path: path.given, detail: detail)
        default:
            return StoreError.failed(
                path: path.given, detail: "\(detail) (SQLite error \(error.extendedResultCode.rawValue))")
        }
    }

    /// A write can fail for want of room (a limit on file sizes, a quota) in other words than `SQLITE_FULL`; a short read is
    /// a file that was cut.
    private static func ioError(
        _ error: DatabaseError, _ path: StorePath, _ detail: String, _ systemError: Int32
    ) -> StoreError {
        let code = error.extendedResultCode
        if [
            .SQLITE_IOERR_WRITE, .SQLITE_IOERR_TRUNCATE, .SQLITE_IOERR_SHMSIZE, .SQLITE_IOERR_FSYNC,
            .SQLITE_IOERR_DIR_FSYNC,
        ].contains(code) {
            let reason = systemError == 0 ? detail : StorePath.message(systemError)
            return [EFBIG, ENOSPC, EDQUOT].contains(systemError)
                ? .full(path: path.given, detail: reason) : .writeFailed(path: path.given, detail: reason)
        }
        if [.SQLITE_IOERR_SHORT_READ, .SQLITE_IOERR_CORRUPTFS].contains(code) {
            return .damaged(path: path.given, detail: detail)
        }
        return .failed(path: path.given, detail: "\(detail) (SQLite error \(code.rawValue))")
    }
}
