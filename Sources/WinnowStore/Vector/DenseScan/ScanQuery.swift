/// A query's vector, as it is and as the scan multiplies it, with the bound that makes the scan exact.
///
/// Let x be a stored vector, c its codes, s its scale, E its error bound, so ‖x − s·c‖ ≤ E and ‖x‖ ≤ N
/// (``QuantizedRow/maximumNorm``). Let q be the query, w its 16-bit codes, t their step, and P ≥ ‖q − t·w‖. Then
///
///     ⟨x, q⟩ = s·t·⟨c, w⟩ + s·⟨c, q − t·w⟩ + ⟨x − s·c, q⟩
///     |⟨x, q⟩ − s·t·⟨c, w⟩| ≤ (N + E)·P + E·‖q‖                                             (Cauchy and Schwarz)
///
/// and the score that counts is `dot_f32`, computed in float32. In any order of summation, fused or not, each product takes
/// part in at most d + 16 roundings, so with u = 2⁻²⁴ (Higham, Accuracy and Stability of Numerical Algorithms, §3.1)
///
///     |dot_f32(x, q) − ⟨x, q⟩| ≤ γ·N·‖q‖ + d·2⁻¹⁴⁹,   γ = (d + 16)·u / (1 − (d + 16)·u)
///
/// where the second term is for products that fall below the normal floats. Together, with A = ‖q‖ + P and
/// B = N·(P + γ·‖q‖) + d·2⁻¹⁴⁹,
///
///     |dot_f32(x, q) − s·t·⟨c, w⟩| ≤ E·A + B
///
/// The bounds are computed in doubles, whose own rounding (some 2⁻⁵² of values of at most N·A and of sums of d terms) is
/// covered by 10⁻⁹ of A and of B's first term, and 10⁻¹⁴·A on top.
///
/// ⟨c, w⟩ itself is exact: |c| ≤ 127 and |w| ≤ W = min(32767, ⌊(2³¹ − 1) / 127·d⌋), so Σ|c·w| ≤ 127·W·d < 2³¹, and with the
/// sum of the magnitudes every partial sum in every order fits an int32.
package struct ScanQuery: Sendable {
    /// As it was given: what exact scores are computed with.
    package let vector: [Float]
    /// As many as the layout's stride, zeros behind the query.
    package let codes: [Int16]
    /// t: what one step of a code stands for.
    package let step: Double
    /// A: how much a row's own error counts.
    let errorFactor: Double
    /// B: the part of the bound that all rows share.
    let errorOffset: Double

    /// W: the largest magnitude of a code.
    package static func largestCode(dimension: Int) -> Int { min(32_767, Int(Int32.max) / (127 * dimension)) }

    /// - Parameter vector: as long as the layout's dimension.
    /// - Throws: ``StoreError`` when the length is another or a value is not finite.
    package init(_ vector: [Float], layout: ScanCacheLayout) throws {
        guard vector.count == layout.dimension else {
            throw StoreError.dimension(expected: layout.dimension, found: vector.count)
        }
        self.vector = vector
        let dimension = layout.dimension
        var largest: Float = 0
        var squares = 0.0
        for value in vector {
            guard value.isFinite else { throw StoreError.vectorNotFinite(of: "the query") }
            largest = max(largest, abs(value))
            squares += Double(value) * Double(value)
        }
        let norm = squares.squareRoot() * (1 + 1e-9)
        let top = Double(Self.largestCode(dimension: dimension))
        step = Double(largest) / top
        var codes = [Int16](repeating: 0, count: layout.stride)
        var lost = 0.0
        for (index, value) in vector.enumerated() {
            let value = Double(value)
            let code = step > 0 ? max(-top, min(top, (value / step).rounded())) : 0
            codes[index] = Int16(code)
            let difference = value - code * step
            lost += difference * difference
        }
        self.codes = codes
        let residual = lost.squareRoot() * (1 + 1e-9) + 1e-15 * norm
        let roundings = Double(dimension + 16) * 0x1p-24
        let gamma = roundings / (1 - roundings)
        let factor = (norm + residual) * (1 + 1e-9)
        errorFactor = factor
        errorOffset =
            QuantizedRow.maximumNorm * (residual + gamma * norm) * (1 + 1e-9) + Double(dimension) * 0x1p-149 + 1e-14
            * factor
    }

    /// At most this far is `dot_f32` from `scale · step · product` for a row with that error bound.
    package func bound(error: Float) -> Double { Double(error) * errorFactor + errorOffset }
}
