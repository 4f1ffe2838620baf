import TestSupport
import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct ObservationOrderTests {
    private static func observation(
        _ scores: [Double?], _ logits: [Float?], _ order: FinalOrder = .reranker
    ) -> QueryObservation {
        QueryObservation(
            id: "q", text: "q",
            candidates: scores.enumerated().map { place, score in
                Candidate(
                    passage: Passage(id: "d\(place / 2)#\(place % 2)", documentID: "d\(place / 2)", text: ""),
                    rank: place + 1, retrievalScore: score)
            }, retrievalTime: .zero,
            scorings: [
                .init(scores: logits.map { $0.map { SweepFixture.score($0) } }, time: .zero, order: order)
            ])
    }

    @Test(
        arguments: [
            (.reranker, ["d0#1", "d1#1", "d1#0", "d0#0"], [3, 2, 1, -0.0]),
            // Shares of the logits over 0…3, of the scores over 0.2…1.
            (.blend(weight: 0.5), ["d0#1", "d1#1", "d0#0", "d1#0"], [0.875, 1 / 3.0, 0.5, 0.22916667]),
        ] as [(FinalOrder, [String], [Float])])
    func entriesCarryWhatTheOrderSortsBy(order: FinalOrder, ids: [String], values: [Float]) throws {
        let observation = Self.observation([1, 0.8, 0.3, 0.2], [0, 3, 1, 2], order)
        let entries = try observation.entries(by: 0, level: .passage)
        let byID = Dictionary(uniqueKeysWithValues: entries.map { ($0.documentID, $0.score) })
        let expected = Dictionary(uniqueKeysWithValues: zip(ids, values))
        for (id, value) in expected { #expect(abs((byID[id] ?? .nan) - value) <= 1e-6, "\(id)") }
        // A program that sorts by the scores gets the order that users see.
        #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.score > $1.score })
        #expect(try observation.order(by: 0, level: .passage).map(\.id) == entries.map(\.documentID))
        // A document stands at its best passage.
        #expect(try observation.entries(by: 0, level: .document).map(\.documentID) == ["d0", "d1"])
    }

    @Test func whatWasNotScoredStandsBelow() throws {
        let entries = try Self.observation([1, 0.8, 0.3, 0.2], [nil, 3, nil, 2], .blend(weight: 0.5))
            .entries(by: 0, level: .passage)
        #expect(entries.map(\.documentID) == ["d0#1", "d1#1", "d0#0", "d1#0"])
        #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.score > $1.score })
    }

    /// A run's scores are float32: doubles that differ must not become ties, which trec_eval orders by id.
    @Test func roundingMakesNoTies() throws {
        let next = 1.0.nextDown
        let observation = Self.observation([1, next, next, next.nextDown, 0.5], [nil, nil, nil, nil, nil])
        let scores = try observation.entries(by: nil, level: .passage).map(\.score)
        #expect(scores[0] > scores[1] && scores[1] == scores[2] && scores[2] > scores[3] && scores[3] > scores[4])
        #expect(scores[0] == 1 && scores[4] == 0.5)
    }

    @Test func aBlendNeedsScores() {
        #expect(throws: SearchError.self) {
            try Self.observation([1, nil], [1, 2], .blend(weight: 0.5)).entries(by: 0, level: .passage)
        }
    }

    private struct FixedReranker: Reranker {
        var identity: ModelIdentity {
            get throws {
                ModelIdentity(
                    name: "fixed",
                    fingerprint: try #require(Fingerprint(hexadecimal: String(repeating: "ab", count: 32))),
                    precision: "float32", kernels: "none", truncation: "passage:512")
            }
        }

        func score(
            _ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?
        ) async throws -> [PairScore?] {
            candidates.map { SweepFixture.score(Float($0.rank)) }
        }
    }

    private struct GivenSource: CandidateSource {
        var candidates: [Candidate]
        var models: [String: ModelIdentity] { [:] }
        func candidates(for query: EvaluationQuery, limit: Int) async throws -> [Candidate] { candidates }
    }

    @Test func anExperimentNotesTheOrderOfEachSystem() async throws {
        let order = FinalOrder.blend(weight: 0.25)
        var source = GivenSource(candidates: Self.observation([1, 0.5], []).candidates)
        func experiment() -> Experiment {
            Experiment(
                source: source,
                systems: [
                    .init(name: "reranked", reranker: FixedReranker(), order: order),
                    .init(name: "other", reranker: FixedReranker()),
                ], initialK: 2)
        }
        let queries = [EvaluationQuery(id: "q", text: "what?")]
        let observation = try #require(try await experiment().observe(queries).first)
        #expect(observation.scorings.map(\.order) == [order, .reranker])
        #expect(try observation.order(by: 0, level: .passage).map(\.id) == ["d0#0", "d0#1"])
        #expect(try observation.order(by: 1, level: .passage).map(\.id) == ["d0#1", "d0#0"])
        // Before an hour is spent on what cannot be ordered.
        source.candidates[1].retrievalScore = nil
        let failing = experiment()
        await #expect(throws: EvaluationError.self) { try await failing.observe(queries) }
    }
}
