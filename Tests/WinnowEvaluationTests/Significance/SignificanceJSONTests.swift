import Foundation
import Testing
import WinnowCore
import WinnowEvaluation

@Suite struct SignificanceJSONTests {
    private struct Read: Decodable {
        struct Ends: Decodable {
            var lower: Double
            var upper: Double
        }
        struct Test: Decodable {
            var p: Double
            var exact: Bool
        }
        struct Tally: Decodable, Equatable {
            var wins: Int
            var ties: Int
            var losses: Int
        }

        var difference: Double
        var interval: Ends?
        var randomisation: Test
        var queries: Tally
        var groups: Tally?
        var groupCount: Int?
    }

    private func read<Value: Decodable>(_ text: JSONText, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.text.utf8))
    }

    @Test func comparison() throws {
        let made = try PairedComparison(
            baseline: [Double](repeating: 0.5, count: 12), system: [Double](repeating: 0.75, count: 12))
        let read: Read = try read(made.json)
        #expect(read.difference == 0.25 && read.interval?.lower == 0.25 && read.interval?.upper == 0.25)
        #expect(read.randomisation.p == 0x1p-11 && read.randomisation.exact)
        #expect(read.queries == .init(wins: 12, ties: 0, losses: 0) && read.groups == nil && read.groupCount == nil)
    }

    /// A number while every reader of JSON keeps it exactly, else text: in all that is written alike.
    @Test(
        arguments: [
            (0, "0"), (1, "1"), (1 << 53, "9007199254740992"), (1 << 53 + 1, "\"9007199254740993\""),
            (.max, "\"18446744073709551615\""),
        ] as [(UInt64, String)])
    func seeds(seed: UInt64, text: String) throws {
        let comparison = try PairedComparison(baseline: [0, 0], system: [1, 1], options: .init(seed: seed))
        #expect(comparison.json.text.hasSuffix(#""seed":"# + text + "}"))
        var report = try ReportFixture().report()
        report.provenance.seed = seed
        #expect(report.json.text.contains(#""seed":"# + text + #","kernels""#))
        let choice = try ThresholdChooser(target: .precision(0.9), seed: seed).choose(
            (0..<40).map { LabelledQuery(id: "\($0)", pairs: []) })
        #expect(choice.json.text.hasSuffix(#""seed":"# + text + "}"))
    }

    @Test func groupsAndMissingIntervals() throws {
        let made = try PairedComparison(baseline: [0, 0, 0], system: [0.5, 0.5, 0], groups: ["a", "a", "b"])
        let read: Read = try read(made.json)
        #expect(read.interval == nil && read.groupCount == 2 && read.groups == .init(wins: 1, ties: 1, losses: 0))
        #expect(read.queries == .init(wins: 2, ties: 1, losses: 0))
    }

    @Test func latencyIsInMilliseconds() throws {
        let summary = try #require(LatencySummary([.microseconds(1500), .microseconds(2500)]))
        #expect(
            summary.json.text
                == #"{"count":2,"mean":2.0,"min":1.5,"p50":2.0,"p95":2.45,"p99":2.49,"max":2.5,"p95Supported":false,"#
                + #""p99Supported":false}"#)
    }

    @Test func verdictAndGate() throws {
        struct Outcome: Decodable {
            var outcome: String
            var reason: String?
            var unitsNeeded: Int?
        }
        struct Gate: Decodable {
            var passes: Bool
            var rules: [Outcome]
        }
        let comparison = try PairedComparison(baseline: [0.5, 0.5], system: [0.4, 0.4])
        let verdict: Outcome = try read(Verdict(measure: "P@1", system: "Reranking", comparison: comparison).json)
        #expect(verdict.outcome == "cannotTell" && verdict.reason == "fewDifferences" && verdict.unitsNeeded == nil)

        func side(_ value: Double) -> GateSide {
            GateSide(
                queryIDs: (0..<8).map { "q\($0)" }, valuesByMeasure: ["P@1": [Double](repeating: value, count: 8)],
                qrelsDigest: "d")
        }
        let gate: Gate = try read(
            RegressionGate([GateRule(measure: "P@1", margin: 0)], baseline: side(1), current: side(0)).json)
        #expect(!gate.passes && gate.rules.map(\.outcome) == ["failed"])
    }
}
