import WinnowCore

/// Queries dealt into parts so that no group is in two: what is dependent stays together.
struct GroupSplit {
    /// The part of each query, 0 ..< parts.
    let part: [Int]
    let groupCount: Int

    /// - Parameters:
    ///   - isKind: groups with such a query are dealt first, so that every part gets its share of them.
    ///   - seed: the same queries in any order get the same parts.
    init(_ queries: [LabelledQuery], parts: Int, seed: UInt64, isKind: (LabelledQuery) -> Bool) {
        var kinds: [ExactText: Bool] = [:]
        for query in queries {
            let key = ExactText(query.group)
            kinds[key] = kinds[key] == true || isKind(query)
        }
        var random = SplitMix64(seed: seed)
        var groups = kinds.keys.sorted { $0.precedes($1) }
        random.shuffle(&groups)
        let dealt = groups.filter { kinds[$0] == true } + groups.filter { kinds[$0] != true }
        var partOfGroup: [ExactText: Int] = [:]
        for (index, group) in dealt.enumerated() { partOfGroup[group] = index % parts }
        part = queries.map { partOfGroup[ExactText($0.group)] ?? 0 }
        groupCount = groups.count
    }
}
