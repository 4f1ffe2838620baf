import GRDB
import WinnowCore

/// A row of the table `passage`, with what of its document it needs to be a ``Passage`` again.
struct PassageRow {
    var row: Int64
    var ordinal: Int
    var passage: Passage
    var tokens: [Int32]?

    private static let query = """
        SELECT passage.row, passage.document, ordinal, passage.id, passage.title, text, start, end, passage.metadata, tokens,
            passage.checksum, document.id, document.metadata
        FROM passage JOIN document ON document.row = passage.document
        """

    /// Lends the passages of a document in the order of the text, one at a time.
    static func forEach(_ database: Database, ofDocument document: Int64, _ body: (PassageRow) throws -> Void) throws {
        try forEachReadable(database, ofDocument: document) { try body($0()) }
    }

    /// The same for those who go on behind a damaged row: reading each one may throw.
    static func forEachReadable(
        _ database: Database, ofDocument document: Int64, _ body: (() throws -> PassageRow) throws -> Void
    ) throws {
        let statement = try database.cachedStatement(
            sql: query + " WHERE passage.document = ? ORDER BY passage.row")
        let rows = try Row.fetchCursor(statement, arguments: [document])
        while let row = try rows.next() { try body { try PassageRow(row) } }
    }

    /// Passages in the order of their rows, each with its document's row.
    ///
    /// - Parameter step: one of so many neighbouring numbers. Which one differs from one lot to the next, as every document may have the
    ///   same number of passages.
    static func page(
        _ database: Database, after row: Int64, every step: Int64, limit: Int
    ) throws -> [(document: Int64, row: PassageRow)] {
        let statement = try database.cachedStatement(
            sql: query + " WHERE passage.row >= ? ORDER BY passage.row LIMIT ?")
        var page: [(document: Int64, row: PassageRow)] = []
        func fetch(from row: Int64, _ count: Int) throws {
            let rows = try Row.fetchCursor(statement, arguments: [row, count])
            while let row = try rows.next() {
                page.append((try Cells(row, "passage").integer(1), try PassageRow(row)))
            }
        }
        guard row < .max else { return [] }
        guard step > 1 else {
            try fetch(from: row + 1, limit)
            return page
        }
        var last = row
        while page.count < limit {
            let lot = last < 1 ? 0 : (last - 1) / step + 1
            let (start, overflow) = lot.multipliedReportingOverflow(by: step)
            let place = Int64(mixed(UInt64(lot)) % UInt64(step))
            let (target, isBeyond) = start.addingReportingOverflow(place + 1)
            guard !overflow, !isBeyond else { break }
            let before = page.count
            try fetch(from: target, 1)
            guard page.count > before, let found = page.last?.row.row else { break }
            last = found
        }
        return page
    }

    /// A step of SplitMix64 (Steele, Lea and Flood 2014): each bit of the result depends on each of the argument's.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// - Returns: nil when there is no such row in this snapshot.
    static func fetch(_ database: Database, row: Int64) throws -> PassageRow? {
        let statement = try database.cachedStatement(sql: query + " WHERE passage.row = ?")
        return try statement.first([row]) { try PassageRow($0) }
    }

    /// The id of a row's passage.
    static func id(_ database: Database, row: Int64) throws -> String {
        let statement = try database.cachedStatement(sql: "SELECT id FROM passage WHERE row = ?")
        guard let id = try statement.first([row], { try Cells($0, "passage").text(0) }) else {
            throw DamagedRow("there is no passage of row \(row)")
        }
        return id
    }

    private init(_ row: Row) throws {
        let cells = Cells(row, "passage")
        self.row = try cells.integer(0)
        ordinal = try cells.count(2)
        let id = try cells.text(3)
        let title = try cells.optionalText(4)
        let text = try cells.text(5)
        let (start, end) = (try cells.integer(6), try cells.integer(7))
        let difference = try cells.optionalText(8)
        let tokenBytes = try cells.optionalBytes(9)
        let documentID = try cells.text(11)
        let documentMetadata = try cells.text(12)
        let content = Content(
            document: try cells.integer(1), documentID: documentID, documentMetadata: documentMetadata,
            ordinal: ordinal,
            id: id, title: title, text: text, start: start, end: end, difference: difference, tokens: tokenBytes)
        guard try cells.integer(10) == content.checksum, start <= end, let first = Int(exactly: start),
            let last = Int(exactly: end)
        else { throw DamagedRow("the row of passage \(PathText.inQuotes(id)) does not have its checksum") }
        guard let inherited = MetadataText.decode(documentMetadata),
            let metadata = MetadataDifference.apply(difference, to: inherited)
        else { throw DamagedRow("the metadata of passage \(PathText.inQuotes(id)) cannot be read") }
        passage = Passage(
            id: id, documentID: documentID, title: title, text: text, range: first..<last, metadata: metadata)
        guard let tokenBytes else { return }
        tokens = TokenCoding.decode(tokenBytes)
        guard tokens != nil else {
            throw DamagedRow("the token ids of passage \(PathText.inQuotes(id)) cannot be read")
        }
    }

    /// The columns as they are stored.
    private struct Content {
        var document: Int64
        var documentID: String
        var documentMetadata: String
        var ordinal: Int
        var id: String
        var title: String?
        var text: String
        var start: Int64
        var end: Int64
        var difference: String?
        var tokens: [UInt8]?

        /// Over the document's id and metadata too, which a passage is read with.
        var checksum: Int64 {
            var checksum = Checksum()
            checksum.add(document)
            checksum.add(documentID)
            checksum.add(documentMetadata)
            checksum.add(Int64(ordinal))
            checksum.add(id)
            checksum.add(title)
            checksum.add(text)
            checksum.add(start)
            checksum.add(end)
            checksum.add(difference)
            checksum.add(tokens)
            return checksum.finished()
        }
    }

    /// Adds a passage to its document.
    ///
    /// - Returns: the number of the new row.
    static func insert(
        _ database: Database, _ record: PassageRecord, ordinal: Int, document: DocumentRow, inherited: Metadata
    ) throws -> Int64 {
        let passage = record.passage
        let content = Content(
            document: document.row, documentID: document.id, documentMetadata: document.metadata, ordinal: ordinal,
            id: passage.id, title: passage.title, text: passage.text, start: Int64(passage.range.lowerBound),
            end: Int64(passage.range.upperBound),
            difference: try MetadataDifference.encode(from: inherited, to: passage.metadata),
            tokens: record.tokens.map(TokenCoding.encode))
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO passage (document, ordinal, id, title, text, start, end, metadata, tokens, checksum)
                VALUES (?, ?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, CAST(? AS TEXT), ?, ?)
                """)
        try statement.execute(arguments: [
            content.document, content.ordinal, StoredBytes.data(content.id), content.title.map(StoredBytes.data),
            StoredBytes.data(content.text), content.start, content.end, content.difference.map(StoredBytes.data),
            content.tokens.map(StoredBytes.data), content.checksum,
        ])
        return database.lastInsertedRowID
    }
}

/// A passage's metadata as what differs from its document's: most passages add two or three fields to many.
enum MetadataDifference {
    private static let added = "set"
    private static let removed = "drop"

    /// - Returns: nil when nothing differs.
    /// - Throws: ``MetadataText/Unwritable``.
    static func encode(from inherited: Metadata, to metadata: Metadata) throws -> String? {
        let new = metadata.filter { inherited[$0.key] != $0.value }
        let gone = inherited.keys.filter { metadata[$0] == nil }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        if new.isEmpty, gone.isEmpty { return nil }
        return try MetadataText.encode([added: .object(new), removed: .array(gone.map { .string($0) })])
    }

    /// - Returns: nil when the difference cannot be read.
    static func apply(_ difference: String?, to inherited: Metadata) -> Metadata? {
        guard let difference else { return inherited }
        guard let fields = MetadataText.decode(difference), case .object(let new)? = fields[added],
            case .array(let gone)? = fields[removed]
        else { return nil }
        var metadata = inherited.merging(new) { $1 }
        for key in gone {
            guard let key = key.stringValue else { return nil }
            metadata[key] = nil
        }
        return metadata
    }
}
