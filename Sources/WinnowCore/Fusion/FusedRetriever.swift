/// A first stage made of several, asked at the same time, their lists fused.
///
/// ```swift
/// let retriever = try FusedRetriever(
///     [.init("dense", dense), .init("titles", byTitle, weight: 0.5)], fusion: .reciprocalRank())
/// ```
///
/// A passage that one retriever found and another did not gets nothing from that other one: a retriever by itself cannot be asked
/// for the score of one passage.
public struct FusedRetriever: Retriever {
    /// A retriever that takes part.
    public struct Source: Sendable {
        /// As ``Candidate/retrievals`` names it; no two alike.
        public var name: String
        /// At least 0 and finite; 0: the retriever is not asked.
        public var weight: Double
        public var retriever: any Retriever

        public init(_ name: String, _ retriever: any Retriever, weight: Double = 1) {
            self.name = name
            self.weight = weight
            self.retriever = retriever
        }
    }

    public let sources: [Source]
    public let fusion: Fusion
    /// How many candidates each source is asked for at least; more when a search wants more.
    public let depth: Int

    /// - Parameter depth: at least 1. Deeper lists than a search's limit find passages that stand in the middle of several.
    /// - Throws: ``SearchError`` for a depth under 1, a constant or weight that cannot be computed with, and two sources of one
    ///   name.
    public init(_ sources: [Source], fusion: Fusion = .reciprocalRank(), depth: Int = 1) throws {
        guard depth >= 1 else { throw SearchError.notPositive(parameter: "depth", value: depth) }
        try fusion.validate()
        try Fusion.validate(weights: sources.map { ($0.name, $0.weight) })
        self.sources = sources
        self.fusion = fusion
        self.depth = depth
    }

    /// Those of all sources that are asked. Where two differ on a role, it stands once for each, as `source/role`.
    public var models: [String: ModelIdentity] {
        get throws {
            let named = try asked.map { (name: $0.name, models: try $0.retriever.models) }
            var merged: [String: ModelIdentity] = [:]
            for role in Set(named.flatMap(\.models.keys)) {
                let holders = named.compactMap { source in source.models[role].map { (source.name, $0) } }
                if let first = holders.first, Set(holders.map(\.1)).count == 1 {
                    merged[role] = first.1
                } else {
                    for (name, model) in holders { merged["\(name)/\(role)"] = model }
                }
            }
            return merged
        }
    }

    /// - Returns: as ``Fusion/fuse(_:limit:)`` does: equal scores stand by the best rank in any list, then by passage id.
    /// - Throws: what the first source that fails throws, and ``SearchError`` as ``Fusion/fuse(_:limit:)``.
    public func retrieve(_ query: Query, limit: Int, filter: (any PassageFilter)?) async throws -> RankedList {
        guard limit >= 1 else { throw SearchError.notPositive(parameter: "limit", value: limit) }
        let asked = asked
        let wanted = max(limit, depth)
        let lists = try await withThrowingTaskGroup(of: (Int, RankedList).self) { group in
            for (index, source) in asked.enumerated() {
                group.addTask {
                    (index, try await source.retriever.retrieve(query, limit: wanted, filter: filter))
                }
            }
            var lists = Array(repeating: RankedList([]), count: asked.count)
            for try await (index, list) in group { lists[index] = list }
            return lists
        }
        let inputs = zip(asked, lists).map { source, list in
            FusionInput(name: source.name, weight: source.weight, candidates: list.candidates)
        }
        return try fusion.fuse(inputs, limit: limit)
    }

    private var asked: [Source] { sources.filter { $0.weight > 0 } }
}
