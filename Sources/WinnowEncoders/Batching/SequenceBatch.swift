import WinnowTokenizers

/// Sequences laid end to end without padding: the unit of work of one thread.
package struct SequenceGroup: Sendable, Hashable {
    /// Places in the caller's list.
    package var members: [Int]
    /// Tokens of all members together.
    package var tokenCount: Int
}

/// Which groups a thread computes whole, and which several threads share.
package struct BatchPlan: Sendable {
    /// Started first, in this order, each by the next thread that is free.
    package var whole: [SequenceGroup] = []
    /// Started then, in this order; a thread that has nothing else to do takes the next part.
    package var shared: [(group: SequenceGroup, parts: Int)] = []
}

package enum Batching {
    /// Short sequences share a group until it has so many tokens, so that the row tiles of the matrix products are full.
    package static let groupTokens = 96

    /// Rows of a part at least: below, a part takes as long as its weights take to arrive.
    package static let partTokens = 6

    /// Rows of a part where there are parts enough for all threads: smaller ones even out better, and each reads all weights.
    private static let comfortablePartTokens = 48

    /// So much more than its even share a thread may have to do before groups are shared, which costs a wait a layer.
    private static let unevenness = 1.02

    /// Groups and how they are shared, so that no thread idles at the end: whole groups as long as they come out even over the threads, the
    /// rest in parts. A group longer than a thread's even share is always shared. Groups are not of one length, nor threads always
    /// of one speed: so the last group is shared in any case, and a thread that is done with its own takes parts of it.
    /// - Parameters:
    ///   - threads: that may work at once, at least 1.
    ///   - keepsOrder: groups start in the order of the sequences (``groups(lengths:keepsOrder:)``): those that are shared are then all from some
    ///     group on.
    package static func plan(lengths: [Int], threads: Int, keepsOrder: Bool = false) -> BatchPlan {
        let groups = groups(lengths: lengths, keepsOrder: keepsOrder)
        guard threads > 1 else { return BatchPlan(whole: groups) }
        let most = Double(groups.reduce(0) { $0 + $1.tokenCount }) / Double(threads) * unevenness
        // The longest are the first ones, unless the order is kept.
        let tooLong = keepsOrder ? 0 : groups.prefix { Double($0.tokenCount) > most }.count
        var whole = groups[tooLong...].prefix(countOfEven(groups[tooLong...], threads: threads, most: most))
        if tooLong == 0, whole.count == groups.count { whole = whole.dropLast() }
        let shared = groups[..<tooLong] + groups[(tooLong + whole.count)...]
        return BatchPlan(
            whole: Array(whole), shared: Array(zip(shared, parts(of: shared.map(\.tokenCount), threads: threads))))
    }

    /// How many groups from the first on no thread has more to do with than `most` tokens, each taking the next as soon as it is free.
    private static func countOfEven(_ groups: ArraySlice<SequenceGroup>, threads: Int, most: Double) -> Int {
        var loads = [Int](repeating: 0, count: threads)
        var count = 0
        for group in groups {
            guard let next = loads.indices.min(by: { loads[$0] < loads[$1] }) else { break }
            loads[next] += group.tokenCount
            if Double(loads[next]) > most { break }
            count += 1
        }
        return count
    }

    /// Into how many parts groups of so many tokens are cut: together at least one for each thread, as equal as they come, or more of a
    /// comfortable size.
    private static func parts(of tokens: [Int], threads: Int) -> [Int] {
        var parts = [Int](repeating: 1, count: tokens.count)
        var open = threads - tokens.count
        while open > 0,
            let longest = tokens.indices.filter({ tokens[$0] / (parts[$0] + 1) >= partTokens })
                .max(by: { tokens[$0] * parts[$1] < tokens[$1] * parts[$0] })
        {
            parts[longest] += 1
            open -= 1
        }
        return zip(tokens, parts).map { tokens, parts in
            min(max(parts, min(tokens / comfortablePartTokens, threads)), max(1, tokens / partTokens))
        }
    }

    /// Cuts sequences into groups, the longest first, so that the last ones to finish are small.
    ///
    /// A sequence's result does not depend on its group: rows of a product are computed alike whatever stands beside them.
    /// - Parameters:
    ///   - lengths: tokens of each sequence, at least 1.
    ///   - keepsOrder: one group a sequence, in the order given: for a deadline, when the first are the most wanted.
    package static func groups(lengths: [Int], keepsOrder: Bool = false) -> [SequenceGroup] {
        if keepsOrder {
            return lengths.indices.map { SequenceGroup(members: [$0], tokenCount: lengths[$0]) }
        }
        // Equal lengths stay in input order, so that the grouping itself is reproducible.
        let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
        var groups: [SequenceGroup] = []
        for index in order {
            if let last = groups.indices.last, groups[last].tokenCount + lengths[index] <= groupTokens {
                groups[last].members.append(index)
                groups[last].tokenCount += lengths[index]
            } else {
                groups.append(SequenceGroup(members: [index], tokenCount: lengths[index]))
            }
        }
        return groups
    }
}
