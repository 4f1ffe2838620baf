/// A `winnow.yaml` that says nothing yet: every key in a comment, with its default.
enum ConfigurationExample {
    static var text: String {
        var text = """
            # What winnow takes for options that are not typed. Remove the # before a group and a key to set it.
            # Precedence: an option that was typed, then the environment (WINNOW_RETRIEVAL_INITIAL_K for retrieval.initial-k), then the
            # profile, then this file. Relative paths begin at this file's folder. winnow config show --origin says what holds.


            """
        var group: String?
        for key in ConfigurationKeys.all {
            if key.group != group {
                text += key.group.map { "\n#\($0):\n" } ?? ""
                group = key.group
            }
            let indent = key.group == nil ? "" : "  "
            text += "\(indent)# \(key.help)"
            text += key.standard == nil && key.otherwise != "not set" ? " (default: \(key.otherwise))\n" : "\n"
            text += "#\(indent)\(key.name): \(key.standard ?? example(key))\n"
        }
        return text + """

            # Settings that hold together when they are asked for: --profile fast, WINNOW_PROFILE=fast, or profile: fast here.
            #profiles:
            #  fast:
            #    retrieval: {initial-k: 10, final-k: 3}
            #  careful:
            #    retrieval: {initial-k: 50}
            #    ranking: {threshold: logit:0}

            """
    }

    /// Where no value of the key is the default.
    private static func example(_ key: ConfigurationKey) -> String {
        switch key.path {
        case "store": "kb.sqlite"
        case "model.reranker": "models/reranker"
        case "model.embedder": "models/embedder"
        case "model.threads": "2"
        case "model.max-length": "512"
        case "model.long": "\(LongPassages.window)"
        case "ranking.rerank-within": "1.25"
        case "ranking.deadline": "40ms"
        case "ranking.threshold": "logit:-2"
        case "ranking.calibration": "kb.sqlite.calibration.json"
        case "ranking.score-cache": "kb.sqlite.scores.sqlite"
        case "answer.log": "asked.jsonl"
        case "llm.model": "gpt-4o-mini"
        case "llm.url": "http://localhost:8080/v1"
        case "llm.key-env": "OPENAI_API_KEY"
        case "llm.key-file": "key.txt"
        case "index.chunking": "sentences"
        case "index.chunk-size": "200"
        case "index.chunk-overlap": "0.15"
        case "index.stem": "english"
        case "index.words": "unicode"
        default: key.otherwise
        }
    }
}
