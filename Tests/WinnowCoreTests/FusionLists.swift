import TestSupport
import WinnowCore

/// Lists of one query to fuse.
enum FusionLists {
    static func passage(_ id: String) -> Passage {
        Passage(id: id, documentID: id, text: "text of \(id)")
    }

    static func list(
        _ name: String, _ entries: [(String, Double?)], weight: Double = 1, computed: [String: Double] = [:]
    ) -> FusionInput {
        let candidates = entries.enumerated().map { place, entry in
            Candidate(passage: passage(entry.0), rank: place + 1, retrievalScore: entry.1)
        }
        return FusionInput(name: name, weight: weight, candidates: candidates, computed: computed)
    }

    /// Up to four lists over few ids and few scores, so that passages meet and scores tie.
    static func drawn(using random: inout SeededGenerator) -> [FusionInput] {
        let ids = (0..<8).map { "p\($0)" }
        return (0..<Int.random(in: 1...4, using: &random)).map { number in
            let found = ids.shuffled(using: &random).prefix(Int.random(in: 0...8, using: &random))
            let scores = found.map { _ in Double(Int.random(in: -4...8, using: &random)) / 4 }.sorted(by: >)
            let absent = ids.filter { !found.contains($0) && Bool.random(using: &random) }
            return list(
                "list \(number)", Array(zip(found, scores.map(Optional.some))),
                weight: Double(Int.random(in: 0...3, using: &random)) / 2,
                computed: Dictionary(uniqueKeysWithValues: absent.map { ($0, Double($0.utf8.last ?? 0) / -100) }))
        }
    }

    static let methods: [Fusion] = [.reciprocalRank(), .reciprocalRank(k: 0.5), .relativeScore, .distribution]
}
