import WinnowCore

/// What `ask` prints with `--json`: the search's envelope with the answer, its sources and its citations in front.
struct AnswerEnvelope {
    var answer: Answer
    var generator: String
    var search: Envelope

    var json: JSONText {
        var fields: [(String, JSONText)] = [
            ("schema", .integer(1)),
            ("query", .string(answer.result.query.text)),
            ("answer", text),
            ("answerKind", kind),
            ("generator", .string(generator)),
            ("abstained", .bool(answer.abstained)),
            ("abstention", abstention),
            ("threshold", .optional(answer.result.trace.threshold, JSONText.string)),
            ("best", best),
            ("error", failure),
            ("citations", .array(answer.citations.map(Self.json))),
            ("extracts", extracts),
            ("sentences", sentences),
            ("sources", .array(answer.context.items.sorted { $0.number < $1.number }.map(json))),
            ("retrievedCount", .integer(answer.retrievedCount)),
            ("usedCount", .integer(answer.usedCount)),
        ]
        fields += search.fields.filter { $0.0 != "schema" && $0.0 != "query" && $0.0 != "timings" }
        fields.append(("timings", search.timings(with: ["context", "answer"])))
        return .object(fields)
    }

    /// Null when there is none; as much as had come when the generator failed.
    private var text: JSONText {
        switch answer.outcome {
        case .answered(let generated): .string(generated.text)
        case .abstained: .null
        case .failed(_, let partial): partial.isEmpty ? .null : .string(partial)
        }
    }

    private var kind: JSONText {
        guard case .answered(let generated) = answer.outcome else { return .null }
        return .string(generated.extracts == nil ? "generated" : "extracts")
    }

    private var abstention: JSONText {
        guard case .abstained(let abstention) = answer.outcome else { return .null }
        return .string(abstention.reason)
    }

    /// Of all candidates the one of which the reranker thinks most, which an abstention does not show among the results.
    private var best: JSONText {
        guard let hit = answer.result.strongest else { return .null }
        return .object([
            ("id", .string(hit.id)), ("logit", .optional(hit.logit, { .float($0.value) })),
            ("score", .optional(hit.score, { .float($0.value) })),
        ])
    }

    private var failure: JSONText {
        guard case .failed(let error, _) = answer.outcome else { return .null }
        return .string("\(error)")
    }

    private var extracts: JSONText {
        guard case .answered(let generated) = answer.outcome, let extracts = generated.extracts else { return .null }
        return .array(
            extracts.map { extract in
                .object([
                    ("number", .integer(extract.number)), ("document", .string(extract.documentID)),
                    ("start", .integer(extract.range.lowerBound)), ("end", .integer(extract.range.upperBound)),
                    ("text", .string(extract.text)),
                    ("logit", .optional(extract.pairScore, { .float($0.logit.value) })),
                ])
            })
    }

    /// What the extracts were chosen from.
    private var sentences: JSONText {
        guard case .answered(let generated) = answer.outcome, let sentences = generated.sentences else { return .null }
        return .object([("scored", .integer(sentences.scored)), ("of", .integer(sentences.of))])
    }

    private static func json(_ citation: Answer.Citation) -> JSONText {
        .object([
            ("number", .integer(citation.number)), ("start", .integer(citation.range.lowerBound)),
            ("end", .integer(citation.range.upperBound)), ("exists", .bool(citation.exists)),
        ])
    }

    private func json(_ item: Context.Item) -> JSONText {
        .object([
            ("number", .integer(item.number)),
            ("document", .string(item.documentID)),
            ("title", .optional(item.title, JSONText.string)),
            ("source", .optional(item.source, JSONText.string)),
            ("section", .optional(item.section, JSONText.string)),
            ("start", .integer(item.range.lowerBound)),
            ("end", .integer(item.range.upperBound)),
            ("passages", .array(item.hits.map { .string($0.id) })),
            ("cited", .bool(answer.citations.contains { $0.number == item.number })),
            ("text", .string(item.text)),
        ])
    }
}
