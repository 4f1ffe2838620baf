import Foundation
import TestSupport
import Testing
import WinnowClients
import WinnowCore

/// The client against a server that fails: each fault has its error, its message and its number of attempts.
@Suite(.serialized, .timeLimit(.minutes(2))) struct OpenAIFaultTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var behaviour: [String]
        /// Words that the message has.
        var says: [String]
        var attempts = 1
        var partialText: String?
        var key: String? = StubbedChat.key

        var testDescription: String { behaviour.joined(separator: "/") }
    }

    @Test(arguments: [
        Row(
            behaviour: ["status=401"],
            says: ["does not accept the API key", "401", "OPENAI_API_KEY", "--llm-key-file"]),
        Row(behaviour: ["status=401"], says: ["wants an API key and none was given", "OPENAI_API_KEY"], key: nil),
        Row(behaviour: ["status=403"], says: ["does not accept the API key", "403: the stub was told to fail"]),
        Row(behaviour: ["status=401", "quote"], says: ["Bearer [key]"]),
        Row(
            behaviour: ["status=404", "message=model 'x' not found"],
            says: ["stub-model", "model 'x' not found", "/v1"]),
        Row(
            behaviour: ["status=404", "type=text/html", "body=<html>\r\n<h1>Nope</h1>"],
            says: ["404: <html> <h1>Nope</h1>"]),
        Row(
            behaviour: ["status=400", "message=bad \u{1B}[2J thing"], says: ["refuses the request (400: bad [2J thing)"]
        ),
        Row(
            behaviour: ["status=400", "message=This model's maximum context length is 512 tokens"],
            says: ["too long for the model: lower its token budget"]),
        Row(behaviour: ["status=422"], says: ["refuses the request (422"]),
        Row(behaviour: ["status=408"], says: ["refuses the request (408"], attempts: 4),
        Row(
            behaviour: ["status=429"], says: ["in 4 attempts (429: the stub was told to fail)", "Try again later"],
            attempts: 4),
        Row(behaviour: ["status=429", "retry-after=7"], says: ["in 4 attempts", "come back in 7 s"], attempts: 4),
        Row(
            behaviour: ["status=429", "retry-after=3600"],
            says: ["takes no more requests for now (429", "come back in 3600 s"]),
        Row(behaviour: ["status=429", "retry-after=Mon, 23 Nov 2026 15:48:00 GMT"], says: ["come back in 3600 s"]),
        Row(behaviour: ["status=429", "code=insufficient_quota"], says: ["no quota left", "billing"]),
        Row(behaviour: ["status=500"], says: ["failed in 4 attempts (500: the stub was told to fail)"], attempts: 4),
        Row(behaviour: ["status=503", "retry-after=61"], says: ["failed (503", "come back in 61 s"]),
        Row(behaviour: ["status=501"], says: ["failed (501"]),
        Row(
            behaviour: ["status=302", "location=http://elsewhere.example/?sk=1"],
            says: ["on to http://elsewhere.example/ (302)", "not followed"]),
        Row(
            behaviour: ["status=204", "body="],
            says: ["does not answer as an OpenAI-compatible chat endpoint", "is empty"]),
        Row(
            behaviour: ["raw=Hello, world", "type=text/plain"],
            says: ["(text/plain content type)", "begins with 'Hello, world'"]),
        Row(behaviour: ["raw=<html>Sign in</html>", "type=text/html"], says: ["text/html", "<html>Sign in</html>"]),
        Row(behaviour: ["raw={\"models\": []}", "type=application/json"], says: ["begins with '{\"models\": []}'"]),
        Row(behaviour: ["raw={\"cut\":", "type=application/json"], says: ["begins with '{\"cut\":'"]),
        Row(
            behaviour: ["raw={\"a\":1}\n{\"a\":2}\n", "type=application/x-ndjson"], says: ["x-ndjson", "ends in /v1"]),
        Row(behaviour: ["raw="], says: ["before the first word", "see the server's log", "lower its token budget"]),
        Row(behaviour: ["raw=: ping\r\n\r\n"], says: ["before the first word"]),
        Row(behaviour: ["raw=", "type=text/plain"], says: ["the answer is empty"]),
        Row(behaviour: ["raw= \n{\"models\": []}"], says: ["(text/event-stream", "begins with '{\"models\": []}'"]),
        Row(behaviour: ["raw=hello"], says: ["begins with 'hello'"]),
        Row(behaviour: ["raw=data: no json\n\n"], says: ["begins with 'no json'"]),
        Row(
            behaviour: ["raw=data: " + String(repeating: "x", count: 999) + "\n\n"],
            says: [String(repeating: "x", count: 200) + "…'"]),
        Row(
            behaviour: ["raw={\"error\":{\"message\":\"no such model\"}}", "type=application/json"],
            says: ["reported an error", "no such model"]),
        Row(
            behaviour: ["raw=event: error\ndata: {\"message\":\"overloaded\"}\n\n"],
            says: ["reported an error", "overloaded"]),
        Row(behaviour: ["flood"], says: ["begins with 'data: xxx"]),
        Row(behaviour: ["hang-up"], says: ["broke off in 4 attempts", "closed the connection"], attempts: 4),
        Row(behaviour: ["break=0"], says: ["broke off in 4 attempts"], attempts: 4),
        Row(
            behaviour: ["finish=none", "no-done"], says: ["the stream ended before the answer did"],
            partialText: "The stub answers [1]."),
        Row(
            behaviour: ["error=2"], says: ["reported an error within its answer: the engine ran out of memory"],
            partialText: "The stub"),
        Row(behaviour: ["error=0"], says: ["the engine ran out of memory"]),
        Row(behaviour: ["finish=content_filter"], says: ["content filter"], partialText: "The stub answers [1]."),
        Row(behaviour: ["say="], says: ["ended its answer without any text (finish reason 'stop')"]),
        Row(
            behaviour: ["say=", "reasoning", "finish=length"],
            says: ["finish reason 'length'", "after reasoning only: raise maxTokens"]),
    ])
    func says(_ row: Row) async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url(row.behaviour), key: row.key)
        let (error, partialText) = try await chat.failure()
        for words in row.says { #expect("\(error)".contains(words)) }
        #expect(partialText == row.partialText)
        #expect(chat.text == row.partialText ?? "")
        #expect(try stub.requests().count == row.attempts)
        #expect(!"\(error)".contains("secret") && !String(reflecting: error).contains("secret"))
        #expect("\(error)".unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }

    /// What lies in buffers when a connection ends too early may be lost: each attempt sees some beginning of the text,
    /// or none.
    @Test(arguments: [["break=2"], ["reset=2"], ["short", "finish=none", "no-done"]])
    func theConnectionEndsWithinTheAnswer(behaviour: [String]) async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url(behaviour))
        let (error, partialText) = try await chat.failure()
        guard case .brokeOff(_, _, let attempts) = error else { throw error }
        #expect("The stub answers [1].".hasPrefix(partialText ?? ""))
        #expect(chat.text == partialText ?? "")
        #expect(partialText != nil || attempts == 4)
        #expect(try stub.requests().count == attempts)
    }

    @Test func nothingListens() async throws {
        let stub = try StubServer()
        let url = stub.url()
        stub.stop()
        let chat = try StubbedChat(url)
        let (error, _) = try await chat.failure()
        guard case .cannotConnect(_, let problem, 4) = error else { throw error }
        #expect(problem.kind == .refused)
        #expect("\(error)".contains("in 4 attempts") && "\(error)".contains("Is the server running"))
        #expect(chat.slept.count == 3)
    }

    @Test func theHostHasNoAddress() async throws {
        // No label is longer than 63 bytes: the resolver refuses the name without asking anyone.
        let host = String(repeating: "a", count: 64) + ".invalid"
        let chat = try StubbedChat("http://\(host)/v1")
        let (error, _) = try await chat.failure()
        guard case .cannotConnect(let url, let problem, 1) = error else { throw error }
        #expect(url == "http://\(host)/v1/chat/completions")
        #expect(problem.kind == .unknownHost, "\(problem)")
        #expect(chat.slept.isEmpty)
    }

    @Test func theServerDoesNotSpeakTLS() async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url().replacingOccurrences(of: "http:", with: "https:"))
        let (error, _) = try await chat.failure()
        guard case .cannotConnect(_, let problem, 1) = error else { throw error }
        #expect(problem.kind == .tls)
        #expect("\(error)".contains("Is it https"))
    }

    /// The system accepts the connection, and nobody answers the greeting of TLS.
    @Test func theConnectionIsNotMadeInTime() async throws {
        let port = try SilentPort()
        let chat = try StubbedChat("https://127.0.0.1:\(port.number)/v1") { $0.timeouts.connect = .milliseconds(300) }
        let (error, _) = try await chat.failure()
        #expect(error == .timedOut(url: chat.chat.configuration.url, wait: .connect, limit: .milliseconds(300)))
        #expect("\(error)".contains("0.3 s") && "\(error)".contains("timeouts.connect"))
        #expect(chat.slept.isEmpty)
    }

    @Test(
        arguments: [
            ("silent", HTTPTimeouts.Kind.firstByte, nil), ("pings", .firstByte, nil), ("stall=0", .firstByte, nil),
            ("stall=2", .idle, "The stub"),
        ] as [(String, HTTPTimeouts.Kind, String?)])
    func aWaitRunsOut(fault: String, wait: HTTPTimeouts.Kind, partialText: String?) async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url(fault)) {
            if wait == .firstByte { $0.timeouts.firstByte = .milliseconds(300) }
            if wait == .idle { $0.timeouts.idle = .milliseconds(1200) }
        }
        let limit = chat.chat.configuration.timeouts[wait]
        let failure = try await chat.failure()
        #expect(failure.error == .timedOut(url: chat.chat.configuration.url, wait: wait, limit: limit))
        #expect(failure.partialText == partialText)
        #expect(
            "\(failure.error)".contains(wait == .idle ? "1.2 s" : "0.3 s")
                && "\(failure.error)".contains("timeouts.\(wait.rawValue)"))
        // On a machine under load the first wait may run out before the request has arrived.
        #expect(try stub.requests().count <= 1)
        if wait == .idle { try await stub.clientLeft() }
    }

    /// The reader's time is not the server's: a slow terminal must not end an answer.
    @Test func aSlowReaderIsNoSilentServer() async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url("gate=2")) { $0.timeouts.idle = .seconds(1) }
        let answer = try await chat.chat.generate(Query("q"), from: StubbedChat.context) { piece in
            if piece == " stub" {
                try await Task.sleep(for: .milliseconds(2500))
                try stub.openGate()
            }
        }
        #expect(answer.text == "The stub answers [1].")
    }

    @Test func anAnswerIsBounded() async throws {
        let stub = try StubServer()
        let long = String(repeating: "word ", count: 400)
        let (error, partialText) = try await StubbedChat(stub.url("say=" + long), maximumAnswerBytes: 4000).failure()
        #expect(
            error
                == .answerTooLong(
                    url: try OpenAIChat.Configuration(baseURL: stub.url("say=" + long), model: "m").url,
                    maximumBytes: 4000))
        #expect(long.hasPrefix(partialText ?? "no text"))
    }

    @Test(arguments: ["silent", "stall=2", "pings"])
    func cancellingEndsTheAnswerAndTheConnection(fault: String) async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url(fault))
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await chat.ask { piece in if piece == " stub" { start.yield() } }
        }
        if fault == "stall=2" {
            for await _ in started { break }
        } else {
            while try stub.requests().isEmpty { try await Task.sleep(for: .milliseconds(2)) }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await stub.clientLeft()
        #expect(try stub.requests().count == 1)
    }

    @Test func cancellingEndsTheWaitForAnotherAttempt() async throws {
        let stub = try StubServer()
        var configuration = try OpenAIChat.Configuration(
            baseURL: stub.url("status=429", "retry-after=3600"), model: "m")
        configuration.retries.longestRetryAfter = .seconds(3600)
        let chat = try OpenAIChat(configuration)
        let task = Task { try await chat.generate(Query("q"), from: StubbedChat.context) { _ in } }
        while try stub.requests().isEmpty { try await Task.sleep(for: .milliseconds(2)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func whatTheReaderThrowsComesBackUnchanged() async throws {
        struct ReaderGone: Error {}
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url())
        await #expect(throws: ReaderGone.self) {
            try await chat.ask { _ in throw ReaderGone() }
        }
        #expect(try stub.requests().count == 1)
    }

    @Test func aRedirectDoesNotTakeTheKeyAlong() async throws {
        let (stub, other) = (try StubServer(), try StubServer())
        let chat = try StubbedChat(stub.url("status=307", "location=" + other.url() + "/chat/completions"))
        _ = try await chat.failure()
        #expect(try other.requests().isEmpty)
    }
}
