import GRDB
import WinnowCore

extension Store {
    /// Reads all of the store and compares it with what must hold: SQLite's own structure and foreign keys, the checksum of
    /// the settings and of every row, the counts, that a document's passages are complete and in the order of their rows and
    /// of the text, that a passage's range is as long as its text where it has one, that each has a vector of the right
    /// length that is normalised, what is noted of deletions, and that a scan cache that searches use holds the same vectors.
    ///
    /// What the store does not hold cannot be compared: whether the passages are still those of the files that they came from,
    /// whether their vectors are the model's, and the content hash, which is of the whole document.
    ///
    /// Costs about as much as reading the file twice. It is one long read: what a writer commits meanwhile stays in the
    /// journal until it ends.
    ///
    /// - Parameter progress: called with the passages looked at so far and their number, now and then.
    /// - Returns: what was found; damage is a result and not an error.
    /// - Throws: ``StoreError`` when the file cannot be read at all; `CancellationError`.
    public func verify(
        _ progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> StoreVerification {
        let location = location
        return try await read { database in
            let verifier = StoreVerifier(database, location, progress)
            try verifier.run()
            return verifier.result
        }
    }
}

/// One walk over a store that collects what is wrong.
private final class StoreVerifier {
    private(set) var result = StoreVerification(faults: [], documents: 0, passages: 0, vectors: 0)
    private let database: Database
    private let path: StorePath
    private let progress: @Sendable (Int, Int) -> Void

    private var scanCache: ScanCache?
    private var fieldNames: [Int64: ExactText] = [:]
    /// Runs of metadata values that belong to documents.
    private var fieldRuns = 0

    /// A store with more faults than that has one cause for them.
    private static let mostFaults = 100

    init(_ database: Database, _ path: StorePath, _ progress: @escaping @Sendable (Int, Int) -> Void) {
        self.database = database
        self.path = path
        self.progress = progress
    }

    func run() throws {
        guard let settings = try collecting({ try StoreSettings(database) }) else { return }
        try collecting { try checkStructure() }
        try collecting { try checkDeletions(settings) }
        openScanCache(settings)
        try collecting { try checkDocuments(settings) }
        try collecting { try checkCounts(settings) }
        // Behind other damage, what belongs to a document that cannot be read would look left over.
        if settings.hasFields, result.faults.isEmpty { try collecting { try checkFields() } }
        if settings.lexical.isUsable { try collecting { try checkLexicalIndex(settings) } }
    }

    /// The index must be what the passages that are there make.
    private func checkLexicalIndex(_ settings: StoreSettings) throws {
        let snapshot = try StoreLexicon().snapshot(settings, database)
        for segment in snapshot.segments {
            try collecting {
                let verifier = LexicalVerifier(segment, visible: snapshot.visible, snapshot.blocks)
                let wrong = RowSet(
                    try verifier.differences(settings.lexical.analysis ?? LexicalAnalysis(), database))
                for rows in wrong.ranges {
                    fault(
                        "the lexical index is not that of passages \(rows.lowerBound)…\(rows.upperBound): "
                            + "'winnow store compact' makes it again")
                }
            }
        }
    }

    private func fault(_ text: String) {
        if result.faults.count < Self.mostFaults {
            // SQLite's own words repeat what a damaged file holds.
            result.faults.append(SingleLine.of(text))
        } else if result.faults.count == Self.mostFaults {
            result.faults.append("… and more")
        }
    }

    /// Runs `body`; damage that stops it is a fault.
    @discardableResult
    private func collecting<Result>(_ body: () throws -> Result) throws -> Result? {
        do { return try body() } catch let error as DamagedRow {
            fault(error.detail)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            fault("SQLite: \(error.message ?? "the file is corrupt")")
        }
        return nil
    }

    private func checkStructure() throws {
        let integrity = try Row.fetchCursor(database, sql: "PRAGMA integrity_check(\(Self.mostFaults))")
        while let row = try integrity.next() {
            let line = try Cells(row, "integrity_check").text(0)
            if line != "ok" { fault("SQLite: \(line)") }
        }
        let keys = try Row.fetchCursor(database, sql: "PRAGMA foreign_key_check")
        while let row = try keys.next() {
            let cells = Cells(row, "foreign_key_check")
            fault("row \(try cells.optionalInteger(1) ?? 0) of '\(try cells.text(0))' belongs to nothing")
        }
    }

    private func checkDeletions(_ settings: StoreSettings) throws {
        let living = try database.cachedStatement(sql: "SELECT 1 FROM passage WHERE row BETWEEN ? AND ?")
        for deletion in try DeletionRow.fetchAll(database) {
            let (first, last) = (deletion.rows.lowerBound, deletion.rows.upperBound)
            if deletion.revision <= settings.deletionsSince || deletion.revision > settings.revision {
                fault(
                    "rows \(first)…\(last) are noted as deleted at revision \(deletion.revision), which is impossible")
            }
            if try Row.fetchCursor(living, arguments: [first, last]).next() != nil {
                fault("rows \(first)…\(last) are noted as deleted and some are there")
            }
        }
    }

    /// A store without a scan cache is whole; one with a wrong cache finds the wrong passages.
    private func openScanCache(_ settings: StoreSettings) {
        do {
            let identity = try ScanCacheIdentity(storeID: settings.storeID, dimension: settings.profile.dimension)
            let cache = try ScanCache.open(path: path.scanCache, identity: identity)
            try cache.verify()
            // Otherwise it is of a later or an earlier time, and no search uses it.
            if cache.baseRevision >= settings.deletionsSince, cache.baseRevision <= settings.revision {
                scanCache = cache
            }
        } catch ScanCacheError.missing {
            return
        } catch ScanCacheError.otherStore, ScanCacheError.dimension {
            // Of vectors that were replaced, by a writer that died before it came to making another: no search uses it.
            return
        } catch {
            fault("\(error)")
        }
    }

    private func checkDocuments(_ settings: StoreSettings) throws {
        let rows = try Row.fetchCursor(database, sql: "SELECT \(DocumentRow.columns) FROM document ORDER BY row")
        var textBytes = 0
        while let row = try rows.next() {
            result.documents += 1
            guard let document = try collecting({ try DocumentRow(row) }) else { continue }
            textBytes += document.byteCount
            try collecting { _ = try document.document() }
            try checkPassages(of: document, settings)
        }
        if textBytes != settings.counts.textBytes {
            fault("the store counts \(settings.counts.textBytes) bytes of text and its documents \(textBytes)")
        }
        progress(result.passages, settings.counts.passages)
    }

    private func checkPassages(of document: DocumentRow, _ settings: StoreSettings) throws {
        var count = 0
        var start = 0
        var passages: [(row: Int64, passage: Passage)] = []
        try PassageRow.forEachReadable(database, ofDocument: document.row) { row in
            count += 1
            result.passages += 1
            if result.passages.isMultiple(of: 1000) { progress(result.passages, settings.counts.passages) }
            guard let row = try collecting({ try row() }) else { return }
            if row.ordinal != count - 1 || document.firstRow.map({ $0 + Int64(count) - 1 }) != row.row {
                fault(
                    "passage \(PathText.inQuotes(row.passage.id)) is not where document "
                        + "\(PathText.inQuotes(document.id)) has its passages"
                )
            }
            checkRange(of: row.passage, behind: &start)
            // Metadata only: a document's texts may be large.
            passages.append((row.row, FieldLeaves.withoutText(row.passage)))
            if row.passage.id.isEmpty { fault("a passage of document \(PathText.inQuotes(document.id)) has no id") }
            if row.tokens != nil, settings.profile.tokenizer == nil {
                fault("passage \(PathText.inQuotes(row.passage.id)) has token ids of no tokenizer")
            }
            try checkVector(of: row, settings)
        }
        if settings.hasFields, passages.count == count { try collecting { try checkFields(of: document, passages) } }
        if count != document.passageCount {
            fault(
                "document \(PathText.inQuotes(document.id)) has \(count) passages and counts \(document.passageCount)")
        }
    }

    /// - Parameter start: where the last passage with a range begins.
    private func checkRange(of passage: Passage, behind start: inout Int) {
        guard !passage.range.isEmpty else { return }
        if passage.range.count != passage.text.utf8.count {
            fault(
                "passage \(PathText.inQuotes(passage.id)) has \(passage.text.utf8.count) bytes of text and a range of "
                    + "\(passage.range.count)")
        }
        if passage.range.lowerBound < start {
            fault("passage \(PathText.inQuotes(passage.id)) is not in the order of the text")
        }
        start = passage.range.lowerBound
    }

    private func checkVector(of row: PassageRow, _ settings: StoreSettings) throws {
        try collecting {
            var vector: [Float] = []
            let dimension = settings.profile.dimension
            guard try VectorRow.read(database, row: row.row, dimension: dimension, into: &vector) else {
                fault("passage \(PathText.inQuotes(row.passage.id)) has no vector")
                return
            }
            result.vectors += 1
            let squares = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
            // Rounding each value moves a sum of squares that is 1 by less than 2⁻²³; zero vectors stay zero.
            if !(squares == 0 || abs(squares - 1) < 1e-5) {
                fault("the vector of passage \(PathText.inQuotes(row.passage.id)) is not normalised")
            }
            guard let scanCache, row.row <= scanCache.lastRow else { return }
            if scanCache.agrees(row: row.row, with: vector) != true {
                fault(
                    "the scan cache \(PathText.inQuotes(scanCache.path)) has not the vector of passage "
                        + "\(PathText.inQuotes(row.passage.id)): delete it, and "
                        + "the next writer of the store makes it anew")
            }
        }
    }

    /// The tables of metadata values must be what the passages that are there make.
    private func checkFields(of document: DocumentRow, _ passages: [(row: Int64, passage: Passage)]) throws {
        guard let rows = document.rows else { return }
        var held: [FieldBuffer.Key: [ClosedRange<Int64>]] = [:]
        try FieldRows.forEach(in: rows, database) { entry in
            let key = FieldBuffer.Key(field: try fieldName(entry.field), value: entry.value)
            held[key, default: []].append(entry.rows)
            fieldRuns += 1
        }
        let expected = FieldBuffer.runs(of: passages).mapValues(RowSet.init)
        if held.mapValues(RowSet.init) != expected {
            fault(
                "the metadata values of document \(PathText.inQuotes(document.id)) are not those that filters find it by: "
                    + "'winnow store compact' makes them again")
        }
    }

    private func fieldName(_ id: Int64) throws -> ExactText {
        if let known = fieldNames[id] { return known }
        guard let name = try FieldRows.name(ofField: id, database) else {
            throw DamagedRow("metadata field \(id) has values and no name")
        }
        fieldNames[id] = name
        return name
    }

    private func checkFields() throws {
        let runs = try Int.fetchOne(database, sql: "SELECT count(*) FROM field_run") ?? 0
        let idle =
            try Int.fetchOne(
                database,
                sql: """
                    SELECT (SELECT count(*) FROM field WHERE id NOT IN (SELECT field FROM field_value))
                        + (SELECT count(*) FROM field_value WHERE id NOT IN (SELECT value FROM field_run))
                    """) ?? 0
        if runs != fieldRuns || idle > 0 {
            fault("there are metadata values of no passage: 'winnow store compact' makes the tables again")
        }
        _ = try FieldRows.catalogue(database)
    }

    private func checkCounts(_ settings: StoreSettings) throws {
        for (table, counted) in [
            ("document", settings.counts.documents), ("passage", settings.counts.passages),
            ("vector", settings.counts.vectors),
        ] {
            let found = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)") ?? 0
            if found != counted { fault("the store counts \(counted) rows of '\(table)' and has \(found)") }
        }
    }
}
