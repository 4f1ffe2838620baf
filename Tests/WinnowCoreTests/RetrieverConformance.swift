import Testing
import WinnowCore

/// What the protocol promises, asked of any retriever.
struct RetrieverConformance {
    let retriever: any Retriever
    let query: Query
    /// How many passages it can find for the query.
    let count: Int

    private struct Admitted: PassageFilter {
        let ids: Set<String>
        func admits(_ passage: Passage) -> Bool { ids.contains(passage.id) }
    }

    func check() async throws {
        let all = try await retriever.retrieve(query, limit: count + 1, filter: nil).candidates
        #expect(all.count == count)
        for limit in [1, 2, count - 1, count, count + 1, count + 100] where limit >= 1 {
            try checkList(try await retriever.retrieve(query, limit: limit, filter: nil).candidates, limit: limit)
            for admitted in [Set(all.map(\.passage.id).suffix(2)), []] {
                let found = try await retriever.retrieve(query, limit: limit, filter: Admitted(ids: admitted))
                    .candidates
                try checkList(found, limit: limit)
                #expect(found.allSatisfy { admitted.contains($0.passage.id) })
                #expect(found.count == min(limit, admitted.count), "the limit counts what the filter admits")
            }
        }
        // The same answer every time, also when it is asked many times at once.
        try await withThrowingTaskGroup(of: RankedList.self) { group in
            for _ in 0..<16 {
                group.addTask { try await retriever.retrieve(query, limit: count + 1, filter: nil) }
            }
            for try await list in group { #expect(list.candidates == all) }
        }
    }

    private func checkList(_ candidates: [Candidate], limit: Int) throws {
        #expect(candidates.count <= limit)
        #expect(candidates.map(\.rank) == Array(1..<candidates.count + 1))
        #expect(Set(candidates.map { Array($0.passage.id.utf8) }).count == candidates.count, "a passage stands twice")
        let scores = try candidates.map { try #require($0.retrievalScore) }
        #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 >= $1 }, "not best first")
        #expect(scores.allSatisfy { $0.isFinite })
    }
}
