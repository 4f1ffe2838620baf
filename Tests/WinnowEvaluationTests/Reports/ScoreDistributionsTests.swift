import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct ScoreDistributionsTests {
    private func observation(_ logits: [(id: String, logit: Float?)], queryID: String = "q") -> QueryObservation {
        QueryObservation(
            id: queryID, text: "?",
            candidates: logits.enumerated().map { rank, entry in
                Candidate(passage: Passage(id: entry.id + "#0", documentID: entry.id, text: "x"), rank: rank + 1)
            }, retrievalTime: .zero,
            scorings: [
                .init(
                    scores: logits.map { entry in
                        entry.logit.map { PairScore(logit: Logit($0), score: Score($0, kind: .identity)) }
                    }, time: .zero)
            ])
    }

    @Test func gradesPartTheLogits() throws {
        var qrels = Qrels()
        for (id, grade) in [("a", 2), ("b", 1), ("c", 0), ("d", -1)] { qrels.judge(id, for: "q", grade: grade) }
        let observed = observation([("a", 3), ("b", 1), ("c", -1), ("d", -2), ("e", -3), ("f", nil)])
        let found = try #require(ScoreDistributions([observed], system: 0, qrels: qrels, level: .document))
        #expect(found.edges.count == ScoreDistributions.bins + 1)
        #expect(found.edges.first == -3 && found.edges.last == 3)
        #expect(found.relevant.count == 2 && found.relevant.median == 2)
        #expect(found.notRelevant.count == 1 && found.notRelevant.median == -1)
        #expect(found.unjudged.count == 2 && found.unjudged.median == -2.5)
        // The largest one is in the last bin, the smallest in the first.
        #expect(found.relevant.counts.last == 1 && found.unjudged.counts.first == 1)
        // Of passages nothing is judged here.
        let passages = try #require(ScoreDistributions([observed], system: 0, qrels: qrels, level: .passage))
        #expect(passages.unjudged.count == 5 && passages.relevant.count == 0 && passages.relevant.median == nil)
    }

    @Test func nothingScoredIsNothing() {
        #expect(ScoreDistributions([], system: 0, qrels: Qrels(), level: .document) == nil)
        #expect(ScoreDistributions([observation([("a", nil)])], system: 0, qrels: Qrels(), level: .document) == nil)
        #expect(ScoreDistributions([observation([("a", 1)])], system: 1, qrels: Qrels(), level: .document) == nil)
    }

    @Test(arguments: [[Float(2)], [2, 2, 2], [-0.0, 0], [1, 1.0000001], [-3e38, 3e38]]) func everyLogitIsCounted(
        _ logits: [Float]
    ) throws {
        let observed = observation(logits.enumerated().map { ("d\($0)", $1) })
        let found = try #require(ScoreDistributions([observed], system: 0, qrels: Qrels(), level: .document))
        #expect(found.unjudged.count == logits.count)
        #expect(zip(found.edges, found.edges.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func reportsHoldThem() throws {
        let fixture = ReportFixture()
        let report = try fixture.report()
        #expect(report.systems[0].scoreDistributions == nil)
        let found = try #require(report.systems[1].scoreDistributions)
        #expect(
            found.relevant.count + found.notRelevant.count + found.unjudged.count
                == fixture.queryCount * fixture.candidateCount)
        #expect(try #require(found.relevant.median) > (try #require(found.unjudged.median)))
    }
}
