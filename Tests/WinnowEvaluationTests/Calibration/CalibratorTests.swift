import TestSupport
import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct CalibratorTests {
    @Test func findsTheLawThatDrewTheLabels() throws {
        var random = SeededGenerator(seed: 11)
        let queries = DrawnQueries().draw(400, &random)
        let report = try Calibrator().fit(queries, settings: DrawnQueries.settings)
        #expect(report.data.queries == 400 && report.data.pairs == 8000 && report.data.groups == 400)
        #expect(report.data.positives == queries.flatMap(\.pairs).filter(\.relevant).count)
        guard case .platt(let map) = report.platt.map else {
            Issue.record("no Platt map")
            return
        }
        // Its standard errors here are about 0.03 and 0.05.
        #expect(abs(map.slope - 1) < 0.1 && abs(map.intercept + 0.5) < 0.15, "\(map)")
        // Nothing beats the truth, so the simpler map stays.
        #expect(report.chosen == .platt, "\(report.reason)")
        #expect(report.map == report.platt.map)
        let quality = report.quality
        #expect(quality.count == 8000)
        #expect(quality.brier < report.uncalibrated.brier)
        #expect(try #require(quality.brierSkill) > 0.2)
        #expect(quality.calibrationError < report.uncalibrated.calibrationError)
        #expect(report.diagram.histogram.reduce(0) { $0 + $1.relevant + $1.other } == 8000)
    }

    /// Relevant in two steps: no sigmoid looks like it.
    @Test func aShapeThatIsNoSigmoidTakesTheIsotonicMap() throws {
        var random = SeededGenerator(seed: 5)
        func queries(_ count: Int) -> [LabelledQuery] {
            (0..<count).map { index in
                LabelledQuery(
                    id: "\(index)",
                    pairs: (0..<20).map { _ in
                        let logit = Float.random(in: -8...8, using: &random)
                        let chance = logit < -6 ? 0.02 : (logit < 6 ? 0.4 : 0.97)
                        return LabelledLogit(logit: logit, relevant: Double.random(in: 0..<1, using: &random) < chance)
                    })
            }
        }
        let report = try Calibrator().fit(queries(200), settings: DrawnQueries.settings)
        #expect(report.chosen == .isotonic && report.map.method == .isotonic, "\(report.reason)")
        let forced = try Calibrator(method: .platt).fit(queries(200), settings: DrawnQueries.settings)
        #expect(forced.chosen == .platt && forced.reason.contains("asked for"))
        // The same law with 49 queries: too few pairs, whatever the gain.
        let few = try Calibrator().fit(queries(49), settings: DrawnQueries.settings)
        #expect(few.chosen == .platt && few.reason.contains("980 pairs"), "\(few.reason)")
    }

    @Test func theSameFromAnyOrderAndAgain() throws {
        var random = SeededGenerator(seed: 2)
        var queries = DrawnQueries(groupSize: 3).draw(90, &random)
        let report = try Calibrator().fit(queries, settings: DrawnQueries.settings)
        queries.shuffle(using: &random)
        #expect(try Calibrator().fit(queries, settings: DrawnQueries.settings) == report)
        let other = try Calibrator(seed: 2).fit(queries, settings: DrawnQueries.settings)
        #expect(other.map == report.map && other.quality != report.quality)
        #expect(report.data.groups == 30)
    }

    /// Where labels and logits have nothing to do with each other, the held-back figures say so and the fitted ones would not.
    @Test func heldBackFiguresAreHonest() throws {
        var random = SeededGenerator(seed: 9)
        // Each group has a constant of its own, and its label hangs on that: seen groups look predictable.
        let queries = (0..<60).map { index in
            let logit = Float.random(in: -1...1, using: &random)
            let relevant = Bool.random(using: &random)
            return LabelledQuery(
                id: "\(index)", group: "\(index)",
                pairs: (0..<40).map { LabelledLogit(logit: logit + Float($0) * 1e-6, relevant: relevant) })
        }
        let pairs = queries.flatMap(\.pairs)
        let fitted = try IsotonicMap.fit(pairs)
        let seen = try #require(
            ForecastQuality(
                pairs.map {
                    Forecast(probability: fitted.probability(of: Logit($0.logit)).value, relevant: $0.relevant)
                }))
        do {
            let report = try Calibrator(method: .isotonic).fit(queries, settings: DrawnQueries.settings)
            let heldBack = report.isotonic.heldBack.brier
            #expect(heldBack > seen.brier + 0.02, "\(heldBack), seen \(seen.brier)")
        } catch EvaluationError.logitsDoNotSeparate {
            // Also an honest answer to noise.
        }
    }

    @Test(arguments: [
        (29, 40, 69, EvaluationError.tooFewLabels(positives: 29, negatives: 40, queries: 69)),
        (40, 29, 69, .tooFewLabels(positives: 40, negatives: 29, queries: 69)),
        (60, 60, 29, .tooFewLabels(positives: 60, negatives: 60, queries: 29)),
        (30, 30, 30, nil),
    ])
    func theLeastData(positives: Int, negatives: Int, queries: Int, expected: EvaluationError?) throws {
        var random = SeededGenerator(seed: 4)
        var all = (0..<queries).map { LabelledQuery(id: "\($0)", pairs: []) }
        for index in 0..<positives + negatives {
            let relevant = index < positives
            all[index % queries].pairs.append(
                .init(logit: (relevant ? 1 : -1) + Float.random(in: -2...2, using: &random), relevant: relevant))
        }
        let queries = all
        if let expected {
            let error = #expect(throws: expected) {
                try Calibrator().fit(queries, settings: DrawnQueries.settings)
            }
            #expect(error?.description.contains("at least 30 relevant pairs, 30 others and 30 queries") == true)
        } else {
            let report = try Calibrator().fit(queries, settings: DrawnQueries.settings)
            #expect(report.data.positives == 30 && report.data.negatives == 30)
        }
    }

    /// As many groups as folds are needed, and 30 for figures that are not called rough.
    @Test(arguments: [(4, nil), (5, true), (29, true), (30, false), (31, false)] as [(Int, Bool?)])
    func theLeastGroups(groups: Int, isRough: Bool?) throws {
        var random = SeededGenerator(seed: 14)
        let size = (30 + groups - 1) / groups
        let queries = DrawnQueries(groupSize: size).draw(groups * size, &random)
        guard let isRough else {
            #expect(throws: EvaluationError.tooFewGroups(groups: groups, folds: 5)) {
                try Calibrator().fit(queries, settings: DrawnQueries.settings)
            }
            return
        }
        let report = try Calibrator().fit(queries, settings: DrawnQueries.settings)
        #expect(report.data.groups == groups)
        #expect(report.cautions.contains { $0.contains("\(groups) independent groups, fewer than 30") } == isRough)
    }

    @Test func groupsAndLabelsThatCannotBeSplit() throws {
        var random = SeededGenerator(seed: 6)
        let queries = DrawnQueries(groupSize: 25).draw(100, &random)
        #expect(throws: EvaluationError.tooFewGroups(groups: 4, folds: 5)) {
            try Calibrator().fit(queries, settings: DrawnQueries.settings)
        }
        // Two folds of four groups work, and are called rough.
        let report = try Calibrator(folds: 2).fit(queries, settings: DrawnQueries.settings)
        #expect(report.cautions.contains { $0.contains("4 independent groups") })

        let oneGroup = queries.map { query in
            var query = query
            if query.group != "g0" { query.pairs = query.pairs.map { .init(logit: $0.logit, relevant: false) } }
            return query
        }
        #expect(throws: EvaluationError.labelsInOneFold(folds: 2)) {
            try Calibrator(folds: 2).fit(oneGroup, settings: DrawnQueries.settings)
        }
        var twice = queries
        twice[1].id = "q0"
        #expect(throws: EvaluationError.labelledTwice(queryID: "q0")) {
            try Calibrator().fit(twice, settings: DrawnQueries.settings)
        }
        var broken = queries
        broken[3].pairs[0].logit = .nan
        #expect(throws: EvaluationError.self) { try Calibrator().fit(broken, settings: DrawnQueries.settings) }
        var contradictory = queries
        contradictory[0].answerable = false
        contradictory[0].pairs[0].relevant = true
        #expect(throws: EvaluationError.unanswerableHasRelevant(queryID: "q0")) {
            try Calibrator().fit(contradictory, settings: DrawnQueries.settings)
        }
    }

    @Test func whatTheLabelsMeanIsSaid() throws {
        var random = SeededGenerator(seed: 8)
        var settings = DrawnQueries.settings
        settings.labels = .unjudgedAsNegative
        let report = try Calibrator().fit(DrawnQueries().draw(60, &random), settings: settings)
        #expect(report.cautions.contains { $0.contains("a lower bound") })
        #expect(report.settings == settings)
    }

    @Test(arguments: LabelKind.allCases)
    func labelsOfAnObservation(_ labels: LabelKind) throws {
        var qrels = Qrels()
        qrels.judge("a", for: "q", grade: 2)
        qrels.judge("b", for: "q", grade: 0)
        qrels.judge("c", for: "q", grade: -1)
        qrels.judge("a", for: "none", grade: 0)
        func observation(_ id: String) -> QueryObservation {
            QueryObservation(
                id: id, text: "?",
                candidates: ["a", "b", "c", "d", "a"].enumerated().map {
                    Candidate(passage: Passage(id: "p\($0)", documentID: $1, text: $1), rank: $0 + 1)
                },
                retrievalTime: .zero,
                scorings: [
                    .init(
                        scores: ([1, 2, 3, 4, nil] as [Float?]).map { logit in
                            logit.map { PairScore(logit: Logit($0), score: Score($0, kind: .identity)) }
                        }, time: .zero)
                ])
        }
        func labelled(_ id: String, _ initialK: Int = 5, answerable: Bool? = nil) throws -> LabelledQuery {
            try LabelledQuery(
                observation(id), system: 0, qrels: qrels, labels: labels, initialK: initialK, answerable: answerable)
        }
        let both: [LabelledLogit] = [.init(logit: 1, relevant: true), .init(logit: 2, relevant: false)]
        let unjudged: [LabelledLogit] = [.init(logit: 3, relevant: false), .init(logit: 4, relevant: false)]
        #expect(try labelled("q").pairs == (labels == .judgedOnly ? both : both + unjudged))
        #expect(try labelled("q").answerable)
        #expect(try labelled("q", 1).pairs == [both[0]])
        #expect(try labelled("q").first(reaching: -9) == (labels == .judgedOnly ? both[1] : unjudged[1]))
        // Judged, and nothing of it relevant: there is no answer, and all its passages are negatives.
        #expect(try labelled("none").answerable == false)
        #expect(try labelled("none").pairs.map(\.logit) == [1, 2, 3, 4])
        #expect(try labelled("none").pairs.allSatisfy { !$0.relevant })
        #expect(try labelled("unknown").answerable)
        #expect(try labelled("unknown", answerable: false).pairs.count == 4)
    }
}
