import Testing
import WinnowEvaluation

@Suite struct VerdictTests {
    /// A comparison with these differences from a baseline of 0.5.
    private func comparison(_ differences: [Double], groups: [String?]? = nil) throws -> PairedComparison {
        try PairedComparison(
            baseline: [Double](repeating: 0.5, count: differences.count), system: differences.map { 0.5 + $0 },
            groups: groups, options: .init(resamples: 2000))
    }

    private func verdict(
        _ differences: [Double], groups: [String?]? = nil, judged: JudgedCoverage? = nil, minimumEffect: Double = 0.02,
        correctedP: Double? = nil, correctedOver: Int = 1
    ) throws -> Verdict {
        try Verdict(
            measure: "nDCG@10", system: "Reranking", comparison: comparison(differences, groups: groups),
            correctedP: correctedP, correctedOver: correctedOver, judged: judged, minimumEffect: minimumEffect)
    }

    private func alternating(_ count: Int, _ up: Double, _ down: Double) -> [Double] {
        (0..<count).map { $0 % 2 == 0 ? up : down }
    }

    @Test func helps() throws {
        let verdict = try verdict([Double](repeating: 0.1, count: 12))
        #expect(verdict.outcome == .helps && !verdict.isLessThanMatters)
        #expect(
            verdict.sentence
                == "Reranking helps: nDCG@10 rises from 0.500 to 0.600 (+0.100, 95 % interval +0.100 to +0.100, "
                + "p = 0.0005 over 12 queries; 12 better, 0 equal, 0 worse).")
    }

    @Test func hurts() throws {
        let verdict = try verdict([Double](repeating: -0.1, count: 12) + [0, 0, 0, 0])
        #expect(verdict.outcome == .hurts)
        #expect(
            verdict.sentence.hasPrefix("Reranking hurts: nDCG@10 falls from 0.500 to 0.425 (-0.075, 95 % interval -0.0")
        )
        #expect(verdict.sentence.hasSuffix(" over 16 queries; 0 better, 4 equal, 12 worse)."))
    }

    @Test func helpsByLessThanMatters() throws {
        let up = try verdict([Double](repeating: 0.01, count: 12))
        #expect(up.outcome == .helps && up.isLessThanMatters)
        #expect(
            up.sentence.hasPrefix("Reranking helps, but by less than matters (0.02): nDCG@10 rises from 0.500 to 0.510")
        )
        let down = try verdict([Double](repeating: -0.01, count: 12))
        #expect(down.outcome == .hurts && down.isLessThanMatters)
        #expect(
            down.sentence.hasPrefix(
                "Reranking hurts, but by less than matters (0.02): nDCG@10 falls from 0.500 to 0.490"))
        // The least effect is no part of what does not matter.
        #expect(try !verdict([Double](repeating: 0.01, count: 12), minimumEffect: 0.005).isLessThanMatters)
    }

    @Test func makesNoDifferenceThatMatters() throws {
        let verdict = try verdict(alternating(40, 0.03, -0.03))
        #expect(verdict.outcome == .noDifferenceThatMatters)
        #expect(
            verdict.sentence.hasPrefix(
                "Reranking makes no difference that matters: nDCG@10 stays at 0.500 (0.000, 90 % interval -0.0"))
        #expect(verdict.sentence.hasSuffix(", within ±0.02; p = 1.00 over 40 queries; 20 better, 0 equal, 20 worse)."))
        // The same differences, asked more finely.
        #expect(try self.verdict(alternating(40, 0.03, -0.03), minimumEffect: 0.005).outcome == .cannotTell(.uncertain))
    }

    /// Both ends of the 90 % interval must be within the least effect.
    @Test(arguments: [(0.16, -0.10), (0.10, -0.16)])
    func oneEndOutsideIsUncertain(up: Double, down: Double) throws {
        let verdict = try verdict(alternating(50, up, down))
        #expect(verdict.outcome == .cannotTell(.uncertain))
        let interval = try #require(verdict.comparison.interval90)
        #expect((interval.lower > -0.02) != (interval.upper < 0.02))
    }

    @Test(arguments: [(1, "only 1 query differs"), (5, "only 5 queries differ")])
    func fewDifferencesAreNoEvidence(differing: Int, text: String) throws {
        let verdict = try verdict(
            [Double](repeating: 0.4, count: differing) + [Double](repeating: 0, count: 20 - differing))
        #expect(verdict.outcome == .cannotTell(.fewDifferences) && verdict.unitsNeeded == nil)
        #expect(
            verdict.sentence.contains(
                "Reranking: cannot be told with 20 queries; \(text), and fewer than 6 can always be chance"))
    }

    @Test(arguments: 6...9)
    func sixToNineDifferencesHaveNoInterval(differing: Int) throws {
        let verdict = try verdict(
            [Double](repeating: 0.4, count: differing) + [Double](repeating: 0, count: 20 - differing))
        #expect(verdict.outcome == .cannotTell(.fewForInterval) && verdict.pValue <= 0.05)
        #expect(verdict.sentence.contains("too few to say by how much"))
        #expect(verdict.sentence.contains("that it helps is likely."))
    }

    @Test func nothingDiffers() throws {
        let verdict = try verdict([0, 0, 0])
        #expect(verdict.outcome == .cannotTell(.noDifference))
        #expect(
            verdict.sentence
                == "Reranking: cannot be told with 3 queries; nDCG@10 is the same on every one of them (mean 0.500).")
    }

    @Test func groupsThatBalanceAreFewDifferences() throws {
        let verdict = try verdict([0.1, -0.1, 0.2, -0.2], groups: ["a", "a", "b", "b"])
        #expect(verdict.outcome == .cannotTell(.fewDifferences))
        #expect(verdict.sentence.contains("with 4 queries in 2 groups; no group differs"))
    }

    @Test func uncertainSaysHowManyItTakes() throws {
        let differences = alternating(50, 0.3, -0.26)
        let verdict = try verdict(differences)
        #expect(verdict.outcome == .cannotTell(.uncertain))
        // sd = 0.28 · √(50/49): (2.8016 · sd / 0.02)² = 1569.8.
        #expect(verdict.unitsNeeded == 1570)
        #expect(
            verdict.sentence.hasPrefix(
                "Reranking: cannot be told with 50 queries; the difference may be anything from -0.0"))
        #expect(verdict.sentence.contains("(nDCG@10 rises from 0.500 to 0.520, +0.020, p = 0."))
        #expect(verdict.sentence.hasSuffix(" About 1,570 queries would show a true difference of 0.02."))
    }

    @Test func uncertainWithEnoughQueriesDoesNotAskForFewer() throws {
        // Wide enough to be neither 0 nor within ±0.02, with more queries than 0.02 takes.
        let verdict = try verdict(alternating(400, 0.141, -0.119))
        #expect(verdict.outcome == .cannotTell(.uncertain))
        #expect(try #require(verdict.unitsNeeded) <= 400)
        #expect(
            verdict.sentence.hasSuffix(
                "So many would show a true difference of 0.02 eight times in ten; a smaller one takes more."))
    }

    @Test func groupsAreCountedAsGroups() throws {
        let groups = (0..<120).map { String?("g\($0 / 10)") }
        let differences = (0..<120).map { $0 / 10 % 2 == 0 ? 0.12 : -0.08 }
        let verdict = try verdict(differences, groups: groups)
        #expect(verdict.outcome == .cannotTell(.uncertain))
        #expect(verdict.sentence.contains("with 120 queries in 12 groups; the difference may be anything from"))
        #expect(verdict.sentence.contains("6 groups better, 0 equal, 6 worse"))
        let needed = try #require(verdict.unitsNeeded)
        // (2.8016 · 0.1 · √(12/11) / 0.02)² = 214.06
        #expect(needed == 215)
        #expect(
            verdict.sentence.hasSuffix(
                "About 215 groups (2,150 queries, at this size of group) would show a true "
                    + "difference of 0.02."))
    }

    /// A number that nobody will ever label is no advice. Both bounds must be passed: 2,000, and twenty times as many as there are.
    @Test(arguments: [(10, 2000, true), (10, 2001, false), (100, 2000, true), (101, 2020, true), (101, 2021, false)])
    func whatIsRealistic(present: Int, needed: Int, isRealistic: Bool) throws {
        // Differences of ±d with standard deviation sd need ⌈(2.8016 · sd / effect)²⌉ units: choose the effect for it.
        let differences = alternating(present, 0.29, -0.27)
        let deviation = try #require(comparison(differences).standardDeviation)
        let effect = Power.twoSidedFactor * deviation / (Double(needed) - 0.5).squareRoot()
        let verdict = try verdict(differences, minimumEffect: effect)
        #expect(verdict.unitsNeeded == needed && verdict.outcome == .cannotTell(.uncertain))
        #expect(verdict.sentence.contains("About \(FigureText.grouped(needed)) queries") == isRealistic)
        let said = "too small to be shown with a test set of realistic size; only a larger one can be."
        #expect(verdict.sentence.hasSuffix(said) == !isRealistic)
    }

    @Test func correctionDecides() throws {
        let differences = [Double](repeating: 0.1, count: 12)
        let kept = try verdict(differences, correctedP: 0.05, correctedOver: 3)
        #expect(kept.outcome == .helps)
        #expect(kept.sentence.contains("p = 0.0500 after Holm's correction for 3 systems over 12 queries"))
        let lost = try verdict(differences, correctedP: 0.0501, correctedOver: 3)
        #expect(lost.outcome == .cannotTell(.uncertain))
        #expect(
            lost.sentence.contains(
                "the 95 % interval of the difference is +0.100 to +0.100, but at this p it may be chance"))
    }

    @Test(arguments: [
        // Judged@10 of both, the condensed difference, and whether the judgements decide.
        (0.95, 0.90, 0.01, false), (0.95, 0.89, 0.01, true), (0.95, 0.89, -0.01, false), (0.95, 0.89, 0.0, false),
        (0.55, 0.50, 0.01, false), (0.80, 0.95, 0.01, true),
    ])
    func judgementsThatDecide(baseline: Double, system: Double, condensed: Double, decide: Bool) throws {
        let judged = JudgedCoverage(cutoff: 10, baseline: baseline, system: system, condensedDifference: condensed)
        let verdict = try verdict([Double](repeating: -0.1, count: 12), judged: judged)
        #expect(verdict.outcome == (decide ? .cannotTell(.unjudged) : .hurts))
        #expect(verdict.sentence.contains("never judged") == (abs(baseline - system) > 0.055))
    }

    @Test func unjudgedSentence() throws {
        let judged = JudgedCoverage(cutoff: 10, baseline: 0.88, system: 0.66, condensedDifference: 0.012)
        let verdict = try verdict([Double](repeating: -0.1, count: 12), judged: judged)
        #expect(
            verdict.sentence
                == "Reranking: cannot be told from these judgements; 34 % of its top 10 was never judged (the first "
                + "stage's: 12 %), and among judged documents alone the difference is +0.012 and not -0.100 (nDCG@10 "
                + "falls from 0.500 to 0.400, p = 0.0005 over 12 queries; 0 better, 0 equal, 12 worse). Judge what is missing, "
                + "from both.")
    }

    /// A name cannot forge a line of a log.
    @Test func namesAreQuoted() throws {
        let verdict = try Verdict(
            measure: "RR@10", system: "mini\nsecond line", comparison: comparison([Double](repeating: 0.1, count: 12)))
        #expect(!verdict.sentence.contains("\n"))
    }

    @Test(arguments: [0, -0.02, .nan, .infinity])
    func leastEffectIsPositive(effect: Double) throws {
        #expect(throws: EvaluationError.self) { try verdict([0.1], minimumEffect: effect) }
    }

    @Test func outcomesHaveDistinctNamesAndMarks() {
        let outcomes: [Verdict.Outcome] = [.helps, .hurts, .noDifferenceThatMatters, .cannotTell(.uncertain)]
        #expect(Set(outcomes.map(\.name)).count == 4 && Set(outcomes.map(\.mark)).count == 4)
    }
}
