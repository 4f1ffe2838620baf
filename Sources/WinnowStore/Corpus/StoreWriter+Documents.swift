import GRDB
import WinnowCore

extension StoreWriter {
    /// What is stored of a document, uncommitted changes included; nil when there is no such document.
    public func state(of documentID: String) throws -> DocumentState? {
        try perform { state, database in
            var row = state.transaction?.document?.row
            if row?.isNamed(documentID) != true { row = try DocumentRow.fetch(database, id: documentID) }
            return row.map {
                DocumentState(contentHash: $0.contentHash, origin: $0.origin, passageCount: $0.passageCount)
            }
        }
    }

    /// Adds a document, or replaces the one of the same id with all that belongs to it. Passages that are appended next
    /// belong to it.
    ///
    /// - Throws: ``StoreError``. ``StoreError/metadata(documentID:reason:)`` leaves the transaction as it was.
    public func put(_ document: DocumentRecord) throws {
        try perform { state, database in
            guard var transaction = state.transaction else { throw StoreError.outOfOrder("put() without begin()") }
            let metadata = try Self.writable(document.id) { try MetadataText.encode(document.metadata) }
            try Self.finishDocument(&transaction, database)
            try transaction.lexical.flushIfLarge(database)
            state.transaction = transaction

            let former = try DocumentRow.fetch(database, id: document.id)
            let lexicalBefore = transaction.lexical.mark(removing: former?.rows)
            let before = transaction.settings
            try database.execute(sql: "SAVEPOINT document")
            if let former { try Self.remove(former, scrub: false, &transaction, database) }
            var row = DocumentRow(document, metadata: metadata)
            try row.insert(database)
            transaction.settings.counts.documents += 1
            transaction.settings.counts.textBytes += document.byteCount
            transaction.document = OpenDocument(
                row: row, metadata: document.metadata, before: before,
                lexicalBefore: lexicalBefore)
            state.transaction = transaction
        }
    }

    /// Adds passages to the document that was put last, behind those that it has.
    ///
    /// - Throws: ``StoreError``. Where a passage is at fault (its vector, its metadata, an id that another passage has) the
    ///   whole document is undone, an earlier version of it is there again, and the transaction goes on without it.
    public func append(_ passages: [PassageRecord]) throws {
        try perform { state, database in
            guard var transaction = state.transaction, var document = transaction.document else {
                throw StoreError.outOfOrder("append() without put()")
            }
            do {
                for passage in passages {
                    let row = try Self.add(passage, to: &document, transaction.settings.profile, database)
                    try document.fields.add(passage.passage, row: row, database)
                    try transaction.lexical.add(
                        passage.passage.content, row: row, since: document.lexicalBefore, database)
                }
            } catch let error as StoreError {
                try Self.undoDocument(&transaction, database)
                state.transaction = transaction
                throw error
            }
            transaction.settings.counts.passages += passages.count
            transaction.settings.counts.vectors += passages.count
            transaction.appendedRows += passages.count
            transaction.document = document
            state.transaction = transaction
        }
    }

    /// Undoes the document that was put last, so that an earlier version of it is there again; the transaction goes on. Does
    /// nothing when there is none.
    public func abandonDocument() throws {
        try perform { state, database in
            guard var transaction = state.transaction, transaction.document != nil else { return }
            try Self.undoDocument(&transaction, database)
            state.transaction = transaction
        }
    }

    /// Says which file a document came from, where only that changed. Inside a transaction it is part of it.
    ///
    /// Does nothing when there is no such document.
    public func setOrigin(_ origin: String?, of documentID: String) throws {
        try performInTransaction { transaction, database in
            if transaction.document?.row.isNamed(documentID) == true {
                // Written with the rest of its row when it is complete.
                transaction.document?.row.origin = origin
            } else if var row = try DocumentRow.fetch(database, id: documentID) {
                row.origin = origin
                try row.update(database)
            }
        }
    }

    /// Deletes documents with all that belongs to them, in one transaction of its own. Their bytes are overwritten, in
    /// the journal and the scan cache by ``close()``. The file of scores beside the store goes: it holds hashes of their texts.
    ///
    /// - Returns: how many there were to delete.
    public func delete(_ ids: [String]) throws -> Int {
        try perform { state, _ in
            guard state.transaction == nil else { throw StoreError.outOfOrder("delete() inside a transaction") }
        }
        let deleted = try performInTransaction { transaction, database in
            var deleted = 0
            for id in ids {
                guard let document = try DocumentRow.fetch(database, id: id) else { continue }
                try Self.remove(document, scrub: true, &transaction, database)
                deleted += 1
            }
            if deleted > 0 { transaction.settings.scrubRevision = transaction.settings.revision + 1 }
            return deleted
        }
        if deleted > 0 { ScoreFile.discard(path.scores) }
        return deleted
    }

    /// The documents that came from a file or from files below a folder, in the order of their ids.
    ///
    /// - Parameter path: absolute and without links, as ``DocumentRecord/origin`` is.
    public func documentIDs(originUnder path: String) throws -> [(id: String, origin: String)] {
        let folder = path.utf8.last == UInt8(ascii: "/") ? path : path + "/"
        return try perform { _, database in
            // '0' is the character after '/': the range holds what begins with the folder's name and a slash.
            let statement = try database.cachedStatement(
                sql: """
                    SELECT id, origin FROM document
                    WHERE origin = CAST(? AS TEXT) OR (origin >= CAST(? AS TEXT) AND origin < CAST(? AS TEXT)) ORDER BY id
                    """)
            let end = folder.dropLast() + "0"
            let rows = try Row.fetchCursor(
                statement,
                arguments: [StoredBytes.data(path), StoredBytes.data(folder), StoredBytes.data(String(end))])
            var found: [(id: String, origin: String)] = []
            while let row = try rows.next() {
                let cells = Cells(row, "document")
                found.append((try cells.text(0), try cells.text(1)))
            }
            return found
        }
    }

    /// Completes the row of the document that was put last.
    static func finishDocument(_ transaction: inout Transaction, _ database: Database) throws {
        guard var document = transaction.document else { return }
        try document.fields.finish(database)
        try document.row.update(database)
        try database.execute(sql: "RELEASE document")
        transaction.document = nil
    }

    private static func undoDocument(_ transaction: inout Transaction, _ database: Database) throws {
        guard let document = transaction.document else { return }
        try database.execute(sql: "ROLLBACK TO document; RELEASE document")
        transaction.settings = document.before
        transaction.lexical.undo(to: document.lexicalBefore)
        transaction.document = nil
    }

    /// - Returns: the passage's row.
    private static func add(
        _ record: PassageRecord, to document: inout OpenDocument, _ profile: StoreProfile, _ database: Database
    ) throws -> Int64 {
        let passage = record.passage
        guard document.row.isNamed(passage.documentID) else {
            throw StoreError.outOfOrder(
                "passage \(PathText.inQuotes(passage.id)) of document \(PathText.inQuotes(passage.documentID)) "
                    + "appended to document \(PathText.inQuotes(document.row.id))"
            )
        }
        guard record.vector.count == profile.dimension else {
            throw StoreError.dimension(expected: profile.dimension, found: record.vector.count)
        }
        guard record.tokens == nil || profile.tokenizer != nil else {
            throw StoreError.outOfOrder("token ids for a store whose profile names no tokenizer")
        }
        let vector = try ExactVectorIndex.normalised(record.vector, of: "passage \(PathText.inQuotes(passage.id))")
        do {
            let row = try writable(document.row.id) {
                try PassageRow.insert(
                    database, record, ordinal: document.row.passageCount, document: document.row,
                    inherited: document.metadata)
            }
            try VectorRow.insert(database, row: row, vector: vector)
            document.row.firstRow = document.row.firstRow ?? row
            document.row.passageCount += 1
            return row
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            throw StoreError.duplicatePassage(
                id: passage.id, firstDocument: try owner(of: passage.id, database) ?? document.row.id,
                secondDocument: document.row.id)
        }
    }

    private static func owner(of passageID: String, _ database: Database) throws -> String? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT document.id FROM passage JOIN document ON document.row = passage.document
                WHERE passage.id = CAST(? AS TEXT)
                """)
        return try statement.first([StoredBytes.data(passageID)]) { try Cells($0, "document").text(0) }
    }

    /// - Parameter scrub: nothing of it is to be left when the writer closes.
    private static func remove(
        _ document: DocumentRow, scrub: Bool, _ transaction: inout Transaction, _ database: Database
    ) throws {
        if let rows = document.rows {
            try DeletionRow(revision: transaction.settings.revision + 1, rows: rows).insert(database)
            try transaction.lexical.remove(rows, scrub: scrub, database)
            try FieldRows.remove(rows, database)
        }
        let statement = try database.cachedStatement(sql: "DELETE FROM document WHERE row = ?")
        try statement.execute(arguments: [document.row])
        transaction.settings.counts.documents -= 1
        transaction.settings.counts.passages -= document.passageCount
        transaction.settings.counts.vectors -= document.passageCount
        transaction.settings.counts.textBytes -= document.byteCount
    }

    private static func writable<Result>(_ documentID: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as MetadataText.Unwritable {
            throw StoreError.metadata(documentID: documentID, reason: error.reason)
        }
    }
}
