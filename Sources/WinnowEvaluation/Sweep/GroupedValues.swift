/// Values of several settings over the same queries, summed by group: all that means, paired differences and their
/// errors need, so that a choice on part of the groups costs no pass over the queries.
struct GroupedValues {
    /// Queries in each group.
    let sizes: [Int]
    /// By setting, then by group.
    private(set) var sums: [[Double]]

    init(settings: Int, sizes: [Int]) {
        self.sizes = sizes
        sums = Array(repeating: Array(repeating: 0, count: sizes.count), count: settings)
    }

    mutating func add(_ value: Double, setting: Int, group: Int) { sums[setting][group] += value }

    func queryCount(in groups: [Int]) -> Int { groups.reduce(0) { $0 + sizes[$1] } }

    /// Over the queries of these groups; 0 when there are none.
    func mean(of setting: Int, on groups: [Int]) -> Double {
        let count = queryCount(in: groups)
        return count == 0 ? 0 : groups.reduce(0) { $0 + sums[setting][$1] } / Double(count)
    }

    /// `setting` minus `other`.
    func difference(_ setting: Int, minus other: Int, on groups: [Int]) -> PairedDifference {
        let count = queryCount(in: groups)
        guard count > 0 else { return PairedDifference(mean: 0, standardError: nil, groups: 0, nonTiedGroups: 0) }
        let (mine, theirs) = (sums[setting], sums[other])
        let mean = groups.reduce(0) { $0 + (mine[$1] - theirs[$1]) } / Double(count)
        var squares = 0.0
        var nonTied = 0
        for group in groups {
            let difference = mine[group] - theirs[group]
            let residual = difference - Double(sizes[group]) * mean
            squares += residual * residual
            if abs(difference) > PairedDifference.tie { nonTied += 1 }
        }
        let units = Double(groups.count)
        let error: Double? =
            groups.count < 2 ? nil : (units / (units - 1) * squares).squareRoot() / Double(count)
        return PairedDifference(mean: mean, standardError: error, groups: groups.count, nonTiedGroups: nonTied)
    }
}

/// The mean over queries of one setting's value minus another's on the same query.
public struct PairedDifference: Sendable, Hashable {
    public let mean: Double
    /// Of ``mean``, taking groups as the units that were sampled: √(G/(G−1)·Σ(S_g − n_g·mean)²)/n, the usual standard
    /// error of a mean of differences when each query is its own group. Nil under two groups.
    public let standardError: Double?
    public let groups: Int
    /// Groups in which the two differ.
    public let nonTiedGroups: Int

    /// Differences up to this are rounding, not a difference.
    static let tie = 1e-12

    /// Whether the difference is beyond chance at about 5 %: over 1.96 standard errors, and at least 6 groups that
    /// differ, under which no arrangement of signs is that rare.
    public var isToldApart: Bool {
        guard let standardError, nonTiedGroups >= 6 else { return false }
        return abs(mean) > 1.96 * standardError
    }

    /// Whether `mean` falls short of zero by at most one standard error. Without an error nothing is known against it.
    var isWithinOneError: Bool {
        guard let standardError else { return true }
        return -mean <= standardError + Self.tie
    }
}
