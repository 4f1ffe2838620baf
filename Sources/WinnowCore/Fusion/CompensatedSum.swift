/// A sum with the rounding error of every step kept beside it (Knuth's two-sum; Ogita, Rump and Oishi 2005).
///
/// Equal sums of different fractions are common in reciprocal rank fusion: ranks 1 and 2 in two lists, 2 and 1 in the
/// same two; 1/90 + 1/72 and 1/80 + 1/80. In plain doubles their last bits would decide which passage stands first; with about
/// 100 bits they round to the same double, and the rule for ties decides.
struct CompensatedSum {
    private var high = 0.0
    private var low = 0.0

    /// Adds weight × value.
    mutating func add(_ weight: Double, times value: Double) {
        let product = weight * value
        add(product, error: (-product).addingProduct(weight, value))
    }

    /// Adds weight ÷ divisor.
    mutating func add(_ weight: Double, over divisor: Double) {
        let quotient = weight / divisor
        add(quotient, error: weight.addingProduct(-quotient, divisor) / divisor)
    }

    var value: Double { high + low }

    private mutating func add(_ term: Double, error: Double) {
        let sum = high + term
        let part = sum - high
        low += (high - (sum - part)) + (term - part) + error
        high = sum
    }
}
