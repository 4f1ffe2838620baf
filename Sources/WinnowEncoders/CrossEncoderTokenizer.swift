import WinnowCore
import WinnowTokenizers

/// The part of a cross-encoder that indexing needs: how it tokenises, and how much of a passage it reads. No weights.
public struct CrossEncoderTokenizer: PassageTokenizer {
    /// What the model's files say.
    public let description: ModelDescription
    public let tokenizer: any TextTokenizer
    /// Tokens of a pair at most, special tokens included.
    public let maxLength: Int
    public let tokenizerFingerprint: Fingerprint

    private static let textsPerTask = 8

    /// Reads the configuration and the tokenizer of a model's folder.
    /// - Parameter maxLength: as ``EncoderOptions/maxLength``.
    /// - Throws: ``ModelError`` when it is no cross-encoder or a file is broken, `TokenizerError`.
    public init(_ source: ModelSource, maxLength: Int? = nil) throws {
        let source = source.opened()
        description = try ModelDescription.read(source)
        try description.require(.crossEncoder, at: source.location)
        tokenizer = try source.tokenizer()
        tokenizerFingerprint = try source.tokenizerFingerprint()
        let positions = description.bert.maxPositions
        self.maxLength =
            try maxLength.map {
                try MaximumLength.resolve(tokenizerMaximum: nil, positions: positions, requested: $0)
            } ?? description.maxLength
    }

    /// As ``CrossEncoder/passageLimit``.
    public var passageLimit: PassageBudget.Limit {
        CrossEncoder.passageLimit(name: description.name, tokenizer: tokenizer, maxLength: maxLength)
    }

    /// Made on the worker pool.
    public func tokenize(_ contents: [String]) async throws -> [TokenizedPassage] {
        let tasks = (contents.count + Self.textsPerTask - 1) / Self.textsPerTask
        let collected = Collected<TokenizedPassage>(count: contents.count)
        let (tokenizer, fingerprint) = (tokenizer, tokenizerFingerprint)
        try await WorkerPool.run(tasks: tasks, limit: nil) { task in
            let range = task * Self.textsPerTask..<min((task + 1) * Self.textsPerTask, contents.count)
            collected.store(
                range.map { TokenizedPassage(ids: tokenizer.tokenIDs(for: contents[$0]), tokenizer: fingerprint) },
                at: range.lowerBound)
        }
        try Task.checkCancellation()
        return collected.values.compactMap { $0 }
    }
}

extension CrossEncoder: PassageTokenizer {
    public var tokenizerFingerprint: Fingerprint {
        get throws { try runtime.tokenizerFingerprint() }
    }

    public func tokenize(_ contents: [String]) async throws -> [TokenizedPassage] {
        let fingerprint = try runtime.tokenizerFingerprint()
        return try await runtime.tokenize(contents).map { TokenizedPassage(ids: $0, tokenizer: fingerprint) }
    }
}
