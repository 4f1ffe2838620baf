import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct SweepChoiceTests {
    /// s0 gains much at 20 candidates and, for a few queries only, a little more at 50.
    static var saturating: SweepTable {
        var table = SweepTable(
            value: { query, system, initialK in
                let base = Double(query % 5) / 10
                guard system > 0 else { return base }
                return base + (query % 3 == 0 ? 0 : 0.3) + (initialK == 50 ? (query % 20 == 0 ? 0.05 : 0) : 0)
                    - (initialK == 5 ? 0.1 : 0) - (initialK == 50 && query % 20 == 1 ? 0.04 : 0)
            }, queries: 100, initialKs: [5, 20, 50])
        table.times = SweepTable.times([
            (nil, 5, 1), (nil, 20, 2), (nil, 50, 3), ("s0", 5, 11), ("s0", 20, 42), ("s0", 50, 103),
        ])
        return table
    }

    @Test func theCheapestWithinOneErrorOfTheBest() throws {
        let report = try Self.saturating.report()
        let taken = report.recommendation
        #expect(taken.outcome == .rerank)
        #expect(report.runs[try #require(taken.run)].initialK == 20)
        #expect(report.runs[try #require(taken.best)].initialK == 50)
        #expect(taken.chosenByRule == taken.run)
        #expect(report.cells[try #require(taken.cell)].run == taken.run)
        #expect(
            taken.reason.hasPrefix(
                "Take s0 over 20 candidates: its value of 0.398 is within one standard error of the best, s0 over 50 "
                    + "candidates with 0.399 (difference -0.001, standard error 0.001), and it is the fastest such: "
                    + "p95 42.0 ms instead of 103 ms; on held-out queries choosing so gives 0.398, +0.198 against no "
                    + "reranking, 95 % interval +0.1"
            ))
        #expect(taken.reason.hasSuffix("."))
        let heldOut = try #require(report.heldOut)
        #expect(heldOut.verdict.outcome == .helps)
        #expect(heldOut.comparison.baselineMean == report.run(nil, 50)?.quality)
        #expect(heldOut.choices.first?.run == taken.run)
        #expect(SweepFixture.isClose(heldOut.choices.reduce(0) { $0 + $1.share }, 1))
    }

    @Test func theBestWhateverItCosts() throws {
        var table = Self.saturating
        table.rule = .best
        let report = try table.report()
        #expect(report.recommendation.run.map { report.runs[$0].initialK } == 50)
        #expect(report.recommendation.run == report.recommendation.best)
    }

    /// A small gain on every query is beyond its own error, however much the queries differ among themselves: with the
    /// error of the mean, the cheap setting would pass.
    @Test func theErrorIsThatOfThePairedDifference() throws {
        var table = Self.saturating
        table.value = { query, system, initialK in
            Double(query % 2) * 0.9 + (system == 0 ? 0 : initialK == 50 ? 0.05 : 0.04)
        }
        let report = try table.report()
        #expect(report.recommendation.run.map { report.runs[$0].initialK } == 50)
        let twenty = try #require(report.run("s0", 20))
        #expect(SweepFixture.isClose(twenty.differenceToBest.mean, -0.01))
        #expect(try #require(twenty.differenceToBest.standardError) < 1e-12)
        #expect(report.recommendation.reason.contains("nothing cheaper is within one standard error"))
    }

    @Test func theBudgetIsKept() throws {
        var table = Self.saturating
        table.atMost = .milliseconds(20)
        var report = try table.report()
        #expect(report.recommendation.run.map { report.runs[$0].initialK } == 5)
        #expect(report.recommendation.outcome == .rerank)
        table.atMost = .milliseconds(11)
        #expect(try table.report().recommendation.outcome == .rerank)
        table.atMost = .milliseconds(10)
        #expect(try table.report().recommendation.outcome == .firstStage)

        table.atMost = .microseconds(500)
        report = try table.report()
        #expect(report.recommendation.outcome == .nothingFits)
        #expect(report.recommendation.cell == nil && report.recommendation.run == nil && report.heldOut == nil)
        #expect(
            report.recommendation.reason
                == "No setting was measured to keep p95 within 0.50 ms: the fastest, no reranking over 5 "
                + "candidates, takes 1.00 ms.")
        table.times = SweepTimes()
        report = try table.report()
        #expect(report.recommendation.outcome == .nothingFits)
        #expect(report.recommendation.reason.hasPrefix("No latency was measured"))
    }

    /// The percentile that is named decides, and nothing is made up for what was not measured.
    @Test func latencyIsWhatWasMeasured() throws {
        var table = Self.saturating
        var times = SweepTimes()
        let spread = (1...100).map { Duration.milliseconds($0) }
        times.set(spread, system: "s0", initialK: 20)
        times.set([.milliseconds(40)], system: nil, initialK: 50)
        times.set([], system: "s0", initialK: 50)
        table.times = times
        let report = try table.report()
        #expect(report.run("s0", 50)?.latency == nil)
        #expect(report.run("s0", 5)?.latency == nil)
        #expect(report.run("s0", 20)?.latency == LatencySummary(spread))
        #expect(report.front.map { report.runs[$0.run].name } == ["no reranking", "s0"])
        #expect(report.notes.contains { $0.hasPrefix("4 of 6 runs have no measured latency") })
        #expect(report.notes.contains { $0.contains("fewer than 59") })
        // Without all times, what computes less is cheaper.
        #expect(report.recommendation.run.map { report.runs[$0].initialK } == 20)
        #expect(report.recommendation.reason.contains("it computes least"))

        table.atMost = .milliseconds(60)
        #expect(try table.report().recommendation.outcome == .firstStage)
        table.percentile = .p50
        #expect(try table.report().recommendation.run.map { report.runs[$0].name } == "s0")
    }

    @Test func noRerankingStaysUnlessItHelps() throws {
        // Better on some, worse on as many: the first stage is within one error of it, and cheaper.
        var table = SweepTable(
            value: { query, system, _ in system == 0 ? 0.5 : query % 2 == 0 ? 0.9 : 0.12 }, queries: 80)
        var report = try table.report()
        #expect(report.recommendation.outcome == .firstStage)
        #expect(report.recommendation.chosenByRule.map { report.runs[$0].system } == .some(nil))
        // Over one error, and yet no more than chance.
        table.value = { query, system, _ in system == 0 ? 0.5 : query % 2 == 0 ? 0.9 : 0.22 }
        report = try table.report()
        #expect(report.recommendation.outcome == .firstStage)
        #expect(report.recommendation.chosenByRule.map { report.runs[$0].system } == "s0")
        #expect(report.recommendation.run.map { report.runs[$0].system } == .some(nil))
        #expect(
            report.recommendation.reason.hasPrefix(
                "Stay without reranking: s0 over 10 candidates has value 0.560 here, but held-out queries do not show "
                    + "that it helps: "))
        // On every query: it helps.
        table.value = { query, system, _ in (system == 0 ? 0.4 : 0.5) + Double(query % 7) / 100 }
        #expect(try table.report().recommendation.outcome == .rerank)
        // All of one thread: one observation, from which nothing can be held out.
        table.groups = { _ in "thread" }
        report = try table.report()
        #expect(report.recommendation.outcome == .firstStage)
        #expect(report.heldOut == nil)
        #expect(report.groupCount == 1)
    }

    /// A worse reranker is not recommended for being measured at all.
    @Test func aHarmfulRerankerIsLeftAlone() throws {
        let table = SweepTable(
            value: { query, system, _ in system == 0 ? 0.5 : 0.3 + Double(query % 3) / 10 }, queries: 60)
        let report = try table.report()
        #expect(report.recommendation.outcome == .firstStage)
        #expect(report.recommendation.best.map { report.runs[$0].system } == .some(nil))
    }

    /// finalK: as few as find as often; the threshold too, where it keeps what is relevant.
    @Test func asFewAsFindAsOften() throws {
        var table = Self.saturating
        table.finalKs = [1, 3, 5, 20]
        // Relevant in the first place for half of the queries, in the third for the rest, but for one.
        table.relevantPlace = { $0 == 99 ? 15 : $0 % 2 == 0 ? 1 : 3 }
        var report = try table.report()
        var cell = report.cells[try #require(report.recommendation.cell)]
        #expect(cell.finalK == 3 && cell.threshold == nil)
        #expect(
            report.recommendation.reason.hasSuffix(
                "; show at most 3 (3.0 on average): something relevant is among them for 99.0 % of the queries, within "
                    + "one standard error of the 100.0 % with 20.0 passages."))
        // Logits are 1, 0, -2, -3 …: the first three reach -2.
        table.thresholds = [nil, .logit(-2), .logit(0.5)]
        table.finalKs = [5, 20]
        report = try table.report()
        cell = report.cells[try #require(report.recommendation.cell)]
        #expect(cell.threshold == .logit(-2) && cell.finalK == 5 && cell.meanPassages == 3)
        #expect(report.recommendation.reason.contains("show at most 5 that reach logit:-2 (3.0 on average)"))
        // Under the rule of the best it is the most that can be found.
        table.rule = .best
        report = try table.report()
        cell = report.cells[try #require(report.recommendation.cell)]
        #expect(cell.success == 1 && cell.threshold == nil && cell.finalK == 20)
    }

    @Test func theFrontOfWhatIsShown() throws {
        var table = Self.saturating
        table.finalKs = [1, 3, 5, 20]
        table.thresholds = [nil, .logit(-2)]
        table.relevantPlace = { $0 % 2 == 0 ? 1 : 3 }
        let report = try table.report()
        let run = try #require(report.recommendation.run)
        let front = report.shownFront(of: run).map { report.cells[$0] }
        // finalK 3 shows the same three with the threshold and without; more passages find nothing more.
        #expect(front.map(\.meanPassages) == [1, 1, 3, 3, 3, 3])
        #expect(front.map(\.success) == [0.5, 0.5, 1, 1, 1, 1])
        #expect(front.allSatisfy { $0.run == run })
    }

    /// The reranker brings judged documents up, in a worse order: among judged documents alone it loses, and what it
    /// gains is the judgements'.
    @Test func unevenJudgementsAreNoGain() throws {
        var qrels = Qrels()
        let observations = (0..<40).map { query in
            let id = SweepTable.id(query)
            for document in ["d5", "d6", "d7"] { qrels.judge(document, for: id, grade: document == "d5" ? 1 : 0) }
            return QueryObservation(
                id: id, text: "",
                candidates: (0..<10).map {
                    Candidate(passage: Passage(id: "d\($0)", documentID: "d\($0)", text: ""), rank: $0 + 1)
                },
                retrievalTime: .zero,
                scorings: [
                    .init(
                        scores: (0..<10).map { SweepFixture.score([5: 2, 6: 4, 7: query % 2 == 0 ? 3 : 1][$0] ?? 0) },
                        time: .zero)
                ])
        }
        let settings = SweepSettings(initialKs: [10], finalKs: [3], systems: SweepFixture.systems(1))
        var sweep = Sweep(settings, measure: SweepMeasure(try Measure(parsing: "nDCG@6"), qrels: qrels), qrels: qrels)
        let report = try sweep.report(on: observations)
        let heldOut = try #require(report.heldOut)
        #expect(heldOut.comparison.difference > 0.1)
        let judged = try #require(heldOut.verdict.judged)
        #expect(SweepFixture.isClose(judged.baseline, 1.0 / 6) && SweepFixture.isClose(judged.system, 0.5))
        #expect(heldOut.verdict.outcome == .cannotTell(.unjudged))
        #expect(report.recommendation.outcome == .firstStage)
        sweep.measure.coverage = nil
        #expect(try sweep.report(on: observations).recommendation.outcome == .rerank)
    }

    @Test func theFrontMarksWhatCannotBeToldApart() throws {
        let report = try Self.saturating.report()
        #expect(report.front.map { report.runs[$0.run].name } == ["no reranking", "s0", "s0", "s0"])
        #expect(report.front.map { report.runs[$0.run].initialK } == [5, 5, 20, 50])
        #expect(report.front.map(\.isToldApartFromNext) == [true, true, false, true])
        #expect(report.front.last?.differenceToNext == nil)
    }

    /// Equal in both: neither is dropped.
    @Test func tiesOnTheFrontStay() throws {
        var table = Self.saturating
        table.systems = 2
        table.times = SweepTable.times([(nil, 20, 1), ("s0", 20, 10), ("s1", 20, 10)])
        table.initialKs = [20]
        let report = try table.report()
        #expect(report.front.map { report.runs[$0.run].name } == ["no reranking", "s0", "s1"])
    }

    /// Against the comparison of the significance tests, which computes the same error in another way.
    @Test(arguments: [1, 3])
    func theErrorOfADifference(groupSize: Int) throws {
        let fixture = SweepFixture(queries: 50, candidates: 20, groupSize: groupSize)
        let settings = SweepSettings(initialKs: [20], finalKs: [5], systems: SweepFixture.systems(1))
        let report = try Sweep(
            settings, measure: SweepMeasure(.primaryDefault, qrels: fixture.qrels), qrels: fixture.qrels
        ).report(on: fixture.observations, groups: fixture.groups)
        let (first, second) = (report.runs[0], report.runs[1])
        let labels = report.queryIDs.map { id in
            fixture.observations.firstIndex { $0.id == id }.flatMap { fixture.groups[$0] }
        }
        let comparison = try PairedComparison(baseline: first.values, system: second.values, groups: labels)
        let difference = try #require(second.differenceToFirstStage)
        #expect(SweepFixture.isClose(difference.mean, comparison.difference))
        #expect(
            SweepFixture.isClose(try #require(difference.standardError), try #require(comparison.standardError)))
        #expect(difference.groups == comparison.unitCount)
        #expect(difference.nonTiedGroups == comparison.units.nonTied)
        #expect(first.differenceToFirstStage == nil)
    }
}
