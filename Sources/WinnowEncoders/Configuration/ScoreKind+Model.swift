import WinnowCore

extension ScoreKind {
    /// The activation in the order in which sentence-transformers 6 looks for it: `config_sentence_transformers.json`,
    /// then `sentence_transformers.activation_fn` of `config.json`, then the key of versions before 4, then sigmoid,
    /// the default for one label.
    ///
    /// As there, only names under `torch.` count, for others are code of the model's own. Unlike there, one of `torch.`
    /// that Winnow lacks is an error and never silently another function.
    static func read(
        _ file: ConfigurationFile, _ sentenceTransformers: SentenceTransformersFile?, source: ModelSource,
        notes: inout [String]
    ) throws -> ScoreKind {
        // A key in the newer place hides the older one, even where its value is not honoured.
        let inConfiguration =
            file.sentence_transformers?.activation_fn.map { ("sentence_transformers.activation_fn", $0) }
            ?? file.sbert_ce_default_activation_function.map { ("sbert_ce_default_activation_function", $0) }
        let found = [
            sentenceTransformers?.activation_fn.map { ("config_sentence_transformers.json", "activation_fn", $0) },
            inConfiguration.map { ("config.json", $0.0, $0.1) },
        ]
        for case (let name, let key, let activation)? in found {
            switch activation {
            case "torch.nn.modules.activation.Sigmoid", "torch.nn.Sigmoid":
                return .sigmoid
            case "torch.nn.modules.linear.Identity", "torch.nn.Identity":
                return .identity
            case _ where activation.hasPrefix("torch."):
                throw ModelError(
                    .unsupported, at: source.location(of: name),
                    "\"\(key)\" is \"\(activation)\"; Winnow has torch.nn.modules.activation.Sigmoid and "
                        + "torch.nn.modules.linear.Identity")
            default:
                notes.append(
                    "\(source.location(of: name)): \"\(key)\" is \"\(activation)\", code of the model's own, which is "
                        + "not run; scores are the default's, sigmoid")
            }
        }
        return .sigmoid
    }
}
