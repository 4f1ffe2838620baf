/// Metadata is read from and written as plain JSON: no wrapper, no type tags.
extension MetadataValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode([MetadataValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: MetadataValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension MetadataValue {
    /// The string, where the value is one.
    public var stringValue: String? {
        if case .string(let value) = self { return value }
        return nil
    }
}

/// The metadata fields that Winnow itself writes and reads.
public enum MetadataField {
    /// In a passage: the id of the document that it is a piece of.
    public static let parentDocument = "parent_doc_id"
    /// Where the document came from: what it says itself, else its file's path as it was given; of a record `path#id`.
    public static let source = "source"
    /// In a passage: the path of headings above it, joined by ` > `, behind the document's own `section` if it has one; of source
    /// code the function or type that it is of.
    public static let section = "section"
    /// The document's title, whole, also where a passage carries a shortened one or none.
    public static let title = "title"
    /// In a passage of a document with pages: the page that it begins on, from 1, in the order of the file.
    public static let page = "page"
    /// In a passage that reaches over several pages: the last of them.
    public static let pageEnd = "page_end"
}
