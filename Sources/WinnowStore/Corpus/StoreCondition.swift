import GRDB
import WinnowCore

/// What shape a store is in, as far as it can be told without reading its rows: nothing here is damage, ``Store/verify(_:)`` finds that.
package struct StoreCondition: Sendable, Hashable {
    package enum ScanCache: Sendable, Hashable {
        /// There is no file.
        case missing
        /// A file that cannot be read as this store's.
        case unusable(reason: String)
        /// Of another time of the store than this one: searches leave it aside.
        case otherTime
        /// Searches use it, and read `behind` vectors from the database beside it; it holds `dead` rows that are there no more.
        case usable(behind: Int, dead: Int)
    }

    /// The index for BM25.
    package struct Lexical: Sendable, Hashable {
        package var segments: Int
        /// Passages that segments hold and the store does not.
        package var deleted: Int
        /// The next writer has segments to merge.
        package var awaitsMerge: Bool
    }

    package var schemaVersion: Int
    /// What this build writes.
    package var currentSchemaVersion: Int
    package var pageBytes: Int
    package var pages: Int
    package var freePages: Int
    package var journalBytes: Int
    package var vectors: Int
    package var scanCache: ScanCache
    /// nil: there is none that this build can search.
    package var lexical: Lexical?
    /// Filters are answered from tables of metadata values.
    package var hasFields: Bool
}

extension Store {
    /// - Throws: ``StoreError``, also where the settings or the lexical index are damaged.
    package func condition() async throws -> StoreCondition {
        let (location, lexicon) = (location, lexicon)
        return try await read { database in
            func number(_ pragma: String) throws -> Int { try Int.fetchOne(database, sql: "PRAGMA \(pragma)") ?? 0 }
            let settings = try StoreSettings(database)
            return StoreCondition(
                schemaVersion: try number("user_version"), currentSchemaVersion: StoreSchema.version,
                pageBytes: try number("page_size"), pages: try number("page_count"),
                freePages: try number("freelist_count"), journalBytes: StorePath.status(location.journal)?.size ?? 0,
                vectors: settings.counts.vectors,
                scanCache: try Self.scanCacheCondition(location, settings, database),
                lexical: settings.lexical.isUsable
                    ? try Self.lexicalCondition(settings, lexicon, database) : nil,
                hasFields: settings.hasFields)
        }
    }

    private static func scanCacheCondition(
        _ location: StorePath, _ settings: StoreSettings, _ database: Database
    ) throws -> StoreCondition.ScanCache {
        let identity = try ScanCacheIdentity(storeID: settings.storeID, dimension: settings.profile.dimension)
        let cache: ScanCache
        do {
            cache = try ScanCache.open(path: location.scanCache, identity: identity)
        } catch ScanCacheError.missing {
            return .missing
        } catch {
            return .unusable(reason: SingleLine.of("\(error)"))
        }
        let deleted = try DeletionRow.fetchAll(database).map(\.rows)
        guard try ScanCacheUse(settings, deleted, database).admits(cache) else { return .otherTime }
        let behind =
            try Int.fetchOne(database, sql: "SELECT count(*) FROM vector WHERE row > ?", arguments: [cache.lastRow])
            ?? 0
        return .usable(behind: behind, dead: max(0, cache.count + behind - settings.counts.vectors))
    }

    private static func lexicalCondition(
        _ settings: StoreSettings, _ lexicon: StoreLexicon, _ database: Database
    ) throws -> StoreCondition.Lexical {
        // Also says whether the index holds as many passages as the store.
        _ = try lexicon.snapshot(settings, database)
        let segments = try LexicalRows.segments(database, lexicon.cache)
        let deletions = try LexicalRows.deletions(database)
        let own = segments.map { segment in deletions.filter { $0.rows.overlaps(segment.rows) } }
        return StoreCondition.Lexical(
            segments: segments.count, deleted: deletions.reduce(0) { $0 + $1.passages },
            awaitsMerge: MergePolicy.next(LexicalMerge.sizes(segments, own), closing: true) != nil)
    }
}
