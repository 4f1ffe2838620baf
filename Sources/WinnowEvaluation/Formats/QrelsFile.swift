import WinnowCore

/// How judgements stand in a file.
public enum QrelsFormat: String, Sendable, Hashable, CaseIterable {
    /// trec_eval's four columns, `query iteration document grade`, between spaces or tabs. The iteration is ignored.
    case trec
    /// BEIR's columns `query-id corpus-id score` between tabs, with or without the header. Quotes are characters.
    case tsv
    /// The same three columns between commas or semicolons, fields in double quotes where they must be (RFC 4180).
    case csv
    /// An object a line: `{"query": "…", "relevant_doc_ids": ["a", "b"]}` or `{"query": "…", "relevant": {"a": 2, "b":
    /// 1}}`, with `query_id` (or `id`) and `metadata` where wanted. Gives the queries too.
    case jsonl
}

/// Judgements read from a file, with the line of each.
public struct QrelsFile: Sendable {
    public let path: String
    public let format: QrelsFormat
    public let qrels: Qrels
    /// The queries that the file itself holds (``QrelsFormat/jsonl``), in its order, those without a relevant document
    /// among them; empty for the other formats.
    public let queries: [EvaluationQuery]
    /// Whether ids were percent-encoded in the file and are decoded here; see ``decoded()``.
    public let isDecoded: Bool
    /// What was put up with, such as lines that repeat others.
    public let warnings: [FileWarning]
    private let lines: [ExactText: [ExactText: Int]]

    /// Reads a file whole.
    ///
    /// Grades are whole numbers (`1.0` is read as 1). A judgement that stands there twice is a warning; two that
    /// contradict each other are an error with both lines. Ids keep their bytes; in tables white space around them is
    /// dropped.
    ///
    /// - Parameter format: nil: told by the file's name and its first line.
    /// - Throws: ``EvaluationError/file(_:)`` with the line.
    public init(reading path: String, format: QrelsFormat? = nil) throws {
        let file = try InputFile(path)
        let format = try format ?? Self.format(of: file)
        var book = JudgementBook(path: path)
        var queries: [EvaluationQuery] = []
        switch format {
        case .trec: try JudgementTable.readTREC(file, into: &book)
        case .tsv: try JudgementTable.read(DelimitedText(file: file, delimiter: UInt8(ascii: "\t")), into: &book)
        case .csv:
            try JudgementTable.read(
                DelimitedText(file: file, delimiter: DelimitedText.delimiter(of: file)), into: &book)
        case .jsonl: queries = try JudgementRecords.read(file, into: &book)
        }
        guard book.qrels.judgementCount > 0 || !queries.isEmpty else {
            throw file.fault(nil, "holds no judgement, only a header")
        }
        self.path = path
        self.format = format
        isDecoded = false
        qrels = book.qrels
        self.queries = queries
        warnings = book.warnings
        lines = book.lines
    }

    /// Only the judgements of these queries; lines and warnings as they were read.
    public func restricted(to queryIDs: some Sequence<String>) -> QrelsFile {
        QrelsFile(self, qrels: qrels.restricted(to: queryIDs))
    }

    init(
        _ file: QrelsFile, qrels: Qrels, lines: [ExactText: [ExactText: Int]]? = nil, isDecoded: Bool? = nil,
        adding warning: FileWarning? = nil
    ) {
        path = file.path
        format = file.format
        self.isDecoded = isDecoded ?? file.isDecoded
        self.qrels = qrels
        queries = file.queries
        warnings = file.warnings + (warning.map { [$0] } ?? [])
        self.lines = lines ?? file.lines
    }

    /// The line that a judgement was read from; nil when there is no such judgement.
    public func line(of documentID: String, for queryID: String) -> Int? {
        lines[ExactText(queryID)]?[ExactText(documentID)]
    }

    private static func format(of file: InputFile) throws -> QrelsFormat {
        if JSONLines.isLikely(file) { return .jsonl }
        switch file.suffix {
        case "jsonl", "json", "ndjson": return .jsonl
        case "csv": return .csv
        default: break
        }
        guard let first = file.lines().first(where: { !$0.isBlank }) else { return .trec }
        let tabs = first.bytes.count { $0 == UInt8(ascii: "\t") }
        let words = TRECText.columns(first.bytes).count
        if tabs == 2 || tabs > 3 || tabs > 0 && JudgementTable.Columns.areNamed(in: first.text.split(separator: "\t")) {
            return .tsv
        }
        if words == 4 { return .trec }
        let comma = first.bytes.count { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") }
        if comma >= 2 { return .csv }
        throw file.fault(
            first.number,
            "these are no judgements that are known: wanted are \"query iteration document grade\" (TREC), "
                + "\"query<tab>document<tab>grade\" (BEIR), the same as CSV, or JSONL with \"query\" and "
                + "\"relevant_doc_ids\""
        )
    }
}
