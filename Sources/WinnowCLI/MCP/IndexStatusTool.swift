import Winnow

/// What there is to search.
struct IndexStatusTool: MCPTool {
    let bench: Workbench
    let store: ServedStore

    let name = "index_status"
    let title = "Status of the index"
    let description =
        "What the index holds: documents, passages, when it was last filled, which metadata fields where may use, and which models "
        + "search it. Call it when results surprise you, or before writing a where filter."

    var input: JSONText { Schema.object([], isClosed: true) }

    private static let mostFields = 100

    let output = Schema.object([
        ("schema", Schema.integer()), ("store", Schema.string()), ("documents", Schema.integer()),
        ("passages", Schema.integer()),
        ("lastIndexed", Schema.orNull(Schema.string("When a document was last added or replaced, ISO 8601, UTC."))),
        ("revision", Schema.integer("Grows with every change, deletions included.")),
        ("fileBytes", Schema.integer()), ("cacheBytes", Schema.integer()), ("textBytes", Schema.integer()),
        (
            "embedder",
            Schema.object(
                [("name", Schema.string()), ("fingerprint", Schema.string()), ("precision", Schema.string())],
                description: "The model that filled the index.")
        ),
        (
            "retrievers",
            Schema.array(Schema.string(), description: "Those that can search it: dense, bm25, hybrid.")
        ),
        ("retriever", Schema.string("What is taken where a call names none.")),
        (
            "models",
            Schema.object([
                ("embedder", Schema.orNull(model)), ("reranker", Schema.orNull(model)),
                ("generator", Schema.orNull(Schema.string("Who writes answers: extractive, or an LLM."))),
            ])
        ),
        ("calibrated", Schema.bool("Whether results have probabilities.")),
        ("order", Schema.string()), ("threshold", Schema.orNull(Schema.string())),
        ("deadline", Schema.orNull(Schema.number("Of a call, in milliseconds."))),
        (
            "rerankWithin",
            Schema.orNull(
                Schema.number("Candidates whose first-stage score is further under the best one's are not scored."))
        ),
        ("filter", Schema.orNull(Schema.string("What every search is filtered by."))),
        (
            "fields",
            Schema.array(
                Schema.object([("name", Schema.string()), ("types", Schema.array(Schema.string()))]),
                description: "What where may name, \(mostFields) at most; document and id are always there.")
        ),
        ("fieldCount", Schema.integer()),
        ResultSchemas.notes,
    ])

    private static let model = Schema.object([
        ("name", Schema.string()), ("fingerprint", Schema.string()), ("precision", Schema.string()),
        ("kernels", Schema.string()), ("truncation", Schema.string()),
    ])

    func call(_ fields: [JSONTree.Field], progress: @escaping @Sendable (String) -> Void) async throws -> ToolResult {
        _ = try ToolArguments(fields, known: [])
        var notes: [String] = []
        var models: ServedModels.Loaded?
        do { models = try await bench.models.get() } catch { notes.append("the models cannot be loaded: \(error)") }
        var generator: String?
        if models != nil {
            do { generator = try await bench.models.answering().name } catch {
                notes.append("ask cannot answer: \(error)")
            }
        }
        let (loaded, answering, given) = (models, generator, notes)
        return try await store.with { store in
            let status = Status(
                path: store.path, info: try await store.info(), lastIndexed: try await store.lastIndexed(),
                catalogue: try await store.fields(), models: loaded, generator: answering,
                options: bench.options, notes: given)
            return ToolResult(text: try status.text, structured: try status.json)
        }
    }

    /// What is known, to be said twice.
    private struct Status {
        var path: String
        var info: StoreInfo
        var lastIndexed: String?
        var catalogue: FieldCatalogue
        var models: ServedModels.Loaded?
        var generator: String?
        var options: MCPOptions
        var notes: [String]

        private var embedder: ModelIdentity? { get throws { try models?.embedder?.embedder.identity } }
        private var reranker: ModelIdentity? { get throws { try models?.reranker.reranker.identity } }

        private var retrievers: [RetrieverKind] {
            get throws {
                let hasVectors = try embedder?.fingerprint == info.profile.embedderFingerprint
                return RetrieverKind.allCases.filter { kind in
                    (!kind.needsEmbedder || hasVectors) && (kind == .dense || info.lexical != nil)
                }
            }
        }

        private var allNotes: [String] {
            get throws {
                var notes = notes
                if let embedder = try embedder, embedder.fingerprint != info.profile.embedderFingerprint {
                    notes.append(
                        "the index was filled by the embedding model \(info.profile.embedder), and this server has "
                            + "\(embedder.name): start winnow mcp with the other one as --embedding-model")
                }
                if info.lexical == nil {
                    notes.append("there is no lexical index that this build can search: run winnow store compact")
                }
                if info.passages == 0 {
                    notes.append("the index is empty: winnow index PATH --store \(PathText.quoted(path)) fills it")
                }
                return notes
            }
        }

        private static func json(_ identity: ModelIdentity) -> JSONText {
            let model = Trace.Model(identity)
            return .object([
                ("name", .string(model.name)), ("fingerprint", .string(model.fingerprint)),
                ("precision", .string(model.precision)), ("kernels", .string(model.kernels)),
                ("truncation", .string(model.truncation)),
            ])
        }

        var json: JSONText {
            get throws {
                .object([
                    ("schema", .integer(1)), ("store", .string(path)), ("documents", .integer(info.documents)),
                    ("passages", .integer(info.passages)),
                    ("lastIndexed", .optional(lastIndexed, JSONText.string)), ("revision", .integer(info.revision)),
                    ("fileBytes", .integer(info.fileBytes)), ("cacheBytes", .integer(info.cacheBytes)),
                    ("textBytes", .integer(info.textBytes)),
                    (
                        "embedder",
                        .object([
                            ("name", .string(info.profile.embedder)),
                            ("fingerprint", .string(info.profile.embedderFingerprint.hexadecimal)),
                            ("precision", .string(info.profile.precision)),
                        ])
                    ),
                    ("retrievers", .array(try retrievers.map { .string($0.rawValue) })),
                    ("retriever", .string(options.retriever.rawValue)),
                    (
                        "models",
                        .object([
                            ("embedder", .optional(try embedder, Self.json)),
                            ("reranker", .optional(try reranker, Self.json)),
                            ("generator", .optional(generator, JSONText.string)),
                        ])
                    ),
                    ("calibrated", .bool(models?.calibration != nil)), ("order", .string(options.order.description)),
                    ("threshold", .optional(options.threshold, { .string($0.description) })),
                    ("deadline", .optional(options.time.limit, { .number($0.duration.milliseconds) })),
                    ("rerankWithin", .optional(options.selection.within, JSONText.number)),
                    ("filter", .optional(options.filtering.filter, { .string($0.description) })),
                    (
                        "fields",
                        .array(
                            catalogue.fields.prefix(mostFields).map { field in
                                .object([
                                    ("name", .string(field.name)),
                                    ("types", .array(field.types.sorted().map { .string($0.name) })),
                                ])
                            })
                    ),
                    ("fieldCount", .integer(catalogue.fields.count)),
                    ("notes", .array(try allNotes.map(JSONText.string))),
                ])
            }
        }

        var text: String {
            get throws {
                var lines = [
                    "\(NumberText.plural(info.documents, "document")) in \(NumberText.plural(info.passages, "passage")), "
                        + "\(NumberText.bytes(info.textBytes)) of text; the store \(PathText.quoted(path)) takes "
                        + NumberText.bytes(info.fileBytes + info.cacheBytes),
                    "Last filled: \(lastIndexed ?? "never") (revision \(info.revision))",
                    "Filled by the embedding model: \(SingleLine.of(info.profile.embedder, limit: 100))",
                    "Retrievers: \(try retrievers.map(\.rawValue).joined(separator: ", ")); \(options.retriever.rawValue) where a "
                        + "call names none",
                    "Reranker: \(try reranker.map { SingleLine.of($0.name, limit: 100) + ", " + $0.precision } ?? "not loaded")"
                        + ", order \(options.order)"
                        + (models?.calibration == nil ? ", no probabilities (not calibrated)" : ", with probabilities"),
                ]
                if let limit = options.time.limit { lines.append("A call has \(NumberText.duration(limit.duration))") }
                if let within = options.selection.within {
                    lines.append(
                        "Candidates more than \(within) under the best one's \(options.retriever.rawValue) score are not reranked"
                    )
                }
                if let threshold = options.threshold { lines.append("Every result reaches \(threshold)") }
                if let filter = options.filtering.filter {
                    lines.append("Every search is filtered by: \(SingleLine.of(filter.description, limit: 300))")
                }
                if let generator {
                    lines.append("Answers by: \(SingleLine.of(generator, limit: 100))")
                }
                let shown = catalogue.fields.prefix(mostFields).map { field in
                    "\(SingleLine.of(field.name, limit: 60)) (\(field.types.sorted().map(\.name).joined(separator: " or ")))"
                }
                let rest = catalogue.fields.count - shown.count
                lines.append(
                    "Fields for where: " + (shown + ["document, id (string)"]).joined(separator: ", ")
                        + (rest > 0 ? " and \(rest) more" : ""))
                return (lines + (try allNotes.map { "Note: \($0)" })).joined(separator: "\n") + "\n"
            }
        }
    }
}
