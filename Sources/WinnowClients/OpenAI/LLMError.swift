/// What kept an LLM from answering. Each message says what happened, where, and what to do about it.
///
/// Texts of the server in it are one bounded line without control characters and without the key; addresses come
/// without their query.
public enum LLMError: Error, Sendable, Hashable {
    case invalidAddress(String, reason: String)
    case invalidKey(reason: String)
    /// `name` is the property's, such as `retries.attempts`.
    case invalidSetting(name: String, value: String, rule: String)

    case cannotConnect(url: String, problem: ConnectionProblem, attempts: Int)
    case timedOut(url: String, wait: HTTPTimeouts.Kind, limit: Duration)
    /// The connection ended before the answer did. Text that had come stands in the `GenerationError` around this.
    case brokeOff(url: String, reason: String, attempts: Int)
    case answerTooLong(url: String, maximumBytes: Int)

    /// 401 or 403.
    case unauthorized(url: String, status: Int, hadKey: Bool, message: String)
    /// 404.
    case notFound(url: String, model: String, message: String)
    /// Another answer of 400 to 499: the request, as it is, will never be accepted.
    case refused(url: String, status: Int, message: String)
    /// 429, at the last attempt or with a wait too long to be waited for.
    case rateLimited(url: String, attempts: Int, retryAfter: Duration?, message: String)
    /// The account has nothing left; waiting does not help.
    case quotaExceeded(url: String, message: String)
    /// 500 to 599, at the last attempt or with a wait too long to be waited for.
    case serverFailed(url: String, status: Int, attempts: Int, retryAfter: Duration?, message: String)
    case redirected(url: String, status: Int, location: String)

    /// The server answered, but not as a chat endpoint does.
    case notAChatAnswer(url: String, contentType: String, beginning: String)
    /// The server began to answer and ended at once, without a word. So does llama-cpp-python when a streamed answer
    /// fails, as it does over a context that is too long.
    case emptyStream(url: String)
    /// The server reported an error within an answer that had begun.
    case failedWithinAnswer(url: String, message: String)
    /// The service's content filter ended the answer.
    case contentFiltered(url: String)
    /// The answer came to its end and has no text.
    case noText(model: String, finishReason: String, hadReasoning: Bool)
}

extension LLMError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidAddress(let address, let reason):
            "'\(address)' is no address of an LLM: \(reason). It looks like https://api.openai.com/v1 or "
                + "http://localhost:8080/v1"
        case .invalidKey(let reason):
            "the LLM's API key cannot be used: \(reason)"
        case .invalidSetting(let name, let value, let rule):
            "the LLM's setting \(name) is \(value): it must be \(rule)"

        case .cannotConnect(let url, let problem, let attempts):
            "the LLM at \(url) cannot be reached\(Self.tried(attempts)): \(problem.reason). \(Self.hint(problem.kind))"
        case .timedOut(let url, .connect, let limit):
            "no connection to the LLM at \(url) within \(limit.inSeconds): check the address and the network, or "
                + "raise the limit (timeouts.connect)"
        case .timedOut(let url, .firstByte, let limit):
            "the LLM at \(url) sent nothing of an answer within \(limit.inSeconds): it may still be loading or "
                + "reading the context; raise the limit (timeouts.firstByte) or give it less context"
        case .timedOut(let url, .idle, let limit):
            "the LLM at \(url) went silent within its answer for \(limit.inSeconds): ask again, or raise the limit "
                + "(timeouts.idle)"
        case .brokeOff(let url, let reason, let attempts):
            "the answer of the LLM at \(url) broke off\(Self.tried(attempts)): \(reason). Ask again; if it stays so, "
                + "see the server's log"
        case .answerTooLong(let url, let maximumBytes):
            "the LLM at \(url) sent more than \(maximumBytes) bytes for one answer: limit it (maxTokens), or check "
                + "what answers there"

        case .unauthorized(let url, let status, let hadKey, let message):
            "the LLM at \(url) "
                + (hadKey ? "does not accept the API key" : "wants an API key and none was given")
                + " (\(status)\(Self.quoted(message))). Set OPENAI_API_KEY, or name a file with --llm-key-file"
        case .notFound(let url, let model, let message):
            "nothing is at \(url), or it has no model '\(model)' (404\(Self.quoted(message))). Check the address, "
                + "which often ends in /v1, and the model's name"
        case .refused(let url, let status, let message):
            "the LLM at \(url) refuses the request (\(status)\(Self.quoted(message)))"
                + (Self.isAboutLength(message) ? ". The context is too long for the model: lower its token budget" : "")
        case .rateLimited(let url, let attempts, let retryAfter, let message):
            "the LLM at \(url) takes no more requests for now\(Self.tried(attempts)) (429\(Self.quoted(message))). "
                + Self.comeBack(retryAfter)
        case .quotaExceeded(let url, let message):
            "the account of this API key has no quota left at \(url)\(Self.quoted(message)). Waiting does not help: "
                + "see the account's plan and billing"
        case .serverFailed(let url, let status, let attempts, let retryAfter, let message):
            "the LLM at \(url) failed\(Self.tried(attempts)) (\(status)\(Self.quoted(message))). "
                + Self.comeBack(retryAfter)
        case .redirected(let url, let status, let location):
            "\(url) sends the request on to \(location.isEmpty ? "nowhere" : location) (\(status)). Redirects are not "
                + "followed, so that the API key goes nowhere else: give the address that is meant"

        case .notAChatAnswer(let url, let contentType, let beginning):
            "\(url) does not answer as an OpenAI-compatible chat endpoint does ("
                + (contentType.isEmpty ? "no" : contentType) + " content type): "
                + (beginning.isEmpty ? "the answer is empty" : "it begins with '\(beginning)'")
                + ". Check the address, which often ends in /v1"
        case .emptyStream(let url):
            "the LLM at \(url) ended its answer before the first word and did not say why: see the server's log. "
                + "Often the context is too long for the model: lower its token budget"
        case .failedWithinAnswer(let url, let message):
            "the LLM at \(url) reported an error within its answer\(Self.quoted(message)). Ask again; if it stays so, "
                + "see the server's log"
        case .contentFiltered(let url):
            "the content filter of the LLM at \(url) ended the answer: word the question differently, or leave out the "
                + "passage that sets it off"
        case .noText(let model, let finishReason, let hadReasoning):
            "the model '\(model)' ended its answer without any text (finish reason '\(finishReason)')"
                + (hadReasoning ? ", after reasoning only: raise maxTokens, or use a model that reasons less" : "")
        }
    }

    private static func tried(_ attempts: Int) -> String { attempts > 1 ? " in \(attempts) attempts" : "" }

    private static func quoted(_ message: String) -> String { message.isEmpty ? "" : ": \(message)" }

    private static func comeBack(_ delay: Duration?) -> String {
        delay.map { "It asks to come back in \($0.inSeconds)" } ?? "Try again later"
    }

    private static func hint(_ kind: ConnectionProblem.Kind) -> String {
        switch kind {
        case .refused: "Is the server running, and is the port right?"
        case .unknownHost: "Check the host's name and the name server"
        case .tls: "Is it https that the server speaks, and is its certificate one that this machine trusts?"
        case .other: "Check the address and the network"
        }
    }

    private static func isAboutLength(_ message: String) -> Bool {
        let text = message.lowercased()
        return [
            "context length", "context_length", "context window", "maximum context", "too many tokens", "context size",
        ]
        .contains { text.contains($0) }
    }
}

extension Duration {
    /// `60 s`, `0.25 s`: to three digits after the point, without trailing zeros.
    var inSeconds: String {
        let milliseconds = (self / .milliseconds(1)).rounded()
        guard milliseconds < 1e15 else { return "\(components.seconds) s" }
        let (whole, rest) = Int64(milliseconds).quotientAndRemainder(dividingBy: 1000)
        guard rest != 0 else { return "\(whole) s" }
        var digits = String(1000 + rest).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits) s"
    }
}
