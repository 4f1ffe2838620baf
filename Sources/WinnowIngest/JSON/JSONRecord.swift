import WinnowCore

/// A value of JSON as a record.
enum JSONRecord {
    /// An object with a field that is read as its text.
    static func hasText(_ tree: JSONTree) -> Bool {
        guard case .object(let fields) = tree else { return false }
        return FieldRoles(fields.map(\.name)).hasText
    }

    /// - Parameter longest: bytes of text that may come out.
    /// - Throws: `ReadFailure`.
    static func parts(of tree: JSONTree, longest: Int) throws(ReadFailure) -> RecordParts {
        var parts = RecordParts()
        guard case .object(let fields) = tree else {
            parts.text = try FlatText.of(tree, longest: longest)
            return parts
        }
        let roles = FieldRoles(fields.map(\.name))
        for (field, role) in zip(fields, roles.roles) {
            switch role {
            case .id: parts.id = try identifier(field)
            case .other: if roles.hasText { try add(field, to: &parts) } else { repeatShort(field, in: &parts) }
            default:
                if let text = try string(field) { parts.set(role, text) }
            }
        }
        if !roles.hasText { parts.text = try FlatText.of(tree, longest: longest) }
        return parts
    }

    /// Other fields are metadata as they are; those of `metadata`, which is an object, are so each.
    private static func add(_ field: JSONTree.Field, to parts: inout RecordParts) throws(ReadFailure) {
        let value: MetadataValue
        do {
            value = try field.value.metadataValue()
        } catch {
            throw ReadFailure(description: "\(error.reason)")
        }
        switch value {
        case .null: break
        case .object(let fields) where field.name == "metadata": parts.metadata.merge(fields) { $1 }
        default: parts.metadata[field.name] = value
        }
    }

    /// Of an object that is its text, short single values are metadata too.
    private static func repeatShort(_ field: JSONTree.Field, in parts: inout RecordParts) {
        guard parts.metadata.count < RecordParts.mostRepeated else { return }
        switch field.value {
        case .bool(let value): parts.metadata[field.name] = .bool(value)
        case .integer(let value): parts.metadata[field.name] = .integer(value)
        case .number(let value): parts.metadata[field.name] = .number(value)
        case .string(let value) where value.utf8.count <= RecordParts.longestRepeated:
            parts.metadata[field.name] = .string(value)
        default: break
        }
    }

    private static func string(_ field: JSONTree.Field) throws(ReadFailure) -> String? {
        switch field.value {
        case .null: return nil
        case .string(let text): return text
        default: throw ReadFailure(description: "`\(field.name)` is no string")
        }
    }

    private static func identifier(_ field: JSONTree.Field) throws(ReadFailure) -> String? {
        switch field.value {
        case .null: return nil
        case .integer(let value): return String(value)
        case .string(let value) where !value.isEmpty: return value
        default: throw ReadFailure(description: "`\(field.name)` is neither a string nor a whole number")
        }
    }
}

/// JSON of any shape as lines `path: value`.
private struct FlatText {
    private var text: [UInt8] = []
    private var path: [UInt8] = []
    private let longest: Int

    /// Of a name in a path: more would be repeated on every line below it.
    private static let longestName = 100

    static func of(_ tree: JSONTree, longest: Int) throws(ReadFailure) -> String {
        var flat = FlatText(longest: longest)
        try flat.add(tree)
        return String(decoding: flat.text, as: UTF8.self)
    }

    private init(longest: Int) {
        self.longest = longest
    }

    private mutating func add(_ tree: JSONTree) throws(ReadFailure) {
        let length = path.count
        switch tree {
        case .null: break
        case .bool(let value): try line(value ? "true" : "false")
        case .integer(let value): try line(String(value))
        case .number(let value): try line(JSONText.number(value).text)
        case .string(let value): if !VisibleText.isAbsent(from: value) { try line(value) }
        case .array(let values):
            for (index, value) in values.enumerated() {
                path += "[\(index)]".utf8
                try add(value)
                path.removeSubrange(length...)
            }
        case .object(let fields):
            for field in fields {
                if !path.isEmpty { path.append(UInt8(ascii: ".")) }
                path += String(field.name.prefix(Self.longestName)).utf8
                try add(field.value)
                path.removeSubrange(length...)
            }
        }
    }

    private mutating func line(_ value: String) throws(ReadFailure) {
        if !text.isEmpty { text.append(UInt8(ascii: "\n")) }
        if !path.isEmpty { text += path + Array(": ".utf8) }
        text += value.utf8
        guard text.count <= longest else {
            throw ReadFailure(description: "its values with their paths have over \(longest) bytes: split it")
        }
    }
}
