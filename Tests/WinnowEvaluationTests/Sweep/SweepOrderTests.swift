import TestSupport
import Testing
import WinnowCore
import WinnowEvaluation

/// Final orders as a dimension of a sweep.
@Suite struct SweepOrderTests {
    static let orders: [FinalOrder] = [
        .reranker, .blend(weight: 0.5), .blend(weight: 0), .reciprocalRank(), .blend(weight: 0.5),
    ]

    private static func report(_ fixture: SweepFixture, _ initialKs: [Int], finalKs: [Int] = [1, 3]) throws
        -> SweepReport
    {
        let settings = SweepSettings(
            initialKs: initialKs, finalKs: finalKs, thresholds: [nil, .logit(0.5)], systems: SweepFixture.systems(2),
            orders: orders, check: .folds(2, partitions: 1))
        let measure = SweepMeasure(try Measure(parsing: "nDCG@10"), qrels: fixture.qrels)
        return try Sweep(settings, measure: measure, qrels: fixture.qrels).report(on: fixture.observations)
    }

    /// What a pipeline of that initialK and order would show: least and largest scores are those of its own candidates.
    @Test func cellsAreWhatThePipelineShows() throws {
        let fixture = SweepFixture(queries: 50, candidates: 40)
        let report = try Self.report(fixture, [3, 10, 40])
        #expect(report.runs.count == 3 + 2 * 4 * 3, "an order that is named twice counts once")
        for cell in report.cells {
            let run = report.runs[cell.run]
            var (success, passages) = (0, 0)
            for observation in fixture.truncated(to: run.initialK) {
                let scoring = run.system.map { observation.scorings[$0 == "s0" ? 0 : 1] }
                let hits = try Ranking.rank(
                    observation.candidates, scores: scoring?.scores, finalK: cell.finalK, order: run.order ?? .reranker,
                    threshold: cell.threshold
                ).hits
                let relevant = Set(fixture.qrels.relevant(to: observation.id))
                success += hits.contains { relevant.contains($0.passage.documentID) } ? 1 : 0
                passages += hits.count
            }
            let count = Double(fixture.observations.count)
            #expect(SweepFixture.isClose(cell.success, Double(success) / count), "\(run)")
            #expect(cell.meanPassages == Double(passages) / count, "\(run)")
        }
    }

    /// A run's figure is that of the run that an evaluation in that order writes, ties included.
    @Test func runsAreMeasuredAsRuns() throws {
        let fixture = SweepFixture(queries: 50, candidates: 40)
        let parsed = try Measure(parsing: "nDCG@10")
        for run in try Self.report(fixture, [3, 10, 40]).runs {
            var exported = Run(name: "run")
            for var observation in fixture.truncated(to: run.initialK) {
                let system = run.system.map { $0 == "s0" ? 0 : 1 }
                if let system, let order = run.order { observation.scorings[system].order = order }
                let entries = try observation.entries(by: system, level: .document)
                try exported.setEntries(entries, for: observation.id)
            }
            let measured = try MeasuredRun(exported, qrels: fixture.qrels, measures: [parsed])
            #expect(run.values == measured.values(of: parsed), "\(run.name) \(run.initialK)")
        }
    }

    @Test func runsAreNamedByTheirOrder() throws {
        let report = try Self.report(SweepFixture(queries: 20, candidates: 10), [10])
        #expect(
            report.runs.map(\.name) == [
                "no reranking", "s0", "s0, blend:0.5", "s0, blend:0", "s0, rrf:60", "s1", "s1, blend:0.5",
                "s1, blend:0",
                "s1, rrf:60",
            ])
        #expect(report.runs.map(\.order).prefix(3) == [nil, .reranker, .blend(weight: 0.5)])
        // Nothing but the order of the first stage is left, its ties aside.
        #expect(report.runs[3].meanCandidates == report.runs[0].meanCandidates)
        let json = report.json.text
        #expect(json.contains(#"{"system":"s0","order":"blend:0.5","initialK":10,"#))
        #expect(json.contains(#"{"system":null,"order":null,"initialK":10,"#))
    }

    /// The first stage knows what the reranker does not: on nine of ten queries either puts another one before the relevant
    /// document, and the sum of both does not; on the tenth it is the other way round.
    private static func observations(_ queries: Int) -> (observations: [QueryObservation], qrels: Qrels) {
        var qrels = Qrels()
        let observations = (0..<queries).map { query -> QueryObservation in
            let id = SweepTable.id(query)
            qrels.judge("d1", for: id, grade: 1)
            let firstStage: [Double] = query % 10 == 0 ? [1, 0, 0.1] : [1, 0.9, 0]
            let logits: [Float] = query % 10 == 0 ? [0, 0.1, 1] : [-1, 0.9, 1]
            return QueryObservation(
                id: id, text: "",
                candidates: firstStage.enumerated().map { place, score in
                    Candidate(
                        passage: Passage(id: "d\(place)", documentID: "d\(place)", text: ""), rank: place + 1,
                        retrievalScore: score)
                }, retrievalTime: .zero,
                scorings: [.init(scores: logits.map { SweepFixture.score($0) }, time: .zero)])
        }
        return (observations, qrels)
    }

    private static func choice(_ orders: [FinalOrder], queries: Int = 100) throws -> SweepReport {
        let (observations, qrels) = observations(queries)
        let settings = SweepSettings(
            initialKs: [3], finalKs: [1], systems: SweepFixture.systems(1), orders: orders, check: .folds())
        let times = SweepTable.times([(nil, 3, 1), ("s0", 3, 20)])
        return try Sweep(
            settings, measure: SweepMeasure(Measure(parsing: "RR"), qrels: qrels), qrels: qrels, times: times
        )
        .report(on: observations)
    }

    @Test func aWeightIsChosenAndHeldOut() throws {
        let report = try Self.choice([.reranker, .blend(weight: 0.5), .blend(weight: 0.02)])
        let taken = report.runs[try #require(report.recommendation.run)]
        #expect(report.recommendation.outcome == .rerank && taken.order == .blend(weight: 0.5))
        #expect(report.recommendation.reason.hasPrefix("Take s0, blend:0.5 over 3 candidates"))
        let heldOut = try #require(report.heldOut)
        #expect(heldOut.verdict.outcome == .helps)
        #expect(heldOut.choices.map { report.runs[$0.run].order } == [.blend(weight: 0.5)])
        // Orders share the time of their system.
        #expect(report.runs.dropFirst().allSatisfy { $0.latency?.p50 == .milliseconds(20) })
    }

    /// Weights that order alike cost alike: the one named first is taken.
    @Test(arguments: [[0.5, 0.55], [0.55, 0.5]])
    func ofEqualsTheFirstIsTaken(_ weights: [Double]) throws {
        let report = try Self.choice(weights.map { .blend(weight: $0) })
        let taken = report.runs[try #require(report.recommendation.run)]
        #expect(taken.order == .blend(weight: weights[0]))
    }

    @Test func aSystemMayHaveOrdersOfItsOwn() throws {
        let fixture = SweepFixture(queries: 20, candidates: 10)
        var systems = SweepFixture.systems(2)
        systems[1].orders = [.reranker]
        let settings = SweepSettings(
            initialKs: [10], finalKs: [1], systems: systems, orders: [.reciprocalRank()],
            check: .folds(2, partitions: 1))
        let report = try Sweep(
            settings, measure: SweepMeasure(Measure(parsing: "RR"), qrels: fixture.qrels), qrels: fixture.qrels
        ).report(on: fixture.observations)
        #expect(report.runs.map(\.name) == ["no reranking", "s0, rrf:60", "s1"])
    }

    @Test func ordersThatMakeNoSense() {
        func settings(_ orders: [FinalOrder]) -> SweepSettings {
            SweepSettings(initialKs: [3], finalKs: [1], systems: SweepFixture.systems(1), orders: orders)
        }
        #expect(throws: EvaluationError.sweep(.emptyList(parameter: "order"))) { try settings([]).validate() }
        #expect(throws: SearchError.orderOutOfRange(.blend(weight: 2))) {
            try settings([.reranker, .blend(weight: 2)]).validate()
        }
    }

    @Test(
        arguments: [
            ("reranker", [.reranker]), ("blend:0.3, rrf ,blend:0.3", [.blend(weight: 0.3), .reciprocalRank()]),
            (
                "reranker,blend:0.1..0.9:0.4,rrf:20",
                [
                    .reranker, .blend(weight: 0.1), .blend(weight: 0.5), .blend(weight: 0.9), .reciprocalRank(k: 20),
                ]
            ),
        ] as [(String, [FinalOrder])])
    func lists(text: String, orders: [FinalOrder]) throws {
        #expect(try SweepSettings.orders(parsing: text) == orders)
    }

    @Test(arguments: [
        "", "none", "blend", "blend:0.1..0.9", "reranker,,rrf", "rrf:x", "blend:0..1:0.0001", "reranker:1",
    ])
    func listsThatCannotBeRead(text: String) {
        #expect(throws: EvaluationError.self) { try SweepSettings.orders(parsing: text) }
    }

    @Test func messagesNameTheItem() {
        #expect(
            SweepFixture.message { _ = try SweepSettings.orders(parsing: "reranker,bleed:0.5") }
                == "sweep: 'bleed:0.5' in the list of order cannot be read: write reranker, blend:0.7, rrf or rrf:20, or a range "
                + "such as blend:0.1..0.9:0.2")
        #expect(throws: SearchError.orderOutOfRange(.blend(weight: 1.5))) {
            try SweepSettings.orders(parsing: "blend:0.5..1.5:0.5")
        }
    }
}
