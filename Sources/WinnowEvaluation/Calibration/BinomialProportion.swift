#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// k successes in n independent trials, and what they say of the rate: exact bounds of Clopper and Pearson (1934).
public struct BinomialProportion: Sendable, Hashable {
    /// 0…``trials``.
    public let successes: Int
    public let trials: Int

    /// - Precondition: 0 ≤ successes ≤ trials.
    public init(successes: Int, trials: Int) {
        precondition(successes >= 0 && successes <= trials, "\(successes) successes in \(trials) trials")
        self.successes = successes
        self.trials = trials
    }

    /// The rate seen; nil without a trial.
    public var rate: Double? { trials > 0 ? Double(successes) / Double(trials) : nil }

    /// The rate is over it with at least this confidence, one-sided; 0 where there is nothing to learn from.
    public func lowerBound(confidence: Double = 0.95) -> Double {
        guard successes > 0 else { return 0 }
        // The rate at which so many successes or more would happen with probability 1 − confidence.
        var (low, high) = (0.0, 1.0)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            guard middle > low, middle < high else { break }
            if Self.chance(ofAtLeast: successes, in: trials, rate: middle) > 1 - confidence {
                high = middle
            } else {
                low = middle
            }
        }
        return low
    }

    /// Whether ``lowerBound(confidence:)`` is at least `rate`, without computing it.
    public func shows(rateOfAtLeast rate: Double, confidence: Double = 0.95) -> Bool {
        rate <= 0 || Self.chance(ofAtLeast: successes, in: trials, rate: rate) <= 1 - confidence
    }

    /// The chance of k successes or more in n trials.
    package static func chance(ofAtLeast k: Int, in n: Int, rate: Double) -> Double {
        guard k > 0 else { return 1 }
        guard k <= n, rate > 0 else { return 0 }
        guard rate < 1 else { return 1 }
        return incompleteBeta(rate, Double(k), Double(n - k + 1))
    }

    /// The least number of trials, all of them successes, that shows a rate: ln(1 − confidence) / ln(rate).
    public static func leastTrials(toShow rate: Double, confidence: Double = 0.95) -> Int? {
        guard rate > 0, rate < 1, confidence > 0, confidence < 1 else { return nil }
        let trials = (log(1 - confidence) / log(rate)).rounded(.up)
        return trials < 1e9 ? max(1, Int(trials)) : nil
    }

    /// The chance that n trials of rate `truth` show a rate of at least `rate`.
    package static func power(trials: Int, toShow rate: Double, truth: Double, confidence: Double = 0.95) -> Double {
        guard let needed = leastSuccesses(in: trials, toShow: rate, confidence: confidence) else { return 0 }
        return chance(ofAtLeast: needed, in: trials, rate: truth)
    }

    /// Nil when not even successes only would show it.
    private static func leastSuccesses(in trials: Int, toShow rate: Double, confidence: Double) -> Int? {
        guard chance(ofAtLeast: trials, in: trials, rate: rate) <= 1 - confidence else { return nil }
        var (low, high) = (0, trials)
        while low < high {
            let middle = (low + high) / 2
            if chance(ofAtLeast: middle, in: trials, rate: rate) <= 1 - confidence {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low
    }

    /// About how many trials show a rate with 80 % power when the truth is a better one: the least number that does, or its
    /// normal approximation over 5,000. Nil when the truth is no better.
    public static func trials(toShow rate: Double, truth: Double, confidence: Double = 0.95) -> Int? {
        guard truth > rate, truth <= 1, let least = leastTrials(toShow: rate, confidence: confidence) else {
            return nil
        }
        guard truth < 1 else { return least }
        let exactUpTo = 5000
        let confidenceQuantile = normalQuantile(confidence)
        let numerator =
            confidenceQuantile * (rate * (1 - rate)).squareRoot()
            + normalQuantile(0.8) * (truth * (1 - truth)).squareRoot()
        let approximate = ((numerator / (truth - rate)) * (numerator / (truth - rate))).rounded(.up)
        guard approximate < 1e9 else { return nil }
        if approximate <= Double(exactUpTo), least <= exactUpTo {
            for trials in least...exactUpTo
            where power(trials: trials, toShow: rate, truth: truth, confidence: confidence) >= 0.8 { return trials }
        }
        return max(least, Int(approximate))
    }

    /// By bisection of the error function, which the C library has.
    private static func normalQuantile(_ probability: Double) -> Double {
        var (low, high) = (-40.0, 40.0)
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if 0.5 * erfc(-middle / 2.0.squareRoot()) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// Iₓ(a, b) for whole a, b of at least 1: the continued fraction of DLMF 8.17.22, evaluated from its beginning (Lentz).
    private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        // It converges fast on this side of the mean; the other is its complement.
        guard x <= (a + 1) / (a + b + 2) else { return 1 - incompleteBeta(1 - x, b, a) }
        let logFront = logFactorial(a + b - 1) - logFactorial(a - 1) - logFactorial(b - 1) + a * log(x) + b * log1p(-x)
        let tiny = 1e-300
        var c = 1.0
        var d = 1 - (a + b) * x / (a + 1)
        d = 1 / (abs(d) < tiny ? tiny : d)
        var fraction = d
        for step in 1...10_000 {
            let m = Double(step)
            for term in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 + term * d
                d = 1 / (abs(d) < tiny ? tiny : d)
                c = 1 + term / c
                if abs(c) < tiny { c = tiny }
                fraction *= d * c
            }
            if abs(d * c - 1) < 1e-16 { break }
        }
        return min(1, max(0, exp(logFront) * fraction / a))
    }

    /// ln n! of a whole number: a sum, or Stirling's series from 64 on, whose next term is under 10⁻¹⁷ there.
    private static func logFactorial(_ n: Double) -> Double {
        guard n >= 64 else { return log((1..<max(1, Int(n) + 1)).reduce(1.0) { $0 * Double($1) }) }
        let inverse = 1 / n
        let square = inverse * inverse
        return (n + 0.5) * log(n) - n + 0.918938533204672741780329736406
            + inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
    }
}
