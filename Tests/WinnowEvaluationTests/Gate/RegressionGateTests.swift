import Testing
import WinnowEvaluation

@Suite struct RegressionGateTests {
    @Test(arguments: [
        ("nDCG@10=-0.01", "nDCG@10", -0.01), (" RR@10 = 0 ", "RR@10", 0), ("R@100=-.5", "R@100", -0.5),
        ("P(rel=2)@5=-1e-3", "P(rel=2)@5", -0.001), ("AP@10=-0", "AP@10", 0),
    ])
    func readsARule(text: String, measure: String, margin: Double) throws {
        let rule = try GateRule(parsing: text)
        #expect(rule.measure == measure && rule.margin == margin)
    }

    @Test(arguments: [
        "", "nDCG@10", "=-0.01", "nDCG@10=", "nDCG@10=a", "nDCG@10=nan", "nDCG@10=-inf", "nDCG@10=-0x1p-3",
        "nDCG@10=-0,01",
        "nDCG@10=-1%", "nDCG@10=-0.01,", "nDCG@10=\u{2212}0.01", "nDCG@10=- 0.01",
    ])
    func refusesASpelling(text: String) {
        #expect(throws: EvaluationError.self) { try GateRule.rules(parsing: [text]) }
    }

    /// A gain is no loss that one allows, and 1 is more than a measure can lose.
    @Test(arguments: ["nDCG@10=0.01", "nDCG@10=-1", "nDCG@10=-5"])
    func refusesAMargin(text: String) {
        #expect(throws: EvaluationError.gateMarginOutOfRange(rule: text)) { try GateRule(parsing: text) }
    }

    @Test func readsSeveral() throws {
        let rules = try GateRule.rules(parsing: ["nDCG@10=-0.01,RR@10=-0.02", "nDCG(rel=1,gain=2)@5=0"])
        #expect(rules.map(\.measure) == ["nDCG@10", "RR@10", "nDCG(rel=1,gain=2)@5"])
        #expect(throws: EvaluationError.gateRuleTwice(measure: "RR@10")) {
            try GateRule.rules(parsing: ["RR@10=0", "RR@10=-0.1"])
        }
        #expect(try GateRule.rules(parsing: []) == [])
    }

    private func side(_ values: [Double], digest: String = "d", groups: [String?]? = nil) -> GateSide {
        GateSide(
            queryIDs: values.indices.map { "q\($0)" }, valuesByMeasure: ["nDCG@10": values], qrelsDigest: digest,
            groups: groups)
    }

    private func gate(
        _ before: [Double], _ now: [Double], margin: Double = -0.01, groups: [String?]? = nil
    ) throws -> RegressionGate.Finding {
        let gate = try RegressionGate(
            [GateRule(measure: "nDCG@10", margin: margin)], baseline: side(before), current: side(now, groups: groups),
            options: .init(resamples: 100))
        #expect(gate.passes == (gate.findings.first?.outcome != .failed))
        return try #require(gate.findings.first)
    }

    private func flat(_ value: Double, _ count: Int) -> [Double] { [Double](repeating: value, count: count) }

    @Test func failsOnARealLossBeyondTheMargin() throws {
        let finding = try gate(flat(0.6, 12), flat(0.5, 12))
        #expect(finding.outcome == .failed && finding.pValue == 0x1p-12)
        #expect(
            finding.sentence
                == "failed: nDCG@10 falls from 0.600 to 0.500 (-0.100, -0.01 is allowed; one-sided p = 0.0002 over "
                + "12 queries; 0 better, 0 equal, 12 worse).")
    }

    @Test func aRealLossWithinTheMarginPasses() throws {
        #expect(try gate(flat(0.6, 12), flat(0.595, 12)).outcome == .passed)
        // The margin itself is allowed, whatever the rounding of the difference.
        #expect(try gate(flat(0.6, 12), flat(0.59, 12)).outcome == .passed)
        #expect(try gate(flat(0.6, 12), flat(0.5899, 12)).outcome == .failed)
        #expect(try gate(flat(0.6, 12), flat(0.59, 12), margin: 0).outcome == .failed)
    }

    /// Five in one direction have a one-sided p of 1/32, four of 1/16.
    @Test func aLossThatMayBeChanceIsSaid() throws {
        #expect(try gate(flat(0.6, 5), flat(0.5, 5)).outcome == .failed)
        let finding = try gate(flat(0.6, 4), flat(0.5, 4))
        #expect(finding.outcome == .couldNotTell && finding.detectableLoss == nil)
        #expect(finding.sentence.hasPrefix("could not tell: nDCG@10 falls from 0.600 to 0.500"))
        #expect(finding.sentence.hasSuffix("Only 4 queries changed: too few to say what loss would have been seen."))
    }

    @Test func saysWhatItCouldHaveSeen() throws {
        let before = flat(0.5, 400)
        let now = (0..<400).map { $0 % 2 == 0 ? 0.6 : 0.4 }
        // The standard error is 0.1 / √399: (1.6449 + 0.8416) of them are 0.01245, more than the margin alone gives.
        let finding = try gate(before, now, margin: -0.001)
        #expect(finding.outcome == .passed)
        #expect(abs(try #require(finding.detectableLoss) - 0.012448) < 1e-5)
        #expect(finding.sentence.hasSuffix("A true loss of 0.012 would have failed eight times in ten."))
        // With a wide margin a loss must be beyond it, too.
        #expect(abs(try #require(try gate(before, now, margin: -0.1).detectableLoss) - 0.104213) < 1e-5)
    }

    @Test func nothingChanged() throws {
        let finding = try gate(flat(0.5, 8), flat(0.5, 8))
        #expect(finding.outcome == .passed && finding.detectableLoss == nil)
        #expect(finding.sentence.hasSuffix("8 equal, 0 worse). No query changed."))
    }

    @Test func aGainPasses() throws { #expect(try gate(flat(0.5, 12), flat(0.6, 12)).outcome == .passed) }

    /// Twelve losses of one thread are one loss.
    @Test func groupsCountOnce() throws {
        let finding = try gate(flat(0.6, 12), flat(0.5, 12), groups: [String?](repeating: "thread", count: 12))
        #expect(finding.outcome == .couldNotTell && finding.comparison.unitCount == 1)
    }

    @Test func queriesAreMatchedByTheirIDs() throws {
        let before = GateSide(
            queryIDs: ["a", "b", "c"], valuesByMeasure: ["P@1": [0.1, 0.2, 0.3]], qrelsDigest: "d")
        let now = GateSide(queryIDs: ["c", "a", "b"], valuesByMeasure: ["P@1": [0.3, 0.1, 0.2]], qrelsDigest: "d")
        let gate = try RegressionGate([GateRule(measure: "P@1", margin: 0)], baseline: before, current: now)
        #expect(gate.findings[0].comparison.queries == .init(wins: 0, ties: 3, losses: 0))
    }

    private func error(_ before: GateSide, _ now: GateSide, _ measure: String = "nDCG@10") -> String {
        do {
            _ = try RegressionGate([GateRule(measure: measure, margin: 0)], baseline: before, current: now)
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    /// Another level or kind of first stage is another experiment; where a side does not say, nothing is compared.
    @Test func conditionsMustMatch() {
        func side(_ level: QueryObservation.Level, _ stage: GateSide.FirstStage) -> GateSide {
            var side = self.side([0.1, 0.2, 0.3])
            side.conditions = .init(level: level, firstStage: stage)
            return side
        }
        #expect(error(side(.document, .dense), side(.document, .dense)) == "no error")
        let levels = error(side(.passage, .dense), side(.document, .dense))
        #expect(levels.contains("passages (--level passage), and this is with documents (--level document)"))
        for stage in GateSide.FirstStage.allCases where stage != .dense {
            let stages = error(side(.document, stage), side(.document, .dense))
            #expect(stages.contains("and this is with a dense first stage"), "\(stages)")
        }
        #expect(error(side(.passage, .run), self.side([0.1, 0.2, 0.3])) == "no error")
    }

    @Test func sidesMustMatch() {
        let three = side([0.1, 0.2, 0.3])
        #expect(error(three, side([0.1, 0.2, 0.3], digest: "e")).contains("other judgements (digest d, now e)"))
        #expect(error(three, three, "RR@10").contains("the baseline has no values of RR@10; it has nDCG@10"))
        let fewer = error(side((0..<9).map { Double($0) / 10 }), three)
        #expect(fewer.contains("only the baseline has 'q3', 'q4', 'q5' and 3 more"))
        #expect(!fewer.contains("only the current run has"))
        #expect(error(three, side([0, 0, 0, 0])).contains("only the current run has 'q3'. Evaluate"))
        var twice = three
        twice.queryIDs[2] = "q0"
        #expect(error(twice, three).contains("the baseline names the query 'q0' twice"))
        var short = three
        short.valuesByMeasure["nDCG@10"] = [0.1]
        #expect(error(three, short).contains("the current run has 1 values of nDCG@10 for 3 queries"))
        #expect(error(side([]), side([])).contains("no query"))
        var other = three
        other.groups = ["a"]
        #expect(error(three, other).contains("1 group labels for 3 queries"))
        for value in [1.5, -0.1, .nan, .infinity] {
            let said = error(side([0.1, 0.2, value]), three)
            #expect(said.contains("the baseline has the value \(value) of nDCG@10 for query 'q2'"), "\(said)")
            #expect(error(three, side([0.1, 0.2, value])).contains("the current run has the value"))
        }
        #expect(error(side([0, 1, 1]), three) == "no error")
        // Canonically equal, and two ids all the same.
        let composed = GateSide(queryIDs: ["\u{E9}"], valuesByMeasure: ["nDCG@10": [1]], qrelsDigest: "d")
        let decomposed = GateSide(queryIDs: ["e\u{301}"], valuesByMeasure: ["nDCG@10": [1]], qrelsDigest: "d")
        #expect(error(composed, decomposed).contains("other queries"))
    }
}
