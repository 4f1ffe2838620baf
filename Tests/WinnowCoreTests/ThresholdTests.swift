import TestSupport
import Testing
import WinnowCore

@Suite struct ThresholdTests {
    @Test(arguments: [
        ("score:0.3", Ranking.Threshold.score(0.3), "score:0.3"),
        ("logit:-2", .logit(-2), "logit:-2"),
        ("logit:-2.50", .logit(-2.5), "logit:-2.5"),
        ("logit:+1e1", .logit(10), "logit:10"),
        ("score:1", .score(1), "score:1"),
        // The range of a score is its model's matter.
        ("score:7", .score(7), "score:7"),
        ("probability:0.5", .probability(0.5), "probability:0.5"),
        ("probability:0", .probability(0), "probability:0"),
        ("probability:1", .probability(1), "probability:1"),
    ])
    func spellings(_ text: String, expected: Ranking.Threshold, printed: String) throws {
        let threshold = try Ranking.Threshold(parsing: text)
        #expect(threshold == expected)
        #expect(threshold.description == printed)
        #expect(try Ranking.Threshold(parsing: threshold.description) == threshold)
    }

    @Test(arguments: [
        "0.3", "-2", "", ":", "score", "score:", "score:high", "Score:0.3", " score:0.3", "score: 0.3", "score:0.3 ",
        "score:0,3",
        "score=0.3", "score:0x1p-2", "probability:50%", "cosine:0.3", "score:0.3:1", "score:١",
    ])
    func otherSpellingsAreRefusedWithTheThree(_ text: String) {
        let error = #expect(throws: SearchError.thresholdSpelling(text)) { try Ranking.Threshold(parsing: text) }
        for spelling in ["score:", "logit:", "probability:"] {
            #expect(error?.description.contains(spelling) == true)
        }
    }

    @Test(arguments: [
        "score:nan", "score:inf", "logit:-inf", "logit:infinity", "logit:1e99", "probability:1.01", "probability:-0.1",
        "probability:nan",
    ])
    func numbersThatNothingReaches(_ text: String) {
        #expect(throws: SearchError.thresholdOutOfRange(text)) { try Ranking.Threshold(parsing: text) }
    }

    @Test func everyNumberComesBack() throws {
        var random = SeededGenerator(seed: 41)
        for _ in 0..<2000 {
            let float = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random))
            guard float.isFinite else { continue }
            #expect(try Ranking.Threshold(parsing: "\(Ranking.Threshold.logit(float))") == .logit(float))
            let double = Double.random(in: 0...1, using: &random)
            #expect(try Ranking.Threshold(parsing: "\(Ranking.Threshold.probability(double))") == .probability(double))
        }
    }

    @Test(arguments: [
        (Ranking.Threshold.probability(0.5), SearchError.thresholdWithoutCalibration(.probability(0.5))),
        (.logit(.infinity), .thresholdOutOfRange("logit:inf")),
    ])
    func impossibleWithAReranker(_ threshold: Ranking.Threshold, expected: SearchError) {
        let first = GivenCandidates([])
        #expect(throws: expected) {
            try SearchPipeline(retriever: first, reranker: LogitReranker { _ in 0 }, threshold: threshold)
        }
    }

    @Test(arguments: [Ranking.Threshold.score(0.5), .logit(0), .probability(0.5)])
    func nothingReachesAThresholdWithoutAReranker(_ threshold: Ranking.Threshold) {
        let error = #expect(throws: SearchError.thresholdWithoutReranker(threshold)) {
            try SearchPipeline(retriever: GivenCandidates([]), reranker: nil, threshold: threshold)
        }
        #expect(error?.description.contains(threshold.description) == true)
    }

    @Test func calibrationIsNamed() {
        let text = SearchError.thresholdWithoutCalibration(.probability(0.5)).description
        #expect(text.contains("winnow calibrate") && text.contains("use score: or logit:"))
    }
}
