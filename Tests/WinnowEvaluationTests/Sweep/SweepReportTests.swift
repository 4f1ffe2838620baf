import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct SweepReportTests {
    static func sweep(
        _ fixture: SweepFixture, _ change: (inout SweepSettings) -> Void = { _ in }
    ) -> Sweep {
        var settings = SweepSettings(
            initialKs: [5, 10], finalKs: [1, 5], thresholds: [nil, .logit(0)], systems: SweepFixture.systems(2))
        change(&settings)
        return Sweep(settings, measure: SweepMeasure(.primaryDefault, qrels: fixture.qrels), qrels: fixture.qrels)
    }

    @Test func jsonKeepsItsOrderAndReadsBack() throws {
        let fixture = SweepFixture(queries: 30, candidates: 10)
        var sweep = Self.sweep(fixture)
        sweep.times.set([.milliseconds(3), .microseconds(3500)], system: "s0", initialK: 5)
        let report = try sweep.report(on: fixture.observations)
        let text = report.json.text
        guard case .object(let fields) = try JSONReader.value(Array(text.utf8)[...]) else {
            Issue.record("no object")
            return
        }
        let keys = [
            "measure", "level", "relevanceLevel", "latencyPercentile", "atMostMilliseconds", "rule", "queries",
            "groups",
            "recommendation", "heldOut", "shownFront", "front", "runs", "cells", "notes",
        ]
        #expect(Set(fields.keys) == Set(keys))
        #expect(
            text.hasPrefix(#"{"measure":"nDCG@10","level":"document","relevanceLevel":1,"latencyPercentile":"p95","#))
        guard case .array(let runs)? = fields["runs"], case .array(let cells)? = fields["cells"] else {
            Issue.record("no arrays")
            return
        }
        #expect(runs.count == 6 && cells.count == 2 * 2 + 2 * 2 * 4)
        #expect(text.contains(#""runs":[{"system":null,"order":null,"initialK":5,"quality":"#))
        #expect(
            text.contains(
                #""latency":{"count":2,"mean":3.25,"min":3.0,"p50":3.25,"p95":3.475,"p99":3.495,"max":3.5,"#
                    + #""p95Supported":false,"p99Supported":false}"#))
        #expect(
            text.contains(
                #"{"system":"s1","order":"reranker","initialK":10,"threshold":"logit:0","finalK":5,"quality":"#))
        #expect(text.contains(#""front":[{"system":"s0","order":"reranker","initialK":5,"#))
        #expect(text.contains(#""differenceToNext":null,"toldApartFromNext":null}]"#))
        #expect(text.contains(#""method":{"name":"folds","folds":5,"partitions":20,"seed":1}"#))
    }

    @Test func secondaryMeasuresAreThereToLookAt() throws {
        let fixture = SweepFixture(queries: 30, candidates: 10)
        var sweep = Self.sweep(fixture)
        let alone = try sweep.report(on: fixture.observations)
        let measures = try Measure.list(parsing: "RR@10,P@5")
        sweep.secondary = measures.map { SweepMeasure($0, qrels: fixture.qrels) }
        let report = try sweep.report(on: fixture.observations)
        #expect(report.secondaryMeasures == ["RR@10", "P@5"])
        #expect(report.recommendation == alone.recommendation && report.cells == alone.cells)
        for (place, measure) in sweep.secondary.enumerated() {
            var other = sweep
            other.measure = measure
            #expect(
                try other.report(on: fixture.observations).runs.map(\.quality)
                    == report.runs.map { $0.secondary[place] })
        }
        #expect(report.json.text.contains(#""secondary":{"RR@10":"#))
    }

    @Test func namesOfStrangersStayOnOneLine() throws {
        let fixture = SweepFixture(queries: 30, candidates: 10)
        let sweep = Self.sweep(fixture) { $0.systems[1].name = "two\nlines\u{202E}" }
        let report = try sweep.report(on: fixture.observations)
        #expect(!report.recommendation.reason.contains("\n"))
        #expect(report.runs.last?.name == "two\nlines\u{202E}")
    }

    @Test func aGridLeavesOutWhatShowsNoMore() throws {
        let fixture = SweepFixture(queries: 20, candidates: 10)
        let sweep = Self.sweep(fixture) {
            $0.initialKs = [30, 2, 10, 10, 3]
            $0.finalKs = [20, 3, 3]
            $0.thresholds = [nil, .logit(0), nil]
        }
        let report = try sweep.report(on: fixture.observations)
        #expect(report.runs.map(\.initialK) == [3, 10, 30, 3, 10, 30, 3, 10, 30])
        #expect(report.cells.filter { report.runs[$0.run].system == nil }.map(\.finalK) == [3, 3, 3, 20])
        #expect(
            report.cells.filter { report.runs[$0.run].system == "s1" }.map(\.finalK) == [3, 3, 3, 3, 3, 20, 3, 20])
        #expect(
            report.notes == [
                "No query has more than 10 candidates: initialK 30 changes nothing.",
                "initialK 2 is under every finalK and left out.",
                "nDCG@10 looks at 10 places, of which initialK 3 fills at most 3.",
                "9 of 9 runs have no measured latency and cannot be on the front.",
            ])
        #expect(report.front.isEmpty)
    }

    @Test func queriesWithoutJudgementsAreLeftOutAndSaid() throws {
        let fixture = SweepFixture(queries: 20, candidates: 10)
        var judged = fixture
        judged.qrels = fixture.qrels.restricted(to: (3..<15).map { "q\($0)" })
        judged.qrels.judge("d1", for: "elsewhere", grade: 1)
        let report = try Self.sweep(judged).report(on: judged.observations)
        #expect(report.queryIDs.count == 12)
        #expect(report.notes.contains("8 queries have no judgement and are left out."))
        #expect(report.notes.contains("1 judged query was not observed."))
        let alone = try Self.sweep(judged).report(on: Array(judged.observations[3..<15]))
        #expect(alone.runs == report.runs && alone.cells == report.cells)
    }

    @Test func oneQueryAndNoSystem() throws {
        let fixture = SweepFixture(queries: 1, candidates: 10)
        let report = try Self.sweep(fixture) { $0.systems = [] }.report(on: fixture.observations)
        #expect(report.runs.count == 2 && report.heldOut == nil)
        #expect(report.recommendation.outcome == .firstStage)
        #expect(report.runs.allSatisfy { $0.differenceToBest.standardError == nil })
    }

    static let senselessSettings: [(@Sendable (inout SweepSettings) -> Void, String)] = [
        ({ $0.initialKs = [] }, "sweep: no initialK is given: name at least one value"),
        ({ $0.finalKs = [0, 3] }, "sweep: finalK is 0: it must be at least 1"),
        (
            { $0.finalKs = [11, 20] },
            "sweep: the smallest finalK (11) is over the largest initialK (10): no more can be shown than the first "
                + "stage hands on; raise initialK or lower finalK"
        ),
        (
            { $0.systems[1].name = "s0" },
            "sweep: a system is called 's0': each needs a name of its own, and 'no reranking' is the first stage's"
        ),
        ({ $0.systems[1].name = "no reranking" }, "sweep: a system is called 'no reranking'"),
        ({ $0.systems[1].name = "" }, "sweep: a system is called"),
        ({ $0.thresholds = [] }, "sweep: no threshold is given"),
        (
            { $0.thresholds = [.probability(0.5)] },
            "sweep: a threshold on the probability is set for 's0', which has no calibration: run winnow calibrate "
                + "first, or set thresholds on the logit"
        ),
        ({ $0.check = .folds(1) }, "sweep: 1 folds leave nothing to choose on: take at least 2"),
        ({ $0.check = .folds(5, partitions: 0) }, "sweep: partitions is 0: it must be at least 1"),
        (
            { $0.systems[1].scoring = 2 },
            "sweep: query 'q0' has 2 scorings, and system 's1' is number 2 counted from 0: observe every query with "
                + "every system"
        ),
        ({ $0.systems[1].scoring = -1 }, "sweep: query 'q0' has 2 scorings"),
        ({ $0.relevanceLevel = 0 }, "sweep: relevance level is 0: it must be at least 1"),
        ({ $0.minimumEffect = 0 }, "the least difference that matters"),
    ]

    @Test(arguments: senselessSettings)
    func settingsThatMakeNoSense(change: @Sendable (inout SweepSettings) -> Void, expected: String) {
        let fixture = SweepFixture(queries: 8, candidates: 10)
        let text = SweepFixture.message {
            _ = try Self.sweep(fixture, change).report(on: fixture.observations)
        }
        #expect(text.contains(expected), "\(text)")
    }

    static let misfits: [(@Sendable (inout SweepFixture) -> Void, String)] = [
        ({ $0.observations[3].id = "q0" }, "sweep: query 'q0' is given twice: each may count once; remove one"),
        (
            { $0.qrels = Qrels() },
            "sweep: none of the 8 queries has a judgement: give the qrels that belong to these queries"
        ),
        ({ $0.observations = [] }, "sweep: 0 queries come with 8 group labels: give one for each query"),
        (
            { $0.observations[1].candidates[2].rank = 7 },
            "sweep: query 'q1' has a candidate of rank 7 in place 3: candidates stand in the first stage's order, "
                + "ranks 1, 2, 3 and so on"
        ),
        (
            { $0.observations[1].scorings[0].scores.removeLast() },
            "sweep: query 'q1' has 10 candidates and 9 scores of system 's0': give one for each candidate, nil where "
                + "there is none"
        ),
        ({ $0.observations[1].scorings[0].scores[0] = SweepFixture.score(.nan) }, "nan"),
    ]

    @Test(arguments: misfits)
    func observationsThatDoNotFit(change: @Sendable (inout SweepFixture) -> Void, expected: String) {
        var fixture = SweepFixture(queries: 8, candidates: 10)
        change(&fixture)
        let text = SweepFixture.message {
            _ = try Self.sweep(fixture).report(on: fixture.observations, groups: fixture.groups)
        }
        #expect(text.contains(expected), "\(text)")
    }

    @Test func aMeasureMustBeANumber() {
        let fixture = SweepFixture(queries: 8, candidates: 10)
        var sweep = Self.sweep(fixture)
        sweep.measure = SweepMeasure(name: "odd") { _, queryID in queryID == "q5" ? .nan : 0 }
        #expect(
            SweepFixture.message { _ = try sweep.report(on: fixture.observations) }
                == "sweep: odd of query 'q5' is nan: a measure must be a finite number")
    }
}
