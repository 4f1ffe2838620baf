import WinnowCore

/// Judgements in JSON: a query a line, with its relevant documents.
enum JudgementRecords {
    static func read(_ file: InputFile, into book: inout JudgementBook) throws -> [EvaluationQuery] {
        var queries: [EvaluationQuery] = []
        var seen: [ExactText: (line: Int, text: String, relevant: [Pair])] = [:]
        for record in try JSONLines(file: file).records(trees: Set(relevantNames)) {
            let query = try self.query(of: record, file)
            let relevant = try self.relevant(of: record, file)
            if let earlier = seen[ExactText(query.id)] {
                let isSame = ExactText(earlier.text) == ExactText(query.text) && Set(earlier.relevant) == Set(relevant)
                guard isSame else {
                    throw file.fault(
                        record.line,
                        "the query \(Shown.id(query.id)) (\(Shown.id(query.text))) stands on line \(earlier.line) "
                            + "too, with other "
                            + "text or documents: make them one line, or give them ids (\"query_id\") of their own")
                }
                book.warn(record.line, "repeats line \(earlier.line): query \(Shown.id(query.id))")
                continue
            }
            seen[ExactText(query.id)] = (record.line, query.text, relevant)
            queries.append(query)
            for pair in relevant {
                try book.add(pair.document.text, for: query.id, grade: pair.grade, line: record.line)
            }
        }
        return queries
    }

    private struct Pair: Hashable {
        var document: ExactText
        var grade: Int
    }

    private static func query(of record: JSONLines.Record, _ file: InputFile) throws -> EvaluationQuery {
        guard case .string(let text)? = record.value(["query", "question", "text"]), !VisibleText.isAbsent(from: text)
        else {
            throw file.fault(
                record.line, "the text of the query is missing: it belongs into \"query\" (found: \(record.fieldNames))"
            )
        }
        var id = EvaluationQuery.id(of: text)
        if let value = record.value(["query_id", "_id", "id"]) {
            guard let given = JSONLines.id(value) else {
                throw file.fault(record.line, "the id of the query is neither text nor a whole number")
            }
            id = given
        }
        var metadata: Metadata = [:]
        if let value = record.value(["metadata"]) {
            guard case .object(let fields) = value else { throw file.fault(record.line, "\"metadata\" is no object") }
            metadata = fields
        }
        return EvaluationQuery(id: id, text: text, metadata: metadata)
    }

    private static let relevantNames = ["relevant_doc_ids", "relevant", "relevant_docs", "relevant_ids"]

    /// A value in a message.
    private static func text(_ value: JSONTree) -> String {
        (try? value.metadataValue()).map { JSONText($0).text } ?? "an object"
    }

    private static func relevant(of record: JSONLines.Record, _ file: InputFile) throws -> [Pair] {
        guard let value = record.tree(relevantNames) else {
            throw file.fault(
                record.line,
                "the relevant documents are missing: \"relevant_doc_ids\": [\"a\", \"b\"] or \"relevant\": {\"a\": 2} "
                    + "is wanted, an empty list for a question without an answer (found: \(record.fieldNames))")
        }
        switch value {
        case .array(let values):
            return try values.map { value in
                guard let id = JSONLines.id(value) else {
                    throw file.fault(record.line, "an id of a relevant document is neither text nor a whole number")
                }
                return Pair(document: ExactText(id), grade: 1)
            }
        case .object(let fields):
            return try fields.map { field in
                let (id, value) = (field.name, field.value)
                let grade: Int? =
                    switch value {
                    case .integer(let number): GradeText.grade(String(number))
                    case .number(let number): GradeText.grade(number.description)
                    case .bool, .null, .string, .array, .object: nil
                    }
                guard let grade else {
                    throw file.fault(record.line, GradeText.fault(Self.text(value)) + " (document \(Shown.id(id)))")
                }
                return Pair(document: ExactText(id), grade: grade)
            }.sorted { $0.document.precedes($1.document) }
        case .string(let id) where !id.trimmed.isEmpty:
            return [Pair(document: ExactText(id), grade: 1)]
        default:
            throw file.fault(record.line, "the relevant documents are neither a list of ids nor an object of grades")
        }
    }
}
