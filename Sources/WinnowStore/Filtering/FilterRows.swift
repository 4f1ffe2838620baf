import GRDB
import Synchronization
import WinnowCore

/// Turns filters into rows, once for each state of a store.
final class FilterRows: Sendable {
    /// Few: a service asks with few filters, an evaluation with one.
    private static let mostKept = 8
    private let kept = Mutex<[Kept]>([])

    private struct Kept {
        var filter: ExactText
        var revision: Int64
        var rows: AllowedRows
    }

    /// What a search in this snapshot may find.
    ///
    /// A ``MetadataFilter`` becomes a set of rows where the store has the tables for it; anything else is asked for passages.
    func admission(
        _ filter: (any PassageFilter)?, _ settings: StoreSettings, _ database: Database
    ) throws -> RowAdmission {
        guard let filter else { return .all }
        if let filter = filter as? MetadataFilter, let rows = try rows(filter, settings, database) {
            return .rows(rows)
        }
        return .asking { row in
            guard let passage = try PassageRow.fetch(database, row: row)?.passage else {
                throw DamagedRow("row \(row) was found and has no passage")
            }
            return filter.admits(passage)
        }
    }

    /// - Returns: nil when the store has no tables of values that this build reads.
    func rows(_ filter: MetadataFilter, _ settings: StoreSettings, _ database: Database) throws -> AllowedRows? {
        guard settings.hasFields else { return nil }
        // By its bytes: filters are equal where their texts are canonically equivalent.
        let text = ExactText(filter.description)
        if let known = kept.withLock({ kept in
            kept.first { $0.revision == settings.revision && $0.filter == text }
        }) {
            return known.rows
        }
        let rows = AllowedRows(try FilterEvaluation(database).rows(filter.expression))
        kept.withLock { kept in
            kept.removeAll { $0.filter == text || $0.revision < settings.revision }
            kept.append(Kept(filter: text, revision: settings.revision, rows: rows))
            if kept.count > Self.mostKept { kept.removeFirst() }
        }
        return rows
    }
}

/// A filter's rows in one snapshot.
///
/// Each leaf is a constant statement with bound values; and, or and not are set operations.
struct FilterEvaluation {
    private let database: Database
    private let maxRow: Int64

    init(_ database: Database) throws {
        self.database = database
        maxRow = try Int64.fetchOne(database, sql: "SELECT max(row) FROM passage") ?? 0
    }

    /// - Returns: all rows of passages that satisfy it; rows that are gone may be among them.
    func rows(_ expression: FilterExpression) throws -> RowSet {
        switch expression {
        case .comparison(let field, let comparison, let literal):
            return try rows(
                of: field, in: [FieldRange(comparison, literal, isIdentity: FieldLeaves.isIdentity(field))])
        case .isIn(let field, let literals):
            let isIdentity = FieldLeaves.isIdentity(field)
            return try rows(of: field, in: literals.map { FieldRange(.equal, $0, isIdentity: isIdentity) })
        case .exists(let field):
            if FieldLeaves.isIdentity(field) { return RowSet.none.complement(upTo: maxRow) }
            guard let id = try FieldRows.existingID(ofField: ExactText(field), database) else { return .none }
            return try FieldRows.rows(of: id, database)
        case .not(let inner): return try rows(inner).complement(upTo: maxRow)
        case .and(let parts):
            var result: RowSet?
            for part in parts {
                // Nothing more can come of it.
                if let result, result.ranges.isEmpty { break }
                let rows = try rows(part)
                result = result?.intersection(rows) ?? rows
            }
            return result ?? .none
        case .or(let parts): return try parts.reduce(.none) { $0.union(try rows($1)) }
        }
    }

    private func rows(of field: String, in ranges: [FieldRange]) throws -> RowSet {
        if FieldLeaves.isIdentity(field) {
            let isPassage = field.utf8.elementsEqual(FieldLeaves.id.utf8)
            return try ranges.reduce(.none) { $0.union(try isPassage ? passages(in: $1) : documents(in: $1)) }
        }
        guard let id = try FieldRows.existingID(ofField: ExactText(field), database) else { return .none }
        return try ranges.reduce(.none) { $0.union(try FieldRows.rows(of: id, in: $1, database)) }
    }

    private func passages(in range: FieldRange) throws -> RowSet {
        guard let (condition, text) = Self.condition(range) else { return .none }
        let statement = try database.cachedStatement(sql: "SELECT row FROM passage WHERE " + condition.rawValue)
        let rows = try Row.fetchCursor(statement, arguments: [StoredBytes.data(text.bytes)])
        var ranges: [ClosedRange<Int64>] = []
        while let row = try rows.next() {
            let row = try Cells(row, "passage").integer(0)
            ranges.append(row...row)
        }
        return RowSet(ranges)
    }

    private func documents(in range: FieldRange) throws -> RowSet {
        guard let (condition, text) = Self.condition(range) else { return .none }
        return RowSet(
            try DocumentRow.fetchAll(database, "WHERE " + condition.rawValue, [StoredBytes.data(text.bytes)])
                .compactMap(\.rows))
    }

    private enum IDCondition: String {
        case equal = "id = CAST(? AS TEXT)"
        case less = "id < CAST(? AS TEXT)"
        case lessOrEqual = "id <= CAST(? AS TEXT)"
        case greater = "id > CAST(? AS TEXT)"
        case greaterOrEqual = "id >= CAST(? AS TEXT)"
    }

    /// - Returns: nil where no id, which is a string, is in the range.
    private static func condition(_ range: FieldRange) -> (IDCondition, ExactText)? {
        switch (range.lower, range.upper) {
        case (let lower?, let upper):
            guard case .text(let text) = lower.value else { return nil }
            return (upper != nil ? .equal : lower.isIncluded ? .greaterOrEqual : .greater, text)
        case (nil, let upper?):
            guard case .text(let text) = upper.value else { return nil }
            return (upper.isIncluded ? .lessOrEqual : .less, text)
        case (nil, nil): return nil
        }
    }
}
