import Testing
import WinnowCore

/// A probability that is a step of the logit, or whatever a test needs.
private struct StubCalibration: ScoreCalibration {
    var reranker: ModelIdentity
    var value: @Sendable (Float) -> Double

    func probability(of logit: Logit) -> Probability { Probability(clamping: value(logit.value)) }
}

@Suite struct ScoreCalibrationTests {
    private static let candidates = (1...4).map {
        Candidate(passage: Passage(id: "p\($0)", documentID: "p\($0)", text: "text \($0)"), rank: $0)
    }

    private static func calibration(_ value: @escaping @Sendable (Float) -> Double) throws -> StubCalibration {
        StubCalibration(reranker: try LogitReranker { _ in 0 }.identity, value: value)
    }

    /// Logits 4, 1, 2 and none, in the first stage's order.
    private static let reranker = LogitReranker { ["p1": 4, "p2": 1, "p3": 2][$0.id] }

    private static func pipeline(
        _ calibration: (any ScoreCalibration)?, threshold: Ranking.Threshold? = nil
    ) throws -> SearchPipeline {
        try SearchPipeline(
            retriever: GivenCandidates(candidates), reranker: reranker, initialK: 4, finalK: 1 + 3,
            threshold: threshold, calibration: calibration)
    }

    @Test func scoredHitsHaveAProbabilityAndKeepTheirOrder() async throws {
        // Level between 1 and 2: the order is still that of the logits.
        let calibration = try Self.calibration { $0 >= 4 ? 0.9 : 0.25 }
        let result = try await Self.pipeline(calibration).search(Query("question"))
        #expect(result.hits.map(\.id) == ["p1", "p3", "p2", "p4"])
        #expect(result.hits.map(\.probability?.value) == [0.9, 0.25, 0.25, nil])
        #expect(result.trace.candidates.map(\.probability) == [0.9, 0.25, 0.25, nil])
        let without = try await Self.pipeline(nil).search(Query("question"))
        #expect(without.hits.allSatisfy { $0.probability == nil })
        #expect(without.hits.map(\.id) == result.hits.map(\.id))
    }

    @Test(arguments: [(0.9, 1), (0.91, 0), (0.25, 3), (0, 3)])
    func probabilityThresholdsAdmitWhatReachesThem(_ least: Double, hits: Int) async throws {
        let calibration = try Self.calibration { $0 >= 4 ? 0.9 : 0.25 }
        let pipeline = try Self.pipeline(calibration, threshold: .probability(least))
        let result = try await pipeline.search(Query("question"))
        #expect(result.hits.count == hits)
        #expect(result.candidates.count == 4)
        #expect(result.trace.threshold?.hasPrefix("probability:") == true)
    }

    @Test func theCalibrationMustBeOfThisReranker() throws {
        let own = try Self.reranker.identity
        func fitted(_ change: (inout ModelIdentity) throws -> Void) rethrows -> ModelIdentity {
            var identity = own
            try change(&identity)
            return identity
        }
        for other in [
            try fitted { $0.fingerprint = try #require(Fingerprint(hexadecimal: String(repeating: "c", count: 64))) },
            fitted { $0.precision = "int8" }, fitted { $0.truncation = "passage:256" },
        ] {
            let calibration = StubCalibration(reranker: other) { _ in 0.5 }
            let error = #expect(throws: SearchError.calibrationOfAnotherReranker(fitted: other, reranker: own)) {
                try Self.pipeline(calibration)
            }
            let text = error?.description ?? ""
            #expect(text.contains("winnow calibrate") && text.contains(other.precision), "\(text)")
            #expect(
                text.contains(other.fingerprint.hexadecimal.prefix(8)) && text.contains(other.truncation), "\(text)")
        }
        // The last bits and the name are no other meaning.
        let same = fitted {
            $0.kernels = "avx512"
            $0.name = "renamed"
        }
        _ = try Self.pipeline(StubCalibration(reranker: same) { _ in 0.5 })
    }

    @Test func thresholdsInProbability() throws {
        let calibration = try Self.calibration { _ in 0.5 }
        _ = try Self.pipeline(calibration, threshold: .probability(0.5))
        try SearchPipeline.validate(threshold: .probability(0.5), reranks: true, calibrated: true)
        #expect(throws: SearchError.thresholdWithoutCalibration(.probability(0.5))) {
            try Self.pipeline(nil, threshold: .probability(0.5))
        }
        #expect(throws: SearchError.thresholdOutOfRange("probability:1.5")) {
            try Self.pipeline(calibration, threshold: .probability(1.5))
        }
        // A calibration cannot help where nothing gives logits.
        #expect(throws: SearchError.thresholdWithoutReranker(.probability(0.5))) {
            try SearchPipeline(
                retriever: GivenCandidates([]), reranker: nil, threshold: .probability(0.5), calibration: calibration)
        }
    }

    @Test(arguments: [(0.05, true), (0.0999, true), (0.1, false), (0.8, false)])
    func adviceSpeaksOfProbabilities(_ best: Double, expected: Bool) async throws {
        func improbable(_ candidates: some Sequence<Candidate>) async throws -> [Advice] {
            try await SearchPipeline(
                retriever: GivenCandidates(Array(candidates)), reranker: Self.reranker, initialK: 4, finalK: 1,
                calibration: Self.calibration { _ in best }
            ).search(Query("question")).advice.filter { if case .improbable = $0 { true } else { false } }
        }
        let advice = try await improbable(Self.candidates.prefix(3))
        #expect(advice.isEmpty != expected)
        #expect(advice.allSatisfy { $0.description.contains("no answer") })
        // One that was not scored may be the answer.
        #expect(try await improbable(Self.candidates).isEmpty)
    }

    @Test(
        arguments: [(-0.1, 0), (0, 0), (0.5, 0.5), (1, 1), (1.1, 1), (.nan, 0), (.infinity, 1)] as [(Double, Double)])
    func clamping(_ value: Double, expected: Double) {
        #expect(Probability(clamping: value).value == expected)
    }
}
