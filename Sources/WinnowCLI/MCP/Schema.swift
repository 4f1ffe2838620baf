import WinnowCore

/// JSON Schema, as far as tools need it.
enum Schema {
    /// - Parameters:
    ///   - optional: names that need not be there.
    ///   - isClosed: other names are refused.
    static func object(
        _ properties: [(String, JSONText)], optional: Set<String> = [], isClosed: Bool = false,
        description: String? = nil
    ) -> JSONText {
        var fields: [(String, JSONText)] = [("type", .string("object"))]
        if let description { fields.append(("description", .string(description))) }
        fields.append(("properties", .object(properties)))
        let required = properties.map(\.0).filter { !optional.contains($0) }
        if !required.isEmpty { fields.append(("required", .array(required.map(JSONText.string)))) }
        if isClosed { fields.append(("additionalProperties", .bool(false))) }
        return .object(fields)
    }

    static func array(_ items: JSONText, most: Int? = nil, least: Int? = nil, description: String? = nil) -> JSONText {
        value(
            "array", description,
            [
                ("items", items), ("minItems", .optional(least, JSONText.integer)),
                ("maxItems", .optional(most, JSONText.integer)),
            ])
    }

    static func string(_ description: String? = nil, isVisible: Bool = false, choices: [String] = []) -> JSONText {
        value(
            "string", description,
            [
                ("minLength", isVisible ? .integer(1) : .null),
                ("enum", choices.isEmpty ? .null : .array(choices.map(JSONText.string))),
            ])
    }

    static func integer(
        _ description: String? = nil, in range: ClosedRange<Int>? = nil, default standard: Int? = nil
    ) -> JSONText {
        value(
            "integer", description,
            [
                ("minimum", .optional(range?.lowerBound, JSONText.integer)),
                ("maximum", .optional(range?.upperBound, JSONText.integer)),
                ("default", .optional(standard, JSONText.integer)),
            ])
    }

    static func number(_ description: String? = nil) -> JSONText { value("number", description) }

    static func bool(_ description: String? = nil, default standard: Bool? = nil) -> JSONText {
        value("boolean", description, [("default", .optional(standard, JSONText.bool))])
    }

    static let anyObject = JSONText.object([("type", .string("object"))])

    /// The same, or null.
    static func orNull(_ schema: JSONText) -> JSONText {
        guard case .object(let fields) = schema else { return schema }
        return .object(
            fields.map { name, value in
                guard name == "type" else { return (name, value) }
                return (name, .array([value, .string("null")]))
            })
    }

    /// - Parameter keywords: null leaves one out.
    private static func value(
        _ type: String, _ description: String?, _ keywords: [(String, JSONText)] = []
    ) -> JSONText {
        var fields: [(String, JSONText)] = [("type", .string(type))]
        if let description { fields.append(("description", .string(description))) }
        for (name, keyword) in keywords {
            if case .null = keyword { continue }
            fields.append((name, keyword))
        }
        return .object(fields)
    }
}
