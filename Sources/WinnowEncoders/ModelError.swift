/// Why a model could not be loaded.
public struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it is, for code that reacts to it; people read ``description``.
    public enum Kind: Sendable, Hashable {
        /// The path does not exist, or is not a folder.
        case notFound
        /// The folder is there and is no model: it lacks a file that every model has.
        case incomplete
        /// A file is there and the system would not let us read it.
        case unreadable
        /// A sound model that needs something which Winnow does not have.
        case unsupported
        /// A configuration file contradicts itself or is no JSON.
        case invalidConfiguration
        /// The weights file is damaged, or does not fit the configuration.
        case invalidWeights
        /// A bi-encoder where a cross-encoder is wanted, or the reverse.
        case wrongKind
    }

    public let kind: Kind
    /// The folder or file it happened in, as the user named it.
    public let location: String
    /// What is wrong, with the values that are wrong.
    public let reason: String
    /// How to mend it; nil where the reason says so by itself.
    public let remedy: String?

    public init(_ kind: Kind, at location: String, _ reason: String, remedy: String? = nil) {
        self.kind = kind
        self.location = location
        self.reason = reason
        self.remedy = remedy
    }

    public var description: String {
        guard let remedy else { return "\(location): \(reason)" }
        return "\(location): \(reason). \(remedy)"
    }
}
