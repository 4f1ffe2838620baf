/// What is known about a document besides its text, by field name.
public typealias Metadata = [String: MetadataValue]

/// A JSON value in metadata.
public enum MetadataValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([MetadataValue])
    case object([String: MetadataValue])
}
