import WinnowCore

/// What is wrong with what a sweep was given.
public enum SweepProblem: Sendable, Hashable {
    case emptyList(parameter: String)
    case notPositive(parameter: String, value: Int)
    /// A list on the command line that cannot be read.
    case listSpelling(parameter: String, item: String, expected: String)
    case tooManyValues(parameter: String, item: String, limit: Int)
    case finalKOverInitialK(finalK: Int, initialK: Int)
    /// Empty, used twice, or that of the first stage.
    case systemName(String)
    case notCalibrated(system: String)
    case tooFewFolds(Int)
    case noJudgedQuery(observed: Int)
    case queryTwice(String)
    case groupCount(queries: Int, groups: Int)
    case scoringMissing(queryID: String, system: String, scoring: Int, present: Int)
    case scoreCount(queryID: String, system: String, candidates: Int, scores: Int)
    case candidateRank(queryID: String, rank: Int, place: Int)
    case splitUnknownQuery(String, side: String)
    case splitQueryOnBothSides(String)
    case splitGroupOnBothSides(group: String, chooseOn: String, reportOn: String)
    case measureNotFinite(measure: String, queryID: String, value: Double)
}

extension SweepProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .emptyList(let parameter):
            "sweep: no \(parameter) is given: name at least one value"
        case .notPositive(let parameter, let value):
            "sweep: \(parameter) is \(value): it must be at least 1"
        case .listSpelling(let parameter, let item, let expected):
            "sweep: '\(PathText.quoted(item))' in the list of \(parameter) cannot be read: write \(expected)"
        case .tooManyValues(let parameter, let item, let limit):
            "sweep: '\(PathText.quoted(item))' makes more than \(limit) values of \(parameter): take a larger step"
        case .finalKOverInitialK(let finalK, let initialK):
            "sweep: the smallest finalK (\(finalK)) is over the largest initialK (\(initialK)): no more can be shown "
                + "than the first stage hands on; raise initialK or lower finalK"
        case .systemName(let name):
            "sweep: a system is called '\(PathText.quoted(name))': each needs a name of its own, and "
                + "'\(SweepSettings.firstStageName)' is the first stage's"
        case .notCalibrated(let system):
            "sweep: a threshold on the probability is set for '\(PathText.quoted(system))', which has no calibration: "
                + "run winnow calibrate first, or set thresholds on the logit"
        case .tooFewFolds(let folds):
            "sweep: \(folds) folds leave nothing to choose on: take at least 2"
        case .noJudgedQuery(let observed):
            "sweep: none of the \(observed) queries has a judgement: give the qrels that belong to these queries"
        case .queryTwice(let id):
            "sweep: query '\(PathText.quoted(id))' is given twice: each may count once; remove one"
        case .groupCount(let queries, let groups):
            "sweep: \(queries) queries come with \(groups) group labels: give one for each query"
        case .scoringMissing(let queryID, let system, let scoring, let present):
            "sweep: query '\(PathText.quoted(queryID))' has \(present) scorings, and system "
                + "'\(PathText.quoted(system))' is number \(scoring) counted from 0: observe every query with every "
                + "system"
        case .scoreCount(let queryID, let system, let candidates, let scores):
            "sweep: query '\(PathText.quoted(queryID))' has \(candidates) candidates and \(scores) scores of system "
                + "'\(PathText.quoted(system))': give one for each candidate, nil where there is none"
        case .candidateRank(let queryID, let rank, let place):
            "sweep: query '\(PathText.quoted(queryID))' has a candidate of rank \(rank) in place \(place): candidates "
                + "stand in the first stage's order, ranks 1, 2, 3 and so on"
        case .splitUnknownQuery(let id, let side):
            "sweep: query '\(PathText.quoted(id))' is named to \(side) on, and no judged query has this id: mend the "
                + "list"
        case .splitQueryOnBothSides(let id):
            "sweep: query '\(PathText.quoted(id))' is named to choose on and to report on: what chose cannot report; "
                + "keep it on one side"
        case .splitGroupOnBothSides(let group, let chooseOn, let reportOn):
            "sweep: group '\(PathText.quoted(group))' has query '\(PathText.quoted(chooseOn))' to choose on and "
                + "'\(PathText.quoted(reportOn))' to report on: queries of a group resemble each other; keep it on one "
                + "side"
        case .measureNotFinite(let measure, let queryID, let value):
            "sweep: \(measure) of query '\(PathText.quoted(queryID))' is \(value): a measure must be a finite number"
        }
    }
}
