import TestSupport
import Testing
import WinnowEvaluation

/// What holds for every list, over generated ones.
@Suite struct MeasureLawTests {
    static let seeds: [UInt64] = Array(1...40)
    static let names =
        "nDCG@1 nDCG@5 nDCG nDCG(gain=exp)@5 nDCG(judged_only=True)@5 RR@3 RR AP@5 AP AP(rel=2) P@5 R@5 R@100 "
        + "Success@3 Rprec Bpref Judged@5 SetR"

    struct Case {
        var list: [String]
        var grades: [(id: String, grade: Int)]

        /// Up to 12 documents of 16, judged or not, grades −1…3.
        init(seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            let pool = (0..<16).map { "d\($0)" }
            list = Array(pool.shuffled(using: &generator).prefix(Int.random(in: 1...12, using: &generator)))
            grades = pool.shuffled(using: &generator).prefix(Int.random(in: 1...9, using: &generator)).map {
                ($0, Int.random(in: -1...3, using: &generator))
            }
        }

        func measured(_ measures: [Measure], list: [String]? = nil) throws -> [Double] {
            var (run, qrels) = (Run(name: "r"), Qrels())
            for (id, grade) in grades { qrels.judge(id, for: "q", grade: grade) }
            let list = list ?? self.list
            try run.setEntries(
                list.enumerated().map { .init(documentID: $1, score: Float(list.count - $0)) }, for: "q")
            let measured = try MeasuredRun(run, qrels: qrels, measures: measures)
            return measures.map { measured.value(of: $0, for: "q") ?? .nan }
        }

        func grade(_ id: String) -> Int { grades.first { $0.id == id }?.grade ?? 0 }
    }

    @Test(arguments: seeds)
    func valuesAreWithinZeroAndOne(seed: UInt64) throws {
        let measures = try Measure.list(parsing: Self.names)
        for (measure, value) in zip(measures, try Case(seed: seed).measured(measures)) {
            #expect((0...1).contains(value), "\(measure) \(value), seed \(seed)")
        }
    }

    @Test(arguments: seeds)
    func anUnjudgedTailChangesNoCutMeasure(seed: UInt64) throws {
        let sample = Case(seed: seed)
        let measures = try Measure.list(parsing: Self.names).filter {
            $0.cutoff.map { $0 <= sample.list.count } ?? false
        }
        let tail = (0..<7).map { "unjudged\($0)" }
        #expect(try sample.measured(measures) == sample.measured(measures, list: sample.list + tail), "seed \(seed)")
        let whole = try Measure.list(parsing: "nDCG RR AP Rprec Bpref SetR")
        #expect(try sample.measured(whole) == sample.measured(whole, list: sample.list + tail), "seed \(seed)")
    }

    @Test(arguments: seeds)
    func liftingABetterDocumentNeverLowers(seed: UInt64) throws {
        let sample = Case(seed: seed)
        let measures = try Measure.list(parsing: "nDCG@5 nDCG nDCG(gain=exp) RR RR@3 AP AP@5 P@3 R@3 Success@2 Rprec")
        let before = try sample.measured(measures)
        for index in sample.list.indices.dropFirst() {
            let pair = (sample.grade(sample.list[index - 1]), sample.grade(sample.list[index]))
            guard pair.1 > max(0, pair.0) else { continue }
            var lifted = sample.list
            lifted.swapAt(index - 1, index)
            for (measure, (old, new)) in zip(measures, zip(before, try sample.measured(measures, list: lifted))) {
                #expect(new >= old, "\(measure) at \(index), seed \(seed)")
            }
        }
    }

    @Test(arguments: seeds)
    func theIdealListHasOne(seed: UInt64) throws {
        let sample = Case(seed: seed)
        guard sample.grades.contains(where: { $0.grade > 0 }) else { return }
        let ideal = sample.grades.sorted { $0.grade > $1.grade }.map(\.id)
        let measures = try Measure.list(parsing: "nDCG@1 nDCG@5 nDCG nDCG(gain=exp)@5 RR AP Rprec Bpref SetR Success@1")
        for (measure, value) in zip(measures, try sample.measured(measures, list: ideal)) {
            #expect(value == 1, "\(measure), seed \(seed)")
        }
    }

    @Test(arguments: seeds)
    func deeperNeverFindsLess(seed: UInt64) throws {
        for name in ["R", "Success", "RR", "AP"] {
            let measures = try (1...14).map { try Measure(parsing: "\(name)@\($0)") }
            let values = try Case(seed: seed).measured(measures)
            #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }, "\(name) \(values), seed \(seed)")
        }
    }

    @Test(arguments: seeds)
    func orderOfInputAndOfIDsOfQueriesChangesNothing(seed: UInt64) throws {
        let measures = try Measure.list(parsing: Self.names)
        var generator = SeededGenerator(seed: seed)
        let cases = (0..<12).map { (id: "q\($0)", sample: Case(seed: seed * 100 + $0)) }
        func means(_ order: [(id: String, sample: Case)], _ shuffle: Bool) throws -> [Double] {
            var (run, qrels) = (Run(name: "r"), Qrels())
            for (id, sample) in order {
                for (document, grade) in shuffle ? sample.grades.reversed() : sample.grades {
                    qrels.judge(document, for: id, grade: grade)
                }
                let entries = sample.list.enumerated().map {
                    Run.Entry(documentID: $1, score: Float(($0 * 7) % 5))
                }
                try run.setEntries(shuffle ? entries.shuffled(using: &generator) : entries, for: id)
            }
            let measured = try MeasuredRun(run, qrels: qrels, measures: measures)
            return measures.map { measured.mean(of: $0) ?? .nan }
        }
        #expect(try means(cases, false) == means(cases.reversed(), true), "seed \(seed)")
    }

    /// A library of the field takes only the retrieved documents as the ideal, and so calls this order perfect.
    @Test func reorderingNothingImprovesNothing() throws {
        var (run, qrels) = (Run(name: "r"), Qrels())
        for id in ["a", "b", "c"] { qrels.judge(id, for: "q", grade: 1) }
        let list = ["a"] + (0..<99).map { "x\($0)" }
        try run.setEntries(list.enumerated().map { .init(documentID: $1, score: -Float($0)) }, for: "q")
        let measured = try MeasuredRun(run, qrels: qrels, measures: [.primaryDefault])
        let value = try #require(measured.mean(of: .primaryDefault))
        #expect(abs(value - 0.469) < 0.001)
        let again = try MeasuredRun(run, qrels: qrels, measures: [.primaryDefault])
        #expect(again.mean(of: .primaryDefault) == value)
    }
}
