import TestSupport
import WinnowCore
import WinnowEvaluation

/// Observations from a seed: pieces of documents, systems of different skill, ties, pairs without a score, grades from
/// -1 to 3, queries without candidates and queries without a relevant document.
struct SweepFixture {
    var observations: [QueryObservation] = []
    var qrels = Qrels()
    var groups: [String?] = []

    init(queries: Int, candidates: Int, systems: Int = 2, pieces: Int = 2, groupSize: Int = 1, seed: UInt64 = 7) {
        var generator = SeededGenerator(seed: seed)
        guard let fingerprint = Fingerprint(hexadecimal: String(repeating: "a", count: 64)) else { return }
        for query in 0..<queries {
            let id = "q\(query)"
            let documents = max(1, candidates / pieces)
            let hasRelevant = query % 9 != 8
            var grades: [Int] = []
            for document in 0..<documents + 3 {
                let draw = Int.random(in: 0..<100, using: &generator)
                let grade = draw < 12 && hasRelevant ? 1 + draw % 3 : draw < 20 ? 0 : draw < 25 ? -1 : Int.min
                grades.append(grade)
                if grade != Int.min { qrels.judge("d\(document)", for: id, grade: grade) }
            }
            qrels.judge("never-found", for: id, grade: hasRelevant ? 1 : 0)
            let count = query % 11 == 10 ? 0 : query % 7 == 6 ? candidates / 2 : candidates
            let order = (0..<documents * pieces).shuffled(using: &generator).prefix(count)
            // Coarse scores, so that many are equal.
            let found = order.enumerated().map { place, piece in
                Candidate(
                    passage: Passage(
                        id: "d\(piece / pieces)#\(piece % pieces)", documentID: "d\(piece / pieces)", text: "text"),
                    rank: place + 1, retrievalScore: 1 - Double(place / 3) / 100,
                    tokens: TokenizedPassage(
                        ids: Array(repeating: 1, count: 1 + piece % 5), tokenizer: fingerprint))
            }
            let scorings = (0..<systems).map { system in
                QueryObservation.Scoring(
                    scores: found.map { candidate in
                        let draw = Float(Int.random(in: -4...4, using: &generator)) / 2
                        let skill = Float(system + 1)
                        let document = Int(candidate.passage.documentID.dropFirst()) ?? 0
                        let isUnscored = Int.random(in: 0..<25, using: &generator) == 0
                        let logit = draw + (grades[document] > 0 ? skill : 0)
                        return isUnscored ? nil : Self.score(logit)
                    }, time: .milliseconds(10))
            }
            observations.append(
                QueryObservation(
                    id: id, text: "query", candidates: found, retrievalTime: .milliseconds(1), scorings: scorings))
            groups.append(groupSize == 1 ? nil : "g\(query / groupSize)")
        }
    }

    static func score(_ logit: Float) -> PairScore {
        PairScore(logit: Logit(logit), score: Score(logit, kind: .identity))
    }

    /// The same, had the first stage handed on fewer.
    func truncated(to initialK: Int) -> [QueryObservation] {
        observations.map { observation in
            var observation = observation
            observation.candidates = Array(observation.candidates.prefix(initialK))
            for index in observation.scorings.indices {
                observation.scorings[index].scores = Array(observation.scorings[index].scores.prefix(initialK))
            }
            return observation
        }
    }

    /// Equal but for the order in which doubles were added.
    static func isClose(_ one: Double, _ other: Double) -> Bool { abs(one - other) <= 1e-12 }

    /// What a person would read.
    static func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return String(describing: error)
        }
    }

    static func systems(_ count: Int) -> [SweepSettings.System] {
        (0..<count).map { SweepSettings.System(name: "s\($0)", scoring: $0) }
    }
}

extension SweepReport {
    func run(_ system: String?, _ initialK: Int) -> SweptRun? {
        runs.first { $0.system == system && $0.initialK == initialK }
    }

    func cell(_ system: String?, _ initialK: Int, _ threshold: Ranking.Threshold?, _ finalK: Int) -> SweptCell? {
        cells.first {
            runs[$0.run].system == system && runs[$0.run].initialK == initialK && $0.threshold == threshold
                && $0.finalK == finalK
        }
    }
}
