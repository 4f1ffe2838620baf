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
            ("seed", .seed(seed)),
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
            ("finalK", .optional(finalK) { .integer($0) }),
            ("order", .optional(order) { .string($0.description) }), ("chunking", .optional(chunking, JSONText.string)),
            ("groupBy", .optional(groupBy, JSONText.string)), ("minimumEffect", .number(minimumEffect)),
            ("limit", .optional(limit) { .integer($0) }), ("filter", .optional(filter, JSONText.string)),
            ("rerankWithin", .optional(rerankWithin, JSONText.number)),
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
            (measure.name, comparison.json)
        }
        let queries = measured.queryIDs.map { id in
            JSONText.object([
                ("id", .string(id)),
                (
                    "measures",
                    .object(
                        measures.map { ($0.name, .optional(measured.value(of: $0, for: id), JSONText.number)) })
                ),
                ("bestLogit", .optional(bestLogits[ExactText(id)], JSONText.float)),
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
            ("adjustedP", .optional(adjustedP, JSONText.number)),
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
            ("ideal", .number(quality.ideal)),
            ("lostByFirstStage", .number(quality.lostByFirstStage)), ("lostByOrder", .number(quality.lostByOrder)),
            ("candidateRecall", .number(candidateRecall)), ("queries", .integer(queries)),
        ])
    }
}

extension EvaluationReport.Slice {
    fileprivate func json(_ names: [String]) -> JSONText {
        .object([
            ("field", .string(field)), ("value", .string(value)), ("queries", .integer(queries)),
            ("means", .object(zip(names, means).map { ($0, .number($1)) })),
            ("comparisons", .object(zip(names.dropFirst(), comparisons).map { ($0, $1.json) })),
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
