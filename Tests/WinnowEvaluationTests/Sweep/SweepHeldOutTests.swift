import TestSupport
import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct SweepHeldOutTests {
    /// Of equal settings the best looks better than it is, by about 1.63 standard deviations of a mean for twelve; on
    /// queries that had no part in the choice it does not.
    @Test func theWinnersCurseIsSeenAndLifted() throws {
        let (settings, queries, simulations) = (12, 50, 60)
        // Paired differences of two settings have √2 times this: 0.17.
        let spread = 0.12
        var (apparent, expected) = (0.0, 0.0)
        for simulation in 0..<simulations {
            var generator = SeededGenerator(seed: 1000 + UInt64(simulation))
            // Twelve uniforms less six: nearly normal, variance 1.
            func normal() -> Double {
                (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
            }
            let levels = (0..<queries).map { _ in 0.5 + 0.2 * normal() }
            let values = levels.map { level in (0..<settings).map { _ in level + spread * normal() } }
            // The first stage is out of the race.
            let table = SweepTable(
                value: { query, system, _ in system == 0 ? -9 : values[query][system - 1] }, queries: queries,
                systems: settings, initialKs: [20], rule: .best,
                check: .folds(5, partitions: 20, seed: UInt64(simulation)))
            let heldOut = try #require(try table.report().heldOut)
            let truth = levels.reduce(0, +) / Double(queries)
            apparent += (heldOut.apparent - truth) / Double(simulations)
            expected += (heldOut.expected - truth) / Double(simulations)
            #expect(SweepFixture.isClose(heldOut.gap, heldOut.apparent - heldOut.expected))
        }
        // The standard error of each over the simulations is at most 0.17/√50/√60 = 0.0031.
        #expect(apparent > 0.018 && apparent < 0.038, "apparent bias \(apparent)")
        #expect(abs(expected) < 0.0093, "held-out bias \(expected)")
    }

    /// Each system shines in one group only. Who chooses without a group cannot know which, so held-out values never
    /// shine; folds that tore groups apart would let the choice see it.
    @Test(arguments: [2, 5, 12, 40])
    func groupsAreHeldOutWhole(folds: Int) throws {
        let table = SweepTable(
            value: { query, system, _ in system == query / 10 + 1 ? 1 : system == 0 ? -1 : 0 }, queries: 120,
            systems: 12,
            initialKs: [20], groups: { "g\($0 / 10)" }, rule: .best, check: .folds(folds, partitions: 7))
        let report = try table.report()
        let heldOut = try #require(report.heldOut)
        #expect(report.groupCount == 12)
        #expect(SweepFixture.isClose(heldOut.apparent, 10.0 / 120))
        #expect(heldOut.expected == 0)
        #expect(heldOut.method == .folds(min(folds, 12), partitions: 7, seed: 1))
        #expect(heldOut.comparison.unitCount == 12)
        #expect(report.notes.contains { $0.hasPrefix("The 120 queries form 12 groups") })

        // Many folds of single queries leave a training half without a loss: only few show what tearing does.
        guard folds <= 5 else { return }
        var alone = table
        alone.groups = { _ in nil }
        #expect(try #require(try alone.report().heldOut).expected > 0)
    }

    /// What is chosen whatever is left out is worth what it looks like.
    @Test(arguments: [3, 6, 50])
    func aClearChoiceHasNoGap(queries: Int) throws {
        let table = SweepTable(
            value: { query, system, _ in Double(query % 3) / 10 + (system == 2 ? 0.5 : 0) }, queries: queries,
            systems: 3)
        let report = try table.report()
        let heldOut = try #require(report.heldOut)
        #expect(SweepFixture.isClose(heldOut.gap, 0))
        #expect(heldOut.choices.map(\.share) == [1])
        #expect(heldOut.choices.first.map { report.runs[$0.run].system } == "s1")
        #expect(heldOut.method == .folds(min(5, queries), partitions: 20, seed: 1))
        #expect(heldOut.expectedSuccess == 1 && heldOut.apparentSuccess == 1 && heldOut.expectedPassages == 1)
        // Three or six queries say nothing, however clear they are.
        #expect(report.recommendation.outcome == (queries < 10 ? .firstStage : .rerank))
    }

    @Test func theSeedDecidesThePartitions() throws {
        func report(seed: UInt64) throws -> SweepReport {
            var generator = SeededGenerator(seed: 4)
            let values = (0..<60).map { _ in (0..<4).map { _ in Double.random(in: 0..<1, using: &generator) } }
            return try SweepTable(
                value: { query, system, _ in values[query][system] }, queries: 60, systems: 3, rule: .best,
                check: .folds(5, partitions: 3, seed: seed)
            ).report()
        }
        let one = try report(seed: 1)
        #expect(try report(seed: 1).json.text == one.json.text)
        #expect(try (2...6).contains { try report(seed: $0).heldOut?.expected != one.heldOut?.expected })
    }

    /// s0 is better on the even queries, s1 on the odd ones.
    static func split(_ chooseOn: [Int], _ reportOn: [Int]) -> SweepTable {
        SweepTable(
            value: { query, system, _ in
                let isBetter = system == 1 + query % 2
                return 0.2 + Double(query % 6) / 50 + (system == 0 ? 0 : isBetter ? 0.4 : 0.1)
            }, queries: 60, systems: 2,
            check: .split(chooseOn: chooseOn.map(SweepTable.id), reportOn: reportOn.map(SweepTable.id)))
    }

    @Test func aSplitChoosesOnOneSideAndReportsOnTheOther() throws {
        let (even, odd) = (Array(stride(from: 0, to: 60, by: 2)), Array(stride(from: 1, to: 50, by: 2)))
        let report = try Self.split(even, odd).report()
        let heldOut = try #require(report.heldOut)
        #expect(report.queryIDs == even.map(SweepTable.id))
        #expect(heldOut.method == .split(chosenOn: 30, reportedOn: 25))
        #expect(report.recommendation.run.map { report.runs[$0].system } == "s0")
        #expect(report.recommendation.outcome == .rerank)
        let mean = { (queries: [Int], gain: Double) in
            queries.reduce(0.0) { $0 + 0.2 + Double($1 % 6) / 50 + gain } / Double(queries.count)
        }
        #expect(SweepFixture.isClose(heldOut.apparent, mean(even, 0.4)))
        #expect(SweepFixture.isClose(heldOut.expected, mean(odd, 0.1)))
        #expect(SweepFixture.isClose(heldOut.comparison.baselineMean, mean(odd, 0)))
        #expect(heldOut.choices.count == 1 && heldOut.choices[0].share == 1)
        #expect(report.notes.contains("5 queries are on neither side of the split."))
        #expect(report.runs.allSatisfy { $0.values.count == 30 })
    }

    @Test func splitsThatLeakAreRefused() {
        func message(_ table: SweepTable) -> String { SweepFixture.message { _ = try table.report() } }
        #expect(
            message(Self.split([0, 1], [1, 2]))
                == "sweep: query 'q0001' is named to choose on and to report on: what chose cannot report; "
                + "keep it on one side"
        )
        #expect(
            message(Self.split([0, 1], [2, 60]))
                == "sweep: query 'q0060' is named to report on, and no judged query has this id: mend the list")
        #expect(message(Self.split([], [1])) == "sweep: no queries to choose on is given: name at least one value")
        #expect(message(Self.split([1], [])).contains("queries to report on"))
        var table = Self.split([0, 1], [2, 3])
        table.groups = { _ in "thread" }
        #expect(
            message(table)
                == "sweep: group 'thread' has query 'q0001' to choose on and 'q0002' to report on: queries of a "
                + "group resemble each other; keep it on one side"
                || message(table).hasPrefix(
                    "sweep: group 'thread' has query 'q0000' to choose on and 'q0002' to report on")
        )
        #expect(message(Self.split([0, 0, 1], [2, 3, 3])) == "no error")
    }
}
