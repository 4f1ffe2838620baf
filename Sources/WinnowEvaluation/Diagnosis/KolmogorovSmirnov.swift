#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The two-sample test of Kolmogorov and Smirnov: how far two samples' distribution functions are apart, and how often chance alone
/// puts two samples of one distribution at least so far apart.
///
/// Up to ``mostExactSteps`` the p-value is exact for distributions without ties (Hodges 1958: paths on a lattice); ties make it too
/// large, never too small. Beyond that it is Kolmogorov's limit at λ = D·√(nm/(n+m)).
package struct KolmogorovSmirnov: Sendable, Hashable {
    /// D, the largest difference of the two empirical distribution functions, 0…1.
    package let distance: Double
    /// Two-sided.
    package let pValue: Double
    package let isExact: Bool

    /// Products of the two sizes up to which paths are counted: a tenth of a second.
    package static let mostExactSteps = 10_000_000

    /// - Returns: nil when a sample is empty or holds a value that is no number.
    package init?(_ first: [Double], _ second: [Double]) {
        guard !first.isEmpty, !second.isEmpty, !first.contains(where: \.isNaN), !second.contains(where: \.isNaN) else {
            return nil
        }
        let (n, m) = (first.count, second.count)
        let apart = Self.largestDifference(first.sorted(), second.sorted())
        distance = Double(apart) / (Double(n) * Double(m))
        isExact = n.multipliedReportingOverflow(by: m).overflow ? false : n * m <= Self.mostExactSteps
        let effective = (Double(n) * Double(m) / Double(n + m)).squareRoot()
        pValue = isExact ? Self.shareOfPaths(n, m, reaching: apart) : Self.limit(effective * distance)
    }

    /// n·m·D, which is a whole number.
    private static func largestDifference(_ first: [Double], _ second: [Double]) -> Int {
        var (i, j, largest) = (0, 0, 0)
        while i < first.count || j < second.count {
            let next: Double
            switch (i < first.count, j < second.count) {
            case (true, true): next = min(first[i], second[j])
            case (true, false): next = first[i]
            default: next = second[j]
            }
            // Ties move both functions at once.
            while i < first.count, first[i] == next { i += 1 }
            while j < second.count, second[j] == next { j += 1 }
            largest = max(largest, abs(i * second.count - j * first.count))
        }
        return largest
    }

    /// Of all orders in which n and m values can stand, each equally likely, the share in which the functions come `apart` somewhere.
    ///
    /// An order is a path from (0, 0) to (n, m); the mass that arrives on or beyond the bound is taken away and summed, so that
    /// small p-values are no difference of two numbers near 1.
    private static func shareOfPaths(_ n: Int, _ m: Int, reaching apart: Int) -> Double {
        var mass = [Double](repeating: 0, count: m + 1)
        var beyond = 0.0
        for i in 0...n {
            for j in 0...m {
                var arriving = i == 0 && j == 0 ? 1.0 : 0.0
                if i > 0 { arriving += mass[j] * Double(n - i + 1) / Double(n + m - i - j + 1) }
                if j > 0 { arriving += mass[j - 1] * Double(m - j + 1) / Double(n + m - i - j + 1) }
                if abs(i * m - j * n) >= apart {
                    beyond += arriving
                    arriving = 0
                }
                mass[j] = arriving
            }
        }
        return min(1, beyond)
    }

    /// P(K > λ) of Kolmogorov's distribution: two series for the same function, each where it converges fast.
    package static func limit(_ lambda: Double) -> Double {
        guard lambda > 0 else { return 1 }
        if lambda < 1.18 {
            let base = -Double.pi * Double.pi / (8 * lambda * lambda)
            let sum = [1.0, 3, 5, 7, 9].reduce(0) { $0 + exp(base * $1 * $1) }
            return 1 - (2 * Double.pi).squareRoot() / lambda * sum
        }
        var (sum, sign) = (0.0, 1.0)
        for k in 1...20 {
            sum += sign * exp(-2 * Double(k * k) * lambda * lambda)
            sign = -sign
        }
        return min(1, max(0, 2 * sum))
    }

    /// The distance from which on two samples of these sizes are called different at a level, by the limit: smaller true
    /// differences are mostly not seen.
    package static func criticalDistance(_ n: Int, _ m: Int, level: Double) -> Double {
        (-log(level / 2) / 2 * Double(n + m) / (Double(n) * Double(m))).squareRoot()
    }
}
