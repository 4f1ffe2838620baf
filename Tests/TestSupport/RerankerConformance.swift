import WinnowCore

/// What the protocol promises, asked of any second stage that scores pairs: models, and whatever decorates one.
public struct RerankerConformance {
    public let name: String
    public let reranker: any Reranker
    public let query: Query
    /// At least three, all with different content.
    public let candidates: [Candidate]
    /// What it has to say, bit for bit: the scores of what it decorates, or those of a run before; nil: only that it says the same
    /// every time.
    public let expected: [PairScore?]?

    public init(
        _ name: String, _ reranker: any Reranker, query: Query, candidates: [Candidate], expected: [PairScore?]? = nil
    ) {
        self.name = name
        self.reranker = reranker
        self.query = query
        self.candidates = candidates
        self.expected = expected
    }

    /// - Returns: every promise that is broken, in words; none when it keeps them all.
    public func faults() async throws -> [String] {
        var faults: [String] = []
        // One whose scores depend on their company may leave out others in another list, and changes none.
        let dependsOnCompany = reranker.scoresDependOnCompany
        func agree(_ scores: [PairScore?], _ others: some Collection<PairScore?>) -> Bool {
            scores.count == others.count
                && zip(scores, others).allSatisfy { $0 == $1 || dependsOnCompany && ($0 == nil || $1 == nil) }
        }
        func expect(_ holds: Bool, _ promise: String) { if !holds { faults.append("\(name): \(promise)") } }

        let all = try await reranker.score(query, candidates, until: nil)
        expect(all.count == candidates.count, "gives \(all.count) scores for \(candidates.count) candidates")
        guard all.count == candidates.count else { return faults }
        if let expected {
            expect(agree(all, expected), "gives other scores, or another truncation, than what it stands for")
        }
        expect(all.allSatisfy { $0?.logit.value.isFinite ?? true }, "a logit is not finite")
        expect(try await reranker.score(query, [], until: nil).isEmpty, "gives scores for no candidates")

        // Neither company nor order change a score.
        for index in candidates.indices {
            let alone = try await reranker.score(query, [candidates[index]], until: nil)
            expect(agree(alone, [all[index]]), "candidate \(index) has another score alone")
        }
        let reversed = try await reranker.score(query, candidates.reversed(), until: nil)
        expect(reversed == all.reversed(), "scores depend on the order of the candidates")
        var reranked = candidates
        for index in reranked.indices {
            reranked[index].rank = candidates.count - index
            reranked[index].retrievalScore = Double(index)
        }
        expect(agree(try await reranker.score(query, reranked, until: nil), all), "scores depend on the first stage's")
        let twice = try await reranker.scoring(query, candidates + candidates, until: nil)
        expect(twice.scores == all + all, "a candidate that stands twice has two scores")
        expect(twice.counts.values.allSatisfy { $0 >= 0 }, "a count is negative")

        // A text that changed is another text, whatever its id.
        var changed = candidates
        changed[0].passage.text = candidates[1].passage.text
        changed[0].passage.title = candidates[1].passage.title
        changed[0].tokens = candidates[1].tokens
        let afterChange = try await reranker.score(query, changed, until: nil)
        expect(afterChange[0] == all[1], "a passage keeps its score when its text changes")
        expect(try await reranker.score(query, candidates, until: nil) == all, "and not when it changes back")

        // Many at once.
        let (reranker, query, candidates) = (reranker, query, candidates)
        let same = try await withThrowingTaskGroup(of: [PairScore?].self) { group in
            for _ in 0..<8 { group.addTask { try await reranker.score(query, candidates, until: nil) } }
            return try await group.reduce(true) { $0 && $1 == all }
        }
        expect(same, "gives other scores when it is asked many times at once")

        // A deadline leaves candidates out and changes none.
        for wait in [Duration.zero, .milliseconds(1), .seconds(60)] {
            let late = try await reranker.score(query, candidates, until: .now + wait)
            expect(late.count == all.count, "loses candidates to a deadline")
            expect(zip(late, all).allSatisfy { $0 == nil || $0 == $1 }, "a deadline changes a score")
            if wait == .seconds(60) { expect(late == all, "a deadline that is far away leaves candidates out") }
        }

        let cancelled = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await reranker.score(query, candidates, until: nil)
        }
        cancelled.cancel()
        if case .failure(let error) = await cancelled.result {
            expect(error is CancellationError, "a cancelled request ends with \(error)")
        } else {
            faults.append("\(name): a cancelled request ends with scores")
        }
        expect(try await reranker.score(query, candidates, until: nil) == all, "other scores after a cancelled request")
        expect(try reranker.identity == reranker.identity, "has two identities")
        return faults
    }
}
