import WinnowCore

/// Ids of queries or documents, told apart by their bytes: a `Set<String>` would take `é` in one code point and in two
/// for one.
public struct IdentifierSet: Sendable, Hashable {
    private var keys: Set<ExactText>

    public init(_ ids: some Sequence<String> = []) { keys = Set(ids.map(ExactText.init)) }

    public var count: Int { keys.count }
    public var isEmpty: Bool { keys.isEmpty }

    public func contains(_ id: String) -> Bool { keys.contains(ExactText(id)) }

    /// - Returns: false when it was there already.
    @discardableResult
    public mutating func insert(_ id: String) -> Bool { keys.insert(ExactText(id)).inserted }

    /// In the order of their bytes.
    public var sorted: [String] { keys.sorted { $0.precedes($1) }.map(\.text) }
}
