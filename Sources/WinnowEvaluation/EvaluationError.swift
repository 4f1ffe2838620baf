import WinnowCore

/// What is wrong with what an evaluation was given. Each message says what, where and how to mend it.
public enum EvaluationError: Error, Sendable, Hashable {
    /// A run's score is NaN or infinite.
    case scoreNotFinite(run: String, queryID: String, documentID: String, score: Float)
    /// A run ranks one document twice for one query.
    case documentTwice(run: String, queryID: String, documentID: String)
    /// A measure that does not exist, or does not fit.
    case measure(MeasureFault)
    /// Not one of the queries has judgements, so there is nothing to measure.
    case noJudgedQuery(run: String, queries: Int)
    /// A mean, or a comparison, over no query at all.
    case nothingToCompare
    /// Two systems are compared that have not the same number of values.
    case unequalValues(baseline: Int, system: Int)
    /// Group labels are not one a query.
    case unequalGroups(queries: Int, groups: Int)
    /// A value of a measure is NaN or infinite; `position` counts from 1.
    case valueNotFinite(side: String, position: Int, value: Double)
    /// The least difference that matters is no positive number.
    case minimumEffectOutOfRange(Double)
    /// A measure is higher than that of the best order of the same candidates.
    case aboveCeiling(value: Double, ceiling: Double)
    /// A rule of the gate that cannot be read.
    case gateRuleSpelling(String)
    /// A rule of the gate that allows a gain, or a loss that cannot occur.
    case gateMarginOutOfRange(rule: String)
    /// Two rules of the gate for one measure.
    case gateRuleTwice(measure: String)
    /// A side of the gate has not this measure.
    case gateMeasureMissing(measure: String, side: String, known: [String])
    /// A side of the gate has not one value a query.
    case gateValuesUnequal(measure: String, side: String, queries: Int, values: Int)
    /// A side of the gate names a query twice.
    case gateQueryTwice(side: String, queryID: String)
    /// The two sides of the gate were measured over different queries; some of each, and how many in all.
    case gateQueriesDiffer(onlyBaseline: [String], onlyCurrent: [String], baselineCount: Int, currentCount: Int)
    /// The two sides of the gate were measured by different judgements.
    case gateQrelsDiffer(baseline: String, current: String)
    /// What a sweep was given does not fit together.
    case sweep(SweepProblem)
}

extension EvaluationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .scoreNotFinite(let run, let queryID, let documentID, let score):
            "run '\(PathText.quoted(run))': document '\(PathText.quoted(documentID))' has the score \(score) for query "
                + "'\(PathText.quoted(queryID))': a number that is not finite cannot be ranked; mend the system that wrote it"
        case .documentTwice(let run, let queryID, let documentID):
            "run '\(PathText.quoted(run))': document '\(PathText.quoted(documentID))' stands twice in the list of query "
                + "'\(PathText.quoted(queryID))': each may be ranked once; keep its best place"
        case .measure(let fault):
            fault.description
        case .noJudgedQuery(let run, let queries):
            "run '\(PathText.quoted(run))': none of its \(queries) queries has judgements, so nothing can be measured; check that "
                + "queries and qrels are of one collection and name the queries alike"
        case .nothingToCompare:
            "there is no query to measure on: judge at least one that was asked"
        case .unequalValues(let baseline, let system):
            "the baseline has \(baseline) values and the system \(system): both need one value for each query, in one order"
        case .unequalGroups(let queries, let groups):
            "there are \(groups) group labels for \(queries) queries: each query needs one, or none at all"
        case .valueNotFinite(let side, let position, let value):
            "value \(position) of the \(side) is \(value): a measure is a finite number; mend what computed it"
        case .minimumEffectOutOfRange(let value):
            "the least difference that matters is \(value): give a number above 0, such as 0.02"
        case .aboveCeiling(let value, let ceiling):
            "the measure is \(value) and its ceiling \(ceiling): no order of the same candidates is better than the best one; "
                + "compute both over the same candidates, queries and judgements"
        case .gateRuleSpelling(let rule):
            "'\(PathText.quoted(rule))' is no rule of the gate: write measure=margin, such as nDCG@10=-0.01 (fail when "
                + "nDCG@10 falls by more than 0.01), and commas between several"
        case .gateMarginOutOfRange(let rule):
            "the margin in '\(PathText.quoted(rule))' is the loss that is allowed: give 0 or a negative number above -1, such "
                + "as nDCG@10=-0.01"
        case .gateRuleTwice(let measure):
            "two rules of the gate are for \(PathText.quoted(measure)): keep one"
        case .gateMeasureMissing(let measure, let side, let known):
            "the \(side) has no values of \(PathText.quoted(measure)); it has "
                + (known.isEmpty ? "none at all" : known.map(PathText.quoted).joined(separator: ", "))
                + ": measure it on both sides, or leave its rule away"
        case .gateValuesUnequal(let measure, let side, let queries, let values):
            "the \(side) has \(values) values of \(PathText.quoted(measure)) for \(queries) queries: it needs one for each; "
                + "save it again"
        case .gateQueryTwice(let side, let queryID):
            "the \(side) names the query '\(PathText.quoted(queryID))' twice: each counts once; save it again"
        case .gateQueriesDiffer(let onlyBaseline, let onlyCurrent, let baselineCount, let currentCount):
            "the baseline was measured over other queries: "
                + [("baseline", onlyBaseline, baselineCount), ("current run", onlyCurrent, currentCount)]
                .filter { $0.2 > 0 }
                .map { side, some, count in
                    "only the \(side) has " + some.map { "'\(PathText.quoted($0))'" }.joined(separator: ", ")
                        + (count > some.count ? " and \(count - some.count) more" : "")
                }.joined(separator: "; ")
                + ". Evaluate both on the same queries (same --split and --limit), or save a new baseline"
        case .gateQrelsDiffer(let baseline, let current):
            "the baseline was measured by other judgements (digest \(PathText.quoted(baseline)), now "
                + "\(PathText.quoted(current))): a difference would be theirs; save a new baseline with these judgements"
        case .sweep(let problem):
            problem.description
        }
    }
}
