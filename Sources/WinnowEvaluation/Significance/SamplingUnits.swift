import WinnowCore

/// The units that a comparison resamples: single queries, or groups of queries that share their fate (one thread, one
/// contract). Testing 530 queries of 53 threads as 530 observations finds differences that are not there.
///
/// The units stand in an order that depends on their values alone, and all sums are formed so that neither the order of
/// the queries nor which of the two systems is called the baseline changes a bit of any result.
struct SamplingUnits {
    /// One unit: the sum of its queries' differences, and how many queries it has.
    struct Unit: Hashable {
        var sum: Double
        var size: Double

        fileprivate func precedes(_ other: Unit) -> Bool {
            sum == other.sum ? size < other.size : sum < other.sum
        }
    }

    let units: [Unit]
    /// True where the canonical orientation is baseline minus system: results have to be turned back.
    let isMirrored: Bool
    /// Per-query differences in this orientation.
    let differences: [Double]

    /// - Parameters:
    ///   - differences: one a query, system minus baseline, ties already 0.
    ///   - groups: one a query; queries without a label are units of their own.
    init(differences: [Double], groups: [String?]?) {
        let units = Self.grouped(differences, groups)
        let plain = units.sorted { $0.precedes($1) }
        let turned = units.map { Unit(sum: 0 - $0.sum, size: $0.size) }.sorted { $0.precedes($1) }
        isMirrored = plain.lexicographicallyPrecedes(turned) { $0.precedes($1) }
        self.units = isMirrored ? turned : plain
        self.differences = isMirrored ? differences.map { 0 - $0 } : differences
    }

    private static func grouped(_ differences: [Double], _ groups: [String?]?) -> [Unit] {
        guard let groups else { return differences.map { Unit(sum: $0, size: 1) } }
        var units: [Unit] = []
        var members: [ExactText: [Double]] = [:]
        for (difference, label) in zip(differences, groups) {
            if let label {
                members[ExactText(label), default: []].append(difference)
            } else {
                units.append(Unit(sum: difference, size: 1))
            }
        }
        for values in members.values {
            let sum = orderFreeSum(values)
            units.append(Unit(sum: abs(sum) <= PairedComparison.tieTolerance ? 0 : sum, size: Double(values.count)))
        }
        return units
    }

    var queryCount: Double { units.reduce(0) { $0 + $1.size } }

    /// Mean over queries.
    var meanDifference: Double { orderFreeSum(units.map(\.sum)) / queryCount }

    /// Sums of the units that are not tied, for the signs.
    var nonTiedSums: [Double] { units.compactMap { $0.sum == 0 ? nil : $0.sum } }

    /// Standard error of ``meanDifference``, a ratio of two sums over units, by linearisation (Cochran 1977, section
    /// 6.3; the cluster-robust error of a mean): √(G/(G−1) · Σ(Sg − d̄·ng)²) / N. With one query a unit it is sd/√n.
    /// Nil below 2 units.
    var standardError: Double? {
        let count = Double(units.count)
        guard count >= 2 else { return nil }
        let mean = meanDifference
        let squares = orderFreeSum(
            units.map {
                let residual = $0.sum - mean * $0.size
                return residual * residual
            })
        return (count / (count - 1) * squares).squareRoot() / queryCount
    }
}

/// A sum that is the same for every order of its terms, and exactly turned when their signs are: positive and negative
/// terms apart, each from the smallest.
func orderFreeSum(_ values: [Double]) -> Double {
    var positive = values.filter { $0 > 0 }
    var negative = values.compactMap { $0 < 0 ? -$0 : nil }
    positive.sort()
    negative.sort()
    return positive.reduce(0, +) - negative.reduce(0, +)
}
