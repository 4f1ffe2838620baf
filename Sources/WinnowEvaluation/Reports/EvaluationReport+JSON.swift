import WinnowCore

extension EvaluationReport {
    /// The version of the JSON form that this build writes.
    public static let schema = 1

    /// One object; every key always there, null where there is no value. Times are milliseconds.
    package var json: JSONText {
        .object([
            ("schema", .integer(Self.schema)),
            ("kind", .string("evaluation")),
            ("provenance", provenance.json),
            ("settings", settings.json),
            ("counts", counts.json),
            ("primary", .string(measures[0].name)),
            ("measures", .array(measures.map { .string($0.name) })),
            ("systems", .array(systems.map { $0.json(measures) })),
            ("ceilings", .array(ceilings.map(\.json))),
            ("slices", .array(slices.map { $0.json(systems.map(\.name)) })),
            ("warnings", .array(warnings.map(JSONText.string))),
            ("gate", .optional(gate, \.json)),
        ])
    }
}

extension EvaluationReport.Provenance {
    fileprivate var json: JSONText {
        .object([
            ("winnow", .string(version)), ("time", .string(time)), ("command", .string(command)),
            ("collection", .string(collection)), ("corpus", .string(corpus)), ("qrels", .string(qrelsDigest)),
            ("seed", seed <= UInt64(Int64.max) ? .integer(Int64(seed)) : .string(String(seed))),
            ("kernels", .string(kernels)),
            ("threads", .integer(threads)), ("embedder", .optional(embedder, \.json)),
        ])
    }
}

extension EvaluationReport.Settings {
    fileprivate var json: JSONText {
        .object([
            ("split", .optional(split, JSONText.string)), ("level", .string(level.rawValue)),
            ("firstStage", .string(firstStage)), ("initialK", .integer(initialK)),
            ("finalK", .optional(finalK) { .integer($0) }), ("chunking", .optional(chunking, JSONText.string)),
            ("groupBy", .optional(groupBy, JSONText.string)), ("minimumEffect", .number(minimumEffect)),
            ("limit", .optional(limit) { .integer($0) }),
        ])
    }
}

extension EvaluationReport.Counts {
    fileprivate var json: JSONText {
        .object([
            ("queries", .integer(queries)), ("judgedQueries", .integer(judgedQueries)), ("groups", .integer(groups)),
            ("withoutRelevant", .integer(withoutRelevant)), ("withoutCandidates", .integer(withoutCandidates)),
            ("documents", .optional(documents) { .integer($0) }),
            ("passages", .optional(passages) { .integer($0) }),
            ("judgements", .integer(judgements)), ("relevant", .integer(relevant)),
        ])
    }
}

extension EvaluationReport.System {
    fileprivate func json(_ measures: [Measure]) -> JSONText {
        let compared = zip(measures, comparisons).map { measure, comparison in
            (measure.name, comparison.json(adjustedP: measure == measures[0] ? adjustedP : nil))
        }
        let queries = measured.queryIDs.map { id in
            JSONText.object([
                ("id", .string(id)),
                (
                    "measures",
                    .object(
                        measures.map { ($0.name, .optional(measured.value(of: $0, for: id), JSONText.number)) })
                ),
            ])
        }
        return .object([
            ("name", .string(name)), ("role", .string(role.rawValue)), ("model", .optional(model, \.json)),
            (
                "measures",
                .object(measures.map { ($0.name, .optional(measured.mean(of: $0), JSONText.number)) })
            ),
            ("intervals", .object(zip(measures, intervals).map { ($0.name, .optional($1, \.json)) })),
            ("comparisons", role == .firstStage ? .null : .object(compared)),
            ("verdict", .optional(verdict, \.json)),
            ("condensed", .optional(condensed, JSONText.number)),
            (
                "unjudgedBounds",
                .optional(unjudgedBounds) {
                    .object([("lower", .number($0.lowerBound)), ("upper", .number($0.upperBound))])
                }
            ),
            (
                "rankImprovement",
                .optional(rankImprovement) {
                    .object([
                        ("mean", .optional($0.mean, JSONText.number)), ("first", .optional($0.first, JSONText.number)),
                    ])
                }
            ),
            ("timings", .object(latencies.map { ($0.stage, $0.summary.json) })),
            ("pairs", .integer(pairs)), ("truncatedPairs", .integer(truncatedPairs)),
            ("regressions", .array(regressions.map(\.json))), ("improvements", .array(improvements.map(\.json))),
            ("queries", .array(queries)),
        ])
    }
}

extension EvaluationReport.QueryChange {
    fileprivate var json: JSONText {
        .object([
            ("id", .string(queryID)), ("query", .string(text)), ("before", .number(before)), ("after", .number(after)),
            (
                "passages",
                .array(
                    passages.map { passage in
                        .object([
                            ("id", .string(passage.id)), ("grade", .optional(passage.grade) { .integer($0) }),
                            ("initialRank", .integer(passage.before)), ("finalRank", .integer(passage.after)),
                            ("retrievalScore", .optional(passage.retrievalScore, JSONText.number)),
                            ("logit", .optional(passage.logit, JSONText.float)), ("text", .string(passage.text)),
                        ])
                    })
            ),
        ])
    }
}

extension EvaluationReport.Ceiling {
    fileprivate var json: JSONText {
        .object([
            ("system", .string(system)), ("value", .number(quality.value)), ("oracle", .number(quality.ceiling)),
            ("lostByFirstStage", .number(quality.lostByFirstStage)), ("lostByOrder", .number(quality.lostByOrder)),
            ("candidateRecall", .number(candidateRecall)),
        ])
    }
}

extension EvaluationReport.Slice {
    fileprivate func json(_ names: [String]) -> JSONText {
        .object([
            ("field", .string(field)), ("value", .string(value)), ("queries", .integer(queries)),
            ("means", .object(zip(names, means).map { ($0, .number($1)) })),
            ("comparisons", .object(zip(names.dropFirst(), comparisons).map { ($0, $1.json(adjustedP: nil)) })),
        ])
    }
}

extension PairedComparison {
    /// - Parameter adjustedP: by Holm, over the systems that were compared by this measure.
    package func json(adjustedP: Double?) -> JSONText {
        func tally(_ tally: Tally) -> JSONText {
            .object([
                ("wins", .integer(tally.wins)), ("ties", .integer(tally.ties)), ("losses", .integer(tally.losses)),
            ])
        }
        return .object([
            ("difference", .number(difference)), ("relative", .optional(relativeDifference, JSONText.number)),
            ("interval", .optional(interval, \.json)), ("interval90", .optional(interval90, \.json)),
            ("tInterval", .optional(tInterval, \.json)), ("p", .number(randomisation.twoSided)),
            ("adjustedP", .optional(adjustedP, JSONText.number)), ("exact", .bool(randomisation.isExact)),
            ("queries", tally(queries)), ("units", tally(units)),
            ("standardDeviation", .optional(standardDeviation, JSONText.number)),
            ("effectSize", .optional(effectSize, JSONText.number)),
            ("minimumDetectableDifference", .optional(minimumDetectableDifference, JSONText.number)),
        ])
    }
}

extension Interval {
    package var json: JSONText {
        .object([("lower", .number(lower)), ("upper", .number(upper)), ("confidence", .number(confidence))])
    }
}

extension Verdict {
    package var json: JSONText {
        var reason: String?
        if case .cannotTell(let why) = outcome { reason = why.rawValue }
        return .object([
            ("outcome", .string(outcome.name)), ("reason", .optional(reason, JSONText.string)),
            ("sentence", .string(sentence)), ("measure", .string(measure)), ("p", .number(pValue)),
            ("correctedOver", .integer(correctedOver)), ("minimumEffect", .number(minimumEffect)),
            ("lessThanMatters", .bool(isLessThanMatters)), ("unitsNeeded", .optional(unitsNeeded) { .integer($0) }),
            (
                "judged",
                .optional(judged) {
                    .object([
                        ("cutoff", .integer($0.cutoff)), ("firstStage", .number($0.baseline)),
                        ("system", .number($0.system)),
                        ("condensedDifference", .optional($0.condensedDifference, JSONText.number)),
                    ])
                }
            ),
        ])
    }
}

extension RegressionGate {
    package var json: JSONText {
        .object([
            ("passes", .bool(passes)),
            (
                "findings",
                .array(
                    findings.map { finding in
                        .object([
                            ("measure", .string(finding.rule.measure)), ("margin", .number(finding.rule.margin)),
                            ("outcome", .string(finding.outcome.rawValue)),
                            ("difference", .number(finding.comparison.difference)), ("p", .number(finding.pValue)),
                            ("detectableLoss", .optional(finding.detectableLoss, JSONText.number)),
                            ("sentence", .string(finding.sentence)),
                        ])
                    })
            ),
        ])
    }
}

extension LatencySummary {
    /// Milliseconds. `p95` and `p99` are there even with few samples; `supported` says what they are worth.
    package var json: JSONText {
        func value(_ duration: Duration) -> JSONText { .number(duration.milliseconds) }
        return .object([
            ("count", .integer(count)), ("mean", value(mean)), ("min", value(minimum)), ("p50", value(p50)),
            ("p95", value(p95)), ("p99", value(p99)), ("max", value(maximum)),
            ("p95Supported", .bool(p95IsSupported)), ("p99Supported", .bool(p99IsSupported)),
        ])
    }
}

extension Trace.Model {
    package var json: JSONText {
        .object([
            ("name", .string(name)), ("fingerprint", .string(fingerprint)), ("precision", .string(precision)),
            ("kernels", .string(kernels)), ("truncation", .string(truncation)),
        ])
    }
}
