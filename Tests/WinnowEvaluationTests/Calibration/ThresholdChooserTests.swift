import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct ThresholdChooserTests {
    /// A query whose top passage has this logit and label.
    private static func query(_ index: Int, _ logit: Float, _ relevant: Bool, answerable: Bool = true) -> LabelledQuery
    {
        LabelledQuery(
            id: "q\(index)", answerable: answerable,
            pairs: [.init(logit: logit - 1, relevant: false), .init(logit: logit, relevant: relevant)])
    }

    /// The higher the logit (0…1), the more often right: precision of all above t is (1 + t) / 2.
    private static func drawn(_ count: Int, _ random: inout SeededGenerator) -> [LabelledQuery] {
        (0..<count).map { index in
            let logit = Float.random(in: 0..<1, using: &random)
            return query(index, logit, Float.random(in: 0..<1, using: &random) < logit)
        }
    }

    /// The promise: in at most 5 of 100 data sets is the chosen threshold's true precision under the target.
    @Test(arguments: [0.6, 0.7, 0.8])
    func precisionIsKept(_ target: Double) throws {
        var random = SeededGenerator(seed: UInt64(target * 100))
        var (broken, chosen) = (0, 0)
        let rounds = 120
        for round in 0..<rounds {
            let queries = Self.drawn(500, &random)
            let choice = try ThresholdChooser(target: .precision(target), finalK: 0, seed: UInt64(round)).choose(
                queries)
            guard case .guaranteed(let found) = choice.verdict else { continue }
            chosen += 1
            #expect(found.bound >= target - 1e-9)
            if (1 + Double(found.threshold)) / 2 < target { broken += 1 }
        }
        // Binomial of 120 at 0.05 is over 14 in fewer than 1 of 1,000.
        #expect(broken <= 14, "\(broken) of \(rounds)")
        #expect(chosen > rounds / 2, "\(chosen) of \(rounds) found a threshold")
    }

    @Test func abstentionIsKept() throws {
        var random = SeededGenerator(seed: 31)
        var (broken, chosen) = (0, 0)
        let rounds = 120
        for round in 0..<rounds {
            // Unanswerable questions have logits in 0…1, so a threshold t refuses a share t of them.
            let queries = (0..<300).map { index in
                let answerable = index % 2 == 0
                return Self.query(
                    index, Float.random(in: 0..<1, using: &random) + (answerable ? 0.5 : 0), answerable,
                    answerable: answerable)
            }
            let choice = try ThresholdChooser(target: .abstention(0.8), finalK: 0, seed: UInt64(round)).choose(queries)
            guard case .guaranteed(let found) = choice.verdict else { continue }
            chosen += 1
            if min(1, Double(found.threshold)) < 0.8 { broken += 1 }
            #expect(found.point.abstentionRate.map { $0 > 0.6 } == true)
        }
        #expect(broken <= 14, "\(broken) of \(rounds)")
        #expect(chosen > rounds * 9 / 10, "\(chosen)")
    }

    /// Ten queries a group with one label for all: a bound over queries would promise what ten times fewer trials show.
    @Test func queriesOfAGroupAreOneTrial() throws {
        var random = SeededGenerator(seed: 77)
        var broken = 0
        let rounds = 80
        for round in 0..<rounds {
            // At every threshold three of four are right.
            let queries = (0..<60).flatMap { group in
                let relevant = Double.random(in: 0..<1, using: &random) < 0.75
                return (0..<10).map { index in
                    var query = Self.query(group * 10 + index, Float.random(in: 0..<1, using: &random), relevant)
                    query.group = "g\(group)"
                    return query
                }
            }
            let choice = try ThresholdChooser(target: .precision(0.8), finalK: 0, seed: UInt64(round)).choose(queries)
            #expect(choice.testGroups == 30 && choice.testQueries == 300)
            if case .guaranteed(let found) = choice.verdict {
                #expect(found.trials.trials <= 30)
                broken += 1
            }
        }
        #expect(broken <= 11, "\(broken) of \(rounds)")
    }

    @Test func theSequenceStopsAtTheFirstFailure() throws {
        var random = SeededGenerator(seed: 12)
        for seed in 0..<30 as Range<UInt64> {
            let choice = try ThresholdChooser(target: .precision(0.7), seed: seed).choose(Self.drawn(400, &random))
            #expect(choice.steps.count <= ThresholdChooser.mostThresholds)
            #expect(zip(choice.steps, choice.steps.dropFirst()).allSatisfy { $0.threshold > $1.threshold })
            let outcomes = choice.steps.map(\.outcome)
            if let failure = outcomes.firstIndex(of: .failed) {
                #expect(outcomes[(failure + 1)...].allSatisfy { $0 == .untested })
            } else {
                #expect(!outcomes.contains(.untested))
            }
            for step in choice.steps where step.outcome == .passed { #expect(step.bound >= 0.7 - 1e-9) }
            if case .guaranteed(let found) = choice.verdict {
                #expect(found.threshold == choice.steps.last { $0.outcome == .passed }?.threshold)
                #expect(choice.threshold == .logit(found.threshold))
            } else {
                #expect(!outcomes.contains(.passed) && choice.threshold == nil)
            }
        }
    }

    /// Right in 92 of 100 at every logit over a half: beginning at the strictest threshold, whose few answers hold an error as
    /// often as not, finds 0.8 in about a quarter of these.
    @Test func oneEarlyErrorIsNotTheEnd() throws {
        var random = SeededGenerator(seed: 8)
        var chosen = 0
        for round in 0..<40 as Range<UInt64> {
            let queries = (0..<400).map { index in
                let logit = Float.random(in: 0..<1, using: &random)
                return Self.query(
                    index, logit, Float.random(in: 0..<1, using: &random) < min(0.92, 0.3 + 1.5 * logit))
            }
            let choice = try ThresholdChooser(target: .precision(0.8), finalK: 0, seed: round).choose(queries)
            chosen += choice.threshold == nil ? 0 : 1
        }
        #expect(chosen >= 24, "\(chosen) of 40")
    }

    @Test func whatThePointSays() throws {
        // Logits 1…100: right from 41 on; every fifth question has no answer, and those stay under 50.
        let queries = (1...400).map { index in
            let answerable = index % 5 != 0
            let logit = Float(answerable ? index % 100 + 1 : index % 50)
            return Self.query(index, logit, answerable && logit > 40, answerable: answerable)
        }
        let map = try #require(PlattMap(slope: 0.1, intercept: -3))
        let choice = try ThresholdChooser(target: .precision(0.9), unanswerableShare: 0.5).choose(
            queries, map: .platt(map))
        guard case .guaranteed(let found) = choice.verdict else {
            Issue.record("\(choice)")
            return
        }
        #expect(found.probability == map.probability(of: Logit(found.threshold)))
        let point = found.point
        #expect(point.queries == choice.testQueries)
        #expect(point.answered == point.answerableAnswered + point.unanswerableAnswered)
        #expect(try #require(point.precision) >= 0.9)
        let precisionAtHalf = try #require(found.precisionAtShare)
        #expect(precisionAtHalf <= (try #require(point.precision)))
        #expect(point.precision(unanswerableShare: 0) == Double(point.correct) / Double(point.answerableAnswered))
        let share = Double(point.unanswerable) / Double(point.queries)
        #expect(abs(try #require(point.precision(unanswerableShare: share)) - (try #require(point.precision))) < 1e-12)
        let shown = try #require(found.shown)
        #expect(shown.lowerBound <= shown.precision && shown.shown >= point.answered)
        #expect(choice.description.contains("95 % confidence"))
    }

    @Test func thePromiseThatCannotBeMade() throws {
        // Twenty right answers show 0.8 at most, and 29 are needed for 0.9.
        let few = (0..<20).map { Self.query($0, Float($0), true) }
        let choice = try ThresholdChooser(target: .precision(0.9)).choose(few)
        guard case .notGuaranteed(let short) = choice.verdict else {
            Issue.record("\(choice)")
            return
        }
        #expect(short.leastTrials == 29 && short.trials == 10)
        #expect(choice.steps.allSatisfy { $0.outcome == .tooFew || $0.outcome == .passedOver })
        #expect(
            choice.description.contains("no threshold can be guaranteed")
                && choice.description.contains("labelled queries would show it"))
        // A coin at every logit: more questions would not help.
        var random = SeededGenerator(seed: 1)
        let coin = (0..<2000).map {
            Self.query($0, Float.random(in: 0..<1, using: &random), Bool.random(using: &random))
        }
        let hopeless = try ThresholdChooser(target: .precision(0.9)).choose(coin)
        guard case .notGuaranteed(let reason) = hopeless.verdict else {
            Issue.record("\(hopeless)")
            return
        }
        #expect(reason.neededTrials == nil && reason.bestRate.map { $0 < 0.9 } == true)
        #expect(hopeless.description.contains("leaves no room above the target"))
    }

    /// No threshold, and why; what was fitted beside it is kept.
    @Test func abstentionWithoutUnanswerableQuestions() throws {
        let queries = (0..<50).map { Self.query($0, Float($0), true) }
        let choice = try ThresholdChooser(target: .abstention(0.9)).choose(queries)
        guard case .notGuaranteed(let short) = choice.verdict else {
            Issue.record("\(choice)")
            return
        }
        #expect(short.reason == .noUnanswerable && short.trials == 0 && short.leastTrials == 29)
        #expect(choice.threshold == nil && choice.steps.isEmpty && choice.tuningQueries + choice.testQueries == 50)
        #expect(
            choice.description.contains("none of the 50 labelled queries is one")
                && choice.description.contains("mark them unanswerable"), "\(choice)")
        #expect(choice.json.text.contains(#""threshold":null"#))
        #expect(choice.json.text.contains(#""shortfall":{"reason":"noUnanswerable""#))
        // With some, it is the data that decides.
        let some = queries + (50..<60).map { Self.query($0, 0, false, answerable: false) }
        let tested = try ThresholdChooser(target: .abstention(0.9)).choose(some)
        guard case .notGuaranteed(let few) = tested.verdict else {
            Issue.record("\(tested)")
            return
        }
        #expect(few.reason == .notShown && few.trials == 5)
    }

    /// Both bounds must be passed, 2,000 and twenty times as many as there are: no such number is advice.
    @Test(arguments: [
        (100, 2000, true), (100, 2001, false), (101, 2020, true), (101, 2021, false), (10, 41_578, false),
    ])
    func absurdNumbersAreNotNamed(present: Int, needed: Int, isNamed: Bool) throws {
        let queries = (0..<present).map { Self.query($0, Float($0), true) }
        var choice = try ThresholdChooser(target: .precision(0.9)).choose(queries)
        var short = try #require(
            try ThresholdChooser(target: .abstention(0.9)).choose(queries).shortfall)
        (short.reason, short.neededTrials, short.neededQueries) = (.notShown, 1712, needed)
        choice.verdict = .notGuaranteed(short)
        #expect(choice.description.contains("about \(needed) labelled queries") == isNamed)
        #expect(choice.description.contains("no set of questions of realistic size") == !isNamed)
    }

    @Test func questionsWithoutCandidates() throws {
        let none = (0..<40).map { LabelledQuery(id: "\($0)", pairs: []) }
        let choice = try ThresholdChooser(target: .precision(0.8)).choose(none)
        #expect(choice.steps.isEmpty && choice.threshold == nil)
        #expect(RiskCoverage(none) == nil)
        // Nothing found for a question without an answer: it is rightly not answered.
        let point = OperatingPoint(threshold: 0, [LabelledQuery(id: "a", answerable: false, pairs: [])])
        #expect(point.abstentionRate == 1 && point.coverage == 0 && point.precision == nil)
        let empty = OperatingPoint(threshold: 0, [LabelledQuery]())
        #expect(empty.coverage == nil && empty.precision(unanswerableShare: 0.5) == nil)
    }

    @Test func whatIsRefused() throws {
        let queries = (0..<50).map { Self.query($0, Float($0), true) }
        for rate in [0, 1, -0.5, 1.5, .nan] {
            #expect(throws: EvaluationError.self) { try ThresholdChooser(target: .precision(rate)).choose(queries) }
        }
        #expect(throws: EvaluationError.tooFewGroups(groups: 1, folds: 2)) {
            try ThresholdChooser(target: .precision(0.9)).choose([queries[0]])
        }
        #expect(throws: EvaluationError.self) {
            try ThresholdChooser(target: .precision(0.9), unanswerableShare: 1.1).choose(queries)
        }
    }

    @Test func anyOrderChoosesTheSame() throws {
        var random = SeededGenerator(seed: 21)
        var queries = DrawnQueries(unanswerable: 0.3, groupSize: 2).draw(400, &random)
        let chooser = ThresholdChooser(target: .precision(0.7), unanswerableShare: 0.2, seed: 5)
        let choice = try chooser.choose(queries)
        queries.shuffle(using: &random)
        #expect(try chooser.choose(queries) == choice)
    }

    /// What goes to programs holds the verdict and is JSON.
    @Test func asJSON() throws {
        var random = SeededGenerator(seed: 3)
        let queries = DrawnQueries(unanswerable: 0.2).draw(200, &random)
        let report = try Calibrator().fit(queries, settings: DrawnQueries.settings)
        let curve = try #require(RiskCoverage(queries))
        var texts = [report.json.text, curve.json.text]
        for target in [ThresholdTarget.precision(0.5), .precision(0.999), .abstention(0.5)] {
            let choice = try ThresholdChooser(target: target, unanswerableShare: 0.5).choose(queries, map: report.map)
            texts.append(choice.json.text)
            #expect(choice.json.text.contains(choice.threshold.map { "\"\($0)\"" } ?? "\"threshold\":null"))
        }
        for text in texts {
            let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
            #expect(value is [String: Any])
        }
    }
}

extension ThresholdChoice {
    fileprivate var shortfall: Shortfall? { if case .notGuaranteed(let short) = verdict { short } else { nil } }
}
