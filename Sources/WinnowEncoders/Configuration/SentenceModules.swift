/// What `modules.json` of sentence-transformers puts behind the transformer.
struct SentenceModules: Sendable {
    let pooling: Pooling
    let normalizes: Bool

    /// - Returns: nil when there is no `modules.json`, or a cross-encoder's, which is the transformer alone.
    /// - Throws: ``ModelError`` when a module is none of those we have, or stands in an order that makes no vector.
    static func read(_ source: ModelSource, kind: ModelKind, hiddenSize: Int) throws -> SentenceModules? {
        guard var modules = try JSONFile.decode([ModuleFile].self, file: "modules.json", of: source) else { return nil }
        let location = source.location(of: "modules.json")
        modules.sort { ($0.idx ?? 0) < ($1.idx ?? 0) }
        let names = try modules.map { try known($0, location: location) }
        let order = names.joined(separator: ", ")

        guard names.first == "Transformer" else {
            throw ModelError(
                .unsupported, at: location, "the modules are \(order), and the first one has to be the Transformer")
        }
        guard modules[0].path.isEmpty else {
            throw ModelError(
                .unsupported, at: location,
                "the transformer lies in the folder \"\(modules[0].path)\", and Winnow reads it beside modules.json",
                remedy: "Save the model again with a current sentence-transformers: "
                    + "SentenceTransformer(folder).save_pretrained(new_folder)")
        }
        if kind == .crossEncoder {
            guard names.count == 1 else {
                throw ModelError(
                    .unsupported, at: location,
                    "the modules are \(order), and a BertForSequenceClassification is the Transformer alone")
            }
            return nil
        }
        guard names.count >= 2, names[1] == "Pooling", names.dropFirst(2).allSatisfy({ $0 == "Normalize" }) else {
            throw ModelError(
                .unsupported, at: location,
                "the modules are \(order); Winnow has Transformer, Pooling and, if the model normalises, Normalize")
        }
        // The model's fingerprint covers this path and no other.
        guard modules[1].path == "1_Pooling" else {
            throw ModelError(
                .unsupported, at: location,
                "the pooling lies in the folder \"\(modules[1].path)\", and Winnow reads it from \"1_Pooling\"")
        }
        for module in modules.dropFirst(2) where !module.path.isEmpty {
            let file = module.path + "/config.json"
            let configuration = try JSONFile.decode(NormalizeFile.self, file: file, of: source)
            for name in [configuration?.module_input_name, configuration?.module_output_name] {
                guard name == nil || name == "sentence_embedding" else {
                    throw ModelError(
                        .unsupported, at: source.location(of: file),
                        "it normalises \"\(name ?? "")\", and Winnow has \"sentence_embedding\"")
                }
            }
        }
        return SentenceModules(
            pooling: try Pooling.read(source, hiddenSize: hiddenSize), normalizes: names.count > 2)
    }

    /// The folders of the modules, as `modules.json` names them; none without that file.
    static func paths(_ source: ModelSource) throws -> [String] {
        try JSONFile.decode([ModuleFile].self, file: "modules.json", of: source)?.map(\.path) ?? []
    }

    /// The module's class without its package, which moved between versions: `sentence_transformers.models.Pooling`,
    /// `sentence_transformers.sentence_transformer.modules.pooling.Pooling`.
    private static func known(_ module: ModuleFile, location: String) throws -> String {
        let parts = module.type.split(separator: ".")
        if parts.first == "sentence_transformers", let name = parts.last.map(String.init),
            ["Transformer", "Pooling", "Normalize"].contains(name)
        {
            return name
        }
        throw ModelError(
            .unsupported, at: location,
            "the module \"\(module.type)\" is not one that Winnow has: Transformer, Pooling, Normalize of "
                + "sentence-transformers")
    }

    private struct ModuleFile: Decodable {
        var idx: Int?
        var path: String
        var type: String
    }

    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct NormalizeFile: Decodable {
        var module_input_name: String?
        var module_output_name: String?
    }
}

extension Pooling {
    /// Reads `1_Pooling/config.json`, in the form of one boolean a mode or of `pooling_mode`, a name or a list of
    /// names.
    static func read(_ source: ModelSource, hiddenSize: Int) throws -> Pooling {
        let name = "1_Pooling/config.json"
        let location = source.location(of: name)
        guard let file = try JSONFile.decode(PoolingFile.self, file: name, of: source) else {
            throw ModelError(
                .incomplete, at: source.location, "modules.json names a pooling, and \(name) is missing")
        }
        if let dimension = file.embedding_dimension ?? file.word_embedding_dimension, dimension != hiddenSize {
            throw ModelError(
                .invalidConfiguration, at: location,
                "it pools vectors of \(dimension) values, and \"hidden_size\" in config.json is \(hiddenSize)")
        }
        if file.include_prompt == false {
            throw ModelError(
                .unsupported, at: location, "\"include_prompt\" is false: pooling without the prompt is not supported")
        }
        let modes = file.pooling_mode?.names ?? file.legacyModes
        guard modes.count == 1, let mode = Pooling(rawValue: modes[0]) else {
            throw ModelError(
                .unsupported, at: location,
                "the pooling \(modes.map { "\"\($0)\"" }.joined(separator: " with ")) is not one that Winnow has: "
                    + Pooling.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
        }
        return mode
    }

    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct PoolingFile: Decodable {
        var embedding_dimension: Int?
        var word_embedding_dimension: Int?
        var include_prompt: Bool?
        var pooling_mode: Names?
        var pooling_mode_cls_token: Bool?
        var pooling_mode_max_tokens: Bool?
        var pooling_mode_mean_tokens: Bool?
        var pooling_mode_mean_sqrt_len_tokens: Bool?
        var pooling_mode_weightedmean_tokens: Bool?
        var pooling_mode_lasttoken: Bool?

        /// The modes that are on, under their newer names; the mean where none is.
        var legacyModes: [String] {
            let flags = [
                (pooling_mode_cls_token, "cls"), (pooling_mode_max_tokens, "max"),
                (pooling_mode_mean_tokens, "mean"), (pooling_mode_mean_sqrt_len_tokens, "mean_sqrt_len_tokens"),
                (pooling_mode_weightedmean_tokens, "weightedmean"), (pooling_mode_lasttoken, "lasttoken"),
            ]
            let names = flags.filter { $0.0 == true }.map(\.1)
            return names.isEmpty ? ["mean"] : names
        }
    }

    /// A name, or a list of names.
    private struct Names: Decodable {
        let names: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let name = try? container.decode(String.self) {
                names = [name]
            } else {
                names = try container.decode([String].self)
            }
        }
    }
}
