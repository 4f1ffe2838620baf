/// A vector as eight-bit codes, with a bound of what that loses.
///
/// code = vector / scale, rounded, with scale = max |vector| / 127; so codes lie in −127…127.
package struct QuantizedRow: Sendable, Hashable {
    /// As many as the layout's stride, zeros behind the vector.
    package var codes: [Int8]
    package var scale: Float
    /// At least ‖vector − scale · codes‖₂, whatever the rounding of the codes was: it is measured on them.
    package var error: Float

    /// No vector that is cached is longer. Normalising in float32 makes a norm of at most 1 + 2⁻²⁴, about.
    package static let maximumNorm = 1 + 0x1p-20

    /// Nothing when a value is not finite or the vector is longer than ``maximumNorm``.
    package init?(_ vector: UnsafeBufferPointer<Float>, stride: Int) {
        var largest: Float = 0
        var squares = 0.0
        for value in vector {
            largest = max(largest, abs(value))
            squares += Double(value) * Double(value)
        }
        // NaN fails the comparison; the slack is for the rounding of the sum, which maximumNorm leaves room for.
        guard squares <= Self.maximumNorm * Self.maximumNorm * (1 - 1e-9) else { return nil }
        scale = largest / 127
        codes = [Int8](repeating: 0, count: stride)
        let inverse = scale > 0 ? 1 / Double(scale) : 0
        let step = Double(scale)
        var lost = 0.0
        codes.withUnsafeMutableBufferPointer { codes in
            for (index, value) in vector.enumerated() {
                let value = Double(value)
                // Adding 1.5 · 2⁵² leaves no bits for fractions: this rounds to the nearest integer without a call.
                let nearest = (value * inverse + 0x1.8p52) - 0x1.8p52
                let code = max(-127, min(127, nearest))
                codes[index] = Int8(code)
                let difference = value - code * step
                lost += difference * difference
            }
        }
        error = Self.roundedUp(lost.squareRoot() * (1 + 1e-9))
    }

    /// The least float that is not below `value`.
    private static func roundedUp(_ value: Double) -> Float {
        let nearest = Float(value)
        return Double(nearest) < value ? nearest.nextUp : nearest
    }
}
