/// How int8 weights are stored: the `int-quantized` format of compressed-tensors, symmetric, one scale an output
/// channel.
///
/// Any other scheme is refused when the configuration is read, by the name of what differs. Which tensors are int8 the
/// weights file says itself.
public struct Quantization: Sendable, Hashable {
    /// Whether the model was made for int8 activations too, quantised per token at run time.
    public let quantizesActivations: Bool

    init(_ file: QuantizationFile, location: String) throws {
        func check(_ value: String?, _ key: String, _ wanted: String, optional: Bool = false) throws {
            if optional, value == nil { return }
            guard value == wanted else {
                let found = value.map { "is \"\($0)\"" } ?? "is missing"
                throw ModelError(
                    .unsupported, at: location,
                    "\"quantization_config.\(key)\" \(found); Winnow reads \"\(wanted)\" there",
                    remedy:
                        "It reads int8 weights in the compressed-tensors format int-quantized, symmetric, per channel, "
                        + "and float32, float16 or bfloat16 weights")
            }
        }
        try check(file.quant_method, "quant_method", "compressed-tensors")
        try check(file.format, "format", "int-quantized")
        try check(file.quantization_status, "quantization_status", "compressed", optional: true)
        try check(file.sparsity_config?.format, "sparsity_config.format", "dense", optional: true)
        guard let groups = file.config_groups, !groups.isEmpty else {
            throw ModelError(.invalidConfiguration, at: location, "\"quantization_config\" lacks \"config_groups\"")
        }
        var quantizesActivations = false
        for (name, group) in groups.sorted(by: { $0.key < $1.key }) {
            func check(_ scheme: QuantizationFile.Scheme, _ part: String, strategy: String, dynamic: Bool) throws {
                func reader(_ value: String?, _ key: String, _ wanted: String) throws {
                    guard value == wanted else {
                        let found = value.map { "is \($0)" } ?? "is missing"
                        throw ModelError(
                            .unsupported, at: location,
                            "\"quantization_config.config_groups.\(name).\(part).\(key)\" \(found); "
                                + "Winnow reads \(wanted) there")
                    }
                }
                try reader(scheme.num_bits.map(String.init), "num_bits", "8")
                try reader(scheme.type ?? "int", "type", "int")
                try reader(String(scheme.symmetric ?? true), "symmetric", "true")
                try reader(scheme.strategy, "strategy", strategy)
                try reader(scheme.dynamic?.text ?? "false", "dynamic", String(dynamic))
            }
            guard let weights = group.weights else {
                throw ModelError(
                    .invalidConfiguration, at: location,
                    "\"quantization_config.config_groups.\(name)\" does not say how its weights are quantised")
            }
            try check(weights, "weights", strategy: "channel", dynamic: false)
            if let activations = group.input_activations {
                try check(activations, "input_activations", strategy: "token", dynamic: true)
                quantizesActivations = true
            }
            guard group.output_activations == nil else {
                throw ModelError(
                    .unsupported, at: location,
                    "\"quantization_config.config_groups.\(name).output_activations\" is set, "
                        + "which Winnow does not have"
                )
            }
        }
        self.quantizesActivations = quantizesActivations
    }
}

/// `quantization_config` as it is written.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct QuantizationFile: Decodable {
    var quant_method: String?
    var format: String?
    var quantization_status: String?
    var config_groups: [String: Group]?
    var sparsity_config: Sparsity?

    struct Group: Decodable {
        var weights: Scheme?
        var input_activations: Scheme?
        var output_activations: Scheme?
    }

    struct Scheme: Decodable {
        var num_bits: Int?
        var type: String?
        var symmetric: Bool?
        var strategy: String?
        var dynamic: Dynamic?
    }

    struct Sparsity: Decodable {
        var format: String?
    }

    /// True, false, or the word "local".
    struct Dynamic: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                text = String(flag)
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}
