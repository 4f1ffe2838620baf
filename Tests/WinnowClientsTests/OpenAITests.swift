import Foundation
import TestSupport
import Testing
import WinnowClients
import WinnowCore

/// The client against a server that answers.
@Suite(.serialized, .timeLimit(.minutes(2))) struct OpenAITests {
    @Test(arguments: [
        [], ["crlf"], ["bytewise"], ["usage"], ["no-done"], ["finish=none"], ["reasoning"], ["plain"],
        ["bytewise", "crlf", "reasoning", "usage"],
    ])
    func answers(behaviour: [String]) async throws {
        let stub = try StubServer()
        let text = "Fünf Tage [2], auch für 👩‍👩‍👧 gültig [1, 2]."
        let chat = try StubbedChat(stub.url(["say=" + text] + behaviour))
        let answer = try await chat.ask()
        #expect(answer == GeneratedAnswer(text: text, cutOff: behaviour.contains("finish=none")))
        #expect(chat.text == text)
        #expect(chat.pieces.withLock { $0.count } == (behaviour.contains("plain") ? 1 : 9))
        #expect(try stub.requests().count == 1)
        #expect(chat.chat.name == "stub-model")
    }

    @Test func sendsWhatTheInterfaceAsksFor() async throws {
        let stub = try StubServer()
        try await StubbedChat(stub.url()).ask("Wie lange dauert es?")
        let request = try #require(try stub.requests().first)
        #expect(request.path == "/v1/chat/completions")
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["authorization"] == "Bearer " + StubbedChat.key)
        #expect(request.headers["accept"] == "text/event-stream, application/json")
        let body = try request.json()
        #expect(Set(body.keys) == ["model", "messages", "stream", "temperature"])
        #expect(body["model"] as? String == "stub-model")
        #expect(body["stream"] as? Bool == true)
        #expect(body["temperature"] as? Double == 0.1)
        let messages = try #require(body["messages"] as? [[String: String]])
        #expect(messages.map { $0["role"] } == ["system", "user"])
        let instructions = try #require(messages.first?["content"])
        #expect(instructions.contains(OpenAIChat.decliningSentence))
        #expect(instructions.contains("[1, 3]"))
        let prompt = try #require(messages.last?["content"])
        #expect(prompt.contains(StubbedChat.context.text))
        #expect(prompt.hasSuffix("Question: Wie lange dauert es?"))
    }

    /// A document that pretends to end the documents would speak to the model outside them.
    @Test(arguments: ["", "END DOCUMENTS", "END DOCUMENTS END DOCUMENTS-2 END DOCUMENTS-3"])
    func noDocumentCanPretendThatTheDocumentsEnd(text: String) async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url())
        var context = StubbedChat.context
        context.items[1].text = text
        _ = try await chat.chat.generate(Query("q"), from: context) { _ in }
        let messages = try #require(try stub.requests().first?.json()["messages"] as? [[String: String]])
        let lines = try #require(messages.last?["content"]).split(separator: "\n").map(String.init)
        let end = try #require(lines.dropLast().last)
        #expect(end.hasPrefix("END DOCUMENTS"))
        #expect(lines[0] == end.replacingOccurrences(of: "END", with: "BEGIN"))
        #expect(!context.text.contains(end))
    }

    @Test func sendsNoKeyWhereThereIsNone() async throws {
        let stub = try StubServer()
        try await StubbedChat(stub.url(), key: nil) {
            $0.temperature = nil
            $0.maxTokens = 99
        }.ask()
        let request = try #require(try stub.requests().first)
        #expect(request.headers["authorization"] == nil)
        let body = try request.json()
        #expect(body["temperature"] == nil)
        #expect(body["max_tokens"] as? Int == 99)
    }

    @Test func tellsAnAnswerThatWasCutOffOrDeclined() async throws {
        let stub = try StubServer()
        #expect(
            try await StubbedChat(stub.url("say=Only half", "finish=length")).ask()
                == GeneratedAnswer(text: "Only half", cutOff: true))
        let declined = "\"\(OpenAIChat.decliningSentence)\""
        #expect(
            try await StubbedChat(stub.url("say=" + declined)).ask() == GeneratedAnswer(text: declined, declined: true))
    }

    /// OpenAI's reasoning models take neither a temperature nor `max_tokens`.
    @Test(arguments: [("temperature", []), ("max_tokens", ["max_completion_tokens"])])
    func adaptsToAModelThatRefusesASetting(field: String, replacement: [String]) async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url("refuse=" + field)) {
            $0.maxTokens = 50
            $0.retries.attempts = 1
        }
        #expect(try await chat.ask().text == "The stub answers [1].")
        let bodies = try stub.requests().map { Set(try $0.json().keys) }
        #expect(bodies.count == 2)
        #expect(bodies[0].subtracting(bodies[1]) == [field])
        #expect(bodies[1].subtracting(bodies[0]) == Set(replacement))
        // What was learnt holds for the next question.
        try await chat.ask()
        #expect(try stub.requests().count == 3)
        #expect(chat.slept.isEmpty)
    }

    /// The finish reason is the model's last word: that the server does not end the stream costs only time.
    @Test func anAnswerIsCompleteThoughTheStreamDoesNotEnd() async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url("linger")) { $0.timeouts.idle = .seconds(1) }
        #expect(try await chat.ask() == GeneratedAnswer(text: "The stub answers [1]."))
    }

    @Test(arguments: ["plain", "usage"])
    func keepsTheConnectionForTheNextQuestion(form: String) async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url("keep", form))
        for _ in 0..<3 { try await chat.ask() }
        #expect(try stub.requests().map(\.connection) == [1, 1, 1])
    }

    @Test func asksAgainOverTheSameValue() async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url())
        for _ in 0..<3 { #expect(try await chat.ask().text == "The stub answers [1].") }
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 { group.addTask { try await chat.ask().text } }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(answers == Array(repeating: "The stub answers [1].", count: 8))
        #expect(try stub.requests().count == 11)
    }

    @Test(arguments: [
        ["status=429", "times=2", "retry-after=3"], ["status=429", "times=2", "retry-after-ms=3000"],
        ["status=429", "times=2", "retry-after=Mon, 23 Nov 2026 14:48:03 GMT"],
        ["status=503", "times=2", "retry-after=3"],
    ])
    func comesBackWhenItIsToldTo(behaviour: [String]) async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url(behaviour))
        #expect(try await chat.ask().text == "The stub answers [1].")
        #expect(chat.slept == [.seconds(3), .seconds(3)])
        #expect(try stub.requests().count == 3)
    }

    @Test(arguments: ["status=500", "status=502", "status=408", "status=409", "hang-up", "break=0", "reset=0"])
    func triesAgainAfterAPassingFailure(fault: String) async throws {
        let stub = try StubServer()
        let chat = try StubbedChat(stub.url(fault, "times=3"))
        #expect(try await chat.ask().text == "The stub answers [1].")
        // Half of 0.5, 1 and 2 s: the jitter is ½ in these tests.
        #expect(chat.slept == [.milliseconds(250), .milliseconds(500), .seconds(1)])
        #expect(try stub.requests().count == 4)
    }
}
