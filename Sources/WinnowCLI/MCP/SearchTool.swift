import Winnow

/// Both stages, without an answer.
struct SearchTool: MCPTool {
    let bench: Workbench
    let store: ServedStore

    let name = "search"
    let title = "Search the indexed documents"
    let description =
        "Find the passages of the indexed documents that answer a question. Two stages: retrieval by words and meaning, then a "
        + "cross-encoder reads each candidate with the query. Returns passages, best first, with source and place."

    var input: JSONText {
        Schema.object(
            [
                (
                    "query",
                    Schema.string(
                        "What to find: a whole question in natural language works best.", isVisible: true)
                )
            ] + SearchRequest.schema(bench.options) + [
                (
                    "rerank",
                    Schema.bool(
                        "false: the first stage's order only, faster and less precise.", default: true)
                )
            ], optional: ["initial_k", "final_k", "where", "retriever", "rerank"], isClosed: true)
    }

    var output: JSONText { ResultSchemas.search }

    func call(_ arguments: [JSONTree.Field], progress: @escaping @Sendable (String) -> Void) async throws -> ToolResult
    {
        let clock = ContinuousClock()
        let start = clock.now
        let request = try SearchRequest(arguments, query: "query", extra: ["rerank"], bench.options)
        let models = try await bench.models.get()
        let loading = Trace.Stage(name: "load", duration: clock.now - start)
        progress("the models are loaded")
        return try await store.with { store in
            let search = try await bench.search(request, in: store, models)
            let result = try await search.pipeline.search(
                request.query, filter: search.filter, until: bench.options.time.deadline)
            let notes = search.notes + ResultNotes.of(result, search.threshold)
            let envelope = Envelope(
                result: result, stages: [loading],
                total: clock.now - start, explains: false, queryIsCut: search.queryCut != nil)
            return ToolResult(
                text: try await Self.text(result, notes, in: store),
                structured: .object(
                    envelope.fields + [
                        ("threshold", .optional(result.trace.threshold, JSONText.string)),
                        ("notes", .array(notes.map(JSONText.string))),
                    ]))
        }
    }

    private static func text(_ result: SearchResult, _ notes: [String], in store: Store) async throws -> String {
        var text = try await summary(of: result, in: store) + "\n"
        for note in notes { text += "Note: \(note)\n" }
        for (index, hit) in result.hits.enumerated() {
            text += "\n" + PassageText.of(hit, number: index + 1, result)
        }
        return text
    }

    private static func summary(of result: SearchResult, in store: Store) async throws -> String {
        let trace = result.trace
        guard !result.candidates.isEmpty else { return try await NothingFound.text(result, in: store) }
        let stages =
            "\(trace.retriever ?? "first stage") retrieval"
            + (trace.models["reranker"] == nil
                ? ", not reranked" : ", reranked" + (trace.order.map { ", order \($0)" } ?? ""))
        guard !result.hits.isEmpty else {
            return NoneReached.text(result, of: "candidate") + " (\(stages))."
        }
        return
            "\(NumberText.plural(result.hits.count, "result")) of \(NumberText.plural(result.candidates.count, "candidate")) "
            + "(\(stages))" + (trace.filter.map { ", where \(SingleLine.of($0, limit: 300))" } ?? "")
    }
}

/// Why nothing that the first stage found is a result.
enum NoneReached {
    /// Without a full stop.
    static func text(_ result: SearchResult, of noun: String) -> String {
        let count = result.candidates.count
        let scored = count - result.unscoredCount
        let threshold = "the threshold \(result.trace.threshold ?? "")"
        guard scored > 0 else {
            return
                "No results: none of \(NumberText.plural(count, noun)) was scored in time, so none reached \(threshold)"
        }
        return "No results: of \(NumberText.plural(count, noun)) "
            + (scored < count ? "\(scored) \(scored == 1 ? "was" : "were") scored, and none of those" : "none")
            + " reached \(threshold)"
            + (result.strongest?.logit.map { "; the best logit is \(NumberText.fixed(Double($0.value), 2))" } ?? "")
    }
}

/// Why a first stage found nothing.
enum NothingFound {
    static func text(_ result: SearchResult, in store: Store) async throws -> String {
        if try await store.info().passages == 0 {
            return "No results: the index is empty. Fill it: winnow index PATH --store \(PathText.quoted(store.path))"
        }
        if let filter = result.trace.filter {
            return
                "No results: no passage satisfies where \(SingleLine.of(filter, limit: 300)) and is found. Loosen the filter; "
                + "index_status lists the fields."
        }
        return result.trace.retriever == HybridSettings.lexicalName
            ? "No results: no passage has any word of the query. Use other words, or the hybrid retriever."
            : "No results: nothing was found."
    }
}
