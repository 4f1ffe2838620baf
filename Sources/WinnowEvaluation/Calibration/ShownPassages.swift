import WinnowCore

/// How many of all the passages that users are shown are relevant: an estimate with a bootstrap bound, because the passages of
/// one query depend on one another and no exact bound is true of them.
public struct ShownPassages: Sendable, Hashable {
    public var shown: Int
    public var relevant: Int
    /// The 5 % quantile of the share over 2,000 resamples of whole groups.
    public var lowerBound: Double

    public var precision: Double { Double(relevant) / Double(shown) }

    /// - Parameters:
    ///   - threshold: a logit; passages that reach it are shown.
    ///   - finalK: as many a query at most.
    /// - Returns: nil when nothing is shown.
    public init?(threshold: Float, finalK: Int, _ queries: [LabelledQuery], seed: UInt64 = 1) {
        var groups: [ExactText: (shown: Int, relevant: Int)] = [:]
        for query in queries {
            let shown = query.pairs.enumerated().filter { $0.element.logit >= threshold }
                .sorted { left, right in
                    if left.element.isAhead(of: right.element) { return true }
                    return !right.element.isAhead(of: left.element) && left.offset < right.offset
                }
                .prefix(max(0, finalK))
            var sum = groups[ExactText(query.group)] ?? (0, 0)
            sum.shown += shown.count
            sum.relevant += shown.reduce(0) { $0 + ($1.element.relevant ? 1 : 0) }
            groups[ExactText(query.group)] = sum
        }
        let units = groups.sorted { $0.key.precedes($1.key) }.map(\.value)
        shown = units.reduce(0) { $0 + $1.shown }
        relevant = units.reduce(0) { $0 + $1.relevant }
        guard shown > 0 else { return nil }
        var random = SplitMix64(seed: seed)
        var rates: [Double] = []
        for _ in 0..<Self.resamples {
            var sum = (shown: 0, relevant: 0)
            for _ in units.indices {
                let unit = units[random.index(below: units.count)]
                sum.shown += unit.shown
                sum.relevant += unit.relevant
            }
            // A resample that shows nothing says nothing of a share.
            if sum.shown > 0 { rates.append(Double(sum.relevant) / Double(sum.shown)) }
        }
        rates.sort()
        lowerBound = rates.isEmpty ? 0 : rates[max(0, rates.count / 20 - 1)]
    }

    private static let resamples = 2000
}
