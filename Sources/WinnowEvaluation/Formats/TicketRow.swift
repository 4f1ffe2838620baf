import WinnowCore

/// One ticket of a table or of JSONL, its cells as they stand.
struct TicketRow {
    let line: Int
    let metadata: Metadata
    private let questionCell: MetadataValue?
    private let documentCell: MetadataValue?
    private let idCell: MetadataValue?

    /// Why a ticket is left out.
    struct Refusal: Error {
        var reason: String
    }

    init(_ record: JSONLines.Record, _ columns: TicketImport.Columns) {
        line = record.line
        func cell(_ name: String?, _ usual: [String]) -> MetadataValue? {
            let wanted = name.map { [ColumnName.normal($0)] } ?? usual
            for name in wanted {
                let found = record.fields.keys.sorted().first { ColumnName.normal($0) == name }
                if let found, let value = record.fields[found], value != .null { return value }
            }
            return nil
        }
        questionCell = cell(columns.question, Layout.questionNames)
        documentCell = cell(columns.document, Layout.documentNames)
        idCell = cell(columns.id, Layout.idNames)
        var metadata: Metadata = [:]
        for name in columns.metadata { metadata[name] = cell(name, []) }
        self.metadata = metadata
    }

    init(_ record: DelimitedText.Record, _ layout: Layout) {
        line = record.line
        func cell(_ column: Int?) -> MetadataValue? {
            column.flatMap { $0 < record.fields.count ? .string(record.fields[$0]) : nil }
        }
        questionCell = cell(layout.question)
        documentCell = cell(layout.document)
        idCell = cell(layout.id)
        var metadata: Metadata = [:]
        for (name, column) in layout.metadata {
            if let value = cell(column)?.stringValue?.trimmed, !value.isEmpty { metadata[name] = .string(value) }
        }
        self.metadata = metadata
    }

    func question() throws(Refusal) -> String {
        guard case .string(let text)? = questionCell, !VisibleText.isAbsent(from: text) else {
            throw Refusal(reason: "the question is blank")
        }
        return text.trimmed
    }

    /// - Returns: nil when the ticket has none.
    func id() throws(Refusal) -> String? {
        guard let cell = idCell else { return nil }
        if case .string(let text) = cell { return text.trimmed.isEmpty ? nil : text.trimmed }
        guard let id = JSONLines.id(cell) else { throw Refusal(reason: "the id is neither text nor a whole number") }
        return id
    }

    /// At least one.
    func documents(known: IdentifierSet?) throws(Refusal) -> [String] {
        var ids: [String] = []
        switch documentCell {
        case .array(let values): ids = try Self.ids(values)
        case .string(let cell):
            let text = cell.trimmed
            if let known, known.contains(text) {
                ids = [text]
            } else if text.utf8.first == UInt8(ascii: "["),
                case .array(let values)? = try? JSONReader.value(Array(text.utf8)[...])
            {
                ids = try Self.ids(values)
            } else {
                ids = text.split { $0 == "|" || $0 == ";" }.map(\.trimmed).filter { !$0.isEmpty }
            }
        case .integer(let number): ids = [String(number)]
        case nil: break
        default: throw Refusal(reason: "the document is neither text nor a list of ids")
        }
        guard !ids.isEmpty else {
            throw Refusal(reason: "the document is blank: nothing says what resolved the ticket")
        }
        return ids
    }

    private static func ids(_ values: [MetadataValue]) throws(Refusal) -> [String] {
        var ids: [String] = []
        for value in values {
            guard let id = JSONLines.id(value) else {
                throw Refusal(reason: "an id of a document is neither text nor a whole number")
            }
            ids.append(id)
        }
        return ids
    }

    /// Which column of a table is what.
    struct Layout {
        var question: Int
        var document: Int
        var id: Int?
        var metadata: [(name: String, column: Int)]

        static let questionNames = ["question", "query", "subject", "title", "text"]
        static let documentNames = [
            "document", "documents", "document_id", "doc_id", "docid", "doc", "relevant_doc_ids", "article",
            "article_id", "corpus_id",
            "resolution",
        ]
        static let idNames = ["id", "_id", "ticket_id", "query_id", "question_id"]

        init(header: [String], _ columns: TicketImport.Columns, _ file: InputFile) throws {
            let names = header.map(ColumnName.normal)
            func column(_ name: String?, _ usual: [String], _ what: String) throws -> Int? {
                if let name {
                    guard let found = names.firstIndex(of: ColumnName.normal(name)) else {
                        throw file.fault(
                            1,
                            "there is no column \(Shown.id(name)) for the \(what): the header names "
                                + "\(Self.list(header))"
                        )
                    }
                    return found
                }
                return usual.compactMap { names.firstIndex(of: $0) }.first
            }
            guard let question = try column(columns.question, Self.questionNames, "question"),
                let document = try column(columns.document, Self.documentNames, "document")
            else {
                throw file.fault(
                    1,
                    "the header names \(Self.list(header)): say which column is the question and which the document "
                        + "that resolved it"
                )
            }
            self.question = question
            self.document = document
            id = try column(columns.id, Self.idNames, "id")
            metadata = try columns.metadata.map { name in (name, try column(name, [], "metadata") ?? 0) }
        }

        private static func list(_ header: [String]) -> String { header.map(Shown.id).joined(separator: ", ") }
    }
}
