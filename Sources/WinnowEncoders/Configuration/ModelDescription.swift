import WinnowCore
import WinnowTokenizers

/// What a model folder is.
public enum ModelKind: Sendable, Hashable, CustomStringConvertible {
    /// One text to one vector.
    case biEncoder
    /// A pair of texts to one logit.
    case crossEncoder

    public var description: String {
        switch self {
        case .biEncoder: "bi-encoder"
        case .crossEncoder: "cross-encoder"
        }
    }
}

/// How the vectors of a text's tokens become one.
public enum Pooling: String, Sendable, Hashable, CaseIterable {
    /// The mean over real tokens, special tokens included.
    case mean
    /// The vector of the first token, `[CLS]`.
    case cls
}

/// All that a model's configuration files say: `config.json` and the files of sentence-transformers.
public struct ModelDescription: Sendable, Hashable {
    public let name: String
    public let kind: ModelKind
    public let bert: BertConfiguration
    /// Tokens of one sequence at most, special tokens included: `max_seq_length` of `sentence_bert_config.json`, else
    /// `model_max_length` of `tokenizer_config.json`, never more than the model has positions.
    public let maxLength: Int
    /// A cross-encoder's own activation; `identity` for a bi-encoder, which has no logit.
    public let activation: ScoreKind
    /// How a bi-encoder pools; `cls` for a cross-encoder.
    public let pooling: Pooling
    /// Whether a bi-encoder's vectors are brought to length 1.
    public let normalizes: Bool
    /// What a bi-encoder wants before every query and every passage, as sentence-transformers' `encode_query` and
    /// `encode_document` put it; empty for most models.
    public let queryPrompt, passagePrompt: String
    /// What a person should know who chose this model: defaults that were taken because files were silent.
    public let notes: [String]

    /// Reads `config.json`, `modules.json`, `1_Pooling/config.json`, `sentence_bert_config.json`,
    /// `config_sentence_transformers.json` and `tokenizer_config.json`, as far as they are there.
    ///
    /// `architectures` decides what the model is: `BertForSequenceClassification` with one label is a cross-encoder,
    /// `BertModel` a bi-encoder. Weights are not touched.
    /// - Throws: ``ModelError``; an architecture, module, pooling or activation that Winnow lacks is refused by its
    ///   name.
    public static func read(_ source: ModelSource) throws -> ModelDescription {
        let location = source.location(of: "config.json")
        let file = try ConfigurationFile.read(source)
        let kind = try architecture(file, location: location)
        let bert = try BertConfiguration(file, location: location)
        let sentenceBert = try JSONFile.decode(
            SentenceBertFile.self, file: "sentence_bert_config.json", of: source)
        let sentenceTransformers = try JSONFile.decode(
            SentenceTransformersFile.self, file: "config_sentence_transformers.json", of: source)
        let tokenizer = try JSONFile.decode(TokenizerConfigurationFile.self, file: "tokenizer_config.json", of: source)
        try checkTransformer(sentenceBert, tokenizer, kind: kind, source: source)

        var notes: [String] = []
        let modules = try SentenceModules.read(source, kind: kind, hiddenSize: bert.hiddenSize)
        if kind == .biEncoder, modules == nil {
            notes.append(
                "\(source.location) has no modules.json: its vectors are means over tokens, not normalised, as "
                    + "sentence-transformers would make them; the model may not have been trained for that")
        }
        let activation =
            kind == .crossEncoder
            ? try ScoreKind.read(file, sentenceTransformers, source: source, notes: &notes) : .identity
        return ModelDescription(
            name: source.name, kind: kind, bert: bert,
            maxLength: try maxLength(sentenceBert, tokenizer, bert: bert, source: source),
            activation: activation,
            pooling: kind == .crossEncoder ? .cls : modules?.pooling ?? .mean,
            normalizes: modules?.normalizes ?? false,
            queryPrompt: kind == .biEncoder ? sentenceTransformers?.prompt(["query"]) ?? "" : "",
            passagePrompt: kind == .biEncoder
                ? sentenceTransformers?.prompt(["document", "passage", "corpus"]) ?? "" : "",
            notes: notes)
    }

    /// - Parameter location: how the message names the model; nil: by its name.
    /// - Throws: ``ModelError`` that says what the model is and what is wanted, unless it is of `kind`.
    public func require(_ kind: ModelKind, at location: String? = nil) throws {
        guard self.kind != kind else { return }
        switch kind {
        case .crossEncoder:
            throw ModelError(
                .wrongKind, at: location ?? name,
                "this is a bi-encoder (BertModel), and a cross-encoder is wanted here",
                remedy: "Give a model whose config.json names BertForSequenceClassification with one label")
        case .biEncoder:
            throw ModelError(
                .wrongKind, at: location ?? name,
                "this is a cross-encoder (BertForSequenceClassification), and a bi-encoder is wanted here",
                remedy: "Give a model whose config.json names BertModel, such as all-MiniLM-L6-v2")
        }
    }

    /// The architectures that Winnow has, as `config.json` names them.
    public static let architectures = ["BertForSequenceClassification", "BertModel"]

    private static func architecture(_ file: ConfigurationFile, location: String) throws -> ModelKind {
        let have =
            "Winnow has BertForSequenceClassification with one label (cross-encoder) and BertModel (bi-encoder)"
        guard let names = file.architectures, let name = names.first else {
            throw ModelError(
                .invalidConfiguration, at: location, "names no model under \"architectures\"", remedy: have)
        }
        switch name {
        case "BertModel":
            return .biEncoder
        case "BertForSequenceClassification":
            guard file.labelCount == 1 else {
                let source =
                    file.id2label != nil || file.num_labels != nil
                    ? "" : ", for config.json has neither id2label nor num_labels"
                throw ModelError(
                    .unsupported, at: location,
                    "the classifier has \(wholeText(file.labelCount)) labels\(source); a cross-encoder has one, "
                        + "whose logit says how relevant the passage is")
            }
            return .crossEncoder
        default:
            throw ModelError(
                .unsupported, at: location, "the architecture \"\(name)\" is not one that Winnow has", remedy: have)
        }
    }

    /// Refuses what would change the text or the output before or after the transformer.
    private static func checkTransformer(
        _ sentenceBert: SentenceBertFile?, _ tokenizer: TokenizerConfigurationFile?, kind: ModelKind,
        source: ModelSource
    ) throws {
        let location = source.location(of: "sentence_bert_config.json")
        let task = kind == .crossEncoder ? "sequence-classification" : "feature-extraction"
        if let found = sentenceBert?.transformer_task, found != task {
            throw ModelError(
                .unsupported, at: location,
                "\"transformer_task\" is \"\(found)\"; for this architecture Winnow has \"\(task)\"")
        }
        // A tokenizer that lower-cases makes the first step redundant; with any other it would be a step that we lack.
        if sentenceBert?.do_lower_case == true, tokenizer?.do_lower_case == false {
            throw ModelError(
                .unsupported, at: location,
                "\"do_lower_case\" is true and the tokenizer keeps case: a step before the tokenizer that Winnow lacks")
        }
    }

    private static func maxLength(
        _ sentenceBert: SentenceBertFile?, _ tokenizer: TokenizerConfigurationFile?, bert: BertConfiguration,
        source: ModelSource
    ) throws -> Int {
        func length(_ value: Double?, _ key: String, _ file: String) throws -> Int? {
            // transformers writes 1e30 where no limit was ever set.
            guard let value, value < 1e9 else { return nil }
            guard value >= 4, value == value.rounded() else {
                throw ModelError(
                    .invalidConfiguration, at: source.location(of: file),
                    "\"\(key)\" is \(value), and a whole number of tokens belongs there, at least 4")
            }
            return Int(value)
        }
        // A folder that promises more than the model has positions for gets what there is.
        let sentenceMaximum = try length(sentenceBert?.max_seq_length, "max_seq_length", "sentence_bert_config.json")
        return try MaximumLength.resolve(
            tokenizerMaximum: try length(tokenizer?.model_max_length, "model_max_length", "tokenizer_config.json"),
            positions: bert.maxPositions, sentenceMaximum: sentenceMaximum.map { min($0, bert.maxPositions) })
    }
}

/// `sentence_bert_config.json`.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct SentenceBertFile: Decodable {
    var max_seq_length: Double?
    var do_lower_case: Bool?
    var transformer_task: String?
}

/// `tokenizer_config.json`, as far as encoders need it.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct TokenizerConfigurationFile: Decodable {
    var model_max_length: Double?
    var do_lower_case: Bool?
}

/// `config_sentence_transformers.json`.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct SentenceTransformersFile: Decodable {
    var activation_fn: String?
    var prompts: [String: String?]?
    var default_prompt_name: String?

    /// The prompt under the first of these names that there is, else the default one.
    func prompt(_ names: [String]) -> String {
        for name in names {
            if let prompt = prompts?[name] { return prompt ?? "" }
        }
        guard let name = default_prompt_name, let prompt = prompts?[name] else { return "" }
        return prompt ?? ""
    }
}
