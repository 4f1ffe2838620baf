import WinnowCore

extension ReportBuilder {
    private static let textLength = 400
    private static let shownPassages = 8

    /// Queries whose primary measure changed, those that changed most first; the first few with their passages.
    func changes(
        from first: MeasuredRun, to system: MeasuredRun, scoring: Int?
    ) -> (worse: [EvaluationReport.QueryChange], better: [EvaluationReport.QueryChange]) {
        let primary = measures[0]
        guard let before = first.values(of: primary), let after = system.values(of: primary) else { return ([], []) }
        let changed = queries.indices.filter { abs(after[$0] - before[$0]) > PairedComparison.tieTolerance }
        func list(_ indices: [Int]) -> [EvaluationReport.QueryChange] {
            let sorted = indices.sorted {
                let (left, right) = (abs(after[$0] - before[$0]), abs(after[$1] - before[$1]))
                return left == right ? $0 < $1 : left > right
            }
            return sorted.enumerated().map { place, index in
                EvaluationReport.QueryChange(
                    queryID: queries[index].id, text: queries[index].text, before: before[index], after: after[index],
                    passages: place < input.shownChanges ? passages(of: index, scoring: scoring) : [])
            }
        }
        return (list(changed.filter { after[$0] < before[$0] }), list(changed.filter { after[$0] > before[$0] }))
    }

    /// The first three of both orders, and relevant candidates, in the system's order.
    private func passages(of index: Int, scoring: Int?) -> [EvaluationReport.ChangedPassage] {
        let observation = observations[index]
        let level = input.settings.level
        guard let scoring, let before = try? observation.order(by: nil, level: level),
            let after = try? observation.order(by: scoring, level: level)
        else { return [] }
        var ranksBefore: [ExactText: Int] = [:]
        for (place, entry) in before.enumerated() { ranksBefore[ExactText(entry.id)] = place + 1 }
        let shown = after.enumerated().compactMap { place, entry -> EvaluationReport.ChangedPassage? in
            guard let rank = ranksBefore[ExactText(entry.id)] else { return nil }
            let grade = input.qrels.grade(of: entry.id, for: observation.id)
            guard place < 3 || rank <= 3 || (grade ?? 0) >= 1 else { return nil }
            let candidate = observation.candidates[entry.candidate]
            return EvaluationReport.ChangedPassage(
                id: level == .document ? candidate.passage.documentID : candidate.passage.id, grade: grade,
                text: SingleLine.of(candidate.passage.content, limit: Self.textLength), before: rank, after: place + 1,
                retrievalScore: candidate.retrievalScore,
                logit: observation.scorings[scoring].scores[entry.candidate]?.logit.value)
        }
        return Array(shown.prefix(Self.shownPassages))
    }
}
