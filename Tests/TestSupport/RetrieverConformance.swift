import WinnowCore

/// What the protocol promises, asked of any retriever. One suite for all of them: dense, lexical, hybrid, in memory and over a store.
public struct RetrieverConformance {
    public let name: String
    public let retriever: any Retriever
    public let query: Query
    /// How many passages it can find for the query.
    public let count: Int

    public init(_ name: String, _ retriever: any Retriever, query: Query, count: Int) {
        self.name = name
        self.retriever = retriever
        self.query = query
        self.count = count
    }

    private struct Admitted: PassageFilter {
        let ids: Set<String>
        func admits(_ passage: Passage) -> Bool { ids.contains(passage.id) }
    }

    /// - Returns: every promise that is broken, in words; none when it keeps them all.
    public func faults() async throws -> [String] {
        var faults: [String] = []
        func expect(_ holds: Bool, _ promise: String) { if !holds { faults.append("\(name): \(promise)") } }

        let all = try await retriever.retrieve(query, limit: count + 1, filter: nil).candidates
        expect(all.count == count, "finds \(all.count) passages and not \(count)")
        for limit in [1, 2, count - 1, count, count + 1, count + 100] where limit >= 1 {
            let list = try await retriever.retrieve(query, limit: limit, filter: nil).candidates
            faults += listFaults(list, limit: limit)
            for admitted in [Set(all.map(\.passage.id).suffix(2)), []] {
                let found = try await retriever.retrieve(query, limit: limit, filter: Admitted(ids: admitted))
                    .candidates
                faults += listFaults(found, limit: limit)
                expect(found.allSatisfy { admitted.contains($0.passage.id) }, "gives what the filter does not admit")
                expect(found.count == min(limit, admitted.count), "limit \(limit) counts more than the filter admits")
            }
        }
        // The same answer every time, also when it is asked many times at once.
        let retriever = retriever
        let (query, wanted) = (query, count + 1)
        let same = try await withThrowingTaskGroup(of: RankedList.self) { group in
            for _ in 0..<16 {
                group.addTask { try await retriever.retrieve(query, limit: wanted, filter: nil) }
            }
            return try await group.reduce(true) { $0 && $1.candidates == all }
        }
        expect(same, "gives another answer when it is asked many times at once")

        // A cancelled search ends, with an answer or an error, and does no harm.
        let cancelled = Task { try await retriever.retrieve(query, limit: wanted, filter: nil) }
        cancelled.cancel()
        if case .success(let list) = await cancelled.result {
            expect(list.candidates == all, "gives another answer when it is cancelled")
        }
        expect(
            try await retriever.retrieve(query, limit: wanted, filter: nil).candidates == all,
            "gives another answer after a cancelled search")
        return faults
    }

    private func listFaults(_ candidates: [Candidate], limit: Int) -> [String] {
        var faults: [String] = []
        func expect(_ holds: Bool, _ promise: String) { if !holds { faults.append("\(name): \(promise)") } }
        expect(candidates.count <= limit, "gives \(candidates.count) candidates where \(limit) were asked for")
        expect(candidates.map(\.rank) == Array(1..<candidates.count + 1), "ranks are not 1, 2, 3 …")
        expect(Set(candidates.map { Array($0.passage.id.utf8) }).count == candidates.count, "a passage stands twice")
        let scores = candidates.compactMap(\.retrievalScore)
        expect(scores.count == candidates.count, "a candidate has no score")
        expect(zip(scores, scores.dropFirst()).allSatisfy { $0 >= $1 }, "is not best first")
        expect(scores.allSatisfy(\.isFinite), "a score is not finite")
        return faults
    }
}
