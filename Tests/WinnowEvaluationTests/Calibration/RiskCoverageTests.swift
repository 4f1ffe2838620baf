import TestSupport
import Testing
import WinnowEvaluation

@Suite struct RiskCoverageTests {
    private static func query(_ id: Int, _ logit: Float, _ relevant: Bool, answerable: Bool = true) -> LabelledQuery {
        LabelledQuery(id: "\(id)", answerable: answerable, pairs: [.init(logit: logit, relevant: relevant)])
    }

    @Test func byHand() throws {
        // Risks of the first one, two, three, four answers: 0, 1/2, 1/3, 2/4.
        let curve = try #require(
            RiskCoverage([
                Self.query(1, 4, true), Self.query(2, 3, false), Self.query(3, 2, true),
                Self.query(4, 1, false, answerable: false),
            ]))
        #expect(curve.points.map(\.threshold) == [4, 3, 2, 1])
        #expect(curve.points.map(\.answered) == [1, 2, 3, 4])
        #expect(abs(curve.area - (0 + 1.0 / 2 + 1.0 / 3 + 2.0 / 4) / 4) < 1e-15)
        #expect(curve.flatArea == 0.5)
        #expect(abs(curve.oracleArea - (0 + 0 + 1.0 / 3 + 2.0 / 4) / 4) < 1e-15)
        #expect(curve.workingPoints.map(\.threshold) == [3, 1, 1])
        #expect(curve.points.last?.abstentionRate == 0 && curve.points[2].abstentionRate == 1)
    }

    /// Under a final order that is not the logit's the first passage shown is another one as the threshold falls.
    @Test func theFirstShownIsJudged() throws {
        let query = LabelledQuery(
            id: "q",
            pairs: [
                .init(logit: 3, relevant: false, finalScore: 0.5), .init(logit: 1, relevant: true, finalScore: 0.9),
                .init(logit: 0, relevant: false, finalScore: 0.1),
            ])
        #expect(query.topLogit == 3)
        #expect([4, 3, 1, -9].map { query.first(reaching: $0)?.logit } == [nil, 3, 1, 1])
        #expect(OperatingPoint(threshold: 2, [query]).correct == 0)
        #expect(OperatingPoint(threshold: 1, [query]).correct == 1)
        let shown = try #require(ShownPassages(threshold: 0, finalK: 1, [query]))
        #expect(shown.relevant == 1)

        let laxer = Self.query(1, 0.5, true)
        let curve = try #require(RiskCoverage([query, laxer]))
        #expect(curve.points.map(\.threshold) == [3, 0.5])
        #expect(curve.points.map(\.correct) == [0, 2])
    }

    @Test(arguments: [2, 60, 301])
    func pointsAreCountsUnderAnyOrder(_ count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        for _ in 0..<10 {
            let queries = (0..<count).map { index in
                let answerable = Int.random(in: 0..<4, using: &random) > 0
                let pairs = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                    LabelledLogit(
                        logit: Float(Int.random(in: 0..<9, using: &random)),
                        relevant: answerable && Bool.random(using: &random),
                        finalScore: Double(Int.random(in: 0..<9, using: &random)))
                }
                return LabelledQuery(id: "\(index)", answerable: answerable, pairs: pairs)
            }
            guard let curve = RiskCoverage(queries) else {
                #expect(queries.allSatisfy { $0.pairs.isEmpty })
                continue
            }
            for point in curve.points { #expect(point == OperatingPoint(threshold: point.threshold, queries)) }
            #expect(Set(curve.points.map(\.threshold)) == Set(queries.compactMap(\.topLogit)))
        }
    }

    /// The curve's points are those of counting at each threshold, the oracle's order has its area, ties are one step.
    @Test(arguments: [1, 2, 5, 60, 301])
    func laws(_ count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        for round in 0..<10 {
            let queries = (0..<count).map { index in
                let answerable = Int.random(in: 0..<4, using: &random) > 0
                var query = Self.query(
                    index, Float(Int.random(in: 0..<(round < 5 ? 7 : 100_000), using: &random)),
                    answerable && Bool.random(using: &random), answerable: answerable)
                if Int.random(in: 0..<10, using: &random) == 0 { query.pairs = [] }
                return query
            }
            guard let curve = RiskCoverage(queries) else {
                #expect(queries.allSatisfy { $0.pairs.isEmpty })
                continue
            }
            for point in curve.points { #expect(point == OperatingPoint(threshold: point.threshold, queries)) }
            #expect(zip(curve.points, curve.points.dropFirst()).allSatisfy { $0.answered < $1.answered })
            #expect(curve.oracleArea <= curve.area + 1e-12 && curve.oracleArea <= curve.flatArea)
            #expect(RiskCoverage(queries.shuffled(using: &random)) == curve)
            if let normalized = curve.normalizedArea { #expect(normalized <= 1 + 1e-12) }

            // An oracle's logits give the oracle's area; equal ones the flat.
            let oracle = queries.enumerated().map { index, query in
                var query = query
                query.pairs = query.pairs.map {
                    LabelledLogit(logit: Float($0.relevant ? 1000 + index : -index), relevant: $0.relevant)
                }
                return query
            }
            let best = try #require(RiskCoverage(oracle))
            #expect(abs(best.area - curve.oracleArea) < 1e-12)
            let flat = queries.map { query in
                var query = query
                query.pairs = query.pairs.map { LabelledLogit(logit: 0, relevant: $0.relevant) }
                return query
            }
            let level = try #require(RiskCoverage(flat))
            #expect(abs(level.area - curve.flatArea) < 1e-12 && level.points.count == 1)
            if let normalized = level.normalizedArea { #expect(abs(normalized) < 1e-9) }
        }
    }
}
