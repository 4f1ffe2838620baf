import Foundation

/// A query and the articles that were judged for it: 2 answers it, 1 helps.
struct LabelledQuery {
    var id: String
    var text: String
    var grades: [String: Int]

    /// Reads `queries.jsonl` and `qrels/test.tsv` (the BEIR layout).
    static func read(_ folder: URL) throws -> [LabelledQuery] {
        struct Record: Decodable {
            var _id: String
            var text: String
        }
        var grades: [String: [String: Int]] = [:]
        let qrels = try String(contentsOf: folder.appendingPathComponent("qrels/test.tsv"), encoding: .utf8)
        for line in qrels.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: "\t").map(String.init)
            guard fields.count == 3, let grade = Int(fields[2]) else { throw MalformedLabels(line: String(line)) }
            grades[fields[0], default: [:]][fields[1]] = grade
        }
        let queries = try String(contentsOf: folder.appendingPathComponent("queries.jsonl"), encoding: .utf8)
        return try queries.split(separator: "\n").map { line in
            let record = try JSONDecoder().decode(Record.self, from: Data(line.utf8))
            return LabelledQuery(id: record._id, text: record.text, grades: grades[record._id] ?? [:])
        }
    }
}

struct MalformedLabels: Error, CustomStringConvertible {
    var line: String
    var description: String { "qrels/test.tsv: \"\(line)\" is not query, article and grade between tabs" }
}
