#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The standard normal distribution.
package enum NormalDistribution {
    /// P(Z ≤ `x`), accurate in the lower tail too.
    package static func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

    /// The `x` with P(Z ≤ x) = `probability`; infinite at 0 and 1, NaN outside.
    package static func quantile(_ probability: Double) -> Double {
        symmetricQuantile(probability, cumulative: cumulative)
    }
}

/// Student's t distribution.
package struct StudentT: Sendable {
    /// More than 0.
    package let degreesOfFreedom: Double

    package init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

    /// P(T ≤ `t`), from the incomplete beta function (Abramowitz and Stegun 26.5.27 and 26.7.1).
    package func cumulative(_ t: Double) -> Double {
        guard t.isFinite else { return t.isNaN ? .nan : (t < 0 ? 0 : 1) }
        guard t <= 0 else { return 1 - cumulative(-t) }
        let square = t * t
        let x = degreesOfFreedom / (degreesOfFreedom + square)
        // 1 − x without cancellation where t is small.
        let rest = square / (degreesOfFreedom + square)
        return 0.5 * Self.incompleteBeta(half: degreesOfFreedom / 2, x: x, rest: rest)
    }

    /// The `t` with P(T ≤ t) = `probability`; infinite at 0 and 1, NaN outside.
    package func quantile(_ probability: Double) -> Double {
        symmetricQuantile(probability, cumulative: cumulative)
    }

    /// I_x(a, ½) with `rest` = 1 − x.
    private static func incompleteBeta(half a: Double, x: Double, rest: Double) -> Double {
        guard x > 0 else { return 0 }
        guard rest > 0 else { return 1 }
        // x^a (1−x)^½ / B(a, ½); B(a, ½) = √π / gammaRatio(a). log1p keeps x^a exact where a is large and x near 1.
        let logX = rest < 0.5 ? log1p(-rest) : log(x)
        let front = exp(a * logX) * rest.squareRoot() * gammaRatio(a) / Double.pi.squareRoot()
        // The fraction converges fast on this side of the mean only.
        if x < (a + 1) / (a + 2.5) { return front * continuedFraction(a, 0.5, x) / a }
        return 1 - front * continuedFraction(0.5, a, rest) / 0.5
    }

    /// Γ(a + ½) / Γ(a), by its asymptotic series after lifting a to where that is exact to the last digits: differences
    /// of log Γ would lose five digits at a = 50,000.
    private static func gammaRatio(_ a: Double) -> Double {
        var a = a
        var factor = 1.0
        while a < 30 {
            factor *= a / (a + 0.5)
            a += 1
        }
        let r = 1 / a
        let series = -r / 8 + r * r * r / 192 - r * r * r * r * r / 640 + 17 * r * r * r * r * r * r * r / 14336
        return factor * a.squareRoot() * exp(series)
    }

    /// Abramowitz and Stegun 26.5.8, evaluated by the modified method of Lentz.
    private static func continuedFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / kept(1 - (a + b) * x / (a + 1))
        var value = d
        for step in 1...10_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / kept(1 + even * d)
            c = kept(1 + even / c)
            value *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / kept(1 + odd * d)
            c = kept(1 + odd / c)
            value *= d * c
            if abs(d * c - 1) < 1e-16 { break }
        }
        return value
    }
}

/// The quantile of a distribution that is symmetric around 0, by bisection of its lower tail down to neighbouring
/// doubles: a thousand evaluations at worst, which nobody notices at a few a report, and no table of constants to get
/// wrong.
private func symmetricQuantile(_ probability: Double, cumulative: (Double) -> Double) -> Double {
    guard probability >= 0, probability <= 1 else { return .nan }
    if probability == 0.5 { return 0 }
    if probability > 0.5 { return -symmetricQuantile(1 - probability, cumulative: cumulative) }
    if probability == 0 { return -.infinity }
    var low = -1.0
    while cumulative(low) > probability {
        low *= 2
        if low.isInfinite { return low }
    }
    var high = 0.0
    while true {
        let middle = low + (high - low) / 2
        guard middle > low, middle < high else { break }
        if cumulative(middle) > probability { high = middle } else { low = middle }
    }
    return low
}
