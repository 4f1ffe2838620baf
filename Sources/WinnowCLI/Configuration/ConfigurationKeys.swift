import Winnow
import WinnowCore

/// All keys of `winnow.yaml`, in the order in which they are shown.
enum ConfigurationKeys {
    static let all: [ConfigurationKey] = general + model + retrieval + ranking + answer + llm + index

    static func named(_ path: String) -> ConfigurationKey? { all.first { $0.path == path } }

    /// The groups, in order.
    static let groups: [String] = all.compactMap(\.group).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }

    private static let count = ConfigurationKind.integer(1...Int.max)

    private static let general: [ConfigurationKey] = [
        .init(path: "store", option: "store", kind: .path(), help: "The store that is indexed, searched and asked.")
    ]

    private static let model: [ConfigurationKey] = [
        .init(
            path: "model.reranker", option: "model", kind: .path(), otherwise: "the built-in one",
            help: "Cross-encoder folder."),
        .init(
            path: "model.embedder", option: "embedding-model", kind: .path(), otherwise: "the built-in one",
            help: "Bi-encoder folder; the one that filled the store."),
        .init(
            path: "model.precision", option: "precision", kind: .choice(Precision.self),
            standard: Precision.automatic.rawValue, help: "Arithmetic: auto, float32, bfloat16 or int8."),
        .init(
            path: "model.threads", option: "threads", kind: .integer(1...256), otherwise: "all processors",
            help: "Compute threads, 1 to 256."),
        .init(
            path: "model.max-length", option: "max-length", kind: count, otherwise: "what the model says",
            help: "Tokens of a pair that the cross-encoder reads at most."),
        .init(
            path: "model.truncation", option: "truncation", kind: .choice(Truncation.self),
            standard: Truncation.passage.rawValue,
            help: "What is cut when query and passage are too long together: passage, longest-first or error."),
        .init(
            path: "model.long", option: "long",
            kind: .spelling("truncate, window, window-top-2 or window:200") { _ = try LongPassages(parsing: $0) },
            otherwise: "window; with rerank truncate",
            help: "What becomes of a passage that is too long: truncate, window, window-top-2 or window:200."),
    ]

    private static let retrieval: [ConfigurationKey] = [
        .init(
            path: "retrieval.retriever", option: "retriever", kind: .choice(RetrieverKind.self),
            standard: RetrieverKind.standard.rawValue,
            help: "How the first stage finds passages: dense, bm25 or hybrid."),
        .init(
            path: "retrieval.initial-k", option: "initial-k", kind: count, standard: "\(ExperimentSetup.initialK)",
            help: "Candidates of the first stage."),
        .init(
            path: "retrieval.final-k", option: "final-k", kind: count, standard: "5",
            help: "Results after reranking; at most initial-k."),
        .init(
            path: "retrieval.fusion", option: "fusion",
            kind: .spelling("rrf, rrf:20, relative or distribution") { _ = try Fusion(parsing: $0) },
            standard: "\(HybridSettings().fusion)",
            help: "How hybrid makes one list of two: rrf, rrf:K, relative or distribution."),
        .init(
            path: "retrieval.dense-weight", option: "dense-weight", kind: .number(0...Double.greatestFiniteMagnitude),
            standard: "\(HybridSettings().denseWeight)",
            help: "What the dense list counts in hybrid, where BM25's counts 1."),
        .init(
            path: "retrieval.bm25-k1", option: "bm25-k1", kind: .number(0...Double.greatestFiniteMagnitude),
            standard: "\(BM25.standardK1)", help: "BM25: how soon a further occurrence of a term stops to count."),
        .init(
            path: "retrieval.bm25-b", option: "bm25-b", kind: .number(0...1), standard: "\(BM25.standardB)",
            help: "BM25: how much longer passages need more occurrences, 0 to 1."),
    ]

    private static let ranking: [ConfigurationKey] = [
        .init(
            path: "ranking.rerank", option: "no-rerank", kind: .truth(flag: false), standard: "true",
            help: "Whether there is a second stage."),
        .init(
            path: "ranking.order", option: "order",
            kind: .spelling("reranker, blend:0.7, rrf or rrf:20") { _ = try FinalOrder(parsing: $0) },
            standard: "\(FinalOrder.standard)",
            help: "What the final order stands on: reranker, blend:0.7, rrf or rrf:20."
        ),
        .init(
            path: "ranking.rerank-within", option: "rerank-within", kind: .number(0...Double.greatestFiniteMagnitude),
            otherwise: "all candidates are scored",
            help: "Score only candidates whose first-stage score is at most so far under the best one's."),
        .init(
            path: "ranking.deadline", option: "deadline",
            kind: .spelling("40ms or 1.5s") { _ = try DurationText(parsing: $0) }, otherwise: "no limit",
            help: "How long a question may take; candidates that are not scored by then keep the first stage's order."),
        .init(
            path: "ranking.threshold", option: "threshold",
            kind: .spelling("score:0.3, logit:-2 or probability:0.5") { _ = try Ranking.Threshold(parsing: $0) },
            help: "The least that a result must reach: score:0.3, logit:-2 or probability:0.5."),
        .init(
            path: "ranking.calibration", option: "calibration", kind: .path(words: ["none"]),
            otherwise: "STORE.calibration.json where it is there", help: "Calibrations for probabilities, or none."),
        .init(
            path: "ranking.score-cache", option: "score-cache", kind: .path(words: ["none"]),
            otherwise: "STORE.scores.sqlite with a store", help: "Where scores are kept, or none."),
    ]

    private static let answer: [ConfigurationKey] = [
        .init(
            path: "answer.context-tokens", option: "context-tokens", kind: .integer(64...Int.max), standard: "2048",
            help: "Tokens of passages that an answer is made from at most."),
        .init(
            path: "answer.context-order", option: "context-order", kind: .choice(ContextBuilder.Order.self),
            standard: ContextBuilder.Order.bestFirst.rawValue,
            help: "How an LLM sees the passages: best-first or best-at-both-ends."),
        .init(
            path: "answer.stream", option: "stream", kind: .truth(flag: true), standard: "false",
            help: "Whether an LLM's answer is shown as it comes."),
        .init(
            path: "answer.log", option: "log", kind: .path(),
            help: "Where a line about each question is appended (not from a file that was only found)."),
        .init(
            path: "answer.history", option: "no-history", kind: .truth(flag: false), standard: "true",
            help: "Whether the prompt of winnow ask keeps a history."),
    ]

    private static let llm: [ConfigurationKey] = [
        .init(
            path: "llm.model", option: "llm-model", kind: .text, otherwise: "no LLM: the answer is made of extracts",
            help: "The LLM's name at its server."),
        .init(
            path: "llm.url", option: "llm-url", kind: .address, otherwise: "OpenAI's, with llm.model",
            help: "An OpenAI-compatible endpoint."),
        .init(
            path: "llm.key-env", option: "llm-key-env", kind: .variable,
            otherwise: "OPENAI_API_KEY, if it is set", help: "The environment variable that holds the API key, or none."
        ),
        .init(
            path: "llm.key-file", option: "llm-key-file", kind: .path(), help: "A file that holds the API key, instead."
        ),
        .init(
            path: "llm.timeout", option: "llm-timeout", kind: .number(0.001...86_400), standard: "60",
            help: "Seconds that the LLM may stay silent."),
        .init(
            path: "llm.max-tokens", option: "llm-max-tokens", kind: count, standard: "1024",
            help: "Tokens of the LLM's answer at most."),
    ]

    private static let index: [ConfigurationKey] = [
        .init(
            path: "index.chunking", option: "chunking", kind: .choice(ChunkingMethod.self),
            otherwise: "as the store was filled; for a new one sentences",
            help: "How documents are cut: sentences, tokens, words or none."),
        .init(
            path: "index.chunk-size", option: "chunk-size", kind: count, otherwise: "what the method says",
            help: "Tokens or words of a passage, for tokens and words."),
        .init(
            path: "index.chunk-overlap", option: "chunk-overlap", kind: .number(0...Double.greatestFiniteMagnitude),
            otherwise: "what the method says", help: "What a passage repeats of the one before."),
        .init(
            path: "index.stem", option: "stem", kind: .choice(LexicalAnalysis.Stemming.self),
            otherwise: "as the store has it; english for a new one",
            help: "Whether BM25 takes words of one stem for one: english or none."),
        .init(
            path: "index.words", option: "words", kind: .choice(LexicalAnalysis.Words.self),
            otherwise: "as the store has it; unicode for a new one",
            help: "What BM25 takes for a word: unicode or ascii."),
        .init(
            path: "index.wait", option: "wait", kind: .number(0...1e9), standard: "5",
            help: "Seconds to wait for another process that is writing to the store."),
        .init(
            path: "index.interval", option: "interval", kind: .number(0.05...86_400), standard: "2",
            help: "Seconds between two looks of index --watch."),
    ]
}
