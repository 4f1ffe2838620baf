/// JSON as it stands in a text: objects keep their fields' order, and all names that differ in a byte.
package enum JSONTree: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object([Field])

    package struct Field: Sendable {
        package var name: String
        package var value: JSONTree
        /// Where the name begins, from 1, in bytes.
        package var column: Int
    }

    /// As metadata, whose names are Swift's strings.
    ///
    /// - Throws: where two names of one object are equal as such: one of the two would be lost.
    package func metadataValue() throws(JSONReader.Failure) -> MetadataValue {
        switch self {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .string(let value): return .string(value)
        case .array(let trees):
            var values: [MetadataValue] = []
            values.reserveCapacity(trees.count)
            for tree in trees { values.append(try tree.metadataValue()) }
            return .array(values)
        case .object(let fields): return .object(try Self.metadata(fields))
        }
    }

    /// These fields as metadata.
    ///
    /// - Throws: as ``metadataValue()``.
    package static func metadata(_ fields: [Field]) throws(JSONReader.Failure) -> Metadata {
        var values: Metadata = [:]
        values.reserveCapacity(fields.count)
        for field in fields {
            guard values.updateValue(try field.value.metadataValue(), forKey: field.name) == nil else {
                throw JSONReader.Failure(
                    column: field.column,
                    reason:
                        "the field \"\(field.name)\" differs from another one only in how its characters are composed "
                        + "(Unicode's NFC and NFD), and nobody could tell the two apart: keep or rename one")
            }
        }
        return values
    }
}

/// The names of an object's fields so far, to find one that stands there twice.
struct FieldNames {
    /// Few names are compared one by one, many looked up: an object of 100,000 ids takes no minutes.
    private static let few = 16

    private var exact: Set<ExactText> = []

    /// - Parameter fields: all that were inserted before.
    /// - Returns: false when the name is there already, byte for byte.
    mutating func insert(_ name: String, beside fields: [JSONTree.Field]) -> Bool {
        if fields.count < Self.few { return !fields.contains { $0.name.utf8.elementsEqual(name.utf8) } }
        if exact.isEmpty { exact = Set(fields.map { ExactText($0.name) }) }
        return exact.insert(ExactText(name)).inserted
    }
}
