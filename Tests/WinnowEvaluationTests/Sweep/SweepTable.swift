import WinnowCore
import WinnowEvaluation

/// A sweep whose values are written down in advance, to try the choice by itself: a system is told by the document that
/// it ranks first, an initialK by the number of documents ranked.
struct SweepTable {
    /// The value of a query, by its number, the system's number (0: the first stage) and the initialK.
    var value: @Sendable (_ query: Int, _ system: Int, _ initialK: Int) -> Double
    var queries: Int
    var systems = 1
    /// At least one more than ``systems``, so that the first stage and all systems differ.
    var initialKs = [10]
    var finalKs = [1]
    /// Where the relevant document stands in every system's order, from 1; nil: nowhere.
    var relevantPlace: @Sendable (_ query: Int) -> Int? = { _ in 1 }
    var groups: @Sendable (_ query: Int) -> String? = { _ in nil }
    var times = SweepTimes()
    var thresholds: [Ranking.Threshold?] = [nil]
    var rule = SweepSettings.Rule.oneStandardError
    var check = SweepSettings.Check.folds()
    var percentile = SweepSettings.Percentile.p95
    var atMost: Duration?

    /// Query numbers with leading zeros, so that the order of bytes is that of the numbers.
    static func id(_ query: Int) -> String { "q" + String(String(query + 10_000).dropFirst()) }

    func report() throws -> SweepReport {
        let depth = initialKs.max() ?? 0
        var qrels = Qrels()
        let observations = (0..<queries).map { query in
            let id = Self.id(query)
            let place = relevantPlace(query)
            qrels.judge("none", for: id, grade: 0)
            let candidates = (0..<depth).map { place in
                Candidate(passage: Passage(id: "d\(place)", documentID: "d\(place)", text: ""), rank: place + 1)
            }
            if let place {
                // All orders agree from the second place on but for the system's own document.
                for system in 0...systems { qrels.judge(Self.document(at: place, of: system), for: id, grade: 1) }
            }
            let scorings = (1...max(1, systems)).map { system in
                QueryObservation.Scoring(
                    scores: (0..<depth).map { SweepFixture.score($0 == system ? 1 : -Float($0)) }, time: .zero)
            }
            return QueryObservation(
                id: id, text: "", candidates: candidates, retrievalTime: .zero, scorings: scorings)
        }
        let value = value
        let measure = SweepMeasure(name: "value") { ids, queryID in
            guard let first = ids.first, let system = Int(first.dropFirst()), let query = Int(queryID.dropFirst())
            else {
                return 0
            }
            return value(query, system, ids.count)
        }
        let settings = SweepSettings(
            initialKs: initialKs, finalKs: finalKs, thresholds: thresholds,
            systems: SweepFixture.systems(systems), percentile: percentile, atMost: atMost, rule: rule, check: check)
        return try Sweep(settings, measure: measure, qrels: qrels, times: times)
            .report(on: observations, groups: (0..<queries).map(groups))
    }

    /// From 1.
    static func document(at place: Int, of system: Int) -> String {
        guard system > 0 else { return "d\(place - 1)" }
        return place == 1 ? "d\(system)" : "d\(place - 2 < system ? place - 2 : place - 1)"
    }

    /// The same time for a hundred searches.
    static func times(_ milliseconds: [(system: String?, initialK: Int, milliseconds: Int)]) -> SweepTimes {
        var times = SweepTimes()
        for entry in milliseconds {
            times.set(
                Array(repeating: .milliseconds(entry.milliseconds), count: 100), system: entry.system,
                initialK: entry.initialK)
        }
        return times
    }
}
