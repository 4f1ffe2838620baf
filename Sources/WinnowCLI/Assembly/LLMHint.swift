import WinnowClients
import WinnowCore

/// What an LLM's failure means for the command line.
enum LLMHint {
    /// The error's own words, and the option that it is about.
    static func text(_ error: any Error) -> String {
        let underlying = (error as? GenerationError)?.underlying ?? error
        switch underlying as? LLMError {
        case .timedOut(_, .firstByte, _), .timedOut(_, .idle, _): return "\(error) [--llm-timeout, --context-tokens]"
        case .invalidSetting, .noText, .emptyStream: return "\(error) [--context-tokens makes the question shorter]"
        default: return "\(error)"
        }
    }
}
