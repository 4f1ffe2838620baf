import Testing
import WinnowCore
import WinnowEvaluation

/// What an observation and judgements make of a query's pairs.
@Suite struct LabelledObservationTests {
    /// Five passages of three documents, in the first stage's order: a#0, b#0, a#1, c#0, b#1.
    private func observation(logits: [Float?]) -> QueryObservation {
        let ids = ["a#0", "b#0", "a#1", "c#0", "b#1"]
        return QueryObservation(
            id: "q", text: "?",
            candidates: ids.enumerated().map { place, id in
                Candidate(
                    passage: Passage(id: id, documentID: String(id.prefix(1)), text: id), rank: place + 1)
            }, retrievalTime: .zero,
            scorings: [
                .init(
                    scores: logits.map { $0.map { PairScore(logit: Logit($0), score: Score($0, kind: .identity)) } },
                    time: .zero)
            ])
    }

    private var qrels: Qrels {
        var qrels = Qrels()
        qrels.judge("a", for: "q", grade: 2)
        qrels.judge("b", for: "q", grade: 0)
        return qrels
    }

    @Test func aDocumentTakesPartOnceWithItsBestPassage() throws {
        let query = try LabelledQuery(
            observation(logits: [-1, 2, 3, 0, 1]), system: 0, qrels: qrels, labels: .unjudgedAsNegative)
        #expect(query.pairs.map(\.logit) == [3, 2, 0])
        #expect(query.pairs.map(\.relevant) == [true, false, false])
    }

    @Test func unjudgedDocumentsMayBeLeftOut() throws {
        let query = try LabelledQuery(
            observation(logits: [-1, 2, 3, 0, 1]), system: 0, qrels: qrels, labels: .judgedOnly)
        #expect(query.pairs.map(\.logit) == [3, 2])
    }

    @Test func onlyCandidatesOfTheDeployedListAndScoredOnesCount() throws {
        let query = try LabelledQuery(
            observation(logits: [-1, nil, 3, 0, 1]), system: 0, qrels: qrels, labels: .unjudgedAsNegative, initialK: 2)
        #expect(query.pairs.map(\.logit) == [-1])
    }

    @Test func judgedPassagesAreTheirOwn() throws {
        var qrels = Qrels()
        qrels.judge("a#1", for: "q", grade: 1)
        let query = try LabelledQuery(
            observation(logits: [-1, 2, 3, 0, 1]), system: 0, qrels: qrels, labels: .unjudgedAsNegative, level: .passage
        )
        #expect(query.pairs.map(\.relevant) == [false, false, true, false, false])
    }

    /// As in a search: what is sorted by is of all scored candidates, those without a label among them.
    @Test func theFinalOrderIsThatOfTheSearch() throws {
        var fused = observation(logits: [-1, 2, 3, 0, 1])
        fused.scorings[0].order = .reciprocalRank(k: 3)
        let query = try LabelledQuery(fused, system: 0, qrels: qrels, labels: .unjudgedAsNegative)
        let ranking = try Ranking.rank(
            fused.candidates, scores: fused.scorings[0].scores, finalK: 5, order: .reciprocalRank(k: 3))
        for pair in query.pairs {
            let hit = try #require(ranking.candidates.first { $0.logit?.value == pair.logit })
            #expect(pair.finalScore == hit.finalScore)
        }
        #expect(query.pairs.map(\.logit) == [3, 2, 0])
    }
}
