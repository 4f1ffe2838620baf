import GRDB
import WinnowCore

/// A store that is read. Any number of readers, in any number of processes, stand beside one ``StoreWriter``; each call sees
/// one committed state, from its beginning to its end.
///
/// Nothing is ever written to the database by a reader. Calls run on threads of their own and do not block those that
/// async code runs on; up to five run at once.
public final class Store: Sendable {
    /// As it was given.
    public let path: String
    /// What filled the store.
    public let profile: StoreProfile
    let location: StorePath
    package let scanCache: StoreScanCache
    let lexicon = StoreLexicon()
    let filters = FilterRows()
    /// How the lexical index made its terms when the store was opened; nil: it has none that this build can search.
    public let lexicalAnalysis: LexicalAnalysis?
    private let pool: DatabasePool
    /// How the file looked when it was opened, where SQLite was told that it cannot change.
    private let immutableStatus: StorePath.Status?

    /// Opens a store to read from it; never makes one.
    ///
    /// - Throws: ``StoreError`` when there is none, or it cannot be read, is not Winnow's, is newer or damaged.
    public static func open(_ path: String) throws -> Store { try Store(path) }

    private init(_ path: String) throws {
        let location: StorePath
        do {
            location = try StorePath(path)
        } catch StoreError.folderMissing {
            throw StoreError.notFound(path: path)
        }
        self.path = path
        self.location = location
        guard let status = StorePath.status(location.database) else { throw StoreError.notFound(path: path) }
        guard StorePath.mayRead(location.database) else {
            throw StoreError.notReadable(path: path, reason: "this user may not read it; change its permissions")
        }
        let opened = try StoreConnection.translating(location) {
            let (pool, isImmutable) = try StoreConnection.reader(location)
            return (pool: pool, isImmutable: isImmutable, settings: try pool.read { try StoreSettings($0) })
        }
        pool = opened.pool
        profile = opened.settings.profile
        lexicalAnalysis = opened.settings.lexical.isUsable ? opened.settings.lexical.analysis : nil
        scanCache = try StoreScanCache(location, opened.settings)
        immutableStatus = opened.isImmutable ? status : nil
    }

    /// Runs `body` in one snapshot.
    func read<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        do {
            let result = try await pool.read(body)
            if let immutableStatus, StorePath.status(location.database) != immutableStatus {
                throw StoreError.changedWhileRead(path: path)
            }
            return result
        } catch {
            throw StoreConnection.translated(error, location)
        }
    }

    /// Runs `body` without a transaction around it.
    func readOutsideTransaction(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        try await pool.unsafeRead(body)
    }

    /// Sizes and origin. Costs a few reads, and the head of each block of the lexical index. A lexical index that is damaged is told as one
    /// that cannot be searched: ``verify(_:)`` says what is wrong with it, ``StoreWriter/compact()`` makes it again.
    public func info() async throws -> StoreInfo {
        let location = location
        let lexicon = lexicon
        return try await read { database in
            let settings = try StoreSettings(database)
            let files = [location.database, location.journal].compactMap { StorePath.status($0)?.size }
            return StoreInfo(
                documents: settings.counts.documents, passages: settings.counts.passages,
                vectors: settings.counts.vectors, profile: settings.profile,
                schemaVersion: try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0, revision: settings.revision,
                fileBytes: files.reduce(0, +), cacheBytes: StorePath.status(location.scanCache)?.size ?? 0,
                textBytes: settings.counts.textBytes,
                lexical: try Self.lexicalInfo(settings, lexicon, database))
        }
    }

    private static func lexicalInfo(
        _ settings: StoreSettings, _ lexicon: StoreLexicon, _ database: Database
    ) throws -> LexicalInfo? {
        guard settings.lexical.isUsable else { return nil }
        do { return try LexicalInfo(settings, lexicon, database) } catch is DamagedRow { return nil }
    }

    /// A page of the documents, in the order of their ids' bytes.
    ///
    /// - Parameters:
    ///   - id: the last one of the page before; nil for the first page. It need not be there any more.
    ///   - limit: how many at most, at least 1.
    /// - Throws: ``StoreError``.
    public func documents(after id: String? = nil, limit: Int) async throws -> [StoredDocument] {
        guard limit >= 1 else { throw StoreError.notPositive(limit: limit) }
        return try await read { database in
            let rows =
                if let id {
                    try DocumentRow.fetchAll(
                        database, "WHERE id > CAST(? AS TEXT) ORDER BY id LIMIT ?", [StoredBytes.data(id), limit])
                } else {
                    try DocumentRow.fetchAll(database, "ORDER BY id LIMIT ?", [limit])
                }
            return try rows.map { try $0.document() }
        }
    }

    /// - Returns: nil when there is no such document.
    public func document(_ id: String) async throws -> StoredDocument? {
        try await read { try DocumentRow.fetch($0, id: id)?.document() }
    }

    /// A document's passages in the order of its text; none when there is no such document.
    public func passages(of documentID: String) async throws -> [Passage] {
        try await read { database in
            guard let document = try DocumentRow.fetch(database, id: documentID) else { return [] }
            var passages: [Passage] = []
            try PassageRow.forEach(database, ofDocument: document.row) { passages.append($0.passage) }
            guard passages.count == document.passageCount else {
                throw DamagedRow(
                    "document \(PathText.inQuotes(documentID)) has \(passages.count) passages and counts "
                        + "\(document.passageCount)"
                )
            }
            return passages
        }
    }
}
