import Testing
import WinnowEvaluation

@Suite struct MeasuredRunTests {
    private func sample() throws -> (Run, Qrels) {
        var (run, qrels) = (Run(name: "r"), Qrels())
        qrels.judge("a", for: "q1", grade: 1)
        qrels.judge("b", for: "q2", grade: 1)
        qrels.judge("c", for: "q3", grade: 1)
        qrels.judge("d", for: "q4", grade: 0)
        qrels.judge("e", for: "q5", grade: -2)
        for (query, document) in [("q1", "a"), ("q4", "d"), ("q5", "e"), ("stranger", "a")] {
            try run.setEntries([.init(documentID: document, score: 1)], for: query)
        }
        try run.setEntries([], for: "q2")
        return (run, qrels)
    }

    @Test func everyJudgedQueryCountsAndIsAccountedFor() throws {
        let (run, qrels) = try sample()
        let success = try Measure(.success, at: 1)
        let judged = try Measure(.judged, at: 10)
        let measured = try MeasuredRun(run, qrels: qrels, measures: [success, judged, success])
        #expect(measured.measures == [success, judged])
        #expect(measured.queryIDs == ["q1", "q2", "q3", "q4", "q5"])
        #expect(measured.values(of: success) == [1, 0, 0, 0, 0])
        #expect(measured.values(of: judged) == [1, 0, 0, 1, 1])
        #expect(measured.mean(of: success) == 0.2)
        #expect(measured.unanswered == ["q2", "q3"])
        #expect(measured.withoutRelevant == ["q4", "q5"])
        #expect(measured.unjudged == ["stranger"])
        #expect(measured.value(of: success, for: "q1") == 1)
        #expect(measured.value(of: success, for: "stranger") == nil)
        #expect(measured.mean(of: .primaryDefault) == nil)
    }

    @Test func onlyTheQueriesAskedForCount() throws {
        let (run, qrels) = try sample()
        let success = try Measure(.success, at: 1)
        let measured = try MeasuredRun(
            run, qrels: qrels, measures: [success], over: ["q2", "q1", "other", "q2", "q1"])
        #expect(measured.queryIDs == ["q1", "q2"])
        #expect(measured.unjudged == ["other"])
        #expect(measured.mean(of: success) == 0.5)
        #expect {
            try MeasuredRun(run, qrels: qrels, measures: [success], over: ["other"])
        } throws: {
            "\($0)".contains("none of its 1 queries has judgements")
        }
        #expect(throws: EvaluationError.noJudgedQuery(run: "r", queries: 4 + 1)) {
            try MeasuredRun(run, qrels: Qrels(), measures: [success])
        }
    }

    @Test func queriesThatDifferInBytesOnlyAreTwo() throws {
        var (run, qrels) = (Run(name: "r"), Qrels())
        qrels.judge("a", for: "\u{E9}", grade: 1)
        qrels.judge("a", for: "e\u{301}", grade: 1)
        try run.setEntries([.init(documentID: "a", score: 1)], for: "\u{E9}")
        let success = try Measure(.success, at: 1)
        let measured = try MeasuredRun(run, qrels: qrels, measures: [success])
        #expect(measured.values(of: success) == [0, 1])
        #expect(measured.value(of: success, for: "\u{E9}") == 1)
        #expect(measured.value(of: success, for: "e\u{301}") == 0)
    }

    @Test func gradesOfAnySizeAreMeasured() throws {
        var (run, qrels) = (Run(name: "r"), Qrels())
        qrels.judge("a", for: "q", grade: .max)
        qrels.judge("b", for: "q", grade: .min)
        qrels.judge("c", for: "q", grade: 1)
        try run.setEntries(
            ["c", "b", "a"].enumerated().map { .init(documentID: $1, score: -Float($0)) }, for: "q")
        for name in MeasureLawTests.names.split(separator: " ") {
            let measure = try Measure(parsing: String(name))
            let value = try #require(try MeasuredRun(run, qrels: qrels, measures: [measure]).mean(of: measure))
            #expect((0...1).contains(value), "\(measure) \(value)")
        }
        let exponential = try Measure(.nDCG, gain: .exponential)
        #expect(try MeasuredRun(run, qrels: qrels, measures: [exponential]).mean(of: exponential) == 0.5)
    }
}
