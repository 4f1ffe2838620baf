import WinnowCore

/// What people said of a ``JudgingPool``.
public struct PoolJudgements: Sendable {
    public let path: String
    /// Of a pair that was judged twice the first word counts.
    public let qrels: Qrels
    /// Rows without a grade.
    public let unjudged: Int
    /// How far the grades of pairs that were judged twice agree.
    public let agreement: Agreement
    /// The pairs among them whose two grades differ, with the second one's line: worth another look.
    public let disagreements: [FileWarning]
    /// The documents of all rows, graded or not.
    public let documentIDs: IdentifierSet
    private let lines: [ExactText: [ExactText: Int]]

    /// Reads a table or JSONL with the columns `query_id`, `document_id` (or `doc_id`, `docid`, `doc`) and `grade`;
    /// others are ignored.
    ///
    /// - Parameters:
    ///   - queries, documents: the ids that may stand there; nil: not checked.
    /// - Throws: ``EvaluationError/file(_:)`` with the line: a column is missing, a grade is no whole number, an id is
    ///   unknown (spreadsheets turn `1-2` into a date), or not one grade was filled in.
    public init(reading path: String, queries: IdentifierSet? = nil, documents: IdentifierSet? = nil) throws {
        let file = try InputFile(path)
        var qrels = Qrels()
        var lines: [ExactText: [ExactText: Int]] = [:]
        var (unjudged, twice): (Int, [(Int, Int)]) = (0, [])
        var disagreements: [FileWarning] = []
        var documentIDs = IdentifierSet()
        for row in try PoolRow.rows(of: file) {
            documentIDs.insert(row.documentID)
            for (id, known, what) in [(row.queryID, queries, "query"), (row.documentID, documents, "document")] {
                guard let known, !known.contains(id) else { continue }
                throw file.fault(
                    row.line,
                    "there is no \(what) \(Shown.id(id)): if a spreadsheet changed the id, read its columns as text, "
                        + "or judge in JSONL"
                )
            }
            guard !row.grade.isEmpty else {
                unjudged += 1
                continue
            }
            guard let grade = GradeText.grade(row.grade) else { throw file.fault(row.line, GradeText.fault(row.grade)) }
            if let earlier = qrels.grade(of: row.documentID, for: row.queryID) {
                twice.append((earlier, grade))
                if earlier != grade {
                    let line = lines[ExactText(row.queryID)]?[ExactText(row.documentID)] ?? 0
                    disagreements.append(
                        FileWarning(
                            path: path, line: row.line,
                            text:
                                "grade \(grade), but \(earlier) on line \(line): document \(Shown.id(row.documentID)) "
                                + "for query "
                                + Shown.id(row.queryID)))
                }
                continue
            }
            qrels.judge(row.documentID, for: row.queryID, grade: grade)
            lines[ExactText(row.queryID), default: [:]][ExactText(row.documentID)] = row.line
        }
        guard qrels.judgementCount > 0 else {
            throw file.fault(nil, "not one of \(unjudged) grades is filled in")
        }
        self.path = path
        self.qrels = qrels
        self.unjudged = unjudged
        self.documentIDs = documentIDs
        self.disagreements = disagreements
        self.lines = lines
        agreement = Agreement(twice)
    }

    /// The judgements of a file and these together. A negative grade there says that nobody judged, and gives way.
    ///
    /// - Throws: ``EvaluationError/file(_:)`` when the two contradict each other, with the line of each.
    public func merged(into existing: QrelsFile) throws -> Qrels {
        var merged = existing.qrels
        for queryID in qrels.queryIDs {
            for judgement in qrels.judgements(of: queryID) {
                let earlier = merged.judge(judgement.documentID, for: queryID, grade: judgement.grade)
                guard let earlier, earlier >= 0, earlier != judgement.grade else { continue }
                let place = existing.line(of: judgement.documentID, for: queryID).map { " line \($0)" } ?? ""
                throw FileFault(
                    path: path, line: lines[ExactText(queryID)]?[ExactText(judgement.documentID)],
                    reason:
                        "grade \(judgement.grade), but \(earlier) in \(PathText.quoted(existing.path))\(place): "
                        + "document "
                        + "\(Shown.id(judgement.documentID)) for query \(Shown.id(queryID)); make them say the same"
                ).error
            }
        }
        return merged
    }
}

/// A row of a pool that was judged.
private struct PoolRow {
    var line: Int
    var queryID: String
    var documentID: String
    /// Empty where nobody judged.
    var grade: String

    static func rows(of file: InputFile) throws -> [PoolRow] {
        JSONLines.isLikely(file) ? try records(file) : try table(file)
    }

    private static func records(_ file: InputFile) throws -> [PoolRow] {
        try JSONLines(file: file).records().map { record in
            guard let queryID = record.value(["query_id"]).flatMap(JSONLines.id),
                let documentID = record.value(ColumnName.documentIDs).flatMap(JSONLines.id)
            else {
                throw file.fault(
                    record.line,
                    "\"query_id\" and \"document_id\" are wanted, each text or a whole number (found: "
                        + "\(record.fieldNames))"
                )
            }
            let grade: String =
                switch record.value(["grade"]) {
                case nil: ""
                case .string(let text)?: text.trimmed
                case let value?: JSONText(value).text
                }
            return PoolRow(line: record.line, queryID: queryID, documentID: documentID, grade: grade)
        }
    }

    private static func table(_ file: InputFile) throws -> [PoolRow] {
        let records = try DelimitedText(file: file, delimiter: DelimitedText.delimiter(of: file)).records()
        let header = (records.first?.fields ?? []).map(ColumnName.normal)
        guard let query = header.firstIndex(of: "query_id"),
            let document = ColumnName.documentIDs.lazy.compactMap({ header.firstIndex(of: $0) }).first,
            let grade = header.firstIndex(of: "grade")
        else {
            throw file.fault(
                records.first?.line,
                "the header must name the columns query_id, document_id and grade, and names \(Shown.some(header))")
        }
        return try records.dropFirst().map { record in
            guard record.fields.count > max(query, document) else {
                throw file.fault(
                    record.line,
                    "has \(Shown.count(record.fields.count, "column", "columns")), and \(header.count) are wanted")
            }
            return PoolRow(
                line: record.line, queryID: record.fields[query].trimmed, documentID: record.fields[document].trimmed,
                grade: record.fields.count > grade ? record.fields[grade].trimmed : "")
        }
    }
}
