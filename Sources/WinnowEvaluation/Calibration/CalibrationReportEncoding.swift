import WinnowCore

/// What `--json` prints. An absent value is null and its key is there.
extension CalibrationReport {
    package var json: JSONText {
        .object([
            ("settings", settings.json), ("data", data.json), ("chosen", .string(chosen.rawValue)),
            ("reason", .string(reason)), ("meaning", .string(settings.labels.meaning)), ("platt", platt.json),
            ("isotonic", isotonic.json), ("uncalibrated", uncalibrated.json), ("diagram", diagram.json),
            ("uncalibratedDiagram", uncalibratedDiagram.json), ("folds", .integer(folds)),
            ("seed", .seed(seed)), ("cautions", .array(cautions.map(JSONText.string))),
        ])
    }
}

extension CalibrationReport.Fit {
    package var json: JSONText { .object([("map", map.json), ("heldBack", heldBack.json)]) }
}

extension ReliabilityDiagram {
    package var json: JSONText {
        .object([
            (
                "bins",
                .array(
                    bins.map { bin in
                        .object([
                            ("lower", .number(bin.lower)), ("upper", .number(bin.upper)),
                            ("count", .integer(bin.count)), ("meanProbability", .number(bin.meanProbability)),
                            ("relevantShare", .number(bin.relevantShare)),
                        ])
                    })
            ),
            ("curve", .array(curve.map { .array([.number($0.probability), .number($0.relevantShare)]) })),
            (
                "band",
                .array(band.map { .array([.number($0.probability), .number($0.lower), .number($0.upper)]) })
            ),
            ("histogram", .array(histogram.map { .array([.integer($0.relevant), .integer($0.other)]) })),
        ])
    }
}

extension OperatingPoint {
    package var json: JSONText {
        .object([
            ("threshold", .float(threshold)), ("answerable", .integer(answerable)),
            ("answerableAnswered", .integer(answerableAnswered)), ("correct", .integer(correct)),
            ("unanswerable", .integer(unanswerable)), ("unanswerableAnswered", .integer(unanswerableAnswered)),
            ("coverage", .optional(coverage, JSONText.number)), ("precision", .optional(precision, JSONText.number)),
            ("abstentionRate", .optional(abstentionRate, JSONText.number)),
        ])
    }
}

extension RiskCoverage {
    /// Coverages and risks as pairs, strict to lax.
    package var json: JSONText {
        .object([
            ("area", .number(area)), ("oracleArea", .number(oracleArea)), ("flatArea", .number(flatArea)),
            ("normalizedArea", .optional(normalizedArea, JSONText.number)),
            (
                "curve",
                .array(
                    points.map { .array([.number($0.coverage ?? 0), .number(1 - ($0.precision ?? 1))]) })
            ),
            ("workingPoints", .array(workingPoints.map(\.json))),
        ])
    }
}

extension ThresholdChoice {
    package var json: JSONText {
        let (guarantee, shortfall): (Guarantee?, Shortfall?) =
            switch verdict {
            case .guaranteed(let found): (found, nil)
            case .notGuaranteed(let short): (nil, short)
            }
        return .object([
            ("target", .object([("name", .string(target.name)), ("rate", .number(target.rate))])),
            ("confidence", .number(confidence)), ("threshold", .optional(threshold) { .string($0.description) }),
            ("verdict", .string(description)), ("guarantee", .optional(guarantee, \.json)),
            ("shortfall", .optional(shortfall, \.json)), ("steps", .array(steps.map(\.json))),
            ("tuningQueries", .integer(tuningQueries)), ("testQueries", .integer(testQueries)),
            ("testGroups", .integer(testGroups)), ("seed", .seed(seed)),
        ])
    }
}

extension ThresholdChoice.Guarantee {
    package var json: JSONText {
        .object([
            ("logit", .float(threshold)), ("probability", .optional(probability) { .number($0.value) }),
            ("bound", .number(bound)), ("successes", .integer(trials.successes)), ("trials", .integer(trials.trials)),
            ("point", point.json), ("precisionAtShare", .optional(precisionAtShare, JSONText.number)),
            (
                "shown",
                .optional(shown) { shown in
                    .object([
                        ("shown", .integer(shown.shown)), ("relevant", .integer(shown.relevant)),
                        ("precision", .number(shown.precision)), ("lowerBound", .number(shown.lowerBound)),
                    ])
                }
            ),
        ])
    }
}

extension ThresholdChoice.Shortfall {
    package var json: JSONText {
        .object([
            ("reason", .string(reason.rawValue)), ("trials", .integer(trials)), ("leastTrials", .integer(leastTrials)),
            ("neededTrials", .optional(neededTrials, JSONText.integer)),
            ("neededQueries", .optional(neededQueries, JSONText.integer)),
            ("bestRate", .optional(bestRate, JSONText.number)),
        ])
    }
}

extension ThresholdChoice.Step {
    package var json: JSONText {
        .object([
            ("logit", .float(threshold)), ("successes", .integer(trials.successes)),
            ("trials", .integer(trials.trials)), ("bound", .number(bound)), ("outcome", .string(outcome.rawValue)),
        ])
    }
}
