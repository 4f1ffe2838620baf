import TestSupport
import Testing
import WinnowCore

/// What holds for any lists.
@Suite struct FusionLawTests {
    private static let rounds = 400

    private func forAll(
        _ seed: UInt64, _ body: (Fusion, [FusionInput], inout SeededGenerator) throws -> Void
    ) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<Self.rounds {
            let lists = FusionLists.drawn(using: &random)
            for fusion in FusionLists.methods { try body(fusion, lists, &random) }
        }
    }

    @Test func theOrderOfListsChangesNoBit() throws {
        try forAll(1) { fusion, lists, random in
            let shuffled = lists.shuffled(using: &random)
            let (one, other) = (try fusion.fuse(lists, limit: 20), try fusion.fuse(shuffled, limit: 20))
            #expect(one == other, "\(fusion) of \(lists)")
        }
    }

    @Test func weightZeroIsAbsence() throws {
        try forAll(2) { fusion, lists, _ in
            let present = lists.filter { $0.weight > 0 }
            let (one, other) = (try fusion.fuse(lists, limit: 20), try fusion.fuse(present, limit: 20))
            #expect(one == other, "\(fusion) of \(lists)")
        }
    }

    @Test func anEmptyListIsNeutral() throws {
        try forAll(3) { fusion, lists, _ in
            let nothing = FusionLists.list("nothing", [], weight: 2)
            #expect(try fusion.fuse(lists, limit: 20) == fusion.fuse(lists + [nothing], limit: 20))
            // What it has computed is told and does not count.
            let knowing = FusionLists.list("nothing", [], weight: 2, computed: ["p1": 3, "p2": 0])
            let (without, with) = (
                try fusion.fuse(lists, limit: 20).candidates, try fusion.fuse(lists + [knowing], limit: 20).candidates
            )
            #expect(without.map(\.passage) == with.map(\.passage))
            #expect(without.map(\.retrievalScore) == with.map(\.retrievalScore))
        }
    }

    @Test func scaledWeightsKeepTheOrder() throws {
        try forAll(4) { fusion, lists, random in
            // A power of two scales every double exactly.
            let factor: Double = [0.25, 2, 1024].randomElement(using: &random) ?? 2
            var scaled = lists
            for index in scaled.indices { scaled[index].weight *= factor }
            let (before, after) = (
                try fusion.fuse(lists, limit: 20).candidates, try fusion.fuse(scaled, limit: 20).candidates
            )
            #expect(before.map(\.passage) == after.map(\.passage), "\(fusion) of \(lists)")
            #expect(before.map { ($0.retrievalScore ?? .nan) * factor } == after.map(\.retrievalScore))
        }
    }

    /// Equal weights, whatever they are, leave the ties of ranks alone: their sums are rounded once.
    @Test(arguments: [0.1, 1.0 / 3, 0.7, 1e-9, 12345.678])
    func equalWeightsKeepTheTiesOfRanks(_ weight: Double) throws {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<Self.rounds {
            var lists = FusionLists.drawn(using: &random)
            for index in lists.indices { lists[index].weight = 1 }
            let before = try Fusion.reciprocalRank().fuse(lists, limit: 20).candidates
            for index in lists.indices { lists[index].weight = weight }
            #expect(
                try Fusion.reciprocalRank().fuse(lists, limit: 20).candidates.map(\.passage) == before.map(\.passage))
        }
    }

    @Test func bestFirstAndEachOnce() throws {
        try forAll(6) { fusion, lists, random in
            let all = try fusion.fuse(lists, limit: 20).candidates
            let present = lists.filter { $0.weight > 0 }
            let ids = all.map(\.passage.id)
            #expect(Set(ids) == Set(present.flatMap { $0.candidates.map(\.passage.id) }))
            #expect(Set(ids).count == ids.count)
            #expect(all.map(\.rank) == Array(1..<all.count + 1))
            func best(_ candidate: Candidate) -> Int { candidate.retrievals.values.compactMap(\.rank).min() ?? .max }
            for (left, right) in zip(all, all.dropFirst()) {
                let (mine, theirs) = (try #require(left.retrievalScore), try #require(right.retrievalScore))
                #expect(
                    mine > theirs
                        || (mine == theirs
                            && (best(left) < best(right)
                                || (best(left) == best(right) && left.passage.id < right.passage.id)))
                )
            }
            let limit = Int.random(in: 1...10, using: &random)
            #expect(try fusion.fuse(lists, limit: limit).candidates == Array(all.prefix(limit)))
        }
    }

    @Test func fusingOneListKeepsItsOrder() throws {
        try forAll(7) { fusion, lists, _ in
            guard var list = lists.first, !list.candidates.isEmpty else { return }
            list.weight = 1
            let fused = try fusion.fuse([list], limit: 20).candidates
            #expect(fused.map(\.passage) == list.candidates.map(\.passage))
        }
    }

    /// Scores on another scale of the same retriever: a·s + b.
    @Test func scalesOfScoresDoNotMatter() throws {
        try forAll(8) { fusion, lists, _ in
            var moved = lists
            for index in moved.indices {
                for place in moved[index].candidates.indices {
                    moved[index].candidates[place].retrievalScore? *= 8
                    moved[index].candidates[place].retrievalScore? += 3
                }
                moved[index].absentScores = moved[index].absentScores.mapValues { 8 * $0 + 3 }
            }
            let (before, after) = (
                try fusion.fuse(lists, limit: 20).candidates, try fusion.fuse(moved, limit: 20).candidates
            )
            let scores = Dictionary(uniqueKeysWithValues: before.map { ($0.passage.id, $0.retrievalScore ?? .nan) })
            for candidate in after {
                let score = try #require(candidate.retrievalScore)
                #expect(abs(score - (scores[candidate.passage.id] ?? .nan)) <= 1e-12)
            }
        }
    }
}
