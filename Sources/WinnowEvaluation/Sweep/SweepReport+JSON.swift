import WinnowCore

extension SweepReport {
    /// The whole report in a fixed order of keys; durations in milliseconds, absent values null with their key present.
    package var json: JSONText {
        .object([
            ("measure", .string(measure)),
            ("level", .string(level.rawValue)),
            ("relevanceLevel", .integer(relevanceLevel)),
            ("latencyPercentile", .string(percentile.rawValue)),
            ("atMostMilliseconds", .optional(atMost) { .number($0 / .milliseconds(1)) }),
            ("rule", .string(rule.rawValue)),
            ("queries", .integer(queryIDs.count)),
            ("groups", .integer(groupCount)),
            ("recommendation", recommendation.json(cells: cells, runs: runs)),
            ("heldOut", .optional(heldOut) { $0.json(runs: runs) }),
            (
                "shownFront",
                .optional(recommendation.run) { run in
                    .array(shownFront(of: run).map { .object(cells[$0].key(runs: runs)) })
                }
            ),
            ("front", .array(front.map { $0.json(runs: runs) })),
            ("runs", .array(runs.map { $0.json(secondary: secondaryMeasures) })),
            ("cells", .array(cells.map { $0.json(runs: runs) })),
            ("notes", .array(notes.map { .string($0) })),
        ])
    }
}

extension SweptRun {
    /// What names it: `system` and `order` are null for the first stage alone.
    var key: [(String, JSONText)] {
        [
            ("system", .optional(system) { .string($0) }), ("order", .optional(order) { .string($0.description) }),
            ("initialK", .integer(initialK)),
        ]
    }

    func json(secondary names: [String]) -> JSONText {
        .object(
            key + [
                ("quality", .number(quality)),
                ("secondary", .object(Array(zip(names, secondary.map { .number($0) })))),
                ("meanCandidates", .number(meanCandidates)),
                ("differenceToBest", differenceToBest.json),
                ("differenceToNoReranking", .optional(differenceToFirstStage, \.json)),
                ("latency", .optional(latency, \.json)),
            ])
    }
}

extension SweptCell {
    func key(runs: [SweptRun]) -> [(String, JSONText)] {
        runs[run].key + [
            ("threshold", .optional(threshold) { .string($0.description) }),
            ("finalK", .integer(finalK)),
        ]
    }

    func json(runs: [SweptRun]) -> JSONText {
        .object(
            key(runs: runs) + [
                ("quality", .number(quality)),
                ("success", .number(success)),
                ("recall", .number(recall)),
                ("precision", .optional(precision) { .number($0) }),
                ("meanPassages", .number(meanPassages)),
                ("meanTokens", .optional(meanTokens) { .number($0) }),
                ("abstained", .number(abstained)),
                ("abstainedAnswerable", .optional(abstainedAnswerable) { .number($0) }),
                ("abstainedUnanswerable", .optional(abstainedUnanswerable) { .number($0) }),
            ])
    }
}

extension SweepReport.FrontPoint {
    func json(runs: [SweptRun]) -> JSONText {
        .object(
            runs[run].key + [
                ("quality", .number(runs[run].quality)),
                ("latency", .optional(runs[run].latency, \.json)),
                ("differenceToNext", .optional(differenceToNext, \.json)),
                ("toldApartFromNext", differenceToNext == nil ? .null : .bool(isToldApartFromNext)),
            ])
    }
}

extension SweepRecommendation {
    func json(cells: [SweptCell], runs: [SweptRun]) -> JSONText {
        .object([
            ("outcome", .string(outcome.rawValue)),
            ("setting", .optional(cell) { .object(cells[$0].key(runs: runs)) }),
            ("chosenByRule", .optional(chosenByRule) { .object(runs[$0].key) }),
            ("best", .optional(best) { .object(runs[$0].key) }),
            ("reason", .string(reason)),
        ])
    }
}

extension HeldOutSweep {
    func json(runs: [SweptRun]) -> JSONText {
        .object([
            ("method", method.json),
            ("apparent", .number(apparent)),
            ("expected", .number(expected)),
            ("gap", .number(gap)),
            ("apparentSuccess", .number(apparentSuccess)),
            ("expectedSuccess", .number(expectedSuccess)),
            ("expectedPassages", .number(expectedPassages)),
            (
                "choices",
                .array(choices.map { .object(runs[$0.run].key + [("share", .number($0.share))]) })
            ),
            ("noReranking", .number(comparison.baselineMean)),
            ("difference", .number(comparison.difference)),
            (
                "interval",
                .optional(comparison.interval) { .array([.number($0.lower), .number($0.upper)]) }
            ),
            ("verdict", .string(verdict.outcome.name)),
            ("sentence", .string(verdict.sentence)),
        ])
    }
}

extension HeldOutSweep.Method {
    var json: JSONText {
        switch self {
        case .folds(let folds, let partitions, let seed):
            .object([
                ("name", .string("folds")), ("folds", .integer(folds)), ("partitions", .integer(partitions)),
                ("seed", .seed(seed)),
            ])
        case .split(let chosenOn, let reportedOn):
            .object([
                ("name", .string("split")), ("chosenOn", .integer(chosenOn)), ("reportedOn", .integer(reportedOn)),
            ])
        }
    }
}

extension PairedDifference {
    var json: JSONText {
        .object([
            ("mean", .number(mean)),
            ("standardError", .optional(standardError) { .number($0) }),
            ("groups", .integer(groups)),
            ("nonTiedGroups", .integer(nonTiedGroups)),
            ("toldApart", .bool(isToldApart)),
        ])
    }
}
