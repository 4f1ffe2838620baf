import WinnowCore

/// What `search` and `ask` are asked for.
struct SearchRequest: Sendable {
    var query: Query
    var initialK: Int
    var finalK: Int
    /// The call's own, within what the server filters by.
    var filter: MetadataFilter?
    var reranks: Bool
    var retriever: RetrieverKind

    /// - Parameters:
    ///   - query: the argument's name.
    ///   - extra: names that are the tool's own.
    init(_ fields: [JSONTree.Field], query: String, extra: [String] = [], _ options: MCPOptions) throws {
        let arguments = try ToolArguments(
            fields, known: [query, "initial_k", "final_k", "where", "retriever"] + extra)
        self.query = try arguments.query(query)
        let initialK = try arguments.integer("initial_k", in: MCPOptions.initialKs)
        let finalK = try arguments.integer("final_k", in: MCPOptions.finalKs)
        if let initialK, let finalK, finalK > initialK {
            throw ToolFailure(
                "final_k \(finalK) is over initial_k \(initialK): there cannot be more results than candidates; raise initial_k to at "
                    + "least \(finalK), or leave it out")
        }
        self.finalK = finalK ?? min(options.finalK, initialK ?? .max)
        // Enough to choose from.
        self.initialK = initialK ?? max(options.initialK, 4 * self.finalK)
        if let text = try arguments.string("where") {
            do {
                filter = try MetadataFilter(parsing: text)
            } catch {
                throw ToolFailure("where: \(error)")
            }
        }
        reranks = try extra.contains("rerank") ? arguments.bool("rerank") ?? true : true
        retriever = try arguments.choice("retriever", RetrieverKind.self) ?? options.retriever
    }

    /// Properties of the tools' input.
    static func schema(_ options: MCPOptions) -> [(String, JSONText)] {
        [
            (
                "initial_k",
                Schema.integer(
                    "Candidates that the first stage proposes: more find more and take longer. Default: \(options.initialK), or four "
                        + "times final_k where that is more.", in: MCPOptions.initialKs)
            ),
            (
                "final_k",
                Schema.integer("Passages to return.", in: MCPOptions.finalKs, default: options.finalK)
            ),
            (
                "where",
                Schema.string(
                    "Filter on metadata, e.g. product = \"api\" and version >= 3. Operators: = != < <= > >=, in [1, 2], exists field, "
                        + "and, or, not; dates as \"2026-01-31\". index_status lists the fields.")
            ),
            (
                "retriever",
                Schema.string(
                    "First stage: hybrid (words and meaning), bm25 (words only: error codes, identifiers), dense (meaning only). "
                        + "Default: \(options.retriever.rawValue).", choices: RetrieverKind.allCases.map(\.rawValue))
            ),
        ]
    }
}
