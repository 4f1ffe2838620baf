import GRDB

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Brings `STORE.vec` up to date with what is committed. Only the holder of the store's lock may do so, outside a
/// transaction.
///
/// The cache is made anew when it cannot be used, and when it holds rows that were deleted: a fifth of all after
/// replacements, which is what they may cost a search, and any after ``StoreWriter/delete(_:)``, which promises that nothing
/// is left.
struct ScanCacheUpkeep {
    private let database: Database
    private let path: String
    private let settings: StoreSettings
    private let identity: ScanCacheIdentity

    /// So many rows may be read from the database by each search until the cache has them.
    static let mostRowsBehind = 8192

    init(_ database: Database, _ path: StorePath, _ settings: StoreSettings) throws {
        self.database = database
        self.path = path.scanCache
        self.settings = settings
        identity = try ScanCacheIdentity(storeID: settings.storeID, dimension: settings.profile.dimension)
    }

    /// - Returns: the settings, changed when the cache was made anew: deletions before it are then no longer noted.
    func run() throws -> StoreSettings {
        let deleted = try DeletionRow.fetchAll(database)
        if let writer = try usable(deleted) {
            try append(to: writer)
            guard try isWorn(rows: writer.count) else { return settings }
        } else if settings.counts.vectors == 0, StorePath.status(path) == nil {
            return settings
        }
        let writer = try ScanCacheWriter.create(path: path, identity: identity, revision: settings.revision)
        try append(to: writer)
        var new = settings
        new.deletionsSince = settings.revision
        // A crash before this leaves deletions noted that the cache no longer needs to know.
        try database.inTransaction(.immediate) {
            try database.execute(sql: "DELETE FROM deletion")
            try new.write(to: database, over: settings)
            return .commit
        }
        return new
    }

    /// Removes what an earlier writer left unfinished, and a cache that is not of this database's past: no search may use it
    /// once rows are written. A cache of the future stands beside a database that was put back from a copy.
    func removeLeftovers() throws {
        unlink(ScanCacheWriter.temporaryPath(for: path))
        guard let cache = try? ScanCache.open(path: path, identity: identity) else { return }
        let deleted = try DeletionRow.fetchAll(database).map(\.rows)
        if cache.sealedRevision <= settings.revision,
            try ScanCacheUse(settings, deleted, database).admits(cache)
        {
            return
        }
        unlink(path)
    }

    private func usable(_ deleted: [DeletionRow]) throws -> ScanCacheWriter? {
        guard let cache = try? ScanCache.open(path: path, identity: identity),
            cache.baseRevision >= settings.scrubRevision,
            try ScanCacheUse(settings, deleted.map(\.rows), database).admits(cache)
        else { return nil }
        return try? ScanCacheWriter.open(path: path, identity: identity)
    }

    private func isWorn(rows: Int) throws -> Bool {
        let dead = rows - settings.counts.vectors
        return dead > 1000 && dead * 5 > rows
    }

    private func append(to writer: ScanCacheWriter) throws {
        try VectorRow.forEach(database, after: writer.lastRow, dimension: identity.dimension) { row, vector in
            try writer.append(row: row, vector: vector)
            return true
        }
        try writer.seal(revision: settings.revision)
    }
}

/// Which scan caches a snapshot of the store can be searched with, and which of their rows it sees.
struct ScanCacheUse {
    let visible: VisibleRows
    private let settings: StoreSettings
    private let database: Database

    /// - Parameter deleted: rows of the table `deletion`.
    init(_ settings: StoreSettings, _ deleted: [ClosedRange<Int64>], _ database: Database) throws {
        self.settings = settings
        self.database = database
        let last = try Int64.fetchOne(database, sql: "SELECT max(row) FROM passage") ?? 0
        visible = VisibleRows(maxRow: last, deleted: deleted)
    }

    init(_ settings: StoreSettings, visible: VisibleRows, _ database: Database) {
        self.settings = settings
        self.database = database
        self.visible = visible
    }

    /// A cache lacks rows that were deleted before it was begun, and does not know of deletions before those that the store
    /// still notes: it must have been begun between the two.
    ///
    /// Its newest row must be the store's. It is another's when the database was put back from a copy and went on to use the
    /// same row numbers again.
    func admits(_ cache: ScanCache) throws -> Bool {
        guard cache.baseRevision >= settings.deletionsSince, cache.baseRevision <= settings.revision else {
            return false
        }
        guard cache.count > 0, visible.contains(cache.lastRow) else { return true }
        var vector: [Float] = []
        guard
            try VectorRow.read(database, row: cache.lastRow, dimension: settings.profile.dimension, into: &vector)
        else { return false }
        return cache.agrees(row: cache.lastRow, with: vector) == true
    }
}
