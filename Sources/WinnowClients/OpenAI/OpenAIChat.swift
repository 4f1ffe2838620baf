import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import WinnowCore

/// Answers written by an LLM behind an OpenAI-compatible chat endpoint: OpenAI's own, llama.cpp's, Ollama's, vLLM's and
/// others.
///
/// The answer is streamed. A request that fails for a passing reason before any text has come is repeated as the
/// configuration's `retries` say; once text has been handed out, nothing is repeated. Connections are kept for the next
/// question and closed when the last copy of the value goes.
public struct OpenAIChat: AnswerGenerator {
    public let configuration: Configuration

    private let session: HTTPSession
    private let learnt = LearntDialect()
    private let environment: RetryEnvironment
    /// Streams carry some 300 bytes a token: this is over a hundred thousand tokens.
    private let maximumAnswerBytes: Int

    /// - Throws: ``LLMError/invalidSetting(name:value:rule:)``. Nothing is sent yet.
    public init(_ configuration: Configuration) throws {
        try self.init(configuration, environment: .system)
    }

    package init(
        _ configuration: Configuration, environment: RetryEnvironment, maximumAnswerBytes: Int = 32 << 20
    ) throws {
        try configuration.check()
        self.configuration = configuration
        self.environment = environment
        self.maximumAnswerBytes = maximumAnswerBytes
        session = HTTPSession(connectTimeout: configuration.timeouts.connect)
    }

    public var name: String { configuration.model }

    /// - Throws: ``LLMError``; `GenerationError` around one where text had come; `CancellationError`; and what `onText`
    ///   throws, unchanged.
    public func generate(
        _ query: Query, from context: Context, onText: @Sendable (String) async throws -> Void
    ) async throws -> GeneratedAnswer {
        var request = ChatRequest(
            model: configuration.model,
            messages: [
                .init(role: "system", content: ChatPrompt.instructions(declining: Self.decliningSentence)),
                .init(role: "user", content: ChatPrompt.question(query, documents: context.text)),
            ],
            temperature: configuration.temperature, maxTokens: configuration.maxTokens, dialect: learnt.current)
        var attempt = 1
        while true {
            let failure: AttemptFailure
            do {
                return try await answer(to: request, attempt: attempt, onText: onText)
            } catch let caught as AttemptFailure {
                failure = caught
            }
            if failure.status == 400, let dialect = failure.serverError.flatMap({ request.dialect(after: $0) }) {
                request.dialect = dialect
                learnt.current = dialect
                continue
            }
            guard failure.isPassing,
                let delay = configuration.retries.delay(
                    after: attempt, retryAfter: failure.retryAfter, random: environment.random())
            else { throw failure.error }
            try await environment.sleep(delay)
            try Task.checkCancellation()
            attempt += 1
        }
    }

    /// One request and its answer.
    ///
    /// - Throws: ``AttemptFailure`` as long as no text has been handed out.
    private func answer(
        to request: ChatRequest, attempt: Int, onText: @Sendable (String) async throws -> Void
    ) async throws -> GeneratedAnswer {
        let interpreter = FailureInterpreter(configuration: configuration, attempt: attempt, now: environment.now())
        let exchange = HTTPExchange(
            session: session, request: try httpRequest(request), timeouts: configuration.timeouts,
            maximumBytes: maximumAnswerBytes)
        var text = ""
        do {
            let ending = try await exchange.perform { answer in
                guard answer.status == 200 else {
                    let body = try await answer.beginning(64 << 10)
                    throw interpreter.failure(status: answer.status, headers: answer.headers, body: body)
                }
                var reading = AnswerReading(contentType: answer.headers.first(name: "content-type") ?? "")
                return try await reading.read(&answer) { piece in
                    text += piece
                    try await onText(piece)
                }
            }
            return GeneratedAnswer(
                text: text, declined: Self.declines(text), cutOff: ending == .cutOff)
        } catch {
            try Task.checkCancellation()
            let failure: AttemptFailure
            switch error {
            case let known as AttemptFailure: failure = known
            case let problem as HTTPFailure: failure = interpreter.failure(problem)
            case let problem as AnswerReading.Failure: failure = interpreter.failure(problem)
            default: throw error
            }
            if text.isEmpty { throw failure }
            throw GenerationError(partialText: text, underlying: failure.error)
        }
    }

    private func httpRequest(_ request: ChatRequest) throws -> HTTPClientRequest {
        var message = HTTPClientRequest(url: configuration.endpoint.url)
        message.method = .POST
        message.headers.add(name: "Content-Type", value: "application/json")
        message.headers.add(name: "Accept", value: "text/event-stream, application/json")
        message.headers.add(name: "User-Agent", value: "winnow")
        if let key = configuration.apiKey { message.headers.add(name: "Authorization", value: key.authorization) }
        message.body = .bytes(ByteBuffer(bytes: try request.json()))
        return message
    }
}
