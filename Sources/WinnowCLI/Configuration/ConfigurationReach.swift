/// Which keys a command takes, and by which option.
///
/// A command that has the option of a key's name takes the key, so that a new command with the same options needs no line here. What
/// stands here are the commands where the same name is another thing, or where a file must not speak.
enum ConfigurationReach {
    /// The peers' benchmark must be the same everywhere; judgements are about a corpus that is named.
    private static let untouched: Set<String> = ["bench-peer", "version", "config", "judge", "help"]

    private static let engine: Set<String> = ["model.precision", "model.threads"]

    /// A measurement takes what the search would be made of, never the corpus: that is the folder's.
    private static let experiments: Set<String> = engine.union([
        "model.reranker", "model.embedder", "model.max-length", "model.truncation", "model.long", "retrieval.retriever",
        "retrieval.fusion", "retrieval.dense-weight", "retrieval.bm25-k1", "retrieval.bm25-b", "index.chunking",
        "index.chunk-size", "index.chunk-overlap", "index.stem", "index.words",
    ])

    private static let narrow: [String: Set<String>] = [
        "eval": experiments.union(["retrieval.initial-k", "ranking.order", "ranking.rerank-within"]),
        // Which k and which order is its own question.
        "sweep": experiments,
        "calibrate": experiments.union(["retrieval.initial-k", "retrieval.final-k", "ranking.order"]),
        "bench": engine.union(["model.reranker", "model.embedder"]),
        // Its --log is what it reads.
        "doctor": engine.union([
            "store", "model.reranker", "model.embedder", "model.max-length", "model.truncation", "model.long",
        ]),
        // Its --max-length is the bi-encoder's, and the key is the cross-encoder's.
        "embed": engine.union(["model.embedder"]),
        "tokenize": ["model.embedder"],
    ]

    /// Results that are compared: a file that had part in them is named.
    static func isMeasurement(_ shape: CommandShape) -> Bool {
        ["eval", "sweep", "calibrate", "bench"].contains(shape.path.first ?? "")
    }

    static func isUntouched(_ shape: CommandShape) -> Bool { untouched.contains(shape.path.first ?? "") }

    /// - Parameter line: nil where no line is at hand; then every key that some line could want.
    /// - Returns: the option's long name; nil where the key is not the command's.
    static func option(of key: ConfigurationKey, in shape: CommandShape, line: TypedLine?) -> String? {
        guard let command = shape.path.first, !isUntouched(shape) else { return nil }
        if let narrow = narrow[command], !narrow.contains(key.path) { return nil }
        var option = key.option
        switch (command, key.path) {
        case ("embed", "model.embedder"), ("tokenize", "model.embedder"): option = "model"
        case ("bench", "model.embedder"):
            if let line, line.value("kind") != "embed" { return nil }
            option = "model"
        case ("bench", "model.reranker"):
            if line?.value("kind") == "embed" { return nil }
        default: break
        }
        return shape.has(option) ? option : nil
    }

    static func takesAny(_ shape: CommandShape) -> Bool {
        ConfigurationKeys.all.contains { option(of: $0, in: shape, line: nil) != nil }
    }
}
