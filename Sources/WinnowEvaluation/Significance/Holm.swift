/// Holm's step-down correction (1979): the chance of one false discovery or more stays below the level, whatever the
/// tests have to do with one another.
public enum Holm {
    /// p-values to compare with the level itself, in the order of the given ones.
    ///
    /// The i-th smallest of m becomes the largest of (m − j + 1) · p(j) over j ≤ i, at most 1.
    ///
    /// - Parameter pValues: each in 0…1; one that is not a number counts as 1.
    public static func adjusted(_ pValues: [Double]) -> [Double] {
        let known = pValues.map { $0.isNaN ? 1 : min(max($0, 0), 1) }
        let order = known.indices.sorted { (known[$0], $0) < (known[$1], $1) }
        var adjusted = known
        var largest = 0.0
        for (place, index) in order.enumerated() {
            largest = max(largest, min(1, Double(known.count - place) * known[index]))
            adjusted[index] = largest
        }
        return adjusted
    }
}
