import Foundation
import Testing
import WinnowClients

@Suite struct ConfigurationTests {
    @Test(arguments: [
        ("http://localhost:8080/v1", "http://localhost:8080/v1/chat/completions"),
        ("http://localhost:8080/v1/", "http://localhost:8080/v1/chat/completions"),
        ("http://localhost:8080/v1/chat/completions", "http://localhost:8080/v1/chat/completions"),
        ("http://localhost:8080/v1/chat/completions//", "http://localhost:8080/v1/chat/completions"),
        ("http://localhost:11434", "http://localhost:11434/v1/chat/completions"),
        ("https://api.openai.com/", "https://api.openai.com/v1/chat/completions"),
        (" HTTPS://API.example.com/openai/v1\n", "https://api.example.com/openai/v1/chat/completions"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1/chat/completions"),
        ("https://example.com/v1?api-version=2", "https://example.com/v1/chat/completions"),
    ])
    func completesTheAddress(address: String, url: String) throws {
        #expect(try OpenAIChat.Configuration(baseURL: address, model: "m").url == url)
    }

    @Test(arguments: [
        ("", "must begin with http"), ("localhost:8080/v1", "must begin with http"),
        ("ftp://a/v1", "must begin with http"),
        ("http://", "no host"), ("http:///v1", "no host"), ("http://a:0/v1", "port"), ("http://a:65536/v1", "port"),
        ("http://a:99999999999999999999/v1", "port"), ("http://a:/v1", "port"),
        ("http://a:b/v1", "is no address"), ("http://[::1]:x/v1", "is no address"),
        ("https://user:sk-secret-123@a/v1", "does not belong"),
        ("https://a/v1#x", "fragment"), ("http://a b/v1?sk-secret-123", "is no address"),
        ("sk-secret-123@http://a", "must begin with http"),
    ])
    func refusesOtherAddresses(address: String, reason: String) {
        let error = #expect(throws: LLMError.self) { try OpenAIChat.Configuration(baseURL: address, model: "m") }
        #expect("\(error, default: "")".contains(reason))
        #expect(!"\(error, default: "")".contains("sk-secret-123"))
    }

    struct Setting: Sendable, CustomTestStringConvertible {
        var name: String
        var change: @Sendable (inout OpenAIChat.Configuration) -> Void

        init(_ name: String, _ change: @escaping @Sendable (inout OpenAIChat.Configuration) -> Void) {
            self.name = name
            self.change = change
        }

        var testDescription: String { name }
    }

    @Test(arguments: [
        Setting("model") { $0.model = " " }, Setting("temperature") { $0.temperature = -0.1 },
        Setting("temperature") { $0.temperature = .nan }, Setting("temperature") { $0.temperature = 2.1 },
        Setting("maxTokens") { $0.maxTokens = 0 }, Setting("timeouts.connect") { $0.timeouts.connect = .zero },
        Setting("timeouts.firstByte") { $0.timeouts.firstByte = .seconds(-1) },
        Setting("timeouts.idle") { $0.timeouts.idle = .seconds(86_401) },
        Setting("retries.attempts") { $0.retries.attempts = 0 },
        Setting("retries.initialBackoff") { $0.retries.initialBackoff = .seconds(-1) },
        Setting("retries.longestRetryAfter") { $0.retries.longestRetryAfter = .seconds(Int64.max) },
    ])
    func refusesSettingsThatMakeNoSense(setting: Setting) throws {
        var configuration = try OpenAIChat.Configuration(baseURL: "http://a/v1", model: "m")
        _ = try OpenAIChat(configuration)
        setting.change(&configuration)
        let error = #expect(throws: LLMError.self) { try OpenAIChat(configuration) }
        #expect("\(error, default: "")".contains(setting.name + " is "))
    }
}
