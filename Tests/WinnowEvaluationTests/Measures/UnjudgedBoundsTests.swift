import TestSupport
import Testing
import WinnowEvaluation

@Suite struct UnjudgedBoundsTests {
    /// Every way to call each unjudged document irrelevant or as good as the best.
    @Test(arguments: Array(1...60) as [UInt64], [1, 3, nil])
    func theRangeIsThatOfAllWays(seed: UInt64, cutoff: Int?) throws {
        var generator = SeededGenerator(seed: seed)
        let pool = (0..<12).map { "d\($0)" }
        let list = Array(pool.shuffled(using: &generator).prefix(8))
        var (run, qrels) = (Run(name: "r"), Qrels())
        for id in pool.shuffled(using: &generator).prefix(6) {
            qrels.judge(id, for: "q", grade: Int.random(in: -1...3, using: &generator))
        }
        try run.setEntries(list.enumerated().map { .init(documentID: $1, score: -Float($0)) }, for: "q")
        let measure = try Measure(.nDCG, at: cutoff)
        let open = list.filter { (qrels.grade(of: $0, for: "q") ?? -1) < 0 }
        let best = max(1, qrels.judgements(of: "q").map(\.grade).max() ?? 1)
        let values = try (0..<(1 << open.count)).map { choice -> Double in
            var judged = qrels
            for (bit, id) in open.enumerated() { judged.judge(id, for: "q", grade: choice >> bit & 1 == 1 ? best : 0) }
            return try MeasuredRun(run, qrels: judged, measures: [measure]).mean(of: measure) ?? .nan
        }
        let bounds = UnjudgedBounds(run, qrels: qrels, queryID: "q", cutoff: cutoff)
        #expect(bounds.allIrrelevant == values.first, "seed \(seed)")
        #expect(bounds.allRelevant == values.last, "seed \(seed)")
        #expect(bounds.range.lowerBound == values.min(), "seed \(seed)")
        #expect(bounds.range.upperBound == values.max(), "seed \(seed)")
        #expect(bounds.unjudged == list.prefix(cutoff ?? .max).filter(open.contains).count)
    }

    @Test func aFullyJudgedListHasNoRange() throws {
        var (run, qrels) = (Run(name: "r"), Qrels())
        qrels.judge("a", for: "q", grade: 0)
        qrels.judge("b", for: "q", grade: 2)
        try run.setEntries([.init(documentID: "a", score: 2), .init(documentID: "b", score: 1)], for: "q")
        let bounds = UnjudgedBounds(run, qrels: qrels, queryID: "q", cutoff: 10)
        #expect(bounds.unjudged == 0)
        #expect(bounds.range.lowerBound == bounds.range.upperBound)
        #expect(bounds.allRelevant == bounds.allIrrelevant)
        let missing = UnjudgedBounds(run, qrels: qrels, queryID: "other", cutoff: 10)
        #expect(missing.range == 0...0)
    }
}
