import WinnowCore

extension JudgingPool {
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// For a spreadsheet: UTF-8 with a byte order mark, without which Excel reads Latin-1.
        case csv
        case jsonl
    }

    /// Writes one pair a row, with the text of the query and of the passage and an empty grade, for a person to fill
    /// in: 0 irrelevant, 1 relevant, 2 and more where better documents shall count for more. ``PoolJudgements`` reads
    /// it back.
    ///
    /// Texts that a spreadsheet would take for a formula (they begin with `=`, `+`, `-` or `@`) get an apostrophe in
    /// front.
    ///
    /// - Parameters:
    ///   - queryText: of a query's id; nil when there is none.
    ///   - passageText: of a query's and a document's id; nil when there is none.
    /// - Throws: ``EvaluationError/pool(_:)`` for a text that is not there,
    ///   ``EvaluationError/unwritable(name:reason:)`` for an id that a spreadsheet would spoil,
    ///   ``EvaluationError/file(_:)`` when the file cannot be written or is there already.
    public func write(
        to path: String, format: Format, overwriting: Bool = false, queryText: (String) throws -> String?,
        passageText: (_ queryID: String, _ documentID: String) throws -> String?
    ) throws {
        var text = format == .csv ? "\u{FEFF}pair,query_id,document_id,query,passage,grade\n" : ""
        for (index, pair) in pairs.enumerated() {
            guard let query = try queryText(pair.queryID) else {
                throw EvaluationError.pool(.missingText(queryID: pair.queryID, documentID: nil))
            }
            guard let passage = try passageText(pair.queryID, pair.documentID) else {
                throw EvaluationError.pool(.missingText(queryID: pair.queryID, documentID: pair.documentID))
            }
            switch format {
            case .csv:
                let cells = [
                    String(index + 1), try Self.idCell(pair.queryID, path), try Self.idCell(pair.documentID, path),
                    Self.harmless(query), Self.harmless(passage), "",
                ]
                text += cells.map(DelimitedText.quoted).joined(separator: ",") + "\n"
            case .jsonl:
                let row: JSONText = .object([
                    ("pair", .integer(index + 1)), ("query_id", .string(pair.queryID)),
                    ("document_id", .string(pair.documentID)), ("query", .string(query)), ("passage", .string(passage)),
                    ("grade", .null),
                ])
                text += row.text + "\n"
            }
        }
        try AtomicFile.write(Array(text.utf8), to: path, overwriting: overwriting)
    }

    private static func looksLikeFormula(_ text: String) -> Bool {
        text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false
    }

    private static func harmless(_ text: String) -> String { looksLikeFormula(text) ? "'" + text : text }

    private static func idCell(_ id: String, _ path: String) throws -> String {
        guard !looksLikeFormula(id), ExactText(id.trimmed) == ExactText(id), !id.isEmpty else {
            throw EvaluationError.unwritable(
                name: path,
                reason: "the id \(Shown.id(id)) would not come back from a spreadsheet unharmed: write JSONL (.jsonl)")
        }
        return id
    }
}
