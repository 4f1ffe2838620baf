#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The body of a request for a chat completion.
struct ChatRequest: Encodable, Sendable {
    var model: String
    var messages: [Message]
    var temperature: Double?
    var maxTokens: Int?
    /// OpenAI's reasoning models refuse `max_tokens`, and most other servers know nothing else.
    var limitsCompletion = false

    struct Message: Encodable, Sendable {
        var role: String
        var content: String
    }

    private enum Key: String, CodingKey {
        case model, messages, stream, temperature
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(model, forKey: .model)
        try fields.encode(messages, forKey: .messages)
        try fields.encode(true, forKey: .stream)
        try fields.encodeIfPresent(temperature, forKey: .temperature)
        try fields.encodeIfPresent(maxTokens, forKey: limitsCompletion ? .maxCompletionTokens : .maxTokens)
    }

    /// The same request always has the same bytes.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    /// The request without what a 400 names as unsupported; nil when there is nothing to leave out or to rename.
    ///
    /// OpenAI's reasoning models accept only their own temperature and only `max_completion_tokens`.
    func adapted(to refusal: ServerError) -> ChatRequest? {
        var adapted = self
        if temperature != nil, refusal.parameter == "temperature" || refusal.message.contains("'temperature'") {
            adapted.temperature = nil
            return adapted
        }
        if maxTokens != nil, !limitsCompletion, refusal.message.contains("max_completion_tokens") {
            adapted.limitsCompletion = true
            return adapted
        }
        return nil
    }
}
