import ArgumentParser
import WinnowClients
import WinnowCore

/// Who writes the answer.
struct GeneratorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "An OpenAI-compatible endpoint, such as http://localhost:8080/v1. (default with --llm-model: OpenAI's)",
            valueName: "url"))
    var llmURL: String?

    @Option(
        help: ArgumentHelp("The LLM's name there. (default: no LLM; the answer is made of extracts)", valueName: "name")
    )
    var llmModel: String?

    @Option(
        help: ArgumentHelp("A file that holds the API key. (default: OPENAI_API_KEY, if it is set)", valueName: "file"))
    var llmKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "The environment variable that holds the API key, in place of OPENAI_API_KEY; none: no key is sent.",
            valueName: "name"))
    var llmKeyEnv: String?

    @Option(help: ArgumentHelp("How long the LLM may stay silent before it is given up.", valueName: "seconds"))
    var llmTimeout: Double = 60

    @Option(help: ArgumentHelp("Tokens of the LLM's answer at most.", valueName: "count"))
    var llmMaxTokens = 1024

    @Option(help: ArgumentHelp("Tokens of passages that the answer is made from at most.", valueName: "count"))
    var contextTokens = 2048

    @Option(
        help: ArgumentHelp(
            "How the LLM sees the passages: best-first, or best-at-both-ends, against getting lost in the middle.",
            valueName: "order"))
    var contextOrder: ContextBuilder.Order = .bestFirst

    private static let leastContext = 64
    static let openAI = "https://api.openai.com/v1"
    static let standardKey = "OPENAI_API_KEY"
    /// In place of a variable's name.
    static let noKey = "none"

    func validate() throws {
        if llmModel == nil, llmURL != nil {
            throw ValidationError(
                "--llm-url needs --llm-model: the name of the model there (servers of a single model take any name)")
        }
        guard llmModel != "" else { throw ValidationError("--llm-model is empty: give the model's name") }
        guard llmTimeout >= 0.001, llmTimeout <= 86_400 else {
            throw ValidationError("--llm-timeout is \(llmTimeout): give seconds, more than 0 and at most a day (86400)")
        }
        guard contextTokens >= Self.leastContext else {
            throw ValidationError(
                "--context-tokens is \(contextTokens): under \(Self.leastContext) there is no room for a passage")
        }
        guard llmMaxTokens >= 1 else {
            throw ValidationError("--llm-max-tokens is \(llmMaxTokens): it must be at least 1")
        }
        if llmModel == nil, llmKeyFile != nil {
            throw ValidationError("--llm-key-file does nothing without --llm-model")
        }
        if let llmKeyEnv {
            guard llmModel != nil else { throw ValidationError("--llm-key-env does nothing without --llm-model") }
            guard llmKeyFile == nil else {
                throw ValidationError("--llm-key-env and --llm-key-file are two places of one key: give one of them")
            }
            // What is no name may be the key itself, which is not to be shown.
            guard ConfigurationKind.variable.fault(of: llmKeyEnv) == nil else {
                throw ValidationError(
                    "--llm-key-env wants \(ConfigurationKind.variable.expectation): letters, digits and _, never the key itself"
                )
            }
        }
    }

    /// - Parameters: what extracts are chosen with: the reranker, or without one the embedder.
    func generator(_ reranker: (any Reranker)?, _ embedder: any Embedder) throws -> any AnswerGenerator {
        guard let llmModel else {
            return reranker.map { ExtractiveGenerator(reranker: $0) } ?? ExtractiveGenerator(embedder: embedder)
        }
        var configuration = try OpenAIChat.Configuration(
            baseURL: llmURL ?? Self.openAI, model: llmModel, apiKey: try apiKey(),
            maxTokens: llmMaxTokens)
        let silence = Duration.milliseconds(Int64(llmTimeout * 1000))
        configuration.timeouts.firstByte = silence
        configuration.timeouts.idle = silence
        for warning in configuration.warnings { StandardStreams.note("note: \(warning)") }
        return try OpenAIChat(configuration)
    }

    private func apiKey() throws -> APIKey? {
        if let llmKeyFile {
            return try APIKey(SmallFile.text(llmKeyFile))
        }
        if let llmKeyEnv {
            if llmKeyEnv == Self.noKey { return nil }
            guard let text = Environment.value(llmKeyEnv) else { throw UnsetKey(variable: llmKeyEnv) }
            return try APIKey(text)
        }
        return try Environment.value(Self.standardKey).map { try APIKey($0) }
    }
}

/// The variable that ought to hold the key is not there, or empty.
struct UnsetKey: Error, CustomStringConvertible {
    var variable: String

    var description: String {
        "the environment variable \(variable), which --llm-key-env names, is not set: set it to the API key, or leave the option out "
            + "where the server wants none"
    }
}

extension ContextBuilder.Order: ExpressibleByArgument {}
