/// Names that may have been meant by one that is not there.
package enum NearestNames {
    private static let most = 3
    /// Longer names are compared by their beginnings.
    private static let longest = 64

    /// - Returns: the nearest first: those that differ by few edits, whatever the case of letters, and those whose last part is it.
    package static func of(_ name: String, among names: [String]) -> [String] {
        let wanted = Array(name.lowercased().unicodeScalars.prefix(longest))
        let tolerated = max(1, wanted.count / 3)
        let found = names.compactMap { other -> (distance: Int, name: String)? in
            let lowered = other.lowercased()
            if lowered.hasSuffix("." + name.lowercased()) { return (1, other) }
            let scalars = Array(lowered.unicodeScalars.prefix(longest))
            guard abs(scalars.count - wanted.count) <= tolerated else { return nil }
            let distance = distance(wanted, scalars)
            return distance <= tolerated ? (distance, other) : nil
        }
        return found.sorted { $0.distance == $1.distance ? $0.name < $1.name : $0.distance < $1.distance }
            .prefix(most).map(\.name)
    }

    /// How many letters are to be put in, left out, replaced, or swapped with their neighbour: the optimal string alignment distance
    /// (Damerau 1964).
    static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var before: [Int] = []
        var above = Array(0...right.count)
        for (row, scalar) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for (column, other) in right.enumerated() {
                var least = min(above[column + 1] + 1, current[column] + 1, above[column] + (scalar == other ? 0 : 1))
                if row > 0, column > 0, scalar == right[column - 1], left[row - 1] == other {
                    least = min(least, before[column - 1] + 1)
                }
                current.append(least)
            }
            (before, above) = (above, current)
        }
        return above[right.count]
    }
}
