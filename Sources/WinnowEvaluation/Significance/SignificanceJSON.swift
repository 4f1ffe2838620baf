import WinnowCore

extension Interval {
    package var json: JSONText {
        .object([("lower", .number(lower)), ("upper", .number(upper)), ("confidence", .number(confidence))])
    }
}

extension PairedComparison.Tally {
    package var json: JSONText {
        .object([("wins", .integer(wins)), ("ties", .integer(ties)), ("losses", .integer(losses))])
    }
}

extension PairedComparison {
    /// All that was found, null where there is nothing to say. `groups` is null where each query is on its own.
    package var json: JSONText {
        .object([
            ("baseline", .number(baselineMean)),
            ("system", .number(systemMean)),
            ("difference", .number(difference)),
            ("relativeDifference", .optional(relativeDifference, JSONText.number)),
            ("standardDeviation", .optional(standardDeviation, JSONText.number)),
            ("standardError", .optional(standardError, JSONText.number)),
            ("effectSize", .optional(effectSize, JSONText.number)),
            ("interval", .optional(interval) { $0.json }),
            ("interval90", .optional(interval90) { $0.json }),
            ("tInterval", .optional(tInterval) { $0.json }),
            ("randomisation", randomisation.json),
            ("queryCount", .integer(queryCount)),
            ("queries", queries.json),
            ("groupCount", isGrouped ? .integer(unitCount) : .null),
            ("groups", isGrouped ? units.json : .null),
            ("minimumDetectableDifference", .optional(minimumDetectableDifference, JSONText.number)),
            ("resamples", .integer(options.resamples)),
            ("seed", .seed(options.seed)),
        ])
    }
}

extension RandomisationTest {
    package var json: JSONText {
        .object([
            ("p", .number(twoSided)), ("pGreater", .number(greater)), ("pLess", .number(less)),
            ("exact", .bool(isExact)),
            ("patterns", .integer(patterns)),
        ])
    }
}

extension JudgedCoverage {
    package var json: JSONText {
        .object([
            ("cutoff", .integer(cutoff)), ("baseline", .number(baseline)), ("system", .number(system)),
            ("condensedDifference", .optional(condensedDifference, JSONText.number)),
        ])
    }
}

extension Verdict {
    /// The outcome, its sentence, and what it rests on beside the comparison.
    package var json: JSONText {
        let reason: JSONText = if case .cannotTell(let reason) = outcome { .string(reason.rawValue) } else { .null }
        return .object([
            ("outcome", .string(outcome.name)),
            ("reason", reason),
            ("lessThanMatters", .bool(isLessThanMatters)),
            ("sentence", .string(sentence)),
            ("measure", .string(measure)),
            ("system", .string(system)),
            ("baseline", .string(baseline)),
            ("p", .number(pValue)),
            ("correctedOver", .integer(correctedOver)),
            ("minimumEffect", .number(minimumEffect)),
            ("unitsNeeded", .optional(unitsNeeded) { .integer($0) }),
            ("judged", .optional(judged) { $0.json }),
        ])
    }
}
