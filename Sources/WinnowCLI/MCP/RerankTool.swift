import Winnow

/// The second stage alone, over texts that the caller has.
struct RerankTool: MCPTool {
    let bench: Workbench

    let name = "rerank"
    let title = "Rerank texts by relevance"
    let description =
        "Put texts that you already have (search hits, files, log lines) in the order of their relevance to a query, by a "
        + "cross-encoder that reads each text together with the query. Returns their indices, best first, with scores."

    private static let most = 1000
    private static let mostBytes = 4_000_000

    var input: JSONText {
        let record = Schema.object(
            [("id", Schema.string()), ("title", Schema.string("Read ahead of the text.")), ("text", Schema.string())],
            optional: ["id", "title"], isClosed: true)
        return Schema.object(
            [
                ("query", Schema.string("What the texts should be relevant to.", isVisible: true)),
                (
                    "documents",
                    Schema.array(
                        .object([("anyOf", .array([Schema.string(), record]))]), most: Self.most, least: 1,
                        description:
                            "Strings, or objects {id?, title?, text}; \(Self.mostBytes / 1_000_000) MB in all at most.")
                ),
                ("top_n", Schema.integer("Results to return. Default: all.", in: 1...Self.most)),
            ], optional: ["top_n"], isClosed: true)
    }

    var output: JSONText { ResultSchemas.reranking }

    func call(_ fields: [JSONTree.Field], progress: @escaping @Sendable (String) -> Void) async throws -> ToolResult {
        let clock = ContinuousClock()
        let start = clock.now
        let arguments = try ToolArguments(fields, known: ["query", "documents", "top_n"])
        let query = try arguments.query("query")
        let candidates = try Self.candidates(arguments["documents"])
        let count = try arguments.integer("top_n", in: 1...Self.most) ?? candidates.count
        let models = try await bench.models.get()
        let loading = Trace.Stage(name: "load", duration: clock.now - start)
        progress("the models are loaded")
        try models.reranker.check(query)
        var threshold = bench.options.threshold
        var unused: [String] = []
        if case .probability? = threshold, models.givenCalibration == nil {
            unused = [
                "the threshold \(threshold?.description ?? "") was not applied: there is no calibration for texts that a call brings"
            ]
            threshold = nil
        }
        let pipeline = try SearchPipeline(
            retriever: GivenCandidates(candidates), reranker: models.reranker.reranker, initialK: candidates.count,
            finalK: min(count, candidates.count), threshold: threshold,
            calibration: models.givenCalibration)
        let result = try await pipeline.search(query, until: bench.options.time.deadline)
        let notes = unused + ResultNotes.ofGiven(result, threshold)
        let envelope = Envelope(
            result: result, stages: [loading], total: clock.now - start,
            explains: false, queryIsCut: false)
        let results = result.hits.map { hit in
            JSONText.object([
                ("index", .integer(hit.initialRank - 1)), ("id", .string(hit.id)),
                ("title", .optional(hit.passage.metadata[MetadataField.title]?.stringValue, JSONText.string)),
                ("initialRank", .integer(hit.initialRank)),
                ("finalRank", .integer(hit.finalRank)), ("delta", .integer(hit.delta)),
                ("logit", .optional(hit.logit, { .float($0.value) })),
                ("score", .optional(hit.score, { .float($0.value) })),
                ("scoreKind", .optional(hit.score, { .string($0.kind.rawValue) })),
                ("probability", .optional(hit.probability, { .number($0.value) })),
                ("truncated", .bool(hit.truncated)), ("queryTruncated", .bool(hit.queryTruncated)),
                ("window", .optional(hit.pairScore?.window, { .integer($0) })),
            ])
        }
        let others = envelope.fields.filter { ["deadline", "timings", "models"].contains($0.0) }
        return ToolResult(
            text: Self.text(result, notes),
            structured: .object(
                [
                    ("schema", .integer(1)), ("query", .string(query.text)),
                    ("threshold", .optional(result.trace.threshold, JSONText.string)), ("results", .array(results)),
                ] + others + [("notes", .array(notes.map(JSONText.string)))]))
    }

    /// - Throws: ``ToolFailure`` that names the document.
    private static func candidates(_ value: JSONTree?) throws -> [Candidate] {
        guard case .array(let values)? = value else {
            throw ToolFailure("documents must be an array of strings, or of objects {id?, title?, text}")
        }
        guard !values.isEmpty else { throw ToolFailure("documents is empty: give at least one text") }
        guard values.count <= most else {
            throw ToolFailure("documents holds \(values.count) texts: \(most) are the most; rerank them in parts")
        }
        var places: [ExactText: Int] = [:]
        var bytes = 0
        return try values.enumerated().map { index, value in
            let document = try document(value, index)
            if let first = places.updateValue(index, forKey: ExactText(document.id)) {
                throw ToolFailure(
                    "documents[\(index)] has the id '\(SingleLine.of(document.id, limit: 60))' of documents[\(first)]: ids must "
                        + "differ (a text without one has its index)")
            }
            guard !VisibleText.isAbsent(from: document.title ?? "") || !VisibleText.isAbsent(from: document.text) else {
                throw ToolFailure("documents[\(index)] is blank: leave it out")
            }
            bytes += document.text.utf8.count + (document.title?.utf8.count ?? 0)
            guard bytes <= mostBytes else {
                throw ToolFailure(
                    "documents are over \(mostBytes / 1_000_000) MB together: rerank them in parts, or in shorter pieces"
                )
            }
            let title = document.title.flatMap { document.content == document.text ? nil : $0 }
            return Candidate(
                passage: Passage(
                    id: document.id, documentID: document.id, title: title, text: document.text,
                    // As it was given, also where the text begins with it.
                    metadata: document.title.map { [MetadataField.title: .string($0)] } ?? [:]),
                rank: index + 1)
        }
    }

    private static func document(_ value: JSONTree, _ index: Int) throws -> Document {
        switch value {
        case .string(let text): return Document(id: "\(index)", text: text)
        case .object(let fields):
            do {
                let arguments = try ToolArguments(fields, known: ["id", "title", "text"])
                guard let text = try arguments.string("text") else { throw ToolFailure("text is missing") }
                return Document(
                    id: try arguments.string("id") ?? "\(index)", title: try arguments.string("title"), text: text)
            } catch let failure as ToolFailure {
                throw ToolFailure("documents[\(index)]: \(failure)")
            }
        default: throw ToolFailure("documents[\(index)] is neither a string nor an object {id?, title?, text}")
        }
    }

    private static let shown = 120

    private static func text(_ result: SearchResult, _ notes: [String]) -> String {
        var text =
            result.hits.isEmpty
            ? NoneReached.text(result, of: "text") + ".\n"
            : "\(result.hits.count) of \(NumberText.plural(result.candidates.count, "text")), best first\n"
        for note in notes { text += "Note: \(note)\n" }
        for hit in result.hits {
            let index = hit.initialRank - 1
            let name = hit.id == "\(index)" ? "" : " id \(SingleLine.of(hit.id, limit: 100))"
            text +=
                "\(hit.finalRank). [index \(index)]\(name) (\(PassageText.scores(hit, result, saysRank: false))) "
                + SingleLine.of(hit.passage.content, limit: shown) + "\n"
        }
        return text
    }
}
