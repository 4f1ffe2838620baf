import WinnowTokenizers

/// Sequences laid end to end without padding: the unit of work of one thread.
package struct SequenceGroup: Sendable, Hashable {
    /// Places in the caller's list.
    package var members: [Int]
    /// Tokens of all members together.
    package var tokenCount: Int
}

package enum Batching {
    /// Short sequences share a group until it has so many tokens, so that the row tiles of the matrix products are full.
    package static let groupTokens = 96

    /// Rows of a part at least: below, a part takes as long as its weights take to arrive.
    package static let partTokens = 6

    /// Groups and how many parts each is cut into, so that no thread idles at the end: as many whole groups as come out even,
    /// and each of the rest shared by some of the threads.
    /// - Parameter threads: that may work at once, at least 1.
    /// - Returns: the groups as ``groups(lengths:keepsOrder:)`` has them; those of one part come first.
    package static func plan(lengths: [Int], threads: Int, keepsOrder: Bool = false) -> [(
        group: SequenceGroup, parts: Int
    )] {
        let groups = groups(lengths: lengths, keepsOrder: keepsOrder)
        let rest = groups.count % threads
        return groups.enumerated().map { index, group in
            guard index >= groups.count - rest else { return (group, 1) }
            return (group, max(1, min(threads / rest, group.tokenCount / partTokens)))
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
