import Testing
import WinnowEvaluation

@Suite struct QrelsAndRunTests {
    @Test func idsAreBytes() {
        var qrels = Qrels()
        qrels.judge("caf\u{E9}", for: "q", grade: 1)
        qrels.judge("cafe\u{301}", for: "q", grade: 2)
        #expect(qrels.judgementCount == 2)
        #expect(qrels.grade(of: "caf\u{E9}", for: "q") == 1)
        #expect(qrels.grade(of: "cafe\u{301}", for: "q") == 2)
        #expect(qrels.judge("caf\u{E9}", for: "q", grade: 0) == 1)
    }

    @Test func runOrderIsThatOfTrecEval() throws {
        var run = Run(name: "r")
        let entries = [("d10", 1.0), ("d9", 1.0), ("d1", 2.0), ("d\u{E9}", 1.0)].map {
            Run.Entry(documentID: $0.0, score: Float($0.1))
        }
        try run.setEntries(entries, for: "q")
        #expect(run.entries(for: "q")?.map(\.documentID) == ["d1", "d\u{E9}", "d9", "d10"])
        try run.setEntries(entries.reversed(), for: "q")
        #expect(run.entries(for: "q")?.map(\.documentID) == ["d1", "d\u{E9}", "d9", "d10"])
        #expect(throws: EvaluationError.self) {
            try run.setEntries([.init(documentID: "a", score: .nan)], for: "q")
        }
        #expect(throws: EvaluationError.self) {
            try run.setEntries([.init(documentID: "a", score: 1), .init(documentID: "a", score: 0)], for: "q")
        }
    }
}
