import WinnowEvaluation

// How long it takes to evaluate 1,000 queries of 100 hits in all measures, one thread:
//
//     swift run -c release --package-path Benchmarks measures-benchmark
//
// Prints the median of 15 rounds, and the fastest and slowest, of making the run (which orders the lists) and of measuring it.

let measures = try Measure.list(
    parsing: """
        nDCG@10 nDCG nDCG(gain=exp)@10 nDCG(judged_only=True)@10 RR@10 RR AP@100 AP AP(rel=2)@100 P@1 P@5 P@10 R@10 R@100
        Success@1 Success@5 Rprec Bpref Judged@10 SetR
        """)
let (queryCount, hitCount, judgedCount) = (1_000, 100, 20)

/// A multiplicative congruential generator (Knuth's MMIX constants): good enough to fill lists.
struct Numbers {
    var state: UInt64 = 1

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}

var numbers = Numbers()
var qrels = Qrels()
var lists: [(queryID: String, entries: [Run.Entry])] = []
for query in 0..<queryCount {
    let queryID = "query-\(query)"
    let first = numbers.below(90_000)
    for _ in 0..<judgedCount {
        qrels.judge("document-\(first + numbers.below(200))", for: queryID, grade: numbers.below(3))
    }
    lists.append(
        (
            queryID,
            (0..<hitCount).map { .init(documentID: "document-\(first + $0)", score: Float(numbers.below(1_000)) / 100) }
        )
    )
}

var (making, measuring): ([Duration], [Duration]) = ([], [])
var means: [Double] = []
let clock = ContinuousClock()
for _ in 0..<15 {
    var run = Run(name: "benchmark")
    making.append(
        try clock.measure {
            for (queryID, entries) in lists { try run.setEntries(entries, for: queryID) }
        })
    measuring.append(
        try clock.measure {
            let measured = try MeasuredRun(run, qrels: qrels, measures: measures)
            means = measures.compactMap { measured.mean(of: $0) }
        })
}

func summary(_ name: String, _ times: [Duration]) -> String {
    let milliseconds = times.map { $0 / .milliseconds(1) }.sorted().map { ($0 * 10).rounded() / 10 }
    return
        "\(name): median \(milliseconds[milliseconds.count / 2]) ms (\(milliseconds[0]) to \(milliseconds[milliseconds.count - 1]))"
}
print("\(queryCount) queries, \(hitCount) hits, \(measures.count) measures; nDCG@10 \(means[0])")
print(summary("making the run", making))
print(summary("measuring it", measuring))
