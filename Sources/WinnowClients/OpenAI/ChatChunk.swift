#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an answer is made of: one piece of a stream, or all of it where a server does not stream. Only what is read.
struct ChatChunk: Decodable {
    /// Nil where the object is no answer.
    var choices: [Choice]?
    var error: ServerError?

    struct Choice: Decodable {
        var index: Int?
        /// In a stream.
        var delta: Message?
        /// In one piece.
        var message: Message?
        var finishReason: String?

        private enum CodingKeys: String, CodingKey {
            case index, delta, message
            case finishReason = "finish_reason"
        }
    }

    struct Message: Decodable {
        /// What the model says: its answer, or that it refuses one.
        var text = ""
        var hasReasoning = false

        private enum Key: String, CodingKey {
            case content, refusal, reasoning
            case reasoningContent = "reasoning_content"
        }

        /// `content` is a string, null, or a list of parts of which some are text (Mistral).
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            for key in [Key.content, .refusal] where text.isEmpty {
                if let parts = try? fields.decode([Part].self, forKey: key) {
                    text = parts.compactMap { $0.type == "text" ? $0.text : nil }.joined()
                } else {
                    text = try fields.decodeIfPresent(String.self, forKey: key) ?? ""
                }
            }
            for key in [Key.reasoning, .reasoningContent] {
                if let thought = try? fields.decode(String.self, forKey: key), !thought.isEmpty { hasReasoning = true }
            }
        }
    }

    private struct Part: Decodable {
        var type: String?
        var text: String?
    }

    private enum CodingKeys: String, CodingKey {
        case choices, error
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        choices = try fields.decodeIfPresent([Choice].self, forKey: .choices)
        let saysNoError = try !fields.contains(.error) || fields.decodeNil(forKey: .error)
        if !saysNoError || choices == nil { error = try ServerError.Form(from: decoder).error }
    }
}
