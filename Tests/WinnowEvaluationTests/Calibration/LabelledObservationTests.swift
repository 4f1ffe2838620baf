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

    @Test func aDocumentTakesPartOnceWithItsBestPassage() {
        let query = LabelledQuery(
            observation(logits: [-1, 2, 3, 0, 1]), system: 0, qrels: qrels, labels: .unjudgedAsNegative)
        #expect(query.pairs.map(\.logit) == [3, 2, 0])
        #expect(query.pairs.map(\.relevant) == [true, false, false])
    }

    @Test func unjudgedDocumentsMayBeLeftOut() {
        let query = LabelledQuery(observation(logits: [-1, 2, 3, 0, 1]), system: 0, qrels: qrels, labels: .judgedOnly)
        #expect(query.pairs.map(\.logit) == [3, 2])
    }

    @Test func onlyCandidatesOfTheDeployedListAndScoredOnesCount() {
        let query = LabelledQuery(
            observation(logits: [-1, nil, 3, 0, 1]), system: 0, qrels: qrels, labels: .unjudgedAsNegative, initialK: 2)
        #expect(query.pairs.map(\.logit) == [-1])
    }

    @Test func judgedPassagesAreTheirOwn() {
        var qrels = Qrels()
        qrels.judge("a#1", for: "q", grade: 1)
        let query = LabelledQuery(
            observation(logits: [-1, 2, 3, 0, 1]), system: 0, qrels: qrels, labels: .unjudgedAsNegative, level: .passage
        )
        #expect(query.pairs.map(\.relevant) == [false, false, true, false, false])
    }
}
