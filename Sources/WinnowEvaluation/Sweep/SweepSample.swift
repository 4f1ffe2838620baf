import WinnowCore

/// Which queries count, in which groups, and on which side of a split.
struct SweepSample {
    /// Indices of the observations that count, in the order of their ids' bytes: the order in which trec_eval sums.
    private(set) var kept: [Int] = []
    /// The group of each, numbered by first appearance.
    private(set) var groups: [Int] = []
    /// Queries in each group.
    private(set) var groupSizes: [Int] = []
    /// Whether settings are chosen on it: all, without a split.
    private(set) var isChosenOn: [Bool] = []
    /// Observed queries without a judgement.
    private(set) var unjudged = 0
    /// Judged queries that nobody observed.
    private(set) var unobserved = 0
    /// Judged and observed, and on neither side of the split.
    private(set) var unassigned = 0

    init(_ observations: [QueryObservation], groups labels: [String?]?, qrels: Qrels, check: SweepSettings.Check) throws
    {
        func refuse(_ problem: SweepProblem) -> EvaluationError { .sweep(problem) }
        if let labels, labels.count != observations.count {
            throw refuse(.groupCount(queries: observations.count, groups: labels.count))
        }
        var indexByID: [ExactText: Int] = [:]
        for (index, observation) in observations.enumerated() {
            guard indexByID.updateValue(index, forKey: ExactText(observation.id)) == nil else {
                throw refuse(.queryTwice(observation.id))
            }
        }
        let judged = indexByID.filter { qrels.contains(queryID: observations[$0.value].id) }
        unjudged = observations.count - judged.count
        unobserved = qrels.queryCount - judged.count
        guard !judged.isEmpty else { throw refuse(.noJudgedQuery(observed: observations.count)) }

        var sides: [ExactText: Bool]?
        if case .split(let chooseOn, let reportOn) = check {
            sides = try Self.sides(chooseOn: chooseOn, reportOn: reportOn, known: judged)
        }
        var numberOfGroup: [ExactText: Int] = [:]
        var firstOfGroup: [(id: String, isChosenOn: Bool)] = []
        for (id, index) in judged.sorted(by: { $0.key.precedes($1.key) }) {
            guard let isChosenOn = sides.map({ $0[id] }) ?? true else {
                unassigned += 1
                continue
            }
            let label = labels?[index]
            let group: Int
            if let label, let known = numberOfGroup[ExactText(label)] {
                group = known
                guard firstOfGroup[group].isChosenOn == isChosenOn else {
                    let (first, this) = (firstOfGroup[group].id, observations[index].id)
                    throw refuse(
                        .splitGroupOnBothSides(
                            group: label, chooseOn: isChosenOn ? this : first, reportOn: isChosenOn ? first : this))
                }
            } else {
                group = groupSizes.count
                groupSizes.append(0)
                firstOfGroup.append((observations[index].id, isChosenOn))
                if let label { numberOfGroup[ExactText(label)] = group }
            }
            kept.append(index)
            groups.append(group)
            groupSizes[group] += 1
            self.isChosenOn.append(isChosenOn)
        }
    }

    /// Groups on which settings are chosen, or the others.
    func groups(chosenOn: Bool) -> [Int] {
        var isWanted = [Bool](repeating: false, count: groupSizes.count)
        for (group, isChosenOn) in zip(groups, isChosenOn) where isChosenOn == chosenOn { isWanted[group] = true }
        return isWanted.indices.filter { isWanted[$0] }
    }

    /// True: choose on it.
    private static func sides(
        chooseOn: [String], reportOn: [String], known: [ExactText: Int]
    ) throws -> [ExactText: Bool] {
        var sides: [ExactText: Bool] = [:]
        for (ids, isChosenOn) in [(chooseOn, true), (reportOn, false)] {
            for id in ids {
                let key = ExactText(id)
                guard known[key] != nil else {
                    throw EvaluationError.sweep(.splitUnknownQuery(id, side: isChosenOn ? "choose" : "report"))
                }
                guard sides[key] ?? isChosenOn == isChosenOn else {
                    throw EvaluationError.sweep(.splitQueryOnBothSides(id))
                }
                sides[key] = isChosenOn
            }
        }
        return sides
    }
}
