import Foundation
import TestSupport
import Testing
import WinnowEvaluation

/// Grades that come back, and the file that they go into.
@Suite struct MergedJudgementsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func judged(_ rows: String) throws -> PoolJudgements {
        try PoolJudgements(reading: try folder.write("pool.csv", "query_id,document_id,grade\n" + rows))
    }

    private func existing(_ rows: String) throws -> QrelsFile {
        try QrelsFile(reading: try folder.write("test.tsv", "query-id\tcorpus-id\tscore\n" + rows))
    }

    /// A negative grade says that nobody judged, so such pairs are in the pool, and their grades must have a way back.
    @Test(arguments: [("-1", "1", 1), ("-2", "0", 0), ("1", "1", 1)])
    func aGradeTakesThePlaceOfNone(_ before: String, _ now: String, _ merged: Int) throws {
        let qrels = try judged("q,a,\(now)\n").merged(into: try existing("q\ta\t\(before)\nq\tb\t2\n"))
        #expect(qrels.grade(of: "a", for: "q") == merged && qrels.grade(of: "b", for: "q") == 2)
        #expect(qrels.judgementCount == 2)
    }

    @Test(arguments: [("0", "1"), ("2", "1"), ("0", "-1")])
    func twoGradesThatContradictEachOther(_ before: String, _ now: String) throws {
        let error = #expect(throws: EvaluationError.self) {
            try judged("q,b,1\nq,a,\(now)\n").merged(into: try existing("q\ta\t\(before)\n"))
        }
        let message = try #require(error).description
        #expect(message.contains("pool.csv:3:") && message.contains("test.tsv line 2"), "\(message)")
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var qrels = Qrels()
        for (query, document, grade) in [("q 2", "é", 2), ("q 2", "e\u{301}", 0), ("q1", "a#0", 1), ("q1", "100%", -1)]
        {
            qrels.judge(document, for: query, grade: grade)
        }
        let path = folder.path + "/set/qrels/test.tsv"
        try qrels.writeBEIR(to: path)
        #expect(try QrelsFile(reading: path).qrels == qrels)
        #expect(throws: EvaluationError.self) { try qrels.writeBEIR(to: path) }
        try qrels.restricted(to: ["q1"]).writeBEIR(to: path, overwriting: true)
        #expect(try QrelsFile(reading: path).qrels.queryIDs == ["q1"])
    }

    @Test(arguments: ["", "a\tb", "a\n", " a"])
    func anIDThatNoTableHolds(_ id: String) throws {
        var qrels = Qrels()
        qrels.judge(id, for: "q", grade: 1)
        let path = folder.path + "/set/test.tsv"
        #expect(throws: EvaluationError.self) { try qrels.writeBEIR(to: path) }
        #expect(
            !FileManager.default.fileExists(atPath: folder.path + "/set"), "nothing is made for what cannot be written")
    }
}
