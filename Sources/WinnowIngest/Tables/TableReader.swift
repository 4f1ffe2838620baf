import WinnowCore

/// CSV and TSV as documents: the first row names the columns, and every other one is a document.
///
/// A row's id is its `_id` or `id`, else `<file>#<n>` with n from 1; its title and text are those of ``FieldRoles``. Other columns
/// become metadata, each cell a whole number, number, truth value or string by its spelling; empty cells become nothing. Without a
/// column that is read as the text, the text is a line `column: value` for each column.
struct TableReader: FormatReader {
    func open(_ file: CorpusFile, limits: ReadingLimits) throws -> any DocumentStream {
        let isTSV = FileName.end(of: file.path) == "tsv"
        let rows = try RowReader(
            path: file.path, delimiter: isTSV ? UInt8(ascii: "\t") : nil, longestRow: limits.longestLine)
        return try TableStream(rows, file: file, longestRow: limits.longestLine)
    }
}

private final class TableStream: DocumentStream {
    private var rows: RowReader
    private let file: CorpusFile
    private let longestRow: Int
    private let columns: [String]
    private let roles: FieldRoles
    /// Rows of the body that were read.
    private var count = 0
    private var text: RowText
    private var waiting: [ReadItem] = []

    init(_ rows: consuming RowReader, file: CorpusFile, longestRow: Int) throws {
        var header: RowReader.Row?
        while let row = try rows.next() {
            header = row
            if !row.isBlank { break }
        }
        guard let header, !header.isBlank else { throw NothingThere(description: "the file is empty") }
        if let line = header.unclosedLine { throw ReadFailure(description: Self.unclosed(line)) }
        guard !header.isTooLong else {
            throw ReadFailure(
                description: "its first row, which names the columns, has over \(longestRow) bytes or "
                    + "\(RowReader.mostFields) fields")
        }
        var text = RowText()
        columns = Self.names(try header.fields.map { try text.string($0) })
        self.text = text
        roles = FieldRoles(columns)
        self.rows = rows
        self.file = file
        self.longestRow = longestRow
    }

    var offset: Int { rows.offset }

    func next() throws -> ReadItem? {
        if let item = waiting.popLast() { return item }
        while let row = try rows.next() {
            try Task.checkCancellation()
            if row.fields.count == 1, row.isBlank { continue }
            count += 1
            let wasGuessed = text.isWindows1252
            let item = item(row)
            guard text.isWindows1252 != wasGuessed else { return item }
            waiting.append(item)
            return .note(TextDecoding.windows1252Note)
        }
        return nil
    }

    private func item(_ row: RowReader.Row) -> ReadItem {
        func leftOut(_ reason: String) -> ReadItem { .leftOut(line: row.line, reason: reason) }
        if let line = row.unclosedLine { return leftOut(Self.unclosed(line)) }
        guard !row.isTooLong else {
            return leftOut("the row has over \(longestRow) bytes or \(RowReader.mostFields) fields, which is not read")
        }
        var fields = row.fields
        while fields.count > columns.count, fields.last?.isEmpty == true { fields.removeLast() }
        guard fields.count == columns.count else {
            return leftOut(
                "the row has \(fields.count) field\(fields.count == 1 ? "" : "s"), and the header has \(columns.count)")
        }
        var parts = RecordParts()
        do {
            for (index, bytes) in fields.enumerated() {
                let value = try text.string(bytes)
                let role = roles.roles[index]
                guard !VisibleText.isAbsent(from: value) else { continue }
                parts.set(role, role == .id ? value.trimmingWhiteSpace() : value)
                if role == .other {
                    let shown = value.trimmingWhiteSpace()
                    parts.add(columns[index], shown, typed: CellValue.typed(shown), isLine: !roles.hasText)
                }
            }
        } catch {
            return leftOut("\(error)")
        }
        let record = parts.record
        let place = record.id ?? String(count)
        guard !record.isBlank else { return leftOut("the row has neither title nor text") }
        return .document(
            record.document(id: record.id ?? "\(file.relativePath)#\(count)", path: file.path, place: place),
            line: row.line)
    }

    private static func unclosed(_ line: Int) -> String {
        "the quotation mark that opens in line \(line) is not closed, and all that follows is within it: close it, or double it "
            + "where it belongs to the text"
    }

    /// Columns have names that differ: those without one have their number, those of one name a number behind it.
    private static func names(_ header: [String]) -> [String] {
        var seen: [String: Int] = [:]
        return header.enumerated().map { index, name in
            let trimmed = name.trimmingWhiteSpace()
            let name = trimmed.isEmpty ? "column \(index + 1)" : trimmed
            let count = seen[name, default: 0] + 1
            seen[name] = count
            return count == 1 ? name : "\(name) (\(count))"
        }
    }
}

/// Fields to strings. The first field that is no UTF-8 decides whether the file is Windows-1252: all before it that is not ASCII
/// says no.
private struct RowText {
    private(set) var isWindows1252 = false
    private var hasUTF8 = false

    mutating func string(_ bytes: [UInt8]) throws(TextDecoding.InvalidText) -> String {
        if !isWindows1252 {
            if let text = String(validating: bytes, as: UTF8.self) {
                if bytes.contains(0) { throw .init(kind: .zero, offset: bytes.firstIndex(of: 0) ?? 0) }
                hasUTF8 = hasUTF8 || text.utf8.contains { $0 >= 0x80 }
                return text
            }
            guard !hasUTF8, TextDecoding.isWindows1252(bytes[...]) else {
                _ = try TextDecoding.string(bytes[...], offset: 0)
                throw .unknown
            }
            isWindows1252 = true
        }
        var text: [UInt8] = []
        var transcoder = Transcoder(.windows1252)
        try transcoder.append(bytes[...], to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
