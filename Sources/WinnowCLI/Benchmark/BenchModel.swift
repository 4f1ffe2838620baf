import Winnow

/// A model with one precision and number of threads, and what a benchmark asks of it.
struct BenchModel {
    enum Kind: String, CaseIterable {
        case rerank, embed

        /// What one text of a request is called.
        var item: String { self == .rerank ? "candidate" : "text" }
    }

    /// Tokens of the query beside each candidate.
    static let queryTokens = 8

    let identity: ModelIdentity
    let precision: Precision
    let threads: Int
    let notes: [String]
    private let model: Model

    private enum Model {
        case rerank(CrossEncoder)
        case embed(BiEncoder)
    }

    /// - Parameter path: a model folder; nil is the built-in one of the kind.
    init(_ kind: Kind, _ path: String?, precision: Precision, threads: Int) throws {
        let options = EncoderOptions(precision: precision, threads: threads)
        switch kind {
        case .rerank:
            let encoder = try CrossEncoder.load(try Models.source(path, builtIn: .crossEncoder), options: options)
            (identity, notes, model) = (try encoder.identity, encoder.notes, .rerank(encoder))
        case .embed:
            let encoder = try BiEncoder.load(try Models.source(path, builtIn: .biEncoder), options: options)
            (identity, notes, model) = (try encoder.identity, encoder.notes, .embed(encoder))
        }
        self.precision = Precision(rawValue: identity.precision) ?? precision
        self.threads = threads
    }

    var layers: Int { description.bert.layerCount }
    var hiddenSize: Int { description.bert.hiddenSize }

    private var description: ModelDescription {
        switch model {
        case .rerank(let encoder): encoder.description
        case .embed(let encoder): encoder.description
        }
    }

    /// A request of `count` texts, each of exactly `tokens` tokens with special tokens and query, and how to run it.
    /// - Throws: ``BenchError``
    func request(count: Int, tokens: Int) throws -> (work: BertWork, run: @Sendable () async throws -> Void) {
        let own: Int
        let maximum: Int
        let tokenizer: any TextTokenizer
        switch model {
        case .rerank(let encoder):
            (tokenizer, maximum) = (encoder.tokenizer, encoder.maxLength)
            own = tokens - tokenizer.template.pairSpecialCount - Self.queryTokens
        case .embed(let encoder):
            (tokenizer, maximum) = (encoder.tokenizer, encoder.maxLength)
            let prompt = tokenizer.tokenIDs(for: encoder.description.passagePrompt).count
            own = tokens - tokenizer.template.singleSpecialCount - prompt
        }
        guard tokens <= maximum else {
            throw BenchError.tooLong(model: identity.name, tokens: tokens, maximum: maximum)
        }
        guard own >= 1 else {
            throw BenchError.tooShort(model: identity.name, tokens: tokens, least: tokens - own + 1)
        }
        var texts = try BenchTexts(tokenizer, model: identity.name)
        let query = Query(texts.text(tokens: Self.queryTokens))
        let passages = (0..<count).map { _ in texts.text(tokens: own) }
        switch model {
        case .rerank(let encoder):
            let candidates = passages.enumerated().map { index, text in
                Candidate(passage: Passage(id: "\(index)", documentID: "\(index)", text: text), rank: index + 1)
            }
            return (
                BertWork(
                    description.bert, lengths: Array(repeating: tokens, count: count), wanted: .firstTokens),
                { _ = try await encoder.score(query, candidates, until: nil) }
            )
        case .embed(let encoder):
            return (
                BertWork(
                    description.bert, lengths: Array(repeating: tokens, count: count),
                    wanted: description.pooling == .cls ? .firstTokens : .allTokens),
                { _ = try await encoder.embed(passages, as: .passage) }
            )
        }
    }
}
