import WinnowCore

/// What `rerank` and `search` print with `--json`: one object on one line, every key always there, null where there is no value.
struct Envelope {
    var result: SearchResult
    /// The command's own stages before the pipeline's, such as `load` and `embed`.
    var stages: [Trace.Stage]
    /// From the command's start.
    var total: Duration
    /// Adds `candidates`: every candidate in the final order, of the same form as `results`.
    var explains: Bool
    /// The first stage did not see the whole query.
    var queryIsCut: Bool

    var json: JSONText { .object(fields) }

    var fields: [(String, JSONText)] {
        var fields: [(String, JSONText)] = [
            ("schema", .integer(1)),
            ("query", .string(result.query.text)),
            ("retriever", .optional(result.trace.retriever, JSONText.string)),
            ("order", .optional(result.trace.order, JSONText.string)),
            ("filter", .optional(result.trace.filter, JSONText.string)),
            ("deadline", .optional(result.trace.deadline, Self.json)),
            ("selection", .optional(result.trace.selection, Self.json)),
            ("results", .array(result.hits.map(json))),
        ]
        if explains { fields.append(("candidates", .array(result.candidates.map(json)))) }
        fields.append(("timings", timings()))
        fields.append(("models", models))
        return fields
    }

    /// Milliseconds by stage; null for a second stage that did not run.
    func timings(with later: [String] = []) -> JSONText {
        var fields = (stages + result.trace.stages).map { ($0.name, JSONText.number($0.duration.milliseconds)) }
        if result.trace.duration(of: "rerank") == nil {
            fields.insert(("rerank", .null), at: fields.firstIndex { $0.0 == "rank" } ?? fields.endIndex)
        }
        for name in later where !fields.contains(where: { $0.0 == name }) { fields.append((name, .null)) }
        return .object(fields + [("total", .number(total.milliseconds))])
    }

    private var models: JSONText {
        .object(
            ["embedder", "reranker"].map { role in
                (role, .optional(result.trace.models[role], Self.json))
            })
    }

    private static func json(_ deadline: Trace.Deadline) -> JSONText {
        .object([
            ("limit", .number(deadline.limit.milliseconds)), ("scored", .integer(deadline.scored)),
            ("of", .integer(deadline.of)),
        ])
    }

    private static func json(_ selection: Selection) -> JSONText {
        .object([
            ("within", .number(selection.within)), ("of", .integer(selection.of)),
            ("passedOver", .integer(selection.passedOver)),
        ])
    }

    private static func json(_ model: Trace.Model) -> JSONText {
        .object([
            ("name", .string(model.name)), ("fingerprint", .string(model.fingerprint)),
            ("precision", .string(model.precision)), ("kernels", .string(model.kernels)),
            ("truncation", .string(model.truncation)),
        ])
    }

    private func json(_ hit: Hit) -> JSONText {
        var fields: [(String, JSONText)] = [
            ("id", .string(hit.passage.id)),
            ("document", .string(hit.passage.documentID)),
            ("start", .integer(hit.passage.range.lowerBound)),
            ("end", .integer(hit.passage.range.upperBound)),
            ("text", .string(hit.passage.text)),
            ("metadata", JSONText(hit.passage.metadata)),
            ("initialRank", .integer(hit.initialRank)),
            ("finalRank", .integer(hit.finalRank)),
            ("delta", .integer(hit.delta)),
            ("retrievalScore", .optional(hit.retrievalScore, JSONText.number)),
            ("logit", .optional(hit.logit, { .float($0.value) })),
            ("score", .optional(hit.score, { .float($0.value) })),
            ("scoreKind", .optional(hit.score, { .string($0.kind.rawValue) })),
            ("probability", .optional(hit.probability, { .number($0.value) })),
            ("finalScore", .optional(hit.finalScore, JSONText.number)),
            ("truncated", .bool(hit.truncated)),
            ("queryTruncated", .bool(hit.queryTruncated || queryIsCut)),
            ("window", .optional(hit.pairScore?.window, { .integer($0) })),
        ]
        if !hit.retrievals.isEmpty {
            fields.append(
                (
                    "retrieval",
                    .object(
                        hit.retrievals.sorted { $0.key < $1.key }.map { name, retrieval in
                            (
                                name,
                                .object([
                                    ("rank", .optional(retrieval.rank, { .integer($0) })),
                                    ("score", .optional(retrieval.score, JSONText.number)),
                                ])
                            )
                        })
                ))
        }
        return .object(fields)
    }
}
