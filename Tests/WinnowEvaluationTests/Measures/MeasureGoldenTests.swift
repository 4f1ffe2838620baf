import Foundation
import Testing
import WinnowEvaluation

/// Agreement with trec_eval's own code and with ir_measures over 3,000 generated queries: ties, scores that differ
/// beyond Float32, ids that differ in bytes only, negative grades, queries without results or without relevant
/// documents.
@Suite struct MeasureGoldenTests {
    @Test func everyValueIsTheReferences() throws {
        let goldens = try MeasureGoldens()
        let measured = try MeasuredRun(goldens.run, qrels: goldens.qrels, measures: goldens.measures)
        #expect(goldens.values.count == 3000)
        // Compared as bytes: Swift's == on strings would not see an order that differs between é and e with an accent.
        #expect(measured.queryIDs.map { Array($0.utf8) } == goldens.values.map { Array($0.queryID.utf8) })
        var wrong: [String] = []
        for (row, measure) in measured.measures.enumerated() {
            let values = try #require(measured.values(of: measure))
            for (value, golden) in zip(values, goldens.values) where !agree(value, golden.values[row]) {
                wrong.append("\(measure) of \(golden.queryID): \(value), not \(golden.values[row])")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count) differ, such as \(wrong.prefix(5))")
    }

    @Test func everyMeanPrintsAsTrecEvalPrintsIt() throws {
        let goldens = try MeasureGoldens()
        for (count, means) in goldens.means {
            let queries = goldens.values.prefix(count).map(\.queryID)
            let measured = try MeasuredRun(
                goldens.run, qrels: goldens.qrels, measures: goldens.measures, over: queries.shuffled())
            #expect(measured.queryIDs.count == count)
            #expect(means.count == goldens.measures.count)
            for measure in goldens.measures {
                let mean = try #require(measured.mean(of: measure))
                #expect(String(format: "%.4f", mean) == means[measure.name], "\(measure) over \(count)")
            }
        }
    }

    /// ir_measures orders equal scores by ascending id in RR@k and Judged@k, and keeps scores in doubles; we follow
    /// trec_eval in every measure. So the two may differ only where scores are equal or within Float32's precision of
    /// each other.
    @Test func irMeasuresDiffersOnlyOverTies() throws {
        let goldens = try MeasureGoldens()
        var count = 0
        for queryID in goldens.differing.values.joined() {
            count += 1
            let scores = try #require(goldens.run.entries(for: queryID)).map(\.score)
            #expect(Set(scores).count < scores.count, "\(queryID) has no ties")
        }
        #expect(count > 500)
    }

    #if os(Linux)
    private func agree(_ value: Double, _ golden: Double) -> Bool { value.bitPattern == golden.bitPattern }
    #else
    /// Another C library's log2 may round otherwise.
    private func agree(_ value: Double, _ golden: Double) -> Bool { abs(value - golden) <= 1e-12 }
    #endif
}
