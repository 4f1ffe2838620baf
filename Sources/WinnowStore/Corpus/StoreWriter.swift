import GRDB
import Synchronization
import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The one that fills a store: it holds `STORE.lock` and the only connection that writes.
///
/// Documents are put inside a transaction, which may span several of them or the portions of one:
///
/// ```swift
/// try writer.begin()
/// try writer.put(document)
/// try writer.append(passages)
/// try writer.commit()
/// ```
///
/// After ``commit()`` all of it is on the disk and every reader's next search sees it; before, nobody does, and a process
/// that dies leaves nothing of it. All methods may block for as long as the disk takes. One task at a time should use a
/// writer: methods called from several are safe, but their transactions are one.
public final class StoreWriter: Sendable {
    let path: StorePath
    package let queue: DatabaseQueue
    private let lock: StoreLock
    /// Whether this writer made the file.
    private let isNew: Bool
    let lexicon = StoreLexicon()
    private let lexicalUpkeep: LexicalUpkeep
    let state: Mutex<State>

    struct State {
        /// As last committed.
        var settings: StoreSettings
        /// Passages that were committed since the scan cache was brought up to date.
        var rowsBehind = 0
        var transaction: Transaction?
        var isClosed = false
        /// What ``StoreWriter/close()`` said.
        var report = CloseReport(journalIsHome: false, scanCacheIsCurrent: false)
    }

    struct Transaction {
        /// As they will be committed.
        var settings: StoreSettings
        /// The document that appended passages belong to.
        var document: OpenDocument?
        var appendedRows = 0
        var lexical: LexicalBuffer
    }

    struct OpenDocument {
        var row: DocumentRow
        var metadata: Metadata
        /// The transaction's settings before it.
        var before: StoreSettings
        var lexicalBefore: LexicalBuffer.Mark
        var fields = FieldBuffer()
    }

    /// Opens a store for writing, and makes it where there is none.
    ///
    /// - Parameters:
    ///   - path: of the database file; its folder must exist and be writable.
    ///   - profile: what the store will be filled with. Without one an existing store is opened as it is, to delete from it.
    ///   - lexical: how the lexical index makes its terms; another choice than the store's makes the index again, from the
    ///     passages that are there. nil: as the store has it, or the standard for a new one.
    ///   - waiting: how long to wait for another writer to end; nil: not at all.
    ///   - onWait: called once when it has to wait.
    /// - Throws: ``StoreError``: ``StoreError/otherModel(path:stored:storedFingerprint:given:givenFingerprint:)`` and
    ///   ``StoreError/otherChunking(path:stored:given:)`` and
    ///   ``StoreError/otherPassageLimit(path:stored:storedBudget:given:givenBudget:)`` when the profile is not the store's,
    ///   ``StoreError/locked(path:holder:waited:)``, and what can be wrong with the file. `CancellationError` while it waits.
    public static func open(
        _ path: String, profile: StoreProfile?, lexical: LexicalAnalysis? = nil, waiting: Duration? = nil,
        onWait: (LockHolder) -> Void = { _ in }
    ) async throws -> StoreWriter {
        let path = try StorePath(path)
        try checkBeforeLocking(path, mayCreate: profile != nil)
        let lock = try await StoreLock.take(path, waiting: waiting, onWait: onWait)
        return try StoreConnection.translating(path) {
            let exists = path.exists
            guard profile != nil || exists else { throw StoreError.notFound(path: path.given) }
            if let profile, profile.dimension > ScanCacheLayout.maximumDimension {
                throw StoreError.failed(
                    path: path.given,
                    detail:
                        "vectors of \(profile.dimension) dimensions are too long, \(ScanCacheLayout.maximumDimension) "
                        + "is the most")
            }
            let queue = try StoreConnection.writer(path, settings: profile.map(StoreSettings.init(new:)))
            var settings = try queue.inDatabase { try StoreSettings($0) }
            if let profile { try profile.check(against: settings.profile, path) }
            let analysis = lexical ?? settings.lexical.analysis ?? LexicalAnalysis()
            let rebuildsLexicalIndex = settings.lexical.analysis != analysis || !settings.lexical.isUsable
            if rebuildsLexicalIndex || !settings.hasFields {
                do {
                    settings = try queue.inDatabase { database in
                        let new =
                            rebuildsLexicalIndex ? try rebuildLexicalIndex(analysis, settings, database) : settings
                        return new.hasFields ? new : try rebuildFields(new, database)
                    }
                } catch {
                    throw StoreConnection.translated(
                        error, path, systemError: queue.inDatabase(StoreConnection.systemError))
                }
            }
            try queue.inDatabase { try ScanCacheUpkeep($0, path, settings).removeLeftovers() }
            return StoreWriter(path: path, queue: queue, lock: lock, isNew: !exists, settings: settings)
        }
    }

    /// What can be said without the lock, so that a foreign file does not even get a lock beside it.
    private static func checkBeforeLocking(_ path: StorePath, mayCreate: Bool) throws {
        if let status = StorePath.status(path.database) {
            guard StorePath.mayWrite(path.database) else {
                throw StoreError.notWritable(
                    path: path.given, reason: "this user may not write the file; change its permissions, or copy it")
            }
            if status.size > 0 { try StoreConnection.checkKind(path) }
        } else if !mayCreate {
            throw StoreError.notFound(path: path.given)
        }
        guard StorePath.mayWrite(path.folder) else {
            throw StoreError.notWritable(
                path: path.given,
                reason:
                    "this user may not write in its folder \(PathText.inQuotes(path.folder)), where the lock and the "
                    + "journal lie"
            )
        }
    }

    private init(path: StorePath, queue: DatabaseQueue, lock: StoreLock, isNew: Bool, settings: StoreSettings) {
        self.path = path
        self.queue = queue
        self.lock = lock
        self.isNew = isNew
        lexicalUpkeep = LexicalUpkeep(path)
        state = Mutex(State(settings: settings))
    }

    /// Without ``close()`` an open transaction is rolled back and the lock given back, as when the process had died; only a
    /// new store to which nothing was committed goes with its writer.
    deinit {
        let isUnused = state.withLock { state in
            guard !state.isClosed else { return false }
            return queue.inDatabase { database in
                Self.rollBack(&state, database)
                return holdsNothing(state, database)
            }
        }
        // The connection first: its end may write to the file.
        try? queue.close()
        if isUnused { removeFiles() }
        lock.release()
    }

    /// Whether this writer made the store and committed nothing to it, in a file that says so too.
    private func holdsNothing(_ state: State, _ database: Database) -> Bool {
        guard isNew, state.settings.revision == 0 else { return false }
        return (try? StoreSettings(database).revision) == 0
    }

    /// Removes the store and what lies beside it, except the lock, which is never deleted.
    private func removeFiles() {
        for file in [path.scanCache, path.journal, path.sharedMemory, path.database] { unlink(file) }
    }

    /// What the store was filled with: as it was made, which may differ from what was given in precision, in the
    /// models' names and in the tokenizer.
    public var profile: StoreProfile { state.withLock { $0.settings.profile } }

    /// Begins a transaction.
    public func begin() throws {
        try perform { state, database in
            guard state.transaction == nil else { throw StoreError.outOfOrder("begin() inside a transaction") }
            try database.beginTransaction(.immediate)
            state.transaction = newTransaction(state)
        }
    }

    private func newTransaction(_ state: State) -> Transaction {
        let analysis = state.settings.lexical.analysis ?? LexicalAnalysis()
        return Transaction(settings: state.settings, lexical: LexicalBuffer(analysis, lexicon))
    }

    /// Makes the lexical index of all passages, in one transaction.
    private static func rebuildLexicalIndex(
        _ analysis: LexicalAnalysis, _ settings: StoreSettings, _ database: Database
    ) throws -> StoreSettings {
        var new = settings
        new.lexical = .init(
            analysis: analysis, identity: analysis.identity, revision: settings.lexical.revision + 1)
        try database.inTransaction(.immediate) {
            try LexicalRebuild.run(analysis, database)
            try new.write(to: database, over: settings)
            return .commit
        }
        return new
    }

    /// Makes the tables of metadata values from all passages, in one transaction.
    private static func rebuildFields(_ settings: StoreSettings, _ database: Database) throws -> StoreSettings {
        var new = settings
        new.fieldIdentity = FieldRows.identity
        try database.inTransaction(.immediate) {
            try FieldRebuild.run(database)
            try new.write(to: database, over: settings)
            return .commit
        }
        return new
    }

    /// Ends the transaction: all that was put in it is on the disk when this returns.
    ///
    /// - Throws: ``StoreError``; the whole transaction is then rolled back.
    public func commit() throws {
        try perform { state, database in
            guard var transaction = state.transaction else { throw StoreError.outOfOrder("commit() without begin()") }
            try Self.finishDocument(&transaction, database)
            try Self.commit(&transaction, over: state.settings, database)
            state.settings = transaction.settings
            state.transaction = nil
            state.rowsBehind += transaction.appendedRows
            if state.rowsBehind >= ScanCacheUpkeep.mostRowsBehind { bringScanCacheUpToDate(&state, database) }
            // As well as it goes: unmerged segments cost searches time and nothing else.
            if let settings = try? lexicalUpkeep.run(state.settings, database) { state.settings = settings }
        }
    }

    private static func commit(
        _ transaction: inout Transaction, over settings: StoreSettings, _ database: Database
    ) throws {
        try transaction.lexical.flush(database)
        if transaction.lexical.hasWritten { transaction.settings.lexical.revision += 1 }
        transaction.settings.revision += 1
        try transaction.settings.write(to: database, over: settings)
        try database.commit()
    }

    /// Undoes all that happened since ``begin()``; does nothing outside a transaction.
    public func rollback() {
        state.withLock { state in
            guard state.transaction != nil else { return }
            queue.inDatabase { Self.rollBack(&state, $0) }
        }
    }

    /// Makes the whole lexical index again as one segment and the tables of metadata values, gives the file's free pages back to
    /// the system, and brings the journal home. Searches are then as fast as they can be, and nothing of what was deleted is left.
    ///
    /// Needs about as much free disk as the store takes.
    /// - Throws: ``StoreError``.
    public func compact() throws {
        try perform { state, database in
            guard state.transaction == nil else { throw StoreError.outOfOrder("compact() inside a transaction") }
            let analysis = state.settings.lexical.analysis ?? LexicalAnalysis()
            lexicalUpkeep.abandon()
            state.settings = try Self.rebuildLexicalIndex(analysis, state.settings, database)
            state.settings = try Self.rebuildFields(state.settings, database)
            while let merge = try LexicalMerge.next(database, lexicon.cache, closing: true, all: true) {
                state.settings = try LexicalUpkeep.apply(merge, state.settings, database)
            }
            try database.execute(sql: "VACUUM")
        }
    }

    /// Ends the writing: brings the scan cache up to date and all of the journal into the database file, so that nothing of
    /// what was deleted is left in either, and gives the lock back. An open transaction is rolled back. A store that this
    /// writer made and committed nothing to is removed.
    ///
    /// A reader in the middle of a search can hold the journal up: it is waited for some seconds, and then left to the next
    /// writer.
    ///
    /// - Returns: whether all of that came about; of a closed writer what it said the first time.
    /// - Throws: ``StoreError``. The lock is given back all the same.
    @discardableResult
    public func close() throws -> CloseReport {
        try state.withLock { state in
            guard !state.isClosed else { return state.report }
            state.isClosed = true
            defer { lock.release() }
            try StoreConnection.translating(path) {
                let (isUnused, isCurrent, isScrubbed) = queue.inDatabase { database in
                    Self.rollBack(&state, database)
                    if holdsNothing(state, database) { return (true, true, true) }
                    let isScrubbed = finishMerging(&state, database)
                    let isCurrent = bringScanCacheUpToDate(&state, database)
                    // As well as it goes: what a reader holds up, or a full disk, is the next writer's to bring home.
                    try? database.execute(sql: "PRAGMA busy_timeout = 2000")
                    _ = try? database.checkpoint(.truncate)
                    return (false, isCurrent, isScrubbed)
                }
                try queue.close()
                if isUnused { removeFiles() }
                // Looked at under the lock: only a writer makes it longer. It is cut to nothing when all of it is home.
                let journal = StorePath.status(path.journal)?.size ?? 0
                state.report = CloseReport(
                    journalIsHome: journal == 0, scanCacheIsCurrent: isCurrent, lexicalIndexIsScrubbed: isScrubbed)
            }
            return state.report
        }
    }

    /// Runs `body` on the connection. What is wrong with a document or a call leaves the transaction as it was; an error of
    /// the database ends it, rolled back: SQLite may have done that already.
    func perform<Result: Sendable>(_ body: (inout State, Database) throws -> Result) throws -> Result {
        try state.withLock { state in
            guard !state.isClosed else { throw StoreError.outOfOrder("it is closed") }
            return try queue.inDatabase { database in
                do {
                    return try body(&state, database)
                } catch let error as StoreError {
                    throw error
                } catch {
                    // Asked before the transaction's end, which may fail for reasons of its own.
                    let system = StoreConnection.systemError(database)
                    Self.rollBack(&state, database)
                    throw StoreConnection.translated(error, path, systemError: system)
                }
            }
        }
    }

    /// As well as it goes: without the cache searches are slower, and the next writer tries again. What is wrong with the
    /// database itself shows where it matters.
    ///
    /// - Returns: whether it went.
    @discardableResult
    private func bringScanCacheUpToDate(_ state: inout State, _ database: Database) -> Bool {
        state.rowsBehind = 0
        guard let settings = try? ScanCacheUpkeep(database, path, state.settings).run() else { return false }
        state.settings = settings
        return true
    }

    /// - Returns: whether nothing of what was deleted is left in the lexical index.
    private func finishMerging(_ state: inout State, _ database: Database) -> Bool {
        if let settings = try? lexicalUpkeep.finish(state.settings, lexicon, database) {
            state.settings = settings
            return true
        }
        if database.isInsideTransaction { try? database.rollback() }
        return (try? LexicalRows.deletions(database).contains(where: \.scrub)) == false
    }

    private static func rollBack(_ state: inout State, _ database: Database) {
        // Numbers of segments that were not committed are given again.
        state.transaction?.lexical.forget()
        state.transaction = nil
        if database.isInsideTransaction { try? database.rollback() }
    }

    /// Runs `body` in the open transaction, or in one of its own.
    func performInTransaction<Result: Sendable>(
        _ body: (inout Transaction, Database) throws -> Result
    ) throws -> Result {
        try perform { state, database in
            if var transaction = state.transaction {
                let result = try body(&transaction, database)
                state.transaction = transaction
                return result
            }
            try database.beginTransaction(.immediate)
            var transaction = newTransaction(state)
            do {
                let result = try body(&transaction, database)
                try Self.commit(&transaction, over: state.settings, database)
                state.settings = transaction.settings
                return result
            } catch {
                transaction.lexical.forget()
                Self.rollBack(&state, database)
                throw error
            }
        }
    }
}

extension StoreProfile {
    /// - Throws: ``StoreError`` unless what this profile makes belongs beside what `stored` made.
    func check(against stored: StoreProfile, _ path: StorePath) throws {
        try stored.checkModel(embedder, embedderFingerprint, dimension: dimension, path)
        guard chunking == stored.chunking else {
            throw StoreError.otherChunking(path: path.given, stored: stored.chunking, given: chunking)
        }
        guard passageTokens == stored.passageTokens else {
            throw StoreError.otherPassageLimit(
                path: path.given, stored: stored.passageTokens, storedBudget: stored.budget, given: passageTokens,
                givenBudget: budget)
        }
    }

    /// - Throws: ``StoreError`` unless vectors of the model can be compared with this profile's.
    func checkModel(_ name: String, _ fingerprint: Fingerprint, dimension: Int, _ path: StorePath) throws {
        guard fingerprint == embedderFingerprint else {
            throw StoreError.otherModel(
                path: path.given, stored: embedder, storedFingerprint: embedderFingerprint, given: name,
                givenFingerprint: fingerprint)
        }
        guard dimension == self.dimension else {
            throw StoreError.dimension(expected: self.dimension, found: dimension)
        }
    }
}
