/// What a session's command is called.
enum PromptCommandName: String, CaseIterable, Sendable {
    case help, explain, sources, open, json, k, n, rerank, retriever, order, threshold
    case whereField = "where"
    case set, quit

    var spelled: String { ":" + rawValue }

    static func named(_ word: String) -> PromptCommandName? {
        switch word {
        case "h", "?": .help
        case "q", "exit": .quit
        case "initial-k": .k
        case "final-k": .n
        default: PromptCommandName(rawValue: word)
        }
    }

    /// What may follow.
    var argument: String {
        switch self {
        case .help, .sources, .json, .set, .quit: ""
        case .explain: "[on|off]"
        case .open, .k, .n: "NUMBER"
        case .rerank: "on|off"
        case .retriever: RetrieverKind.allCases.map(\.rawValue).joined(separator: "|")
        case .order: "ORDER|default"
        case .threshold: "SPACE:VALUE|off"
        case .whereField: "FILTER|off"
        }
    }

    /// Words that may follow, for completion.
    var values: [String] {
        switch self {
        case .explain, .rerank: ["off", "on"]
        case .retriever: RetrieverKind.allCases.map(\.rawValue)
        case .order: ["blend:", "default", "reranker", "rrf"]
        case .threshold: ["logit:", "off", "probability:", "score:"]
        default: []
        }
    }

    var meaning: String {
        switch self {
        case .help: "this list"
        case .explain: "show all candidates with each answer; alone: of the last answer"
        case .sources: "the sources of the last answer"
        case .open: "a source of the last answer, with the text around it"
        case .json: "the last answer as JSON, as --json prints it"
        case .k: "candidates of the first stage (--initial-k)"
        case .n: "passages that an answer is made from (--final-k)"
        case .rerank: "the second stage (--no-rerank)"
        case .retriever: "the first stage (--retriever)"
        case .order: "what the final order stands on (--order)"
        case .threshold: "the least that a passage must reach (--threshold)"
        case .whereField: "only passages whose metadata satisfy this (--where)"
        case .set: "all settings"
        case .quit: "leave; so does Ctrl-D"
        }
    }
}
