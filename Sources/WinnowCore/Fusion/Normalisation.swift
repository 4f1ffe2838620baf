/// Brings scores of unlike scales to 0…1.
///
/// Both ways are invariant: scores a·s + b with a > 0 give the same, up to rounding. So scores are first scaled by a power of two,
/// which costs no bit and keeps differences and squares of the largest doubles from overflowing.
enum Normalisation {
    /// (s − least) ÷ (largest − least), 0…1; 1 for all when all scores are equal.
    ///
    /// - Parameter scores: finite; nil stays nil.
    static func minMax(_ scores: [Double?]) -> [Double?] {
        let scores = scaled(scores)
        let present = scores.compactMap { $0 }
        guard let least = present.min(), let largest = present.max() else { return scores }
        guard least < largest else { return scores.map { $0.map { _ in 1 } } }
        return scores.map { $0.map { ($0 - least) / (largest - least) } }
    }

    /// (s − (μ − 3σ)) ÷ 6σ with the mean μ and the population's deviation σ, cut to 0…1; 0.5 for all when all scores are
    /// equal.
    ///
    /// - Parameter scores: finite; nil stays nil.
    static func distribution(_ scores: [Double?]) -> [Double?] {
        let scores = scaled(scores)
        let present = scores.compactMap { $0 }
        guard let least = present.min(), let largest = present.max() else { return scores }
        // Equal scores, asked for as such: their mean may be off by a bit, and σ then is no zero.
        guard least < largest else { return scores.map { $0.map { _ in 0.5 } } }
        let count = Double(present.count)
        let mean = present.reduce(0, +) / count
        let deviation = (present.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        guard deviation > 0 else { return scores.map { $0.map { _ in 0.5 } } }
        return scores.map { $0.map { min(max(($0 - mean + 3 * deviation) / (6 * deviation), 0), 1) } }
    }

    /// Times a power of two, so that the largest magnitude is in 1..<2.
    private static func scaled(_ scores: [Double?]) -> [Double?] {
        let largest = scores.reduce(0) { max($0, $1.map(abs) ?? 0) }
        guard largest > 0 else { return scores }
        let exponent = -Int(largest.exponent)
        return scores.map { $0.map { Double(sign: .plus, exponent: exponent, significand: $0) } }
    }
}
