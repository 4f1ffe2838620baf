import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct SweepParsingTests {
    @Test(
        arguments: [
            ("5", [5]), ("5,10,20,50", [5, 10, 20, 50]), ("50, 5 ,5", [5, 50]), ("1..4", [1, 2, 3, 4]),
            ("10..50:10", [10, 20, 30, 40, 50]), ("10..49:20", [10, 30]), ("3..3", [3]), ("1,8..10", [1, 8, 9, 10]),
            ("1..1000", Array(1...1000)),
        ])
    func counts(text: String, values: [Int]) throws {
        #expect(try SweepSettings.counts(parsing: text, parameter: "initialK") == values)
    }

    @Test(
        arguments: [
            "", " ", "5,", ",5", "0", "-1", "+5", "5.0", "0x10", "five", "5..", "..5", "5..3", "1..5:0", "1..5:",
            "1..5:1:2",
            "0..5", "5...9", "1234567890", "٥", "5 6", "1..1001", "1..5:-1",
        ])
    func countsThatCannotBeRead(text: String) {
        #expect(throws: EvaluationError.self) { try SweepSettings.counts(parsing: text, parameter: "initialK") }
    }

    @Test(
        arguments: [
            ("none", [nil]),
            ("none,logit:-2,probability:0.5", [nil, .logit(-2), .probability(0.5)]),
            ("logit:1, none, logit:1", [.logit(1), nil]),
            ("logit:-4..4:2", [.logit(-4), .logit(-2), .logit(0), .logit(2), .logit(4)]),
            ("probability:0.1..0.5:0.1", [0.1, 0.2, 0.3, 0.4, 0.5].map { .probability($0) }),
            ("score:0.3..0.3:1", [.score(0.3)]),
            ("logit:-0.3..0:0.1", [.logit(-0.3), .logit(-0.2), .logit(-0.1), .logit(0)]),
        ] as [(String, [Ranking.Threshold?])])
    func thresholds(text: String, values: [Ranking.Threshold?]) throws {
        #expect(try SweepSettings.thresholds(parsing: text) == values)
    }

    @Test(
        arguments: [
            "", "0.5", "None", "logit", "logit:", "logit:x", "cosine:0.5", "logit:1..2", "logit:2..1:1", "logit:1..2:0",
            "logit:1..2:-1", "logit:1..inf:1", "logit:0..1:0.0001", "none,,none", "logit:0x1..2:1", "bogus:1..2:1",
        ])
    func thresholdsThatCannotBeRead(text: String) {
        #expect(throws: EvaluationError.self) { try SweepSettings.thresholds(parsing: text) }
    }

    @Test(arguments: ["probability:1.5", "probability:0.5..1.5:0.5", "logit:inf", "logit:nan"])
    func thresholdsOutOfRange(text: String) {
        #expect(throws: SearchError.self) { try SweepSettings.thresholds(parsing: text) }
    }

    @Test func messagesNameTheItem() {
        #expect(
            SweepFixture.message { _ = try SweepSettings.counts(parsing: "5,ten", parameter: "initialK") }
                == "sweep: 'ten' in the list of initialK cannot be read: write whole numbers from 1 on, "
                + "such as 5,10,20 or 10..50:10"
        )
        #expect(
            SweepFixture.message { _ = try SweepSettings.counts(parsing: "1..2000", parameter: "finalK") }
                == "sweep: '1..2000' makes more than 1000 values of finalK: take a larger step")
        #expect(
            SweepFixture.message { _ = try SweepSettings.thresholds(parsing: "none,0.5") }
                == "sweep: '0.5' in the list of thresholds cannot be read: write none, or a space and a number "
                + "such as logit:-2, probability:0.5 or logit:-4..4:2")
        #expect(
            SweepFixture.message { _ = try SweepSettings.counts(parsing: "", parameter: "finalK") }
                == "sweep: no finalK is given: name at least one value")
    }
}
