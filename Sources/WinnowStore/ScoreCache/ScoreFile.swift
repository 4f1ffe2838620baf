import GRDB
import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Scores in a file of their own: disposable, so whatever goes wrong with it ends in a cache that is not there.
///
/// Rows carry checksums under their keys: what a crash or another program left in the file is a score or it is nothing. A file that is
/// not of this build is made anew, unless it is somebody else's.
struct ScoreFile: Sendable {
    private let reader: DatabaseQueue
    /// Of its own, so that nobody who reads waits for what is written. nil: nothing can be.
    private let writer: DatabaseQueue?
    private let mostBytes: Int

    /// `Wnsc` in ASCII.
    private static let applicationID: Int32 = 0x576E_7363
    private static let version: Int32 = 2
    /// Rows stand in the order of their last use, by the day: the pages of those that go first are free as a whole.
    private static let schema = """
        CREATE TABLE score (
            place INTEGER PRIMARY KEY,
            key BLOB NOT NULL UNIQUE,
            value BLOB NOT NULL,
            created INTEGER NOT NULL,
            used INTEGER NOT NULL
        ) STRICT
        """
    /// When a score was used last is noted once a day, in seconds: reading is no writing.
    static let useGrain: Int64 = 86_400

    /// - Throws: `DatabaseError`, ``Foreign``
    init(_ path: String, mostBytes: Int) throws {
        self.mostBytes = mostBytes
        do { writer = try Self.writer(path) } catch {
            if Self.isBusy(error) { throw error }
            writer = nil
        }
        var configuration = Self.configuration
        configuration.readonly = true
        reader = try DatabaseQueue(path: path, configuration: configuration)
        guard try reader.inDatabase(Self.kind) == .scores else { throw Foreign() }
    }

    /// - Throws: `DatabaseError` when it cannot be read.
    static func condition(_ path: String, bytes: Int) throws -> ScoreCacheCondition {
        var configuration = configuration
        configuration.readonly = true
        do {
            return try DatabaseQueue(path: path, configuration: configuration).read { database in
                switch try kind(database) {
                case .foreign: .foreign
                case .older, .empty: .older
                case .scores:
                    .usable(entries: try Int.fetchOne(database, sql: "SELECT count(*) FROM score") ?? 0, bytes: bytes)
                }
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
            return .foreign
        }
    }

    /// Takes a damaged cache away, so that the next process has one again.
    static func discard(_ path: String) {
        for suffix in ["", "-wal", "-shm"] { _ = unlink(path + suffix) }
    }

    static func isDamage(_ error: any Error) -> Bool {
        if error is DamagedRow || error is RowDecodingError { return true }
        return (error as? DatabaseError)?.resultCode == .SQLITE_CORRUPT
    }

    /// Another process is at the file.
    static func isBusy(_ error: any Error) -> Bool {
        [.SQLITE_BUSY, .SQLITE_LOCKED].contains((error as? DatabaseError)?.resultCode)
    }

    /// The file is not a cache of this build.
    struct Foreign: Error {}

    private enum Kind { case empty, scores, older, foreign }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "winnow.store.scores"
        // Whoever is writing has scores to add as well: nobody waits for a cache.
        configuration.busyMode = .immediateError
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -4000; PRAGMA trusted_schema = OFF")
        }
        return configuration
    }

    private static func writer(_ path: String) throws -> DatabaseQueue {
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { database in
            switch try kind(database) {
            case .foreign: throw Foreign()
            case .scores: break
            case .older, .empty:
                try database.execute(sql: "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL")
                try database.inTransaction(.immediate) {
                    // Another process may have been quicker.
                    switch try kind(database) {
                    case .foreign: throw Foreign()
                    case .scores: return .rollback
                    case .older, .empty: break
                    }
                    try database.execute(sql: "DROP TABLE IF EXISTS score")
                    try database.execute(sql: schema)
                    try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                    try database.execute(sql: "PRAGMA user_version = \(version)")
                    return .commit
                }
            }
            // A commit that a power cut takes back is a score that is computed again.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        return queue
    }

    private static func kind(_ database: Database) throws -> Kind {
        let id = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        if id == applicationID {
            return try Int32.fetchOne(database, sql: "PRAGMA user_version") == version ? .scores : .older
        }
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        if id == 0, tables == 0 { return .empty }
        // Ours with a damaged number, by its table.
        let table = try String.fetchOne(database, sql: "SELECT sql FROM sqlite_schema WHERE name = 'score'")
        return table == schema ? .older : .foreign
    }

    // MARK: - Scores

    /// - Parameter created: older ones count as absent.
    func scores(_ keys: [ScoreKey], since created: Int64) throws -> [RecentScores.Entry?] {
        try reader.inDatabase { database in
            let statement = try database.cachedStatement(sql: "SELECT value, created, used FROM score WHERE key = ?")
            return try keys.map { key -> RecentScores.Entry? in
                try statement.first([StoredBytes.data(key.bytes)]) { row -> RecentScores.Entry? in
                    let cells = Cells(row, "score")
                    let made = try cells.integer(1)
                    guard made >= created,
                        let score = StoredScore.decode(try cells.bytes(0), key: key, created: made)
                    else { return nil }
                    return RecentScores.Entry(score: score, created: made, used: try cells.integer(2))
                } ?? nil
            }
        }
    }

    // MARK: - Writing, which nobody waits for

    func use(_ keys: [ScoreKey], now: Int64, failed: @escaping @Sendable (any Error) -> Void) {
        write(keys, failed) { database in
            let statement = try database.cachedStatement(
                sql: "UPDATE score SET used = ?, place = (SELECT max(place) + 1 FROM score) WHERE key = ?")
            for key in keys { try statement.execute(arguments: [now, StoredBytes.data(key.bytes)]) }
        }
    }

    func insert(
        _ scores: [(key: ScoreKey, entry: RecentScores.Entry)], failed: @escaping @Sendable (any Error) -> Void
    ) {
        guard mostBytes > 0 else { return }
        write(scores, failed) { [mostBytes] database in
            let statement = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO score (key, value, created, used) VALUES (?, ?, ?, ?)")
            for (key, entry) in scores {
                guard let value = StoredScore.encode(entry.score, key: key, created: entry.created) else { continue }
                try statement.execute(arguments: [
                    StoredBytes.data(key.bytes), StoredBytes.data(value), entry.created, entry.used,
                ])
            }
            try Self.prune(database, to: mostBytes, added: scores.count)
        }
    }

    /// Waits for what was to be written so far.
    func finish() { writer?.inDatabase { _ in } }

    /// What was least recently used goes while there is too much: a few times what came, so that no one waits long. Pages that become free are
    /// used again.
    private static func prune(_ database: Database, to mostBytes: Int, added: Int) throws {
        func number(_ pragma: String) throws -> Int { try Int.fetchOne(database, sql: "PRAGMA \(pragma)") ?? 0 }
        let pageSize = try number("page_size")
        for _ in 0..<4 {
            let pages = try number("page_count") - number("freelist_count")
            guard pages * pageSize > mostBytes else { return }
            try database.execute(
                sql: "DELETE FROM score WHERE place IN (SELECT place FROM score ORDER BY place LIMIT ?)",
                arguments: [added + 64])
        }
    }

    /// Another process that writes at this moment is no error, nor a file or a disk that takes nothing more: the scores are computed
    /// again.
    private func write(
        _ rows: some Collection, _ failed: @escaping @Sendable (any Error) -> Void,
        _ body: @escaping @Sendable (Database) throws -> Void
    ) {
        guard let writer, !rows.isEmpty else { return }
        writer.asyncWriteWithoutTransaction { database in
            do {
                try database.inTransaction(.immediate) {
                    try body(database)
                    return .commit
                }
            } catch let error as DatabaseError
                where [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_READONLY, .SQLITE_FULL].contains(error.resultCode)
            {
                return
            } catch { failed(error) }
        }
    }
}
