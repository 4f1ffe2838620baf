import Winnow
import WinnowIngest

/// Queries that a pool is made of, with judgements where their file holds some.
struct JudgedQueries {
    let qrels: Qrels?
    private let texts: [ExactText: String]

    /// - Parameter path: JSONL with ids, a table, or JSONL of `query` and `relevant_doc_ids`; nil: the folder's.
    static func read(_ path: String?, folder: String?) throws -> JudgedQueries {
        let path = path ?? (folder ?? ".") + "/queries.jsonl"
        do {
            return JudgedQueries(queries: try QueriesFile(reading: path).queries, qrels: nil)
        } catch {
            // Queries without ids are named by their text, as eval names them.
            guard let file = try? QrelsFile(reading: path, format: .jsonl), !file.queries.isEmpty else { throw error }
            return JudgedQueries(queries: file.queries, qrels: file.qrels)
        }
    }

    private init(queries: [EvaluationQuery], qrels: Qrels?) {
        self.qrels = qrels
        texts = Dictionary(queries.map { (ExactText($0.id), $0.text) }) { first, _ in first }
    }

    var ids: IdentifierSet { IdentifierSet(texts.keys.map(\.text)) }

    func text(of id: String) -> String? { texts[ExactText(id)] }
}

/// The texts of a pool's documents, gathered before it is written.
struct PoolTexts {
    let corpus: JudgedCorpus
    let format: JudgingPool.Format
    private var texts: [ExactText: String] = [:]
    private var shortened = 0

    init(corpus: JudgedCorpus, format: JudgingPool.Format) {
        self.corpus = corpus
        self.format = format
    }

    /// Excel spills what is over 32,767 UTF-16 units of a cell into the next row.
    private static let mostUnits = 32_000

    func text(of id: String) -> String? { texts[ExactText(id)] }

    func isKnown(_ id: String) async throws -> Bool { try await corpus.text(of: id) != nil }

    /// - Throws: when a document that a system ranked is not there; what of the corpus was left out is named before.
    mutating func look(up pool: JudgingPool, showing skipped: [SkippedRecord]) async throws {
        for pair in pool.pairs where texts[ExactText(pair.documentID)] == nil {
            try Task.checkCancellation()
            guard let text = try await corpus.text(of: pair.documentID) else {
                for record in skipped { StandardStreams.note("left out: \(record)") }
                throw MissingDocument(
                    id: pair.documentID, queryID: pair.queryID, hint: corpus.hint(whyMissing: pair.documentID))
            }
            texts[ExactText(pair.documentID)] = fitted(text)
        }
    }

    private mutating func fitted(_ text: String) -> String {
        guard format == .csv, text.utf16.count > Self.mostUnits else { return text }
        shortened += 1
        var kept = ""
        var units = 0
        for character in text {
            units += character.utf16.count
            if units > Self.mostUnits { break }
            kept.append(character)
        }
        return kept + "…"
    }

    var notes: [String] {
        shortened == 0
            ? []
            : [
                "\(NumberText.plural(shortened, "document is", "documents are")) longer than a cell of a spreadsheet holds, and end "
                    + "in …: write JSONL (--format jsonl) for whole texts, or pool passages"
            ]
    }
}

/// A system ranked something that has no text.
struct MissingDocument: Error, CustomStringConvertible {
    var id: String
    var queryID: String
    var hint: String

    var description: String {
        "the text of document '\(PathText.quoted(id))', ranked for query '\(PathText.quoted(queryID))', is not there: \(hint)"
    }
}
