import GRDB
import Synchronization

/// The scan cache as a reader holds it: mapped once, and again when a writer replaced or lengthened the file.
package final class StoreScanCache: Sendable {
    private let path: String
    private let identity: ScanCacheIdentity
    private let state = Mutex(State())

    private struct State {
        /// Of the file that `cache` was mapped from, or that could not be used.
        var status: StorePath.Status?
        var cache: ScanCache?
        var visible: (revision: Int64, deletionsSince: Int64, rows: VisibleRows)?
    }

    init(_ path: StorePath, _ settings: StoreSettings) throws {
        self.path = path.scanCache
        identity = try ScanCacheIdentity(storeID: settings.storeID, dimension: settings.profile.dimension)
    }

    /// - Returns: nil when there is no usable file; every vector is then read from the database.
    func current() -> ScanCache? {
        state.withLock { state in
            let status = StorePath.status(path)
            if status != state.status {
                state.status = status
                state.cache = status == nil ? nil : try? ScanCache.open(path: path, identity: identity)
            }
            return state.cache
        }
    }

    /// The rows that a snapshot sees, read once for all snapshots of one revision and one table of deletions: a writer that
    /// begins the cache anew empties that table without a new revision, while a search of the old snapshot goes on.
    package func visible(_ settings: StoreSettings, _ database: Database) throws -> VisibleRows {
        if let visible = state.withLock({ $0.visible }), visible.revision == settings.revision,
            visible.deletionsSince == settings.deletionsSince
        {
            return visible.rows
        }
        let deleted = try DeletionRow.fetchAll(database).map(\.rows)
        let rows = try ScanCacheUse(settings, deleted, database).visible
        state.withLock { $0.visible = (settings.revision, settings.deletionsSince, rows) }
        return rows
    }
}
