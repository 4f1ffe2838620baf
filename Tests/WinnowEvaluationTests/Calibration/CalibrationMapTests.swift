import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct CalibrationMapTests {
    @Test func plattIsThatOfScikitLearn() throws {
        for golden in try CalibrationGoldens.read().maps {
            let map = try PlattMap.fit(golden.pairs)
            // scikit-learn stops at a gradient of 1e-6; the other solution of the same problem goes on.
            #expect(abs(map.slope / golden.slope - 1) < 1e-8, "\(golden): \(map.slope)")
            #expect(abs(map.intercept - golden.intercept) < 1e-8 * max(1, abs(golden.intercept)), "\(golden)")
            #expect(abs(map.slope / golden.sklearnSlope - 1) < 1e-6, "\(golden): \(map.slope)")
            for (probe, expected) in zip(golden.probes, golden.sigmoid) {
                #expect(abs(map.probability(of: Logit(probe)).value - expected) < 1e-6, "\(golden) at \(probe)")
            }
        }
    }

    @Test func isotonicIsThatOfScikitLearn() throws {
        for golden in try CalibrationGoldens.read().maps {
            let map = try IsotonicMap.fit(golden.pairs, cappingEnds: false)
            #expect(map.knots.map { Double($0.logit) } == golden.knots.map { $0[0] }, "\(golden)")
            for (knot, expected) in zip(map.knots, golden.knots) {
                #expect(abs(knot.probability - expected[1]) < 1e-12, "\(golden) at \(knot.logit)")
            }
            for (probe, expected) in zip(golden.probes, golden.isotonic) {
                #expect(abs(map.probability(of: Logit(probe)).value - expected) < 1e-12, "\(golden) at \(probe)")
            }
        }
    }

    @Test func endsAreCappedAndOnlyThey() throws {
        for golden in try CalibrationGoldens.read().maps {
            let (free, capped) = (
                try IsotonicMap.fit(golden.pairs, cappingEnds: false), try IsotonicMap.fit(golden.pairs)
            )
            #expect(capped.knots.map(\.logit) == free.knots.map(\.logit))
            let (lowest, highest) = (free.knots[0].probability, free.knots[free.knots.count - 1].probability)
            for (left, right) in zip(free.knots, capped.knots) {
                if left.probability != lowest, left.probability != highest {
                    #expect(left.probability == right.probability)
                }
                #expect(right.probability > 0 && right.probability < 1, "\(golden)")
            }
        }
        // Three relevant above, two others below: 4/5 and 1/4.
        let pairs = [(Float(-2), false), (-1, false), (1, true), (2, true), (3, true)].map {
            LabelledLogit(logit: $0.0, relevant: $0.1)
        }
        let map = try IsotonicMap.fit(pairs)
        #expect(
            map.knots == [
                .init(logit: -2, probability: 0.25), .init(logit: -1, probability: 0.25),
                .init(logit: 1, probability: 0.8), .init(logit: 3, probability: 0.8),
            ])
        #expect(map.probability(of: Logit(0)).value == 0.525)
        #expect(map.probability(of: Logit(-100)).value == 0.25)
        #expect(map.probability(of: Logit(100)).value == 0.8)
    }

    /// A cap that would pass the neighbouring block stops there.
    @Test func aCapKeepsTheOrder() throws {
        // One other at the bottom (capped it would be 1/3), thirty relevant of a hundred above it.
        let pairs =
            [LabelledLogit(logit: 0, relevant: false)]
            + (0..<100).map { LabelledLogit(logit: 1, relevant: $0 < 30) }
        let map = try IsotonicMap.fit(pairs)
        #expect(map.knots.map(\.probability) == [0.3, 0.3])
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func bothNeverFallAndDoNotDependOnTheOrder(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let scale = Float.random(in: 0.1...20, using: &random)
        var pairs = random.floats(300).map { value in
            LabelledLogit(
                logit: value * scale, relevant: Float.random(in: -0.5...0.5, using: &random) < value)
        }
        let platt = try PlattMap.fit(pairs)
        let isotonic = try IsotonicMap.fit(pairs)
        var probes = random.floats(2000).map { $0 * scale * 1.4 } + pairs.map(\.logit)
        probes += probes.map(\.nextUp) + [-.greatestFiniteMagnitude, .greatestFiniteMagnitude, -0.0, 0]
        probes.sort()
        for map in [CalibrationMap.platt(platt), .isotonic(isotonic)] {
            let values = probes.map { map.probability(of: Logit($0)).value }
            #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }, "\(map.method), seed \(seed)")
            #expect(values.allSatisfy { (0...1).contains($0) })
        }
        pairs.shuffle(using: &random)
        #expect(try IsotonicMap.fit(pairs) == isotonic)
        #expect(abs(try PlattMap.fit(pairs).slope - platt.slope) < 1e-9 * platt.slope)
    }

    /// Platt's targets give the mean probability back: Σ p = Σ targets at the maximum.
    @Test func theGradientVanishes() throws {
        for golden in try CalibrationGoldens.read().maps {
            let map = try PlattMap.fit(golden.pairs)
            let positives = golden.pairs.filter(\.relevant).count
            let negatives = golden.pairs.count - positives
            let targets =
                Double(positives) * Double(positives + 1) / Double(positives + 2)
                + Double(negatives) / Double(negatives + 2)
            let sum = golden.pairs.reduce(0) { $0 + map.probability(of: Logit($1.logit)).value }
            #expect(abs(sum - targets) < 1e-7 * Double(golden.pairs.count), "\(golden)")
        }
    }

    @Test func whatCannotBeFittedIsRefused() throws {
        func pairs(_ values: [(Float, Bool)]) -> [LabelledLogit] {
            values.map { LabelledLogit(logit: $0.0, relevant: $0.1) }
        }
        for (values, expected) in [
            ([], EvaluationError.oneKindOfLabel(positives: 0, negatives: 0)),
            ([(1, true), (2, true)], .oneKindOfLabel(positives: 2, negatives: 0)),
            ([(1, false)], .oneKindOfLabel(positives: 0, negatives: 1)),
            ([(1, false), (1, true)], .logitsDoNotSeparate(slope: 0)),
            ([(.infinity, false), (1, true)], .logitNotFinite(queryID: nil, logit: .infinity)),
        ] as [([(Float, Bool)], EvaluationError)] {
            #expect(throws: expected) { try PlattMap.fit(pairs(values)) }
            #expect(throws: expected) { try IsotonicMap.fit(pairs(values)) }
        }
        // Upside down: the better the logit, the less relevant.
        let inverted = (0..<100).map { LabelledLogit(logit: Float($0), relevant: $0 < 40) }
        let error = #expect(throws: EvaluationError.self) { try PlattMap.fit(inverted) }
        guard case .logitsDoNotSeparate(let slope)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(slope < 0)
        #expect(throws: EvaluationError.logitsDoNotSeparate(slope: 0)) { try IsotonicMap.fit(inverted) }
        #expect(PlattMap(slope: 0, intercept: 1) == nil)
        #expect(PlattMap(slope: .infinity, intercept: 1) == nil)
        #expect(PlattMap(slope: 1, intercept: .nan) == nil)
        #expect(IsotonicMap(knots: []) == nil)
    }
}
