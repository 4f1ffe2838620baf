import Synchronization

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
    var dialect = ChatDialect()

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
        if !dialect.omitsTemperature { try fields.encodeIfPresent(temperature, forKey: .temperature) }
        try fields.encodeIfPresent(maxTokens, forKey: dialect.limitsCompletion ? .maxCompletionTokens : .maxTokens)
    }

    /// The same request always has the same bytes.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    /// The dialect without what a 400 names as unsupported; nil when there is nothing to leave out or to rename.
    func dialect(after refusal: ServerError) -> ChatDialect? {
        var other = dialect
        if temperature != nil, refusal.parameter == "temperature" || refusal.message.contains("'temperature'") {
            other.omitsTemperature = true
        } else if maxTokens != nil, refusal.message.contains("max_completion_tokens") {
            other.limitsCompletion = true
        }
        return other == dialect ? nil : other
    }
}

/// In what a model's requests differ from those of most. OpenAI's reasoning models accept only their own temperature,
/// and of the two names for the limit only the newer one, which most other servers do not know.
struct ChatDialect: Sendable, Hashable {
    var omitsTemperature = false
    var limitsCompletion = false
}

/// What was learnt about a model, for the next question.
final class LearntDialect: Sendable {
    private let dialect = Mutex(ChatDialect())

    var current: ChatDialect {
        get { dialect.withLock { $0 } }
        set { dialect.withLock { $0 = newValue } }
    }
}
