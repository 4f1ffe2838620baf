import WinnowCore

/// `config.json` of an int8 model, made of the float model's.
package enum QuantizedConfiguration {
    /// All keys of the original in their order, `dtype` set to float32 (what codes times scales give), and `quantization_config`
    /// as compressed-tensors writes it.
    /// - Parameter ignored: modules whose weights stay floats.
    /// - Throws: ``ModelError`` when the text is no JSON object.
    package static func text(of original: ModelBytes, ignored: [String], location: String) throws -> String {
        let tree: JSONTree
        do {
            tree = try withExtendedLifetime(original) { try JSONReader.tree(Array(original.buffer)[...]) }
        } catch {
            throw ModelError(.invalidConfiguration, at: location, "is no JSON that can be read: \(error)")
        }
        guard case .object(let fields) = tree else {
            throw ModelError(.invalidConfiguration, at: location, "is no JSON object")
        }
        var result: [(String, JSONText)] = []
        for field in fields where !["dtype", "torch_dtype", "quantization_config"].contains(field.name) {
            result.append((field.name, JSONText(field.value)))
        }
        result.append(("dtype", .string("float32")))
        result.append(("quantization_config", scheme(ignored: ignored)))
        return JSONText.object(result).indented + "\n"
    }

    private static func scheme(ignored: [String]) -> JSONText {
        func integers(_ strategy: String, dynamic: Bool) -> JSONText {
            .object([
                ("num_bits", .integer(8)), ("type", .string("int")), ("symmetric", .bool(true)),
                ("strategy", .string(strategy)), ("dynamic", .bool(dynamic)),
            ])
        }
        return .object([
            ("quant_method", .string("compressed-tensors")), ("format", .string("int-quantized")),
            ("quantization_status", .string("compressed")), ("ignore", .array(ignored.map(JSONText.string))),
            (
                "config_groups",
                .object([
                    (
                        "group_0",
                        .object([
                            ("targets", .array([.string("Linear"), .string("Embedding")])),
                            ("weights", integers("channel", dynamic: false)),
                            ("input_activations", integers("token", dynamic: true)),
                        ])
                    )
                ])
            ),
        ])
    }
}

extension JSONText {
    init(_ tree: JSONTree) {
        switch tree {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .array(values.map(JSONText.init))
        case .object(let fields): self = .object(fields.map { ($0.name, JSONText($0.value)) })
        }
    }

    /// On several lines, two spaces a level, as people read it.
    var indented: String { indented(level: 0) }

    private func indented(level: Int) -> String {
        let inner = String(repeating: "  ", count: level + 1)
        let outer = String(repeating: "  ", count: level)
        switch self {
        case .array(let values) where !values.isEmpty:
            let lines = values.map { inner + $0.indented(level: level + 1) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(outer)]"
        case .object(let fields) where !fields.isEmpty:
            let lines = fields.map { "\(inner)\(JSONText.string($0.0).text): \($0.1.indented(level: level + 1))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
        default:
            return text
        }
    }
}
