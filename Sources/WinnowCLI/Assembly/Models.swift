import Winnow
import WinnowModels

/// The concrete models behind the protocols: the only place that knows encoders, tokenizers and the files inside the binary.
enum Models {
    /// - Parameter path: a model folder; nil is the built-in cross-encoder.
    static func reranker(
        _ path: String?, engine: EngineOptions, maxLength: Int? = nil, truncation: Truncation = .passage,
        windows: PassageWindows? = nil
    ) throws -> LoadedReranker {
        var options = encoderOptions(engine, maxLength: maxLength, truncation: truncation)
        options.windows = windows
        let encoder = try CrossEncoder.load(try source(path, builtIn: .crossEncoder), options: options)
        return LoadedReranker(
            reranker: encoder,
            limit: encoder.passageLimit,
            check: { query in
                _ = try encoder.tokenizer.template.pair(
                    query: encoder.tokenizer.tokenIDs(for: query.text), passage: [], maxLength: encoder.maxLength,
                    truncation: truncation)
            },
            notes: encoder.notes)
    }

    /// - Parameter path: a model folder; nil is the built-in bi-encoder.
    static func embedder(
        _ path: String?, engine: EngineOptions, maxLength: Int? = nil, truncation: Truncation = .passage
    ) throws -> LoadedEmbedder {
        let options = encoderOptions(engine, maxLength: maxLength, truncation: truncation)
        let encoder = try BiEncoder.load(try source(path, builtIn: .biEncoder), options: options)
        return LoadedEmbedder(
            embedder: encoder,
            embed: { texts, side in
                let report = try await encoder.embedWithReport(texts, as: side)
                return EmbeddedTexts(
                    vectors: report.vectors, tokens: report.tokens, tokensDropped: report.tokensDropped)
            },
            limit: encoder.passageLimit,
            cut: { query in
                let tokenizer = encoder.tokenizer
                let tokens = tokenizer.tokenIDs(for: encoder.description.queryPrompt + query.text).count
                let room = max(0, encoder.maxLength - tokenizer.template.singleSpecialCount)
                return tokens > room ? QueryCut(model: encoder.description.name, tokens: tokens, read: room) : nil
            },
            notes: encoder.notes)
    }

    /// - Parameter path: a folder with `tokenizer.json` or `vocab.txt`; nil is the built-in bi-encoder's.
    static func tokenizer(_ path: String?) throws -> LoadedTokenizer {
        let tokenizer = try source(path, builtIn: .biEncoder).tokenizer()
        return LoadedTokenizer(
            encode: { text in
                let encoding = tokenizer.encode(text)
                return zip(encoding.ids, encoding.offsets).map { id, range in
                    TextToken(id: id, token: tokenizer.token(for: id) ?? "", range: range)
                }
            },
            bulk: { try BulkTokenize.run(input: 0, output: 1, tokenizer: tokenizer) })
    }

    /// What of a cross-encoder indexing needs, without its weights.
    ///
    /// - Parameter path: a model folder; nil is the built-in cross-encoder.
    static func pairTokenizer(_ path: String?) throws -> LoadedPairTokenizer {
        let tokenizer = try CrossEncoderTokenizer(try source(path, builtIn: .crossEncoder))
        return LoadedPairTokenizer(
            tokenizer: tokenizer, limit: tokenizer.passageLimit, notes: tokenizer.description.notes)
    }

    /// What no passage of a corpus may exceed.
    /// - Throws: ``NoRoomForPassages``
    static func passageBudget(_ limits: [PassageBudget.Limit]) throws -> PassageBudget {
        for limit in limits where limit.maximum < 1 {
            throw NoRoomForPassages(model: limit.name, missing: 1 - limit.maximum)
        }
        return PassageBudget(limits)
    }

    /// The kernel variant in use, and how many processors there are.
    static var kernels: String { Kernels.active.name }
    static var processorCount: Int { Kernels.processorCount }

    /// Lines for `winnow version --verbose`.
    static func engineFacts() throws -> [(name: String, value: String)] {
        if let request = Kernels.refusedRequest {
            throw EncoderError.unknownKernels(request: request, available: Kernels.available.map(\.name))
        }
        var facts = [
            ("kernels", Kernels.active.name + " (of " + Kernels.available.map(\.name).joined(separator: ", ") + ")"),
            ("processor", Kernels.processorFeatures),
            ("threads", "\(Kernels.processorCount)"),
        ]
        for (role, model) in [("bi-encoder", BuiltInModel.biEncoder), ("cross-encoder", .crossEncoder)] {
            facts.append((role, "\(model.name) (built in, \(model.fingerprint.prefix(12)))"))
        }
        return facts
    }

    /// - Parameter path: a model folder; nil is the built-in one.
    static func source(_ path: String?, builtIn: BuiltInModel) throws -> ModelSource {
        if let path {
            guard !path.isEmpty else { throw EmptyModelPath() }
            return .directory(path)
        }
        return .builtIn(builtIn)
    }

    private static func encoderOptions(
        _ engine: EngineOptions, maxLength: Int?, truncation: Truncation
    ) -> EncoderOptions {
        EncoderOptions(
            precision: engine.precision, threads: engine.threads, maxLength: maxLength, truncation: truncation)
    }
}

/// A model that reads so little that beside a query there is no token left for a passage.
struct NoRoomForPassages: Error, CustomStringConvertible {
    var model: String
    /// Tokens by which its maximum length is too small.
    var missing: Int

    var description: String {
        "the maximum length of \(model) leaves no room for a passage beside special tokens and a query of "
            + "\(CrossEncoder.queryAllowance) tokens: make --max-length at least \(missing) greater"
    }
}

/// `--model ""`, as an unset shell variable makes it.
struct EmptyModelPath: Error, CustomStringConvertible {
    var description: String {
        "the path of the model is empty: give a folder, or leave the option out to use the built-in model"
    }
}
