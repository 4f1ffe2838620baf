extension OpenAIChat {
    /// Which LLM answers, where, and how patiently it is waited for.
    public struct Configuration: Sendable {
        /// The model's name, as the server knows it.
        public var model: String
        /// Nil sends none, as servers on one's own machine want it.
        public var apiKey: APIKey?
        /// From 0, the likeliest word each time, to 2. Nil leaves it to the server. A model that refuses any but its
        /// own is asked again without it.
        public var temperature: Double?
        /// The most tokens of an answer. Nil leaves it to the server.
        public var maxTokens: Int?
        public var timeouts = HTTPTimeouts()
        public var retries = RetryPolicy()

        package let endpoint: ChatEndpoint

        /// - Parameters:
        ///   - baseURL: `http://host:port/v1`, with or without a slash at its end, or the whole address up to
        ///     `/chat/completions`. Without a path, `/v1` is meant.
        /// - Throws: ``LLMError/invalidAddress(_:reason:)``.
        public init(
            baseURL: String, model: String, apiKey: APIKey? = nil, temperature: Double? = 0.1, maxTokens: Int? = nil
        ) throws {
            endpoint = try ChatEndpoint(baseURL)
            self.model = model
            self.apiKey = apiKey
            self.temperature = temperature
            self.maxTokens = maxTokens
        }

        /// What requests go to, without its query: fit for a message.
        public var url: String { endpoint.shown }

        /// What is allowed and yet hardly meant, one sentence each, for a person.
        public var warnings: [String] {
            guard apiKey != nil, !endpoint.isSecure, !endpoint.isPrivate else { return [] }
            return [
                "the API key and the passages go to \(endpoint.host) unencrypted, where anyone on the way can read "
                    + "them: use https"
            ]
        }

        /// - Throws: ``LLMError/invalidSetting(name:value:rule:)`` for the first setting that makes no sense.
        func check() throws(LLMError) {
            func require(_ holds: Bool, _ name: String, _ value: String, _ rule: String) throws(LLMError) {
                if !holds { throw .invalidSetting(name: name, value: value, rule: rule) }
            }
            try require(!model.allSatisfy(\.isWhitespace), "model", "'\(model)'", "a model's name")
            if let temperature {
                try require(0...2 ~= temperature, "temperature", "\(temperature)", "between 0 and 2")
            }
            if let maxTokens { try require(maxTokens > 0, "maxTokens", "\(maxTokens)", "at least 1") }
            for kind in HTTPTimeouts.Kind.allCases {
                // A day: far beyond any use, and far from any overflow.
                try require(
                    timeouts[kind] > .zero && timeouts[kind] <= .seconds(86_400), "timeouts.\(kind.rawValue)",
                    timeouts[kind].inSeconds, "over 0 and at most 86400 s")
            }
            try require(retries.attempts > 0, "retries.attempts", "\(retries.attempts)", "at least 1")
            let waits = [
                ("initialBackoff", retries.initialBackoff), ("maximumBackoff", retries.maximumBackoff),
                ("longestRetryAfter", retries.longestRetryAfter),
            ]
            for (name, wait) in waits {
                try require(
                    wait >= .zero && wait <= .seconds(86_400), "retries.\(name)", wait.inSeconds,
                    "not negative and at most 86400 s")
            }
        }
    }
}
