/// The shape of a BERT, from `config.json`, validated: every number is positive and plausible, heads divide the hidden
/// size.
public struct BertConfiguration: Sendable, Hashable {
    /// The function between the two layers of a feed-forward block.
    public enum Activation: String, Sendable, Hashable, CaseIterable {
        /// x · Φ(x) with the exact error function; not the tanh approximation.
        case gelu
    }

    /// Values a token has between layers.
    public let hiddenSize: Int
    public let layerCount: Int
    public let headCount: Int
    /// Values a token has inside a feed-forward block.
    public let intermediateSize: Int
    /// Token ids are below this.
    public let vocabularySize: Int
    /// A sequence has at most so many tokens.
    public let maxPositions: Int
    /// Type ids (which text of a pair a token is of) are below this.
    public let typeVocabularySize: Int
    public let layerNormEpsilon: Float
    public let hiddenActivation: Activation
    /// Outputs of the classifier; transformers takes 2 when `config.json` does not say.
    public let labelCount: Int
    /// How int8 weights are stored; nil when all weights are floats.
    public let quantization: Quantization?

    /// Values a token has in one attention head.
    public var headSize: Int { hiddenSize / headCount }

    /// Reads `config.json`.
    /// - Throws: ``ModelError`` that names the key: missing, of another type, out of range, or something Winnow lacks.
    public static func read(_ source: ModelSource) throws -> BertConfiguration {
        try BertConfiguration(ConfigurationFile.read(source), location: source.location(of: "config.json"))
    }

    init(_ file: ConfigurationFile, location: String) throws {
        func invalid(_ reason: String) -> ModelError { ModelError(.invalidConfiguration, at: location, reason) }
        func unsupported(_ reason: String) -> ModelError { ModelError(.unsupported, at: location, reason) }
        func size(_ value: Double?, _ key: String, atMost maximum: Int) throws -> Int {
            guard let value else { throw invalid("lacks \"\(key)\"") }
            guard let whole = Int(exactly: value), whole >= 1, whole <= maximum else {
                throw invalid(
                    "\"\(key)\" is \(wholeText(value)), and a whole number from 1 to \(maximum) belongs there")
            }
            return whole
        }

        if let type = file.model_type, type != "bert" {
            throw unsupported("\"model_type\" is \"\(type)\"; the models that Winnow has are \"bert\"")
        }
        if let code = file.auto_map {
            throw unsupported(
                "the model brings Python code of its own (\"auto_map\": \(code.keys.joined(separator: ", "))), "
                    + "which Winnow does not run")
        }
        hiddenSize = try size(file.hidden_size, "hidden_size", atMost: 1 << 14)
        layerCount = try size(file.num_hidden_layers, "num_hidden_layers", atMost: 1 << 9)
        headCount = try size(file.num_attention_heads, "num_attention_heads", atMost: 1 << 10)
        intermediateSize = try size(file.intermediate_size, "intermediate_size", atMost: 1 << 17)
        vocabularySize = try size(file.vocab_size, "vocab_size", atMost: 1 << 22)
        maxPositions = try size(file.max_position_embeddings, "max_position_embeddings", atMost: 1 << 20)
        typeVocabularySize = try size(file.type_vocab_size ?? 2, "type_vocab_size", atMost: 1 << 8)
        labelCount = try size(
            file.labelCount, file.id2label == nil ? "num_labels" : "id2label",
            atMost: 1 << 16)
        guard hiddenSize % headCount == 0 else {
            throw invalid(
                "\"num_attention_heads\" is \(headCount), which does not divide \"hidden_size\", \(hiddenSize)")
        }

        let epsilon = file.layer_norm_eps ?? 1e-12
        guard epsilon > 0, epsilon <= 0.1 else {
            throw invalid("\"layer_norm_eps\" is \(epsilon), and a small positive number belongs there")
        }
        layerNormEpsilon = Float(epsilon)

        let activation = file.hidden_act ?? "gelu"
        guard let known = Activation(rawValue: activation) else {
            throw unsupported(
                "\"hidden_act\" is \"\(activation)\"; Winnow has "
                    + Activation.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
        }
        hiddenActivation = known
        if let positions = file.position_embedding_type, positions != "absolute" {
            throw unsupported("\"position_embedding_type\" is \"\(positions)\"; Winnow has \"absolute\"")
        }
        if file.is_decoder == true { throw unsupported("\"is_decoder\" is true, and Winnow runs encoders") }
        if file.add_cross_attention == true {
            throw unsupported("\"add_cross_attention\" is true, and an encoder has none")
        }
        quantization = try file.quantization_config.map { try Quantization($0, location: location) }
    }
}

/// 64 for 64.0, which is how a person wrote it.
func wholeText(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? String(value)
}

/// `config.json` as it is written; what is absent is nil, what is of another type is an error. Sizes are decoded as
/// Double: JSONDecoder says of a number that is no Int only that the whole text is no JSON.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct ConfigurationFile: Decodable {
    var architectures: [String]?
    var model_type: String?
    var hidden_size: Double?
    var num_hidden_layers: Double?
    var num_attention_heads: Double?
    var intermediate_size: Double?
    var vocab_size: Double?
    var max_position_embeddings: Double?
    var type_vocab_size: Double?
    var layer_norm_eps: Double?
    var hidden_act: String?
    var position_embedding_type: String?
    var is_decoder: Bool?
    var add_cross_attention: Bool?
    var num_labels: Double?
    var id2label: [String: Ignored]?
    var auto_map: [String: Ignored]?
    var quantization_config: QuantizationFile?
    var sentence_transformers: SentenceTransformers?
    var sbert_ce_default_activation_function: String?

    struct SentenceTransformers: Decodable {
        var activation_fn: String?
    }

    /// Whatever stands there.
    struct Ignored: Decodable {
        init(from decoder: any Decoder) {}
    }

    /// transformers takes 2 where neither key is there.
    var labelCount: Double { id2label.map { Double($0.count) } ?? num_labels ?? 2 }

    static func read(_ source: ModelSource) throws -> ConfigurationFile {
        let bytes = try source.requiredFile("config.json")
        return try withExtendedLifetime(bytes) {
            try JSONFile.decode(
                ConfigurationFile.self, from: bytes.buffer, location: source.location(of: "config.json"))
        }
    }
}
