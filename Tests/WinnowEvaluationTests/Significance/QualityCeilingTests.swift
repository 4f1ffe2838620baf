import Testing
import WinnowEvaluation

@Suite struct QualityCeilingTests {
    @Test func lossesAddUp() throws {
        let ceiling = try QualityCeiling(values: [0.5, 0, 1], oracle: [0.75, 0, 1])
        #expect(abs(ceiling.value + ceiling.lostByFirstStage + ceiling.lostByOrder - 1) < 1e-15)
        #expect(abs(ceiling.lostByOrder - 0.25 / 3) < 1e-15)
        #expect(abs((ceiling.firstStageShare ?? 0) - 1.25 / 1.5) < 1e-12)
        #expect(
            ceiling.sentence(measure: "nDCG@10")
                == "nDCG@10 is 0.500 of at most 0.583 with these candidates: of the 0.500 that "
                + "is missing, the first stage lost 0.417 and the order 0.083.")
    }

    @Test func nothingLost() throws {
        // P@5 of queries with one relevant document: 0.2 is all there is.
        let narrow = try QualityCeiling(values: [0.2, 0], oracle: [0.2, 0], ideal: [0.2, 0.2])
        #expect(abs(narrow.lostByFirstStage - 0.1) < 1e-12 && narrow.lostByOrder == 0)
        #expect(narrow.sentence(measure: "P@5").contains("0.100 that is missing to the best possible 0.200"))
        let perfect = try QualityCeiling(values: [1, 1], oracle: [1, 1])
        #expect(perfect.firstStageShare == nil && perfect.lostByOrder == 0)
        #expect(perfect.sentence(measure: "RR@10") == "RR@10 is 1.000: nothing is missing.")
        // Rounding above the ceiling is no contradiction.
        #expect(try QualityCeiling(values: [0.1 + 0.2], oracle: [0.3]).lostByOrder == 0)
    }

    @Test func contradictionsThrow() {
        #expect(throws: EvaluationError.aboveCeiling(value: 0.6, ceiling: 0.5)) {
            try QualityCeiling(values: [0.1, 0.6], oracle: [0.9, 0.5])
        }
        #expect(throws: EvaluationError.nothingToCompare) { try QualityCeiling(values: [], oracle: []) }
        #expect(throws: EvaluationError.unequalValues(baseline: 1, system: 2)) {
            try QualityCeiling(values: [1], oracle: [1, 1])
        }
    }
}
