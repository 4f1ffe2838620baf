import NIOHTTP1

/// Why one attempt failed, and what that means for another.
struct AttemptFailure: Error {
    var error: LLMError
    /// Another attempt may succeed with the very same request.
    var isPassing = false
    /// What the server asked to be given before that.
    var retryAfter: Duration?
    var status: Int?
    var serverError: ServerError?
}

/// Says in the terms of ``LLMError`` what one attempt met with.
struct FailureInterpreter {
    let configuration: OpenAIChat.Configuration
    /// From 1.
    let attempt: Int
    /// Seconds since 1970.
    let now: Int64

    private var url: String { configuration.url }

    private func line(_ text: String) -> String { RemoteText.line(text, without: configuration.apiKey) }

    func failure(_ failure: HTTPFailure) -> AttemptFailure {
        switch failure {
        case .noConnection(let problem):
            AttemptFailure(
                error: .cannotConnect(
                    url: url, problem: ConnectionProblem(kind: problem.kind, reason: line(problem.reason)),
                    attempts: attempt),
                // A server may be on its way up. A name without an address, or a certificate, stays what it is.
                isPassing: problem.kind == .refused || problem.kind == .other)
        case .timeout(let wait):
            AttemptFailure(error: .timedOut(url: url, wait: wait, limit: configuration.timeouts[wait]))
        case .brokeOff(let reason):
            AttemptFailure(error: .brokeOff(url: url, reason: line(reason), attempts: attempt), isPassing: true)
        case .tooLong(let maximumBytes):
            AttemptFailure(error: .answerTooLong(url: url, maximumBytes: maximumBytes))
        }
    }

    func failure(_ failure: AnswerReading.Failure) -> AttemptFailure {
        switch failure {
        case .notAChatAnswer(let contentType, let beginning):
            notAChatAnswer(contentType, beginning)
        case .emptyStream:
            AttemptFailure(error: .emptyStream(url: url))
        case .chat(.notAChunk(let text), let contentType):
            notAChatAnswer(contentType, Array(text.utf8))
        case .chat(.reported(let error), _):
            AttemptFailure(error: .failedWithinAnswer(url: url, message: line(error.message)), serverError: error)
        case .chat(.unfinished, _):
            AttemptFailure(
                error: .brokeOff(url: url, reason: "the stream ended before the answer did", attempts: attempt),
                isPassing: true)
        case .chat(.filtered, _):
            AttemptFailure(error: .contentFiltered(url: url))
        case .chat(.noText(let reason, let hadReasoning), _):
            AttemptFailure(
                error: .noText(model: configuration.model, finishReason: line(reason), hadReasoning: hadReasoning))
        }
    }

    private func notAChatAnswer(_ contentType: String, _ beginning: [UInt8]) -> AttemptFailure {
        AttemptFailure(
            error: .notAChatAnswer(
                url: url, contentType: line(contentType), beginning: line(String(decoding: beginning, as: UTF8.self))))
    }

    /// Of an answer whose status is not 200.
    func failure(status: Int, headers: HTTPHeaders, body: [UInt8]) -> AttemptFailure {
        let serverError = ServerError(body: body)
        let message = line(serverError.message)
        let retryAfter = RetryAfter.delay(
            milliseconds: headers.first(name: "retry-after-ms"), header: headers.first(name: "retry-after"), now: now)
        var isPassing = false
        let error: LLMError
        switch status {
        case 300..<400:
            let location = headers.first(name: "location") ?? ""
            error = .redirected(url: url, status: status, location: line(String(location.prefix { $0 != "?" })))
        case 401, 403:
            error = .unauthorized(url: url, status: status, hadKey: configuration.apiKey != nil, message: message)
        case 404:
            error = .notFound(url: url, model: configuration.model, message: message)
        case 429 where serverError.code == "insufficient_quota":
            error = .quotaExceeded(url: url, message: message)
        case 429:
            error = .rateLimited(url: url, attempts: attempt, retryAfter: retryAfter, message: message)
            isPassing = true
        case 400..<500:
            error = .refused(url: url, status: status, message: message)
            // 408: the request came too slowly; 409: OpenAI's word for a lock; 425: too early.
            isPassing = status == 408 || status == 409 || status == 425
        case 500..<600:
            error = .serverFailed(
                url: url, status: status, attempts: attempt, retryAfter: retryAfter, message: message)
            // 501 and 505 say that the server cannot, not that it fails.
            isPassing = status != 501 && status != 505
        default:
            return notAChatAnswer(headers.first(name: "content-type") ?? "", body)
        }
        return AttemptFailure(
            error: error, isPassing: isPassing, retryAfter: retryAfter, status: status, serverError: serverError)
    }
}
