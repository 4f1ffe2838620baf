/// The inner product that dense search runs on, in one place.
enum InnerProduct {
    /// Σ left[i]·right[i] over `count` floats. Sixteen partial sums, added pairwise, then the rest in order: the same bits for
    /// the same two vectors wherever they lie in memory.
    @inline(__always)
    static func dot(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ count: Int) -> Float {
        let leftBytes = UnsafeRawPointer(left)
        let rightBytes = UnsafeRawPointer(right)
        let stride = MemoryLayout<Float>.stride
        var sums = SIMD16<Float>.zero
        var index = 0
        while index + 16 <= count {
            let a = leftBytes.loadUnaligned(fromByteOffset: index * stride, as: SIMD16<Float>.self)
            let b = rightBytes.loadUnaligned(fromByteOffset: index * stride, as: SIMD16<Float>.self)
            sums += a * b
            index += 16
        }
        let eight = sums.lowHalf + sums.highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        var sum = two.x + two.y
        while index < count {
            sum += left[index] * right[index]
            index += 1
        }
        return sum
    }
}
