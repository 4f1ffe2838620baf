import Foundation
import Synchronization
import Testing
import WinnowClients
import WinnowCore

/// The client against a server that others wrote, by hand: `Scripts/make-tiny-gguf` says how one is started.
@Suite(
    .serialized, .enabled(if: ProcessInfo.processInfo.environment["WINNOW_LLM_URL"] != nil), .timeLimit(.minutes(10)))
struct RealServerTests {
    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["WINNOW_LLM_" + name]
    }

    private static func configuration() throws -> OpenAIChat.Configuration {
        try OpenAIChat.Configuration(
            baseURL: variable("URL") ?? "", model: variable("MODEL") ?? "", apiKey: variable("KEY").map(APIKey.init),
            maxTokens: 40)
    }

    @Test func streamsAnAnswer() async throws {
        let pieces = Mutex<[String]>([])
        let answer = try await OpenAIChat(Self.configuration()).generate(
            Query("How long does a refund take?"), from: StubbedChat.context
        ) { piece in pieces.withLock { $0.append(piece) } }
        print("\(pieces.withLock { $0.count }) pieces, cut off: \(answer.cutOff): \(answer.text.debugDescription)")
        #expect(pieces.withLock { $0.joined() } == answer.text)
        #expect(pieces.withLock { $0.count } > 1)
    }

    @Test func refusesAContextThatIsTooLong() async throws {
        var context = StubbedChat.context
        context.items[0].text = String(repeating: "You may downgrade at any time. ", count: 20_000)
        let error = await #expect(throws: LLMError.self) {
            try await OpenAIChat(Self.configuration()).generate(Query("q"), from: context) { _ in }
        }
        print("\(error, default: "")")
        #expect("\(error, default: "")".contains("lower its token budget"))
    }

    @Test func doesNotAcceptAWrongKey() async throws {
        guard Self.variable("KEY") != nil else { return }
        var configuration = try Self.configuration()
        configuration.apiKey = try APIKey("sk-wrong-0123456789")
        let error = await #expect(throws: LLMError.self) {
            try await OpenAIChat(configuration).generate(Query("q"), from: StubbedChat.context) { _ in }
        }
        print("\(error, default: "")")
        #expect("\(error, default: "")".contains("does not accept the API key"))
    }

    @Test func findsNothingAtAnotherAddress() async throws {
        let configuration = try OpenAIChat.Configuration(
            baseURL: (Self.variable("URL") ?? "") + "/elsewhere", model: "m",
            apiKey: Self.variable("KEY").map(APIKey.init))
        let error = await #expect(throws: LLMError.self) {
            try await OpenAIChat(configuration).generate(Query("q"), from: StubbedChat.context) { _ in }
        }
        print("\(error, default: "")")
        #expect("\(error, default: "")".contains("nothing is at"))
    }
}
