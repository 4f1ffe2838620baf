/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same numbers from the same seed on every machine, so that a
/// p-value printed today can be printed again.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Two indices below `count` from one draw, each from 32 bits by multiplication; the bias is at most count/2³².
    mutating func indices(below count: UInt64) -> (Int, Int) {
        let bits = next()
        return (Int(((bits & 0xFFFF_FFFF) &* count) >> 32), Int(((bits >> 32) &* count) >> 32))
    }

    /// Uniform in 0 ..< 1, of 53 bits.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in 0 ..< `bound`, which is at least 1; the bias of the multiplication is under 2⁻³² for what is counted here.
    package mutating func index(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Fisher and Yates. Of our own: the standard library may change how it shuffles, and what was drawn must stay drawn.
    package mutating func shuffle<Element>(_ values: inout [Element]) {
        guard values.count > 1 else { return }
        for last in stride(from: values.count - 1, through: 1, by: -1) { values.swapAt(last, index(below: last + 1)) }
    }

    package mutating func shuffled<Element>(_ values: [Element]) -> [Element] {
        var values = values
        shuffle(&values)
        return values
    }
}
