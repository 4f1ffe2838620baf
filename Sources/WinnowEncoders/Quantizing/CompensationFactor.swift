/// What rounding needs to know of G to mend the error of one weight with the weights that are still to be rounded.
///
/// With H = G + δI and H = R Rᵀ, R upper triangular, the error of a row e = w − ŵ costs eᵀ H e = ‖Rᵀ e‖² = Σᵢ (Rᵢᵢ eᵢ + Σ_{k<i} Rₖᵢ eₖ)².
/// Weights are rounded in the order of i, and what the earlier ones did to term i is a number s when its turn comes: the
/// multiple of the scale nearest to wᵢ + s / Rᵢᵢ makes the term least. That is the rounding of GPTQ (Frantar, Ashkboos, Hoefler and Alistarh
/// 2022), which spreads each error over the weights that are left by the inverse of H; here without an inverse.
package struct CompensationFactor: Sendable {
    /// Inputs of the matrix.
    package let size: Int
    /// Weights in the order in which they are rounded: those of the largest inputs first, equal ones by their place.
    package let order: [Int]
    /// Rₖᵢ / Rᵢᵢ for i > k, else 0, `[size, size]`, both indices in the order of ``order``.
    private let spread: [Double]

    /// - Parameters:
    ///   - moments: of the matrix's inputs.
    ///   - damping: δ as a share of the mean of G's diagonal: keeps what was hardly seen in the calibration texts from being
    ///     trusted.
    /// - Returns: nil when H is not positive definite (all inputs zero, or not finite).
    package init?(_ moments: SecondMoments, damping: Double = 0.01) {
        let size = moments.size
        let mean = moments.mean
        var trace = 0.0
        for index in 0..<size { trace += mean[index * size + index] }
        let delta = damping * trace / Double(size)
        guard delta > 0, delta.isFinite else { return nil }
        let order = (0..<size).sorted { left, right in
            let (a, b) = (mean[left * size + left], mean[right * size + right])
            return a == b ? left < right : a > b
        }
        // The rows of `factor` become R's: R_ij = (H_ij − Σ_{k>j} R_ik R_jk) / R_jj, the last column first.
        var factor = [Double](repeating: 0, count: size * size)
        let isPositive = factor.withUnsafeMutableBufferPointer { factor -> Bool in
            for row in 0..<size {
                for column in row..<size { factor[row * size + column] = mean[order[row] * size + order[column]] }
                factor[row * size + row] += delta
            }
            for column in stride(from: size - 1, through: 0, by: -1) {
                let last = column * size
                let tail = column + 1..<size
                let pivot = factor[last + column] - Self.dot(factor, last, last, tail)
                guard pivot > 0, pivot.isFinite else { return false }
                let root = pivot.squareRoot()
                factor[last + column] = root
                for row in 0..<column {
                    let first = row * size
                    factor[first + column] = (factor[first + column] - Self.dot(factor, first, last, tail)) / root
                }
            }
            for row in 0..<size {
                for column in row + 1..<size {
                    factor[row * size + column] /= factor[column * size + column]
                }
            }
            for row in 0..<size { factor[row * size + row] = 0 }
            return true
        }
        guard isPositive else { return nil }
        self.size = size
        self.order = order
        spread = factor
    }

    /// Σ over `range` of values[first + k] · values[second + k], eight sums side by side and then together: the same on every
    /// machine.
    private static func dot(
        _ values: UnsafeMutableBufferPointer<Double>, _ first: Int, _ second: Int, _ range: Range<Int>
    ) -> Double {
        var sums = SIMD8<Double>.zero
        var index = range.lowerBound
        guard let base = values.baseAddress else { return 0 }
        while index + 8 <= range.upperBound {
            let left = UnsafeRawPointer(base + first + index).loadUnaligned(as: SIMD8<Double>.self)
            let right = UnsafeRawPointer(base + second + index).loadUnaligned(as: SIMD8<Double>.self)
            sums += left * right
            index += 8
        }
        var sum = sums.sum()
        while index < range.upperBound {
            sum += base[first + index] * base[second + index]
            index += 1
        }
        return sum
    }

    /// Rounds one row to multiples of `scale`, −127 to 127 of them.
    /// - Parameters:
    ///   - row: `size` weights.
    ///   - scale: greater than 0.
    ///   - codes: room for `size` codes.
    package func round(_ row: UnsafePointer<Float>, scale: Float, codes: UnsafeMutablePointer<Int8>) {
        let step = Double(scale)
        spread.withUnsafeBufferPointer { spread in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { shifts in
                guard let spread = spread.baseAddress, let shifts = shifts.baseAddress else { return }
                shifts.initialize(repeating: 0, count: size)
                for place in 0..<size {
                    let weight = Double(row[order[place]])
                    let code = min(max(((weight + shifts[place]) / step).rounded(.toNearestOrEven), -127), 127)
                    codes[order[place]] = Int8(code)
                    let error = weight - code * step
                    let factors = spread + place * size
                    for later in place + 1..<size { shifts[later] += factors[later] * error }
                }
            }
        }
    }
}
