import TestSupport
import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct SweepFigureTests {
    static let thresholds: [Ranking.Threshold?] = [nil, .logit(-1), .logit(0.5), .score(2), .logit(100)]
    static let initialKs = [1, 4, 10, 40]
    static let finalKs = [1, 3, 10]

    static func settings(_ initialKs: [Int] = initialKs, level: QueryObservation.Level = .document) -> SweepSettings {
        SweepSettings(
            initialKs: initialKs, finalKs: finalKs, thresholds: thresholds, systems: SweepFixture.systems(2),
            level: level, check: .folds(2, partitions: 1))
    }

    static func report(
        _ fixture: SweepFixture, _ settings: SweepSettings, measure: String = "nDCG@10"
    ) throws -> SweepReport {
        let measure = SweepMeasure(try Measure(parsing: measure), qrels: fixture.qrels)
        return try Sweep(settings, measure: measure, qrels: fixture.qrels).report(on: fixture.observations)
    }

    /// What the pipeline would show, one setting at a time, counted the long way round.
    @Test(arguments: QueryObservation.Level.allCases)
    func cellsAreWhatThePipelineShows(level: QueryObservation.Level) throws {
        var fixture = SweepFixture(queries: 60, candidates: 40)
        if level == .passage { fixture.judgePassages() }
        let report = try Self.report(fixture, Self.settings(level: level))
        #expect(report.cells.count == 2 * 5 * (1 + 2 + 3 + 3) + (1 + 2 + 3 + 3))
        for cell in report.cells {
            let run = report.runs[cell.run]
            var (success, recall, precision, passages, tokens) = (0.0, 0.0, 0.0, 0, 0)
            var (answered, answerable, answerableAnswered) = (0, 0, 0)
            for observation in fixture.observations {
                let candidates = Array(observation.candidates.prefix(run.initialK))
                let scores = run.system.map { name in
                    Array(observation.scorings[name == "s0" ? 0 : 1].scores.prefix(run.initialK))
                }
                let hits = try Ranking.rank(
                    candidates, scores: scores, finalK: cell.finalK, threshold: cell.threshold
                ).hits
                let relevant = Set(fixture.qrels.relevant(to: observation.id))
                let shown = hits.map { level == .document ? $0.passage.documentID : $0.passage.id }
                let found = relevant.intersection(shown)
                success += found.isEmpty ? 0 : 1
                recall += relevant.isEmpty ? 0 : Double(found.count) / Double(relevant.count)
                passages += hits.count
                tokens += hits.reduce(0) { sum, hit in
                    sum + (candidates.first { $0.passage.id == hit.id }?.tokens?.ids.count ?? 0)
                }
                if !hits.isEmpty {
                    answered += 1
                    precision += Double(shown.count { relevant.contains($0) }) / Double(shown.count)
                }
                if !relevant.isEmpty {
                    answerable += 1
                    if !hits.isEmpty { answerableAnswered += 1 }
                }
            }
            let count = fixture.observations.count
            #expect(SweepFixture.isClose(cell.success, success / Double(count)))
            #expect(SweepFixture.isClose(cell.recall, recall / Double(count)))
            #expect(cell.meanPassages == Double(passages) / Double(count))
            #expect(cell.meanTokens == Double(tokens) / Double(count))
            #expect(SweepFixture.isClose(cell.precision ?? -1, answered == 0 ? -1 : precision / Double(answered)))
            #expect(cell.abstained == Double(count - answered) / Double(count))
            #expect(cell.abstainedAnswerable == Double(answerable - answerableAnswered) / Double(answerable))
            let (silent, silentHere) = (count - answerable, count - answered - (answerable - answerableAnswered))
            #expect(cell.abstainedUnanswerable == Double(silentHere) / Double(silent))
        }
    }

    /// The sweep's figures are those of `winnow eval` at that setting: trec_eval's order of equal scores included.
    @Test(arguments: ["nDCG@10", "RR", "AP", "R@3", "Bpref"])
    func runsAreMeasuredAsRuns(measure: String) throws {
        let fixture = SweepFixture(queries: 60, candidates: 40)
        let report = try Self.report(fixture, Self.settings(), measure: measure)
        for run in report.runs {
            var exported = Run(name: run.name)
            for observation in fixture.observations {
                var best: [String: Float] = [:]
                for (index, candidate) in observation.candidates.prefix(run.initialK).enumerated() {
                    // What has no score stands below all others, in the first stage's order.
                    let score: Float
                    switch run.system {
                    case nil: score = Float(candidate.retrievalScore ?? 0)
                    case let name:
                        let scoring = observation.scorings[name == "s0" ? 0 : 1].scores[index]
                        score = scoring?.logit.value ?? -1000 - Float(index)
                    }
                    let id = candidate.passage.documentID
                    best[id] = max(best[id] ?? -.infinity, score)
                }
                try exported.setEntries(
                    best.map { Run.Entry(documentID: $0.key, score: $0.value) }, for: observation.id)
            }
            let parsed = try Measure(parsing: measure)
            let measured = try MeasuredRun(exported, qrels: fixture.qrels, measures: [parsed])
            #expect(report.queryIDs == measured.queryIDs)
            #expect(run.values == measured.values(of: parsed))
            #expect(run.quality == measured.mean(of: parsed))
        }
    }

    @Test(arguments: QueryObservation.Level.allCases, [1, 4, 10, 40])
    func aSmallerInitialKIsAPrefix(level: QueryObservation.Level, initialK: Int) throws {
        var fixture = SweepFixture(queries: 40, candidates: 40, seed: 11)
        if level == .passage { fixture.judgePassages() }
        let whole = try Self.report(fixture, Self.settings(level: level))
        fixture.observations = fixture.truncated(to: initialK)
        let part = try Self.report(fixture, Self.settings([initialK], level: level))
        for run in part.runs {
            let same = try #require(whole.run(run.system, initialK))
            #expect(run.values == same.values)
            #expect(run.meanCandidates == same.meanCandidates)
        }
        for cell in part.cells {
            let same = try #require(whole.cell(part.runs[cell.run].system, initialK, cell.threshold, cell.finalK))
            #expect(cell.quality == same.quality)
            #expect(cell.success == same.success)
            #expect(cell.recall == same.recall)
            #expect(cell.precision == same.precision)
            #expect(cell.meanPassages == same.meanPassages)
            #expect(cell.meanTokens == same.meanTokens)
            #expect(cell.abstained == same.abstained)
        }
    }

    /// A cell's quality is that of the whole ranking of what passes: of the run itself where everything does, and the
    /// same whatever finalK is.
    @Test func qualityDoesNotDependOnFinalK() throws {
        let fixture = SweepFixture(queries: 50, candidates: 40, seed: 5)
        let report = try Self.report(fixture, Self.settings())
        for cell in report.cells {
            #expect(
                cell.quality == report.cells.first { $0.run == cell.run && $0.threshold == cell.threshold }?.quality)
            if cell.threshold == nil { #expect(SweepFixture.isClose(cell.quality, report.runs[cell.run].quality)) }
        }
    }

    @Test func moreShownFindsNoLess() throws {
        let fixture = SweepFixture(queries: 60, candidates: 40, seed: 3)
        let report = try Self.report(fixture, Self.settings(), measure: "R@40")
        for run in report.runs.indices {
            for threshold in Self.thresholds {
                let cells = report.cells.filter { $0.run == run && $0.threshold == threshold }
                for (fewer, more) in zip(cells, cells.dropFirst()) {
                    #expect(fewer.finalK < more.finalK)
                    #expect(fewer.success <= more.success)
                    #expect(fewer.recall <= more.recall)
                    #expect(fewer.meanPassages <= more.meanPassages)
                    #expect(fewer.abstained == more.abstained)
                }
            }
            // Recall of all candidates is the first stage's, whoever orders them.
            let first = try #require(report.run(nil, report.runs[run].initialK))
            #expect(report.runs[run].values == first.values)
        }
        for system in [nil, "s0", "s1"] {
            for (fewer, more) in zip(Self.initialKs, Self.initialKs.dropFirst()) {
                let (less, all) = (report.run(system, fewer), report.run(system, more))
                #expect(try #require(less).quality <= #require(all).quality)
            }
        }
        for cell in report.cells where cell.threshold == .logit(-1) {
            let system = report.runs[cell.run].system
            let initialK = report.runs[cell.run].initialK
            let strict = try #require(report.cell(system, initialK, .logit(0.5), cell.finalK))
            #expect(strict.abstained >= cell.abstained)
            #expect(strict.meanPassages <= cell.meanPassages)
            #expect(strict.success <= cell.success)
            let all = try #require(report.cell(system, initialK, nil, cell.finalK))
            #expect(all.meanPassages >= cell.meanPassages)
            let none = try #require(report.cell(system, initialK, .logit(100), cell.finalK))
            #expect(none.abstained == 1 && none.precision == nil && none.meanPassages == 0 && none.quality == 0)
        }
    }

    @Test func nothingBeatsTheBestOrderOfTheSameCandidates() throws {
        let fixture = SweepFixture(queries: 60, candidates: 40, seed: 9)
        let measure = try Measure(parsing: "nDCG@10")
        let report = try Self.report(fixture, Self.settings())
        for initialK in Self.initialKs {
            var oracle = Run(name: "oracle")
            for observation in fixture.truncated(to: initialK) {
                let documents = Set(observation.candidates.map(\.passage.documentID))
                try oracle.setEntries(
                    documents.map { id in
                        let grade = fixture.qrels.grade(of: id, for: observation.id) ?? 0
                        return Run.Entry(documentID: id, score: Float(max(0, grade)))
                    }, for: observation.id)
            }
            let best = try MeasuredRun(oracle, qrels: fixture.qrels, measures: [measure]).values(of: measure) ?? []
            for run in report.runs where run.initialK == initialK {
                #expect(zip(run.values, best).allSatisfy { $0 <= $1 + 1e-12 })
            }
        }
    }

    @Test func theOrderOfTheQueriesChangesNothing() throws {
        let fixture = SweepFixture(queries: 40, candidates: 20, groupSize: 3)
        var generator = SeededGenerator(seed: 2)
        let order = fixture.observations.indices.shuffled(using: &generator)
        let measure = SweepMeasure(.primaryDefault, qrels: fixture.qrels)
        let sweep = Sweep(Self.settings(), measure: measure, qrels: fixture.qrels)
        let one = try sweep.report(on: fixture.observations, groups: fixture.groups)
        let other = try sweep.report(
            on: order.map { fixture.observations[$0] }, groups: order.map { fixture.groups[$0] })
        #expect(one.json.text == other.json.text)
        #expect(one.groupCount == 14)
    }

    /// Two ids that look the same are two documents.
    @Test func idsAreBytes() throws {
        var qrels = Qrels()
        qrels.judge("e\u{301}", for: "q", grade: 1)
        let candidates = ["\u{E9}", "e\u{301}"].enumerated().map { place, id in
            Candidate(passage: Passage(id: id, documentID: id, text: ""), rank: place + 1)
        }
        let observation = QueryObservation(
            id: "q", text: "", candidates: candidates, retrievalTime: .zero, scorings: [])
        let settings = SweepSettings(initialKs: [1, 2], finalKs: [1, 2], systems: [])
        let report = try Sweep(settings, measure: SweepMeasure(.primaryDefault, qrels: qrels), qrels: qrels)
            .report(on: [observation])
        #expect(report.cells.map(\.success) == [0, 0, 1])
        #expect(report.cells.map(\.precision) == [0, 0, 0.5])
        #expect(report.cells.map(\.meanTokens) == [nil, nil, nil])
        #expect(report.cells.map(\.abstainedUnanswerable) == [nil, nil, nil])
    }

    @Test func probabilitiesComeFromTheSystemsCalibration() throws {
        let fixture = SweepFixture(queries: 30, candidates: 20)
        var systems = SweepFixture.systems(2)
        systems[0].thresholds = [.logit(1), .probability(0.75)]
        systems[0].probability = { Probability(calibrated: $0.value >= 1 ? 0.75 : 0.25) }
        systems[1].thresholds = [nil]
        let settings = SweepSettings(initialKs: [20], finalKs: [5], thresholds: [.probability(0.1)], systems: systems)
        let report = try Self.report(fixture, settings)
        let cells = report.cells
        #expect(cells.map(\.threshold) == [nil, .logit(1), .probability(0.75), nil])
        #expect(cells[1].success == cells[2].success && cells[1].meanPassages == cells[2].meanPassages)
        #expect(cells[1].meanPassages < cells[3].meanPassages)
    }
}

extension SweepFixture {
    /// Each document's grade is its first piece's too.
    mutating func judgePassages() {
        let documents = qrels
        qrels = Qrels()
        for id in documents.queryIDs {
            for judgement in documents.judgements(of: id) {
                qrels.judge(judgement.documentID + "#0", for: id, grade: judgement.grade)
            }
        }
    }
}
