import GRDB
import WinnowCore

/// Runs of rows as they are read, each with its checksum.
extension FieldRows {
    /// What a walk over values lends: a value's columns and one of its runs.
    struct Entry {
        var field: Int64
        var value: FieldValue
        var rows: ClosedRange<Int64>
    }

    /// The ways to ask for values of one type; each is one constant statement.
    enum Condition: String {
        case equal = "v.value = ?"
        case less = "v.value < ?"
        case lessOrEqual = "v.value <= ?"
        case greater = "v.value > ?"
        case greaterOrEqual = "v.value >= ?"
        case between = "v.value BETWEEN ? AND ?"
    }

    private static let columns =
        "SELECT v.id, v.field, v.type, v.value, v.checksum, r.first_row, r.last_row, r.checksum FROM "

    /// The rows that have a value of a field in a range.
    static func rows(of field: Int64, in range: FieldRange, _ database: Database) throws -> RowSet {
        let condition: Condition
        var values: [FieldValue]
        switch (range.lower, range.upper) {
        case (let lower?, let upper?):
            condition = lower.value == upper.value ? .equal : .between
            values = lower.value == upper.value ? [lower.value] : [lower.value, upper.value]
        case (let lower?, nil):
            condition = lower.isIncluded ? .greaterOrEqual : .greater
            values = [lower.value]
        case (nil, let upper?):
            condition = upper.isIncluded ? .lessOrEqual : .less
            values = [upper.value]
        case (nil, nil): return .none
        }
        let arguments = StatementArguments(
            [field.databaseValue, range.type.rawValue.databaseValue] + values.map(databaseValue))
        return try rows(
            columns + "field_value v CROSS JOIN field_run r ON r.value = v.id WHERE v.field = ? AND v.type = ? AND "
                + condition.rawValue, arguments, database)
    }

    /// The rows that have any value of a field.
    static func rows(of field: Int64, _ database: Database) throws -> RowSet {
        try rows(
            columns + "field_value v CROSS JOIN field_run r ON r.value = v.id WHERE v.field = ?", [field], database)
    }

    private static func rows(_ sql: String, _ arguments: StatementArguments, _ database: Database) throws -> RowSet {
        var ranges: [ClosedRange<Int64>] = []
        try forEach(sql, arguments, database) { ranges.append($0.rows) }
        return RowSet(ranges)
    }

    /// Lends all values that rows of a range have, in no promised order.
    static func forEach(
        in rows: ClosedRange<Int64>, _ database: Database, _ body: (Entry) throws -> Void
    ) throws {
        try forEach(
            columns + "field_run r CROSS JOIN field_value v ON v.id = r.value WHERE r.first_row BETWEEN ? AND ?",
            [rows.lowerBound, rows.upperBound], database, body)
    }

    private static func forEach(
        _ sql: String, _ arguments: StatementArguments, _ database: Database, _ body: (Entry) throws -> Void
    ) throws {
        let found = try Row.fetchCursor(try database.cachedStatement(sql: sql), arguments: arguments)
        var known: (id: Int64, field: Int64, value: FieldValue)?
        while let row = try found.next() {
            let cells = Cells(row, "field_value")
            let id = try cells.integer(0)
            if known?.id != id { known = (id, try cells.integer(1), try value(cells)) }
            guard let known else { continue }
            let (first, last) = (try cells.integer(5), try cells.integer(6))
            guard first >= 1, first <= last, try cells.integer(7) == runChecksum(id, first, last) else {
                throw DamagedRow("rows \(first)…\(last) of a metadata value do not have their checksum")
            }
            try body(Entry(field: known.field, value: known.value, rows: first...last))
        }
    }

    private static func value(_ cells: Cells) throws -> FieldValue {
        let (field, type) = (try cells.integer(1), try cells.integer(2))
        let value: FieldValue? =
            switch Int(exactly: type).flatMap(FieldType.init(rawValue:)) {
            case .bool: .bool(try cells.integer(3) != 0)
            case .number: try cells.number(3)
            case .date: .date(try cells.integer(3))
            case .text: .text(ExactText(try cells.bytes(3)))
            case .object: .object
            case nil: nil
            }
        guard let value, try cells.integer(4) == valueChecksum(field, value.type.rawValue, value) else {
            throw DamagedRow("a metadata value does not have its checksum")
        }
        return value
    }

    static func name(ofField id: Int64, _ database: Database) throws -> ExactText? {
        let select = try database.cachedStatement(sql: "SELECT name FROM field WHERE id = ?")
        return try select.first([id]) { ExactText(try Cells($0, "field").bytes(0)) }
    }

    /// All fields with the types of their values.
    static func catalogue(_ database: Database, hasPassages: Bool = true) throws -> FieldCatalogue {
        let fields = try Row.fetchCursor(
            try database.cachedStatement(sql: "SELECT id, name, checksum FROM field ORDER BY name"))
        let values = try database.cachedStatement(
            sql: "SELECT 1 FROM field_value WHERE field = ? AND type = ? LIMIT 1")
        var found: [FieldCatalogue.Field] = []
        while let row = try fields.next() {
            let cells = Cells(row, "field")
            let (id, name) = (try cells.integer(0), try cells.bytes(1))
            guard try cells.integer(2) == fieldChecksum(name) else {
                throw DamagedRow("a metadata field does not have its checksum")
            }
            var types: Set<FieldType> = []
            for type in FieldType.allCases
            where try Row.fetchCursor(values, arguments: [id, type.rawValue]).next() != nil { types.insert(type) }
            if !types.isEmpty { found.append(.init(name: String(decoding: name, as: UTF8.self), types: types)) }
        }
        return FieldCatalogue(fields: found, hasPassages: hasPassages)
    }
}

extension Cells {
    /// An integer or a real.
    fileprivate func number(_ index: Int) throws -> FieldValue? {
        if isInteger(index) { return .integer(try integer(index)) }
        return FieldValue.number(exactly: try real(index))
    }
}
