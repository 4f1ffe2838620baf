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
struct ScoreFile {
    private let queue: DatabaseQueue
    private let isWritable: Bool
    private let mostBytes: Int

    /// `Wnsc` in ASCII.
    private static let applicationID: Int32 = 0x576E_7363
    private static let version: Int32 = 1
    private static let schema = """
        CREATE TABLE score (
            key BLOB NOT NULL PRIMARY KEY,
            value BLOB NOT NULL,
            created INTEGER NOT NULL,
            used INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
    /// When a score was used last is noted once a day: reading is no writing.
    private static let useGrain: Int64 = 86_400

    /// - Throws: `DatabaseError`, ``Foreign``
    init(_ path: String, mostBytes: Int) throws {
        self.mostBytes = mostBytes
        if let writer = try? Self.writer(path) {
            queue = writer
            isWritable = true
        } else {
            var configuration = Self.configuration
            configuration.readonly = true
            queue = try DatabaseQueue(path: path, configuration: configuration)
            isWritable = false
            try queue.read { database in
                guard try Self.kind(database) == .scores else { throw Foreign() }
            }
        }
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
        return id == 0 && tables == 0 ? .empty : .foreign
    }

    // MARK: - Scores

    /// - Parameters:
    ///   - created: older ones count as absent.
    ///   - now: in seconds since 1970; when what was found is used.
    func scores(_ keys: [ScoreKey], since created: Int64, now: Int64) throws -> [RecentScores.Entry?] {
        var stale: [ScoreKey] = []
        let found = try queue.inDatabase { database in
            let statement = try database.cachedStatement(sql: "SELECT value, created, used FROM score WHERE key = ?")
            return try keys.map { key -> RecentScores.Entry? in
                try statement.first([StoredBytes.data(key.bytes)]) { row -> RecentScores.Entry? in
                    let cells = Cells(row, "score")
                    let made = try cells.integer(1)
                    guard made >= created,
                        let score = StoredScore.decode(try cells.bytes(0), key: key, created: made)
                    else { return nil }
                    if now - (try cells.integer(2)) >= Self.useGrain { stale.append(key) }
                    return RecentScores.Entry(score: score, created: made)
                } ?? nil
            }
        }
        if isWritable, !stale.isEmpty {
            try write { database in
                let statement = try database.cachedStatement(sql: "UPDATE score SET used = ? WHERE key = ?")
                for key in stale { try statement.execute(arguments: [now, StoredBytes.data(key.bytes)]) }
            }
        }
        return found
    }

    func insert(_ scores: [(key: ScoreKey, entry: RecentScores.Entry)], now: Int64) throws {
        guard isWritable, mostBytes > 0, !scores.isEmpty else { return }
        try write { database in
            let statement = try database.cachedStatement(sql: "INSERT OR REPLACE INTO score VALUES (?, ?, ?, ?)")
            for (key, entry) in scores {
                guard let value = StoredScore.encode(entry.score, key: key, created: entry.created) else { continue }
                try statement.execute(arguments: [
                    StoredBytes.data(key.bytes), StoredBytes.data(value), entry.created, now,
                ])
            }
            try prune(database)
        }
    }

    /// The least recently used quarter goes when there is too much; pages that become free are used again.
    private func prune(_ database: Database) throws {
        func number(_ pragma: String) throws -> Int { try Int.fetchOne(database, sql: "PRAGMA \(pragma)") ?? 0 }
        let used = try number("page_count") - number("freelist_count")
        guard used * (try number("page_size")) > mostBytes else { return }
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM score") ?? 0
        try database.execute(
            sql: "DELETE FROM score WHERE key IN (SELECT key FROM score ORDER BY used, created LIMIT ?)",
            arguments: [max(1, count / 4)])
    }

    /// Another process that writes at this moment is no error, nor a file or a disk that takes nothing more: the scores are computed
    /// again.
    private func write(_ body: (Database) throws -> Void) throws {
        do {
            try queue.inDatabase { database in
                try database.inTransaction(.immediate) {
                    try body(database)
                    return .commit
                }
            }
        } catch let error as DatabaseError
            where [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_READONLY, .SQLITE_FULL].contains(error.resultCode)
        {
            return
        }
    }
}
