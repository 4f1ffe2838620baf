/// Judgements in rows: TREC's four columns, and BEIR's three.
enum JudgementTable {
    static func readTREC(_ file: InputFile, into book: inout JudgementBook) throws {
        for line in file.lines() where !line.isBlank {
            let columns = TRECText.columns(line.bytes)
            guard columns.count == 4 else {
                throw file.fault(
                    line.number,
                    "has \(Shown.count(columns.count, "column", "columns")), and 4 are wanted: query, iteration, "
                        + "document, grade"
                        + (columns.count == 3 ? "; three columns between tabs are BEIR's format (tsv)" : "")
                        + (columns.count > 4 ? "; white space within an id must be percent-encoded" : ""))
            }
            guard let grade = GradeText.grade(columns[3]) else {
                throw file.fault(line.number, GradeText.fault(columns[3]) + hint(columns, gradeAt: 3))
            }
            try book.add(columns[2], for: columns[0], grade: grade, line: line.number)
        }
    }

    static func read(_ table: DelimitedText, into book: inout JudgementBook) throws {
        var columns = Columns(query: 0, document: 1, grade: 2)
        for (index, record) in try table.records().enumerated() {
            let fields = record.fields.map(\.trimmed)
            if index == 0, let named = try Columns(header: fields, file: table.file, line: record.line) {
                columns = named
                continue
            }
            guard fields.count > columns.last else {
                throw table.file.fault(
                    record.line,
                    "has \(Shown.count(fields.count, "column", "columns")), and \(columns.last + 1) are wanted: "
                        + "query, document, grade"
                        + (table.delimiter == 0x09 ? ", between tabs" : ""))
            }
            guard columns.isNamed || fields.count == 3 else {
                throw table.file.fault(
                    record.line,
                    "has \(fields.count) columns and the file no header: name them (query-id, corpus-id, score), or "
                        + "keep three"
                )
            }
            guard let grade = GradeText.grade(fields[columns.grade]) else {
                throw table.file.fault(
                    record.line,
                    GradeText.fault(fields[columns.grade]) + hint(fields, gradeAt: columns.grade)
                        + (index == 0 && !columns.isNamed ? Columns.unknownHeader : ""))
            }
            try book.add(fields[columns.document], for: fields[columns.query], grade: grade, line: record.line)
        }
    }

    /// A number in another column makes swapped columns likely.
    private static func hint(_ fields: [String], gradeAt column: Int) -> String {
        let other = fields.indices.last { $0 != column && GradeText.grade(fields[$0]) != nil }
        return other.map { "; column \($0 + 1) holds a number: are the columns swapped?" } ?? ""
    }

    /// Where the three stand.
    struct Columns {
        var query: Int
        var document: Int
        var grade: Int
        var isNamed = false

        var last: Int { max(query, document, grade) }

        init(query: Int, document: Int, grade: Int) {
            self.query = query
            self.document = document
            self.grade = grade
        }

        /// Known names alone make a header, in any order and beside columns of others: a line that is no judgement for
        /// want of a grade is not therefore one.
        ///
        /// - Returns: nil when the fields are those of a first judgement, a faulty one among them.
        /// - Throws: when they name columns, but not all that are needed.
        init?(header fields: [String], file: InputFile, line: Int) throws {
            let names = fields.map { ColumnName.normal($0) }
            let found = [Self.queryNames, Self.documentNames, Self.gradeNames].map { known in
                names.firstIndex { known.contains($0) }
            }
            if let query = found[0], let document = found[1], let grade = found[2] {
                self.init(query: query, document: document, grade: grade)
                isNamed = true
                return
            }
            // Ids may be words, and a word of ours among them: only two known names and no grade where one belongs make
            // a header. Whatever else the first line says, it is a judgement, and its fault is one of a judgement.
            guard found.count(where: { $0 != nil }) >= 2, fields.count < 3 || GradeText.grade(fields[2]) == nil else {
                return nil
            }
            let missing = zip(found, ["query-id", "corpus-id", "score"]).filter { $0.0 == nil }.map(\.1)
            throw file.fault(
                line,
                "the first line holds \(Shown.some(fields)) and no grade, so it is a header, but it lacks a column "
                    + "named "
                    + missing.joined(separator: " and one named ") + ": name the columns query-id, corpus-id and score")
        }

        /// Whether a line names a query's and a document's column.
        static func areNamed(in fields: [Substring]) -> Bool {
            let names = fields.map { ColumnName.normal(String($0)) }
            return names.contains(where: queryNames.contains) && names.contains(where: documentNames.contains)
        }

        static let queryNames: Set<String> = ["query_id", "qid", "query", "topic", "topic_id", "question_id"]
        static let documentNames: Set<String> = [
            "corpus_id", "doc_id", "docid", "doc", "did", "document_id", "document", "passage_id", "pid", "docno",
            "corpusid",
        ]
        static let gradeNames: Set<String> = [
            "score", "relevance", "grade", "rel", "label", "relevance_score", "relevance_grade", "judgement",
            "judgment",
        ]

        /// What else a first line without a grade may be.
        static let unknownHeader =
            "; or is this line a header? Then its names are not known: call the columns query-id (or "
            + "\(others(queryNames))), corpus-id (or \(others(documentNames))) and score (or \(others(gradeNames)))"

        private static func others(_ names: Set<String>) -> String {
            names.subtracting(["query_id", "corpus_id", "score"]).sorted().joined(separator: ", ")
        }
    }
}

/// Names of columns as people write them.
enum ColumnName {
    /// Of a document's id, in a table whose other columns may hold its text.
    static let documentIDs = ["document_id", "doc_id", "docid", "doc"]

    /// In lower case, with `_` for spaces and hyphens.
    static func normal(_ name: String) -> String {
        String(name.trimmed.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 })
    }
}
