#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Follows an answer from event to event, and knows at its end whether it is whole.
package struct ChatReader: Sendable {
    package enum Failure: Error, Hashable {
        case reported(ServerError)
        /// What came cannot be read as a piece of an answer.
        case notAChunk(String)
        /// The stream ended in the middle of the answer.
        case unfinished
        case filtered
        case noText(finishReason: String, hadReasoning: Bool)
    }

    /// How an answer came to its end.
    package enum Ending: Hashable, Sendable {
        case complete
        /// At the limit of tokens, or without a word on whether it is complete.
        case cutOff
    }

    /// Nothing that follows belongs to the answer.
    package private(set) var isDone = false
    private var finishReason: String?
    private var sawChoice = false
    private var sawText = false
    private var sawReasoning = false
    private var reasoning = ReasoningFilter()

    package init() {}

    /// The text that an event adds to the answer, often none.
    package mutating func read(_ event: ServerSentEvents.Event) throws(Failure) -> String {
        let data = event.data
        if data.hasPrefix("[DONE]") {
            isDone = true
            return visible(reasoning.finish())
        }
        guard !data.allSatisfy(\.isWhitespace) else { return "" }
        if event.name == "error" { throw .reported(ServerError(body: Array(data.utf8))) }
        return try read(json: Array(data.utf8))
    }

    /// A piece of a stream, or the answer in one piece.
    package mutating func read(json: [UInt8]) throws(Failure) -> String {
        let chunk: ChatChunk
        do {
            chunk = try JSONDecoder().decode(ChatChunk.self, from: Data(json))
        } catch {
            throw .notAChunk(String(decoding: json.prefix(2000), as: UTF8.self))
        }
        if let error = chunk.error { throw .reported(error) }
        var text = ""
        // Other choices than the first were not asked for; a chunk without any carries the usage.
        for choice in chunk.choices ?? [] where (choice.index ?? 0) == 0 {
            sawChoice = true
            if let message = choice.delta ?? choice.message {
                sawReasoning = sawReasoning || message.hasReasoning
                text += reasoning.visible(message.text)
            }
            if let reason = choice.finishReason, !reason.isEmpty {
                finishReason = reason
                text += reasoning.finish()
            }
        }
        if finishReason == "content_filter" { throw .filtered }
        return visible(text)
    }

    /// The stream is at its regular end.
    package func finish() throws(Failure) -> Ending {
        guard sawChoice || isDone else { throw .notAChunk("") }
        // llama-cpp-python gives up an answer for another request with [DONE] and no reason, where other servers mean
        // by the same that the answer is complete: what text there is stays, marked.
        guard let finishReason else {
            guard isDone, sawText else { throw .unfinished }
            return .cutOff
        }
        guard sawText else {
            throw .noText(finishReason: finishReason, hadReasoning: sawReasoning || reasoning.sawReasoning)
        }
        return finishReason == "length" ? .cutOff : .complete
    }

    /// Whether the model has said anything, if only to itself.
    var hasBegun: Bool { sawText || sawReasoning || reasoning.sawReasoning || isFinished }

    /// Whether the answer's last word has been said, though the stream may go on or break off.
    var isFinished: Bool { isDone || finishReason != nil }

    private mutating func visible(_ text: String) -> String {
        if !text.isEmpty { sawText = true }
        return text
    }
}

/// Drops what a reasoning model thinks aloud at the start of its answer, between `<think>` and `</think>`, where its
/// server does not keep it apart; and the white space before the first word.
struct ReasoningFilter {
    private enum State: Hashable {
        case start, reasoning, beforeText, text
    }

    private static let opening = "<think>"
    private static let closing = "</think>"

    private(set) var sawReasoning = false
    private var state = State.start
    /// What may yet turn out to be a tag.
    private var held = ""

    /// The part of what is known so far that belongs to the answer.
    mutating func visible(_ piece: String) -> String {
        if state == .text { return piece }
        held += piece
        while true {
            switch state {
            case .start:
                held = String(held.drop(while: \.isWhitespace))
                if held.hasPrefix(Self.opening) {
                    held.removeFirst(Self.opening.count)
                    sawReasoning = true
                    state = .reasoning
                } else if Self.opening.hasPrefix(held) {
                    return ""
                } else {
                    state = .text
                }
            case .reasoning:
                guard let end = held.firstRange(of: Self.closing) else {
                    held = String(held.suffix(Self.closing.count))
                    return ""
                }
                held = String(held[end.upperBound...])
                state = .beforeText
            case .beforeText:
                held = String(held.drop(while: \.isWhitespace))
                if held.isEmpty { return "" }
                state = .text
            case .text:
                defer { held = "" }
                return held
            }
        }
    }

    /// What was held back at the end of the answer.
    mutating func finish() -> String {
        defer { held = "" }
        return state == .start ? held : ""
    }
}
