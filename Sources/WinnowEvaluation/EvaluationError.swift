import WinnowCore

/// What is wrong with what an evaluation was given. Each message says what, where and how to mend it.
public enum EvaluationError: Error, Sendable, Hashable {
    /// A run's score is NaN or infinite.
    case scoreNotFinite(run: String, queryID: String, documentID: String, score: Float)
    /// A run ranks one document twice for one query.
    case documentTwice(run: String, queryID: String, documentID: String)
    /// A run names a document that the corpus does not have.
    case unknownDocument(run: String, queryID: String, documentID: String)
    /// A stage failed on a query.
    case query(id: String, reason: String)
    /// A field to group or cut by that no query has.
    case noQueryHasField(String, known: [String])
    /// A file that was to be a saved evaluation.
    case savedEvaluation(path: String, reason: String)
    /// A saved evaluation has no system of this name.
    case savedSystemMissing(path: String, name: String, known: [String])
    /// No measure to decide by, or one that says nothing of quality.
    case noPrimaryMeasure
    /// Observations are not one a query.
    case unequalObservations(queries: Int, observations: Int)
    /// A measure that does not exist, or does not fit.
    case measure(MeasureFault)
    /// A file that cannot be read or written, or does not say what it should.
    case file(FileFault)
    /// There is nothing that people could judge.
    case pool(PoolFault)
    /// Something that its format cannot hold.
    case unwritable(name: String, reason: String)
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
    /// The two sides of the gate were measured under other conditions.
    case gateConditionsDiffer(baseline: String, current: String)
    /// A value of a side of the gate is none that its measure can have.
    case gateValueOutOfRange(measure: String, side: String, queryID: String, value: Double)
    /// What a sweep was given does not fit together.
    case sweep(SweepProblem)

    /// A labelled logit is NaN or infinite; the query where it is known.
    case logitNotFinite(queryID: String?, logit: Float)
    /// A query is twice among the labelled ones.
    case labelledTwice(queryID: String)
    /// A query that is said to have no answer has a relevant passage.
    case unanswerableHasRelevant(queryID: String)
    /// All labels are alike, so nothing tells relevant passages from others.
    case oneKindOfLabel(positives: Int, negatives: Int)
    /// Fewer labels than two parameters need.
    case tooFewLabels(positives: Int, negatives: Int, queries: Int)
    /// Fewer independent groups than parts into which they are to be dealt.
    case tooFewGroups(groups: Int, folds: Int)
    /// All pairs of one kind are in one part of the cross-validation.
    case labelsInOneFold(folds: Int)
    /// A higher logit does not mean a higher probability; the slope that was found.
    case logitsDoNotSeparate(slope: Double)
    /// A rate to be guaranteed, or a share, that is none.
    case targetOutOfRange(name: String, rate: Double)
    /// A file of calibrations could not be read or written.
    case calibrationFile(path: String, reason: String)
}

extension EvaluationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .scoreNotFinite(let run, let queryID, let documentID, let score):
            "run '\(PathText.quoted(run))': document '\(PathText.quoted(documentID))' has the score \(score) for query "
                + "'\(PathText.quoted(queryID))': a number that is not finite cannot be ranked; mend the system that "
                + "wrote it"
        case .documentTwice(let run, let queryID, let documentID):
            "run '\(PathText.quoted(run))': document '\(PathText.quoted(documentID))' stands twice in the list of query "
                + "'\(PathText.quoted(queryID))': each may be ranked once; keep its best place"
        case .unknownDocument(let run, let queryID, let documentID):
            "run '\(PathText.quoted(run))': document '\(PathText.quoted(documentID))' of query "
                + "'\(PathText.quoted(queryID))' is not in the corpus: give the corpus that the run was made over"
        case .query(let id, let reason):
            "query '\(PathText.quoted(id))' cannot be evaluated: \(reason)"
        case .noQueryHasField(let field, let known):
            "no query has '\(PathText.quoted(field))' in its metadata: "
                + (known.isEmpty
                    ? "the queries have none"
                    : "there are " + known.prefix(20).map(PathText.quoted).joined(separator: ", "))
        case .savedEvaluation(let path, let reason):
            "\(PathText.quoted(path)) \(reason)"
        case .savedSystemMissing(let path, let name, let known):
            "\(PathText.quoted(path)) has no system '\(PathText.quoted(name))': it has "
                + known.map(PathText.quoted).joined(separator: ", ")
        case .noPrimaryMeasure:
            "the first measure is the one that decides, and Judged@k says nothing of quality: name another one first, such as nDCG@10"
        case .unequalObservations(let queries, let observations):
            "there are \(observations) observations of \(queries) queries: there must be one each"
        case .measure(let fault):
            fault.description
        case .file(let fault):
            fault.description
        case .pool(let fault):
            fault.description
        case .unwritable(let name, let reason):
            "'\(PathText.quoted(name))' cannot be written: \(reason)"
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
            "the baseline was measured by other judgements (digest \(PathText.quoted(String(baseline.prefix(12)))), now "
                + "\(PathText.quoted(String(current.prefix(12))))): a difference would be theirs; save a new baseline with these judgements"
        case .gateConditionsDiffer(let baseline, let current):
            "the baseline was measured with \(baseline), and this is with \(current): a difference would be that of the "
                + "settings; evaluate both alike, or save a new baseline"
        case .gateValueOutOfRange(let measure, let side, let queryID, let value):
            "the \(side) has the value \(value) of \(PathText.quoted(measure)) for query '\(PathText.quoted(queryID))', "
                + (value.isFinite ? "and the measure lies in 0 to 1: " : "and a measure is a finite number: ")
                + "save it again with winnow eval … --json > FILE"
        case .sweep(let problem):
            problem.description
        case .logitNotFinite(let queryID, let logit):
            (queryID.map { "query '\(PathText.quoted($0))': " } ?? "")
                + "a candidate has the logit \(logit): nothing can be fitted to a number that is not finite; the model's weights "
                + "or its arithmetic are broken"
        case .labelledTwice(let queryID):
            "query '\(PathText.quoted(queryID))' is twice among the labelled ones and would count twice: keep one"
        case .unanswerableHasRelevant(let queryID):
            "query '\(PathText.quoted(queryID))' is marked unanswerable and has a relevant passage: mend the judgement or the mark"
        case .oneKindOfLabel(let positives, let negatives):
            "there are \(positives) relevant pairs and \(negatives) others: both kinds are needed to tell them apart; judge more "
                + "queries, or look whether the judgements' ids are those of the collection"
        case .tooFewLabels(let positives, let negatives, let queries):
            "a calibration needs at least \(Calibrator.leastPositives) relevant pairs, \(Calibrator.leastNegatives) others and "
                + "\(Calibrator.leastQueries) queries with candidates, and there are \(positives), \(negatives) and \(queries): "
                + "judge more queries"
        case .tooFewGroups(let groups, let folds):
            "the queries are \(groups) independent groups, and dealing them into \(max(2, folds)) parts needs at least "
                + "\(max(2, folds)) of them: judge queries of other groups"
        case .labelsInOneFold(let folds):
            "all relevant pairs, or all others, come from so few groups that one of \(folds) parts holds them all: judge queries of "
                + "other groups"
        case .logitsDoNotSeparate(let slope):
            "relevant passages do not have higher logits than others (slope \(slope)), so no threshold and no probability can be "
                + "made of them: look whether the labels' ids fit the collection, and whether the model is a reranker"
        case .targetOutOfRange(let name, let rate):
            "the \(name) is \(rate): it must be a share between 0 and 1, such as 0.9 (1 itself can never be guaranteed)"
        case .calibrationFile(let path, let reason):
            "calibrations in \(PathText.quoted(path)): \(reason)"
        }
    }
}
