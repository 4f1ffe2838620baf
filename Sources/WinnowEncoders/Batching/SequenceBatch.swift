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

    /// Tokens of a part of a group that only evens out what the others leave: enough rows that the weights, which every part reads,
    /// are not most of its time.
    private static let evenerTokens = 48

    /// So much more than its share a thread may have to do before another group is shared, which costs a wait a layer.
    private static let unevenness = 1.02

    /// Groups and how many parts each is cut into, so that no thread idles at the end: whole groups as long as they come out even, and
    /// the rest shared by the threads. Groups are not of one length, nor threads always of one speed: so the last group is shared at
    /// least, and a thread that is done with its own takes parts of it.
    /// - Parameter threads: that may work at once, at least 1.
    /// - Returns: the groups as ``groups(lengths:keepsOrder:)`` has them; those of one part come first.
    package static func plan(lengths: [Int], threads: Int, keepsOrder: Bool = false) -> [(
        group: SequenceGroup, parts: Int
    )] {
        let groups = groups(lengths: lengths, keepsOrder: keepsOrder)
        guard threads > 1, !groups.isEmpty else { return groups.map { ($0, 1) } }
        let rest = groups.count % threads
        let even = Double(tokens(groups[...])) / Double(threads)
        var shared = max(rest, 1)
        while Double(largestLoad(of: groups.dropLast(shared), threads: threads)) > even * unevenness { shared += 1 }
        let evenRest = Double(tokens(groups.suffix(rest))) / Double(threads)
        return groups.enumerated().map { index, group in
            guard index >= groups.count - shared else { return (group, 1) }
            // Of those that are left over, all parts can be worked on at once.
            let wanted =
                index >= groups.count - rest
                ? Int(Double(group.tokenCount) / evenRest) : max(2, group.tokenCount / evenerTokens)
            return (group, max(1, min(wanted, threads, group.tokenCount / partTokens)))
        }
    }

    private static func tokens(_ groups: ArraySlice<SequenceGroup>) -> Int { groups.reduce(0) { $0 + $1.tokenCount } }

    /// Tokens of the thread that has most to do when each takes the next group as soon as it is free.
    private static func largestLoad(of groups: ArraySlice<SequenceGroup>, threads: Int) -> Int {
        var loads = [Int](repeating: 0, count: threads)
        for group in groups {
            guard let next = loads.indices.min(by: { loads[$0] < loads[$1] }) else { break }
            loads[next] += group.tokenCount
        }
        return loads.max() ?? 0
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
