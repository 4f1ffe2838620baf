import Foundation
import WinnowEncoders

/// A model's configuration files in memory, to change one thing at a time.
struct ModelFiles {
    /// `config.json`, key to JSON text.
    var config: [String: String] = [
        "architectures": #"["BertForSequenceClassification"]"#, "model_type": #""bert""#, "hidden_size": "64",
        "num_hidden_layers": "2", "num_attention_heads": "2", "intermediate_size": "128", "vocab_size": "208",
        "max_position_embeddings": "64", "type_vocab_size": "2", "layer_norm_eps": "1e-12", "hidden_act": #""gelu""#,
        "id2label": #"{"0": "LABEL_0"}"#,
    ]
    var files: [String: String] = [:]

    /// Mean pooling, normalised, in the spelling of sentence-transformers 2.
    static var biEncoder: ModelFiles {
        var model = ModelFiles()
        model.config["architectures"] = #"["BertModel"]"#
        model.config["id2label"] = nil
        model.files["modules.json"] = modules("Transformer", "Pooling", "Normalize")
        model.files["1_Pooling/config.json"] = #"{"word_embedding_dimension": 64, "pooling_mode_mean_tokens": true}"#
        return model
    }

    static func modules(_ names: String..., package: String = "sentence_transformers.models.") -> String {
        let entries = names.enumerated().map { index, name in
            #"{"idx": \#(index), "name": "\#(index)", "path": "\#(index == 0 ? "" : "\(index)_\(name)")", "#
                + #""type": "\#(name.contains(".") ? name : package + name)"}"#
        }
        return "[" + entries.joined(separator: ", ") + "]"
    }

    static let quantization = #"""
        {"quant_method": "compressed-tensors", "format": "int-quantized", "quantization_status": "compressed",
         "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "int", "symmetric": true,
         "strategy": "channel", "dynamic": false}, "input_activations": {"num_bits": 8, "type": "int",
         "symmetric": true, "strategy": "token", "dynamic": true}}}}
        """#

    func source(_ name: String = "model") -> ModelSource {
        var files = files
        if files["config.json"] == nil {
            files["config.json"] = "{" + config.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
        }
        return .memory(
            name: name, files: files.mapValues { ModelBytes(leaking: Data($0.utf8)).buffer }, fingerprint: nil)
    }
}
