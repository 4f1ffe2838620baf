import Foundation
import TestSupport
import WinnowEvaluation

/// `Fixtures/evaluation/measures-*`: generated runs, and what trec_eval's code and ir_measures make of them.
struct MeasureGoldens {
    private struct Record: Decodable {
        var q: String
        var j: [String]
        var g: [Int]
        var d: [String]?
        var s: [String]?
    }

    private struct Means: Decodable { var means: [String: [String: String]] }
    private struct Differing: Decodable { var differs: [String: [String]] }

    var qrels = Qrels()
    var run = Run(name: "golden")
    var measures: [Measure] = []
    /// By query in the order of their bytes; values in the order of ``measures``.
    var values: [(queryID: String, values: [Double])] = []
    /// As trec_eval prints them, by number of queries and measure.
    let means: [Int: [String: String]]
    /// Queries for which ir_measures' own RR@k and Judged@k are others, by measure.
    let differing: [String: [String]]

    init() throws {
        for line in try Self.lines("measures-input.jsonl") {
            let record = try JSONDecoder().decode(Record.self, from: Data(line.utf8))
            for (document, grade) in zip(record.j, record.g) { qrels.judge(document, for: record.q, grade: grade) }
            guard let documents = record.d, let scores = record.s else { continue }
            let entries = zip(documents, scores).map { Run.Entry(documentID: $0, score: Self.score($1)) }
            try run.setEntries(entries, for: record.q)
        }
        let lines = try Self.lines("measures-values.txt")
        measures = try lines[0].split(separator: "\t").map { try Measure(parsing: String($0)) }
        for line in lines.dropFirst() {
            let parts = line.split(separator: " ")
            values.append((String(parts[0]), parts.dropFirst().map(Self.double)))
        }
        let means: Means = try Fixtures.json("evaluation/measures-means.json")
        self.means = Dictionary(uniqueKeysWithValues: means.means.map { (Int($0) ?? 0, $1) })
        let differing: Differing = try Fixtures.json("evaluation/measures-ir.json")
        self.differing = differing.differs
    }

    /// Foundation and the standard library split strings at characters; files have lines of bytes.
    private static func lines(_ name: String) throws -> [String] {
        try Fixtures.data("evaluation/" + name).split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Through a double, as C's atof. What Float32 cannot hold becomes its largest number, which orders as infinity
    /// does.
    private static func score(_ text: String) -> Float {
        let score = Float(Double(text) ?? .nan)
        return score.isInfinite ? (score > 0 ? 1 : -1) * Float.greatestFiniteMagnitude : score
    }

    private static func double(_ text: Substring) -> Double {
        switch text {
        case "0": 0
        case "1": 1
        default: Double(bitPattern: UInt64(text, radix: 16) ?? 0)
        }
    }
}
