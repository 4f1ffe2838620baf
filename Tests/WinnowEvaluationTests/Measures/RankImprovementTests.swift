import Testing
import WinnowEvaluation

@Suite struct RankImprovementTests {
    private func qrels() -> Qrels {
        var qrels = Qrels()
        for (id, grade) in [("a", 1), ("b", 2), ("c", 1), ("d", 0), ("e", -1)] {
            qrels.judge(id, for: "q", grade: grade)
        }
        return qrels
    }

    @Test func movesOfRelevantDocumentsAreCounted() {
        let change = RankImprovement(
            before: ["x", "d", "a", "y", "b", "c"], after: ["b", "a", "d", "x"], qrels: qrels(), queryID: "q")
        #expect(change.moves.map(\.documentID) == ["a", "b"])
        #expect(change.moves.map(\.gain) == [1, 4])
        #expect(change.moves.map(\.grade) == [1, 2])
        #expect(change.mean == 2.5)
        #expect(change.lost == ["c"])
        #expect(change.found.isEmpty)
        #expect(change.first == 2)
        let strict = RankImprovement(
            before: ["x", "a", "b"], after: ["b", "a"], qrels: qrels(), queryID: "q", level: 2)
        #expect(strict.moves.map(\.documentID) == ["b"])
        #expect(strict.first == 2)
    }

    @Test func nothingRelevantIsNoImprovement() {
        let change = RankImprovement(before: ["x", "d"], after: ["d", "a"], qrels: qrels(), queryID: "q")
        #expect(change.mean == nil)
        #expect(change.first == nil)
        #expect(change.firstBefore == nil)
        #expect(change.firstAfter == 2)
        #expect(change.found == ["a"])
        let empty = RankImprovement(before: [], after: [], qrels: qrels(), queryID: "none")
        #expect(empty.moves.isEmpty && empty.lost.isEmpty && empty.found.isEmpty)
        #expect(RankImprovement.means([change, empty]).mean == nil)
    }

    @Test func theSameOrderMovesNothingAndAReversedOneMirrors() {
        let order = ["x", "a", "y", "b", "c"]
        let same = RankImprovement(before: order, after: order, qrels: qrels(), queryID: "q")
        #expect(same.mean == 0)
        #expect(same.first == 0)
        let there = RankImprovement(before: order, after: order.reversed(), qrels: qrels(), queryID: "q")
        let back = RankImprovement(before: order.reversed(), after: order, qrels: qrels(), queryID: "q")
        #expect(there.mean == back.mean.map { -$0 })
        #expect(there.first == back.first.map { -$0 })
        let means = RankImprovement.means([there, back, same])
        #expect(means.mean == 0)
        #expect(means.first == 0)
    }

    @Test func aDocumentThatStandsThereTwiceCountsOnce() {
        let change = RankImprovement(before: ["a", "x", "a"], after: ["x", "a", "a"], qrels: qrels(), queryID: "q")
        #expect(change.moves.map(\.before) == [1])
        #expect(change.moves.map(\.after) == [2])
    }
}
