import GRDB
import WinnowCore

/// The metadata values of a document's passages as they come, joined to runs of rows.
struct FieldBuffer {
    private var runs: [Key: ClosedRange<Int64>] = [:]
    private var fields: [ExactText: Int64] = [:]
    /// Closed runs are written when there are so many, so that a document of a million sections takes little memory.
    private static let mostRuns = 4096
    private var writeAt = mostRuns

    struct Key: Hashable {
        var field: ExactText
        var value: FieldValue
    }

    /// Adds the document's next passage.
    mutating func add(_ passage: Passage, row: Int64, _ database: Database) throws {
        for (key, run) in join(passage, row: row) { try insert(run, key, database) }
        if runs.count >= writeAt {
            // What ends before this row will not grow any more.
            for (key, run) in runs where run.upperBound < row {
                try insert(run, key, database)
                runs[key] = nil
            }
            writeAt = max(Self.mostRuns, runs.count * 2)
        }
    }

    /// - Returns: runs that ended earlier, of values that come again.
    private mutating func join(_ passage: Passage, row: Int64) -> [(Key, ClosedRange<Int64>)] {
        var ended: [(Key, ClosedRange<Int64>)] = []
        FieldLeaves.forEach(of: passage) { field, value in
            let key = Key(field: field, value: value)
            if let run = runs[key] {
                if run.upperBound == row { return }
                if run.upperBound + 1 == row {
                    runs[key] = run.lowerBound...row
                    return
                }
                ended.append((key, run))
            }
            runs[key] = row...row
        }
        return ended
    }

    /// Writes all that is left.
    mutating func finish(_ database: Database) throws {
        // Fields get their numbers in the order of their names: equal documents make equal tables.
        for (key, run) in runs.sorted(by: { $0.key.field.precedes($1.key.field) }) { try insert(run, key, database) }
        runs = [:]
    }

    private mutating func insert(_ run: ClosedRange<Int64>, _ key: Key, _ database: Database) throws {
        let field: Int64
        if let known = fields[key.field] {
            field = known
        } else {
            field = try FieldRows.id(ofField: key.field, database)
            fields[key.field] = field
        }
        try FieldRows.insert(run, of: key.value, field: field, database)
    }

    /// What a document's passages make, for comparison.
    static func runs(of passages: [(row: Int64, passage: Passage)]) -> [Key: [ClosedRange<Int64>]] {
        var buffer = FieldBuffer()
        var all: [Key: [ClosedRange<Int64>]] = [:]
        for (row, passage) in passages {
            for (key, run) in buffer.join(passage, row: row) { all[key, default: []].append(run) }
        }
        for (key, run) in buffer.runs { all[key, default: []].append(run) }
        return all
    }
}

/// Makes the tables of metadata values again.
enum FieldRebuild {
    /// Inside a transaction.
    static func run(_ database: Database) throws {
        try database.execute(sql: FieldRows.schema)
        try FieldRows.deleteAll(database)
        var documents: [Int64] = []
        let rows = try Row.fetchCursor(database, sql: "SELECT row FROM document ORDER BY row")
        while let row = try rows.next() { documents.append(try Cells(row, "document").integer(0)) }
        for document in documents {
            var buffer = FieldBuffer()
            try PassageRow.forEach(database, ofDocument: document) {
                try buffer.add($0.passage, row: $0.row, database)
            }
            try buffer.finish(database)
        }
    }
}
