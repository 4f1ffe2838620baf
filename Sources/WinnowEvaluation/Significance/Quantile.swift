/// Quantiles of samples, of type 7 in Hyndman and Fan (1996): linear between order statistics, numpy's default.
package enum Quantile {
    /// - Parameters:
    ///   - sorted: ascending, not empty.
    ///   - share: in 0…1.
    package static func type7(_ sorted: [Double], _ share: Double) -> Double {
        let (index, fraction) = place(share, count: sorted.count)
        guard fraction > 0 else { return sorted[index] }
        return sorted[index] + (sorted[index + 1] - sorted[index]) * fraction
    }

    /// The order statistic at or below the quantile, from 0, and how far it is on the way to the next.
    static func place(_ share: Double, count: Int) -> (index: Int, fraction: Double) {
        let position = min(max(share, 0), 1) * Double(count - 1)
        let index = min(Int(position), count - 1)
        return index == count - 1 ? (index, 0) : (index, position - Double(index))
    }
}
