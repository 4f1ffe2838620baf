import WinnowCore

/// A test set from resolved tickets: the question that was asked, and the documents that resolved it.
public struct TicketImport: Sendable {
    /// Which columns, or JSON fields, say what; names are compared without regard to case, `-` and spaces being `_`.
    public struct Columns: Sendable, Hashable {
        /// Nil: the first of question, query, subject, title, text.
        public var question: String?
        /// Nil: the first of document, documents, document_id, doc_id, docid, doc, relevant_doc_ids, article,
        /// article_id, corpus_id, resolution.
        public var document: String?
        /// Nil: the first of id, _id, ticket_id, query_id, question_id; tickets need not have one.
        public var id: String?
        /// Further ones that become the query's metadata, such as a product to cut results by. Others are left behind:
        /// tickets hold names of customers.
        public var metadata: [String]

        public init(question: String? = nil, document: String? = nil, id: String? = nil, metadata: [String] = []) {
            self.question = question
            self.document = document
            self.id = id
            self.metadata = metadata
        }
    }

    /// Of each question once, in the order of the file.
    public let queries: [EvaluationQuery]
    /// Grade 1 for each document that a ticket names.
    public let qrels: Qrels
    /// Tickets whose question had been asked before: their documents were added to it.
    public let merged: Int
    /// Tickets that were left out, with their line and the reason.
    public let refused: [FileWarning]
    /// What was put up with: documents that are not known.
    public let warnings: [FileWarning]

    /// Reads tickets from CSV, a table between tabs, or JSONL.
    ///
    /// Several documents stand in a cell between `|` or `;`, or as a JSON array. Questions that differ only in case and
    /// white space are one. A ticket without an id gets one from its question (``EvaluationQuery/id(of:)``), so that
    /// importing again, with more tickets, keeps it.
    ///
    /// - Parameter documents: ids of all documents, where they are known: a cell that is one as a whole is not divided,
    ///   and unknown ones are named.
    /// - Throws: ``EvaluationError/file(_:)`` when a column is missing, the file cannot be read, or no ticket is left.
    public init(reading path: String, columns: Columns = Columns(), documents: IdentifierSet? = nil) throws {
        let file = try InputFile(path)
        var gathered = Gathered(path: path, documents: documents)
        if JSONLines.isLikely(file) || ["jsonl", "json", "ndjson"].contains(file.suffix) {
            for record in try JSONLines(file: file).records() { gathered.add(TicketRow(record, columns)) }
        } else {
            let delimiter = file.suffix == "tsv" ? UInt8(ascii: "\t") : DelimitedText.delimiter(of: file)
            let records = try DelimitedText(file: file, delimiter: delimiter).records()
            let layout = try TicketRow.Layout(header: records.first?.fields ?? [], columns, file)
            for record in records.dropFirst() { gathered.add(TicketRow(record, layout)) }
        }
        guard !gathered.queries.isEmpty else {
            throw file.fault(
                gathered.refused.first?.line,
                "no ticket can be used"
                    + (gathered.refused.first.map { "; the first: \($0.text)" } ?? ": there is only a header"))
        }
        queries = gathered.queries
        qrels = gathered.qrels
        merged = gathered.merged
        refused = gathered.refused
        warnings = gathered.unknownDocuments()
    }

    /// Writes `queries.jsonl` and `qrels/<split>.tsv` into a folder, which is made where it is missing: a test
    /// collection as ``TestCollection/read(folder:split:)`` reads it, beside the documents' `corpus.jsonl` or without.
    ///
    /// - Throws: ``EvaluationError/file(_:)`` when one of the two is there already and may not be replaced; neither is
    ///   then written.
    public func write(to folder: String, split: String = "test", overwriting: Bool = false) throws {
        try TestCollection.checkSplit(split, in: folder)
        let (queriesPath, qrelsPath) = (folder + "/queries.jsonl", "\(folder)/qrels/\(split).tsv")
        let table = try qrels.beirText()
        for path in [queriesPath, qrelsPath] where !overwriting && AtomicFile.exists(path) {
            throw FileFault(path: path, reason: "is there already, and is not overwritten unasked").error
        }
        try AtomicFile.makeFolder(folder + "/qrels")
        let lines = queries.map { query in
            var fields: [(String, JSONText)] = [("_id", .string(query.id)), ("text", .string(query.text))]
            if !query.metadata.isEmpty { fields.append(("metadata", JSONText(query.metadata))) }
            return JSONText.object(fields).text + "\n"
        }
        try AtomicFile.write(Array(lines.joined().utf8), to: queriesPath, overwriting: overwriting)
        try AtomicFile.write(Array(table.utf8), to: qrelsPath, overwriting: overwriting)
    }

    private struct Gathered {
        let path: String
        let documents: IdentifierSet?
        var queries: [EvaluationQuery] = []
        var qrels = Qrels()
        var merged = 0
        var refused: [FileWarning] = []
        private var indexByQuestion: [ExactText: Int] = [:]
        private var lineByID: [ExactText: Int] = [:]
        private var unknown: [(line: Int, id: String)] = []

        init(path: String, documents: IdentifierSet?) {
            self.path = path
            self.documents = documents
        }

        mutating func add(_ row: TicketRow) {
            do throws(TicketRow.Refusal) {
                let question = try row.question()
                let ids = try row.documents(known: documents)
                let key = Self.key(of: question)
                let index: Int
                if let earlier = indexByQuestion[ExactText(key)] {
                    index = earlier
                    merged += 1
                } else {
                    let id = try row.id() ?? EvaluationQuery.id(of: key)
                    if let line = lineByID[ExactText(id)] {
                        throw TicketRow.Refusal(
                            reason: "the id \(Shown.id(id)) stands on line \(line) too, with another question")
                    }
                    lineByID[ExactText(id)] = row.line
                    index = queries.count
                    indexByQuestion[ExactText(key)] = index
                    queries.append(EvaluationQuery(id: id, text: question, metadata: row.metadata))
                }
                for id in ids {
                    qrels.judge(id, for: queries[index].id, grade: 1)
                    if let documents, !documents.contains(id) { unknown.append((row.line, id)) }
                }
            } catch {
                refused.append(FileWarning(path: path, line: row.line, text: error.reason))
            }
        }

        func unknownDocuments() -> [FileWarning] {
            guard let first = unknown.first else { return [] }
            return [
                FileWarning(
                    path: path, line: first.line,
                    text: "\(Shown.count(unknown.count, "document", "documents")) that tickets name cannot be found: "
                        + Shown.some(unknown.map(\.id)))
            ]
        }

        /// What two ways to write one question have in common.
        private static func key(of question: String) -> String { SingleLine.of(question).lowercased() }
    }
}
