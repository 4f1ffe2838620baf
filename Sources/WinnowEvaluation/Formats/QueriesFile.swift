import WinnowCore

/// Queries read from a file: BEIR's `queries.jsonl` (`_id` or `id`, `text`, `metadata`), or a table with the columns
/// `id` and `text`.
public struct QueriesFile: Sendable {
    public let path: String
    /// In the order of the file.
    public let queries: [EvaluationQuery]
    public let warnings: [FileWarning]

    /// Reads a file whole. An id that stands there twice with the same text is a warning, with another text an error.
    ///
    /// - Throws: ``EvaluationError/file(_:)`` with the line.
    public init(reading path: String) throws {
        let file = try InputFile(path)
        var (queries, warnings): ([EvaluationQuery], [FileWarning]) = ([], [])
        var seen: [ExactText: (line: Int, text: String)] = [:]
        for (line, query) in try Self.records(of: file) {
            guard !VisibleText.isAbsent(from: query.text) else {
                throw file.fault(line, "the query \(Shown.id(query.id)) has no text")
            }
            if let earlier = seen[ExactText(query.id)] {
                guard ExactText(earlier.text) == ExactText(query.text) else {
                    throw file.fault(
                        line,
                        "the id \(Shown.id(query.id)) stands on line \(earlier.line) too, with another text: ids must "
                            + "be unique"
                    )
                }
                warnings.append(
                    FileWarning(
                        path: path, line: line, text: "repeats line \(earlier.line): query \(Shown.id(query.id))"))
                continue
            }
            seen[ExactText(query.id)] = (line, query.text)
            queries.append(query)
        }
        guard !queries.isEmpty else { throw file.fault(nil, "holds no query, only a header") }
        self.path = path
        self.queries = queries
        self.warnings = warnings
    }

    private static func records(of file: InputFile) throws -> [(line: Int, query: EvaluationQuery)] {
        if JSONLines.isLikely(file) || ["jsonl", "json", "ndjson"].contains(file.suffix) {
            return try JSONLines(file: file).records().map { ($0.line, try query(of: $0, file)) }
        }
        let table = DelimitedText(
            file: file, delimiter: file.suffix == "tsv" ? UInt8(ascii: "\t") : DelimitedText.delimiter(of: file))
        var columns = (id: 0, text: 1)
        var result: [(line: Int, query: EvaluationQuery)] = []
        for (index, record) in try table.records().enumerated() {
            if index == 0 {
                let names = record.fields.map(ColumnName.normal)
                let id = names.firstIndex { ["id", "_id", "query_id", "qid"].contains($0) }
                let text = names.firstIndex { ["text", "query", "question"].contains($0) }
                if let id, let text {
                    columns = (id, text)
                    continue
                }
                guard names.count == 2 else {
                    throw file.fault(
                        record.line,
                        "a table of queries has a header that names the columns id and text, or two columns")
                }
            }
            guard record.fields.count > max(columns.id, columns.text) else {
                throw file.fault(
                    record.line,
                    "has \(Shown.count(record.fields.count, "column", "columns")): an id and a text are wanted")
            }
            let id = record.fields[columns.id].trimmed
            guard !id.isEmpty else { throw file.fault(record.line, "the id of the query is empty") }
            result.append((record.line, EvaluationQuery(id: id, text: record.fields[columns.text].trimmed)))
        }
        return result
    }

    private static func query(of record: JSONLines.Record, _ file: InputFile) throws -> EvaluationQuery {
        guard let id = record.value(["_id", "id", "query_id"]).flatMap(JSONLines.id) else {
            throw file.fault(
                record.line, "the query has no \"_id\" that is text or a whole number (found: \(record.fieldNames))")
        }
        guard case .string(let text)? = record.value(["text", "query"]) else {
            throw file.fault(record.line, "the query has no \"text\" (found: \(record.fieldNames))")
        }
        var metadata: Metadata = [:]
        if let value = record.value(["metadata"]) {
            guard case .object(let fields) = value else { throw file.fault(record.line, "\"metadata\" is no object") }
            metadata = fields
        }
        return EvaluationQuery(id: id, text: text, metadata: metadata)
    }
}
