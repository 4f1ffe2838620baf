import Foundation
import Testing
import WinnowCore
import WinnowEncoders

/// One file changed, and what the error has to say.
struct Refusal: Sendable, CustomTestStringConvertible {
    let key: String
    let value: String?
    let reason: String
    var kind = ModelError.Kind.unsupported

    var testDescription: String { "\(key) = \(value ?? "absent")" }
}

@Suite struct ConfigurationTests {
    @Test func readsACrossEncoder() throws {
        let description = try ModelDescription.read(ModelFiles().source())
        #expect(description.kind == .crossEncoder)
        #expect(description.maxLength == 64)
        #expect(description.activation == .sigmoid)
        #expect(description.pooling == .cls)
        #expect(description.notes.isEmpty)
        let bert = description.bert
        #expect(bert.hiddenSize == 64 && bert.layerCount == 2 && bert.headCount == 2 && bert.headSize == 32)
        #expect(bert.intermediateSize == 128 && bert.vocabularySize == 208 && bert.maxPositions == 64)
        #expect(bert.typeVocabularySize == 2 && bert.labelCount == 1 && bert.layerNormEpsilon == 1e-12)
        #expect(bert.hiddenActivation == .gelu && bert.quantization == nil)
        try description.require(.crossEncoder)
    }

    @Test func readsABiEncoder() throws {
        let description = try ModelDescription.read(ModelFiles.biEncoder.source())
        #expect(description.kind == .biEncoder)
        #expect(description.pooling == .mean && description.normalizes && description.activation == .identity)
        #expect(description.notes.isEmpty)
        try description.require(.biEncoder)
    }

    /// What transformers 5 assumes when a key is absent.
    @Test func takesTheDefaultsOfTransformers() throws {
        var model = ModelFiles()
        for key in ["model_type", "type_vocab_size", "layer_norm_eps", "hidden_act"] { model.config[key] = nil }
        let bert = try ModelDescription.read(model.source()).bert
        #expect(bert.typeVocabularySize == 2 && bert.layerNormEpsilon == 1e-12 && bert.hiddenActivation == .gelu)
    }

    @Test(arguments: [
        Refusal(
            key: "architectures", value: #"["XLMRobertaForSequenceClassification"]"#,
            reason:
                "\"XLMRobertaForSequenceClassification\" is not one that Winnow has. "
                + "Winnow has BertForSequenceClassification"
        ),
        Refusal(key: "architectures", value: "[]", reason: "names no model", kind: .invalidConfiguration),
        Refusal(key: "architectures", value: nil, reason: "names no model", kind: .invalidConfiguration),
        Refusal(
            key: "architectures", value: "3", reason: "\"architectures\" is not of the type",
            kind: .invalidConfiguration),
        Refusal(key: "id2label", value: #"{"0": "no", "1": "yes"}"#, reason: "has 2 labels"),
        Refusal(
            key: "id2label", value: nil, reason: "has 2 labels, for config.json has neither id2label nor num_labels"),
        Refusal(
            key: "vocab_size", value: "5000000000000000000000", reason: "\"vocab_size\" is 5e+21",
            kind: .invalidConfiguration),
        Refusal(key: "model_type", value: #""roberta""#, reason: "\"model_type\" is \"roberta\""),
        Refusal(
            key: "hidden_act", value: #""gelu_new""#, reason: "\"hidden_act\" is \"gelu_new\"; Winnow has \"gelu\""),
        Refusal(key: "hidden_act", value: #""gelu_pytorch_tanh""#, reason: "\"gelu_pytorch_tanh\""),
        Refusal(key: "hidden_act", value: #""relu""#, reason: "\"relu\""),
        Refusal(key: "position_embedding_type", value: #""relative_key""#, reason: "\"relative_key\""),
        Refusal(key: "is_decoder", value: "true", reason: "\"is_decoder\" is true"),
        Refusal(key: "add_cross_attention", value: "true", reason: "\"add_cross_attention\" is true"),
        Refusal(key: "auto_map", value: #"{"AutoModel": "code.Model"}"#, reason: "\"auto_map\": AutoModel"),
        Refusal(key: "hidden_size", value: nil, reason: "lacks \"hidden_size\"", kind: .invalidConfiguration),
        Refusal(key: "hidden_size", value: "0", reason: "\"hidden_size\" is 0", kind: .invalidConfiguration),
        Refusal(key: "hidden_size", value: "-64", reason: "\"hidden_size\" is -64", kind: .invalidConfiguration),
        Refusal(
            key: "hidden_size", value: "65", reason: "does not divide \"hidden_size\", 65",
            kind: .invalidConfiguration),
        Refusal(
            key: "hidden_size", value: "1000000", reason: "\"hidden_size\" is 1000000", kind: .invalidConfiguration),
        Refusal(key: "hidden_size", value: "64.5", reason: "\"hidden_size\" is 64.5", kind: .invalidConfiguration),
        Refusal(
            key: "hidden_size", value: #""64""#, reason: "\"hidden_size\" is not of the type",
            kind: .invalidConfiguration),
        Refusal(
            key: "num_hidden_layers", value: "100000", reason: "\"num_hidden_layers\" is 100000",
            kind: .invalidConfiguration),
        Refusal(
            key: "num_attention_heads", value: "0", reason: "\"num_attention_heads\" is 0",
            kind: .invalidConfiguration),
        Refusal(
            key: "num_attention_heads", value: "3", reason: "\"num_attention_heads\" is 3",
            kind: .invalidConfiguration),
        Refusal(
            key: "intermediate_size", value: "0", reason: "\"intermediate_size\" is 0", kind: .invalidConfiguration),
        Refusal(
            key: "vocab_size", value: "99999999999", reason: "\"vocab_size\" is 99999999999",
            kind: .invalidConfiguration),
        Refusal(
            key: "max_position_embeddings", value: "0", reason: "\"max_position_embeddings\" is 0",
            kind: .invalidConfiguration),
        Refusal(key: "type_vocab_size", value: "0", reason: "\"type_vocab_size\" is 0", kind: .invalidConfiguration),
        Refusal(key: "layer_norm_eps", value: "0", reason: "\"layer_norm_eps\" is 0", kind: .invalidConfiguration),
        Refusal(key: "layer_norm_eps", value: "-1e-5", reason: "\"layer_norm_eps\"", kind: .invalidConfiguration),
        Refusal(key: "quantization_config", value: #"{"quant_method": "bitsandbytes"}"#, reason: "\"bitsandbytes\""),
    ])
    func refusesByName(refusal: Refusal) {
        var model = ModelFiles()
        model.config[refusal.key] = refusal.value
        expect(refusal, of: model, in: "config.json of model (in memory)")
    }

    @Test(arguments: [
        ("\"int-quantized\"", "\"float-quantized\"", "quantization_config.format\" is \"float-quantized\""),
        ("\"compressed\"", "\"frozen\"", "quantization_status\" is \"frozen\""),
        ("\"num_bits\": 8", "\"num_bits\": 4", "group_0.weights.num_bits\" is 4; Winnow reads 8"),
        ("\"type\": \"int\"", "\"type\": \"float\"", "group_0.weights.type\" is float"),
        ("\"symmetric\": true", "\"symmetric\": false", "group_0.weights.symmetric\" is false"),
        ("\"strategy\": \"channel\"", "\"strategy\": \"group\"", "group_0.weights.strategy\" is group"),
        ("\"strategy\": \"token\"", "\"strategy\": \"tensor\"", "group_0.input_activations.strategy\" is tensor"),
        ("\"dynamic\": true", "\"dynamic\": \"local\"", "group_0.input_activations.dynamic\" is local"),
        ("\"dynamic\": true", "\"dynamic\": false", "group_0.input_activations.dynamic\" is false"),
        ("\"config_groups\"", "\"groups\"", "lacks \"config_groups\""),
    ])
    func refusesOtherQuantizations(old: String, new: String, reason: String) throws {
        var model = ModelFiles()
        model.config["quantization_config"] = ModelFiles.quantization
        let quantization = try ModelDescription.read(model.source()).bert.quantization
        #expect(quantization?.quantizesActivations == true)
        let range = try #require(ModelFiles.quantization.range(of: old))
        model.config["quantization_config"] = ModelFiles.quantization.replacingCharacters(in: range, with: new)
        let error = #expect(throws: ModelError.self) { try ModelDescription.read(model.source()) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("", "no JSON"), ("{", "ends inside"), ("[1]", "not of the type"), ("not json", "no JSON"),
        (String(repeating: "[", count: 200_000), "nested deeper"),
        (#"{"hidden_size": 64, "hidden_size": 32}"#, "\"hidden_size\" stands twice"),
    ])
    func refusesWhatIsNoJSON(text: String, reason: String) {
        var model = ModelFiles()
        model.files["config.json"] = text
        expect(
            Refusal(key: "", value: nil, reason: reason, kind: .invalidConfiguration), of: model,
            in: "config.json of model")
    }

    // MARK: Length

    @Test(
        arguments: [
            (nil, nil, 64), ("48", nil, 48), (nil, "32", 32), ("48", "32", 48), ("500", "32", 64),
            (nil, "1000000000000000019884624838656", 64), ("null", "40", 40), ("null", "1e30", 64),
        ] as [(String?, String?, Int)])
    func maximumLength(sentenceBert: String?, tokenizer: String?, expected: Int) throws {
        var model = ModelFiles.biEncoder
        model.files["sentence_bert_config.json"] = sentenceBert.map { "{\"max_seq_length\": \($0)}" }
        model.files["tokenizer_config.json"] = tokenizer.map { "{\"model_max_length\": \($0)}" }
        #expect(try ModelDescription.read(model.source()).maxLength == expected)
    }

    @Test(arguments: ["0", "-1", "3", "12.5"])
    func refusesSenselessLengths(value: String) {
        var model = ModelFiles.biEncoder
        model.files["sentence_bert_config.json"] = "{\"max_seq_length\": \(value)}"
        expect(
            Refusal(key: "", value: nil, reason: "\"max_seq_length\" is", kind: .invalidConfiguration), of: model,
            in: "sentence_bert_config.json")
    }

    // MARK: Activation

    private static let sigmoid = "torch.nn.modules.activation.Sigmoid"
    private static let identity = "torch.nn.modules.linear.Identity"

    /// The order of sentence-transformers 6.2: config_sentence_transformers.json, config.json, the old key, sigmoid.
    @Test(
        arguments: [
            (nil, nil, nil, .sigmoid, 0),
            (nil, nil, identity, .identity, 0),
            (nil, identity, sigmoid, .identity, 0),
            (sigmoid, identity, identity, .sigmoid, 0),
            (identity, sigmoid, sigmoid, .identity, 0),
            (nil, "torch.nn.Identity", nil, .identity, 0),
            ("my.code.Activation", identity, nil, .identity, 1),
            (nil, "my.code.Activation", identity, .sigmoid, 1),
            (nil, nil, "my.code.Activation", .sigmoid, 1),
        ] as [(String?, String?, String?, ScoreKind, Int)])
    func activation(newest: String?, newer: String?, legacy: String?, expected: ScoreKind, notes: Int) throws {
        var model = ModelFiles()
        model.files["config_sentence_transformers.json"] = newest.map { "{\"activation_fn\": \"\($0)\"}" }
        model.config["sentence_transformers"] = newer.map { "{\"activation_fn\": \"\($0)\"}" }
        model.config["sbert_ce_default_activation_function"] = legacy.map { "\"\($0)\"" }
        let description = try ModelDescription.read(model.source())
        #expect(description.activation == expected)
        #expect(description.notes.count == notes)
    }

    @Test func refusesUnknownTorchActivations() {
        var model = ModelFiles()
        model.config["sentence_transformers"] = #"{"activation_fn": "torch.nn.modules.activation.Tanh"}"#
        expect(
            Refusal(key: "", value: nil, reason: "\"torch.nn.modules.activation.Tanh\""), of: model, in: "config.json")
    }

    // MARK: Modules

    @Test func readsTheModulePathsOfBothGenerations() throws {
        var model = ModelFiles.biEncoder
        model.files["modules.json"] = ModelFiles.modules(
            "sentence_transformers.base.modules.transformer.Transformer",
            "sentence_transformers.sentence_transformer.modules.pooling.Pooling"
        )
        .replacingOccurrences(
            of: "1_sentence_transformers.sentence_transformer.modules.pooling.Pooling", with: "1_Pooling")
        model.files["1_Pooling/config.json"] =
            #"{"embedding_dimension": 64, "pooling_mode": "cls", "include_prompt": true}"#
        let description = try ModelDescription.read(model.source())
        #expect(description.pooling == .cls && !description.normalizes)
    }

    @Test func withoutModulesTakesTheMeanAndSaysSo() throws {
        var model = ModelFiles.biEncoder
        model.files["modules.json"] = nil
        let description = try ModelDescription.read(model.source())
        #expect(description.pooling == .mean && !description.normalizes)
        #expect(description.notes.first?.contains("no modules.json") == true)
    }

    @Test(
        arguments: [
            (["Transformer", "Pooling", "Dense"], "\"sentence_transformers.models.Dense\" is not one"),
            (["Transformer", "LSTM", "Pooling"], "\"sentence_transformers.models.LSTM\" is not one"),
            (["Transformer", "my.code.Pooling"], "\"my.code.Pooling\" is not one"),
            (["Transformer"], "the modules are Transformer;"),
            (["Pooling", "Transformer"], "the first one has to be the Transformer"),
            (["Transformer", "Normalize", "Pooling"], "the modules are Transformer, Normalize, Pooling"),
            ([], "the first one has to be"),
        ] as [([String], String)])
    func refusesOtherModules(names: [String], reason: String) {
        var model = ModelFiles.biEncoder
        model.files["modules.json"] =
            "["
            + names.enumerated().map { index, name in
                let type = name.contains(".") ? name : "sentence_transformers.models." + name
                return #"{"idx": \#(index), "path": "\#(index == 0 ? "" : "1_Pooling")", "type": "\#(type)"}"#
            }.joined(separator: ",") + "]"
        expect(Refusal(key: "", value: nil, reason: reason), of: model, in: "modules.json")
    }

    @Test(arguments: [
        ("../secret", "Transformer", "the transformer lies in the folder \"../secret\""),
        ("0_Transformer", "Transformer", "the transformer lies in the folder \"0_Transformer\""),
        ("2_Pooling", "Pooling", "Winnow reads it from \"1_Pooling\""),
        ("../2_Normalize", "Normalize", "leads out of the model's folder"),
    ])
    func refusesOtherPaths(path: String, module: String, reason: String) throws {
        var text = ModelFiles.modules("Transformer", "Pooling", "Normalize")
        let old = module == "Transformer" ? "\"path\": \"\"" : "\"path\": \"\(module == "Pooling" ? 1 : 2)_\(module)\""
        let range = try #require(text.range(of: old))
        text.replaceSubrange(range, with: "\"path\": \"\(path)\"")
        let folder = try TemporaryModel(.biEncoder, changing: ["modules.json": text])
        let error = #expect(throws: ModelError.self) { try ModelDescription.read(folder.source) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        (#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#, Pooling.cls),
        (#"{"pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true}"#, .mean),
        (#"{"pooling_mode_cls_token": false}"#, .mean), ("{}", .mean),
        (#"{"pooling_mode": "mean"}"#, .mean), (#"{"pooling_mode": ["cls"]}"#, .cls),
        (#"{"pooling_mode": "cls", "pooling_mode_mean_tokens": true}"#, .cls),
    ])
    func pooling(json: String, expected: Pooling) throws {
        var model = ModelFiles.biEncoder
        model.files["1_Pooling/config.json"] = json
        #expect(try ModelDescription.read(model.source()).pooling == expected)
    }

    @Test(arguments: [
        (#"{"pooling_mode_max_tokens": true}"#, "the pooling \"max\" is not one"),
        (#"{"pooling_mode_lasttoken": true}"#, "\"lasttoken\""),
        (#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}"#, "\"cls\" with \"mean\""),
        (#"{"pooling_mode": ["mean", "max"]}"#, "\"mean\" with \"max\""),
        (#"{"pooling_mode": "weightedmean"}"#, "\"weightedmean\""),
        (#"{"include_prompt": false}"#, "\"include_prompt\" is false"),
        (#"{"word_embedding_dimension": 384}"#, "vectors of 384"),
    ])
    func refusesOtherPoolings(json: String, reason: String) {
        var model = ModelFiles.biEncoder
        model.files["1_Pooling/config.json"] = json
        let error = #expect(throws: ModelError.self) { try ModelDescription.read(model.source()) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func refusesAPoolingWithoutItsFile() {
        var model = ModelFiles.biEncoder
        model.files["1_Pooling/config.json"] = nil
        expect(
            Refusal(key: "", value: nil, reason: "1_Pooling/config.json is missing", kind: .incomplete), of: model,
            in: "model (in memory)")
    }

    @Test func refusesAClassifierBehindAPooling() {
        var model = ModelFiles()
        model.files["modules.json"] = ModelFiles.modules("Transformer", "Pooling")
        expect(Refusal(key: "", value: nil, reason: "is the Transformer alone"), of: model, in: "modules.json")
        model.files["modules.json"] = ModelFiles.modules("Transformer")
        #expect(throws: Never.self) { try ModelDescription.read(model.source()) }
    }

    @Test func refusesAnotherTask() {
        var model = ModelFiles.biEncoder
        model.files["sentence_bert_config.json"] = #"{"transformer_task": "fill-mask"}"#
        expect(Refusal(key: "", value: nil, reason: "\"fill-mask\""), of: model, in: "sentence_bert_config.json")
    }

    // MARK: Prompts and kinds

    /// As encode_query and encode_document of sentence-transformers 6.2 choose them.
    @Test(arguments: [
        (#"{"prompts": {"query": "", "document": ""}, "default_prompt_name": null}"#, "", ""),
        (#"{"prompts": {"query": "query: ", "passage": "passage: "}}"#, "query: ", "passage: "),
        (#"{"prompts": {"query": "q ", "corpus": "c ", "document": "d "}}"#, "q ", "d "),
        (#"{"prompts": {"s2s": "x "}, "default_prompt_name": "s2s"}"#, "x ", "x "),
        (#"{"prompts": {"query": "q "}, "default_prompt_name": "query"}"#, "q ", "q "),
        (#"{"prompts": {}}"#, "", ""), ("{}", "", ""),
    ])
    func prompts(json: String, query: String, passage: String) throws {
        var model = ModelFiles.biEncoder
        model.files["config_sentence_transformers.json"] = json
        let description = try ModelDescription.read(model.source())
        #expect(description.queryPrompt == query && description.passagePrompt == passage)
    }

    @Test func saysWhichKindIsWanted() throws {
        let cross = try ModelDescription.read(ModelFiles().source("pair"))
        let error = #expect(throws: ModelError.self) { try cross.require(.biEncoder) }
        #expect(error?.kind == .wrongKind)
        #expect(error?.description.hasPrefix("pair: this is a cross-encoder (BertForSequenceClassification)") == true)
        let bi = try ModelDescription.read(ModelFiles.biEncoder.source("vector"))
        let other = #expect(throws: ModelError.self) { try bi.require(.crossEncoder) }
        #expect(other?.description.hasPrefix("vector: this is a bi-encoder (BertModel), and a cross-encoder") == true)
    }

    private func expect(_ refusal: Refusal, of model: ModelFiles, in location: String) {
        let error = #expect(throws: ModelError.self) { try ModelDescription.read(model.source()) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix(location) && text.contains(refusal.reason), "\(text)")
        #expect(error?.kind == refusal.kind, "\(text)")
    }
}
