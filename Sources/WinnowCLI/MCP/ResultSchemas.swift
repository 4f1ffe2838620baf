import WinnowCore

/// What results hold: the JSON of `search` and `ask`, and the notes that those commands write to standard error.
enum ResultSchemas {
    static let search = Schema.object(envelope + [threshold, notes])

    static let answer = Schema.object(
        [
            ("schema", Schema.integer()), ("query", Schema.string()),
            ("answer", Schema.orNull(Schema.string("With citations as [1]; null when there is none."))),
            (
                "answerKind",
                Schema.orNull(Schema.string("extracts: the passages' own sentences; generated: an LLM's words."))
            ),
            ("generator", Schema.string()), ("abstained", Schema.bool()),
            ("abstention", Schema.orNull(Schema.string("noCandidates, outOfTime, belowThreshold or declined."))),
            threshold,
            ("best", Schema.orNull(Schema.object(scores(["logit", "score"]) + [("id", Schema.string())]))),
            ("error", Schema.orNull(Schema.string("Why the LLM gave no answer."))),
            (
                "citations",
                Schema.array(
                    Schema.object([
                        ("number", Schema.integer()), ("start", Schema.integer()), ("end", Schema.integer()),
                        ("exists", Schema.bool("false: the answer invented it.")),
                    ]))
            ),
            (
                "extracts",
                Schema.orNull(
                    Schema.array(
                        Schema.object(
                            [
                                ("number", Schema.integer()), ("document", Schema.string()),
                                ("start", Schema.integer()), ("end", Schema.integer()), ("text", Schema.string()),
                            ] + scores(["logit"]))))
            ),
            (
                "sentences",
                Schema.orNull(
                    Schema.object([
                        ("scored", Schema.integer("Of those that extracts were chosen from, compared in time.")),
                        ("of", Schema.integer()),
                    ]))
            ),
            (
                "sources",
                Schema.array(
                    Schema.object([
                        ("number", Schema.integer("What [1] in the answer means.")), ("document", Schema.string()),
                        ("title", Schema.orNull(Schema.string())), ("source", Schema.orNull(Schema.string())),
                        ("section", Schema.orNull(Schema.string())), ("start", Schema.integer()),
                        ("end", Schema.integer()), ("passages", Schema.array(Schema.string())),
                        ("cited", Schema.bool()), ("text", Schema.string()),
                    ]))
            ),
            ("retrievedCount", Schema.integer()), ("usedCount", Schema.integer()),
        ] + envelope.filter { $0.0 != "schema" && $0.0 != "query" } + [notes])

    static let reranking = Schema.object([
        ("schema", Schema.integer()), ("query", Schema.string()), threshold,
        (
            "results",
            Schema.array(
                Schema.object(
                    [
                        ("index", Schema.integer("Of the document among those given, from 0.")),
                        ("id", Schema.string()), ("title", Schema.orNull(Schema.string())),
                        ("initialRank", Schema.integer()), ("finalRank", Schema.integer()),
                        ("delta", Schema.integer("Places gained.")),
                    ] + scores(["logit", "score", "scoreKind", "probability"]) + reading))
        ),
        deadline, ("timings", Schema.anyObject), ("models", Schema.anyObject), notes,
    ])

    static let notes = (
        "notes", Schema.array(Schema.string(), description: "What a reader of the results should know.")
    )

    private static let threshold = (
        "threshold", Schema.orNull(Schema.string("What every result reaches; the others are left out."))
    )

    private static let deadline = (
        "deadline",
        Schema.orNull(
            Schema.object([
                ("limit", Schema.number("Milliseconds.")), ("scored", Schema.integer()), ("of", Schema.integer()),
            ]))
    )

    private static let selection = (
        "selection",
        Schema.orNull(
            Schema.object([
                ("within", Schema.number("Of the first stage's best score, in its units.")), ("of", Schema.integer()),
                ("passedOver", Schema.integer("Candidates that the reranker was not to read.")),
            ]))
    )

    private static let envelope: [(String, JSONText)] = [
        ("schema", Schema.integer()), ("query", Schema.string()), ("retriever", Schema.orNull(Schema.string())),
        ("order", Schema.orNull(Schema.string("What the final order stands on; null: the first stage's."))),
        ("filter", Schema.orNull(Schema.string())), deadline, selection, ("results", Schema.array(hit)),
        ("timings", Schema.anyObject),
        ("models", Schema.anyObject),
    ]

    private static let hit = Schema.object(
        [
            ("id", Schema.string()), ("document", Schema.string()),
            ("start", Schema.integer("Of the passage in its document, in bytes.")), ("end", Schema.integer()),
            ("text", Schema.string()), ("metadata", Schema.anyObject),
            ("initialRank", Schema.integer("In the first stage, from 1.")), ("finalRank", Schema.integer()),
            ("delta", Schema.integer("Places gained by reranking.")),
            ("retrievalScore", Schema.orNull(Schema.number())),
        ] + scores(["logit", "score", "scoreKind", "probability"])
            + [("finalScore", Schema.orNull(Schema.number()))] + reading + [("retrieval", Schema.anyObject)],
        optional: ["retrieval"])

    private static let reading: [(String, JSONText)] = [
        (
            "truncated",
            Schema.bool("The reranker read the passage, and not to its end; logit null: it did not read it.")
        ),
        ("queryTruncated", Schema.bool()), ("window", Schema.orNull(Schema.integer())),
    ]

    private static func scores(_ names: [String]) -> [(String, JSONText)] {
        let all: [(String, JSONText)] = [
            ("logit", Schema.number("The reranker's output: any number, comparable within one model only.")),
            ("score", Schema.number("The model's own activation of the logit; not a probability.")),
            ("scoreKind", Schema.string()),
            ("probability", Schema.number("Of being relevant, from a calibration; null without one.")),
        ]
        return all.filter { names.contains($0.0) }.map { ($0.0, Schema.orNull($0.1)) }
    }
}
