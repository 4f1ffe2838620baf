/// How weights become int8.
public enum RoundingMethod: String, Sendable, Hashable, CaseIterable {
    /// The largest magnitude of a row is 127, every weight the nearest code.
    case nearest
    /// The largest magnitude may be clipped: of ``RowQuantizer/clips`` the one that costs the row's output the least.
    case clipping
    /// Clipping, and rounding that mends the error of each weight with the weights that are still to be rounded
    /// (``CompensationFactor``).
    case compensation
}

/// Float rows to int8 rows with one scale each, symmetric.
package struct RowQuantizer: Sendable {
    /// The shares of a row's largest magnitude that are tried as the largest representable value; of equals the first.
    package static let clips: [Float] = (0...20).map { 1 - 0.01 * Float($0) }

    /// Rows that are searched together.
    package static let rowsPerBlock = 16

    private let method: RoundingMethod
    private let columns: Int
    private let weights: SymmetricProduct?
    private let factor: CompensationFactor?
    private let kernels: Kernels

    /// - Parameter moments: of the matrix's inputs; nil where there are none, as for embeddings: an error's weight is then its square.
    package init(_ method: RoundingMethod, columns: Int, moments: SecondMoments?, kernels: Kernels) {
        precondition(moments == nil || moments?.size == columns, "moments of another matrix")
        self.method = method
        self.columns = columns
        self.kernels = kernels
        let moments = method == .nearest ? nil : moments
        weights = moments.map { moments in
            SymmetricProduct(AlignedFloats(moments.mean.map(Float.init)), rows: columns, columns: columns)
        }
        factor = method == .compensation ? moments.flatMap { CompensationFactor($0) } : nil
    }

    /// - Parameters:
    ///   - rows: `[count, columns]`, finite.
    ///   - codes: room for as many, −127…127.
    ///   - scales: room for `count`, all greater than 0: a weight is about its code times the scale of its row.
    package func quantize(
        _ rows: UnsafePointer<Float>, count: Int, codes: UnsafeMutablePointer<Int8>,
        scales: UnsafeMutablePointer<Float>
    ) {
        for first in stride(from: 0, to: count, by: Self.rowsPerBlock) {
            let block = min(Self.rowsPerBlock, count - first)
            let start = rows + first * columns
            for (row, scale) in bestScales(start, count: block).enumerated() {
                let (source, target) = (start + row * columns, codes + (first + row) * columns)
                scales[first + row] = scale
                if let factor {
                    factor.round(source, scale: scale, codes: target)
                } else {
                    for column in 0..<columns { target[column] = Self.code(source[column], scale) }
                }
            }
        }
    }

    /// The nearest code of −127…127.
    private static func code(_ weight: Float, _ scale: Float) -> Int8 {
        Int8(min(max((weight / scale).rounded(.toNearestOrEven), -127), 127))
    }

    /// The scale that makes 127 of a share of the largest magnitude; of a row that is next to nothing one that is harmless.
    private static func scale(most: Float, clip: Float) -> Float { most < 1e-30 ? 1e-30 : clip * most / 127 }

    private func bestScales(_ rows: UnsafePointer<Float>, count: Int) -> [Float] {
        let most = (0..<count).map { row in
            (0..<columns).reduce(Float(0)) { max($0, abs(rows[row * columns + $1])) }
        }
        guard method != .nearest else { return most.map { Self.scale(most: $0, clip: 1) } }
        let tried = Self.clips.count
        let errors = AlignedFloats(count: count * tried * columns)
        for row in 0..<count {
            for (index, clip) in Self.clips.enumerated() {
                let scale = Self.scale(most: most[row], clip: clip)
                let into = errors.base + (row * tried + index) * columns
                for column in 0..<columns {
                    let weight = rows[row * columns + column]
                    into[column] = weight - Float(Self.code(weight, scale)) * scale
                }
            }
        }
        let weighted = weigh(errors, count: count * tried)
        return (0..<count).map { row in
            var best = (cost: Double.infinity, index: 0)
            for index in 0..<tried {
                let first = (row * tried + index) * columns
                var cost = 0.0
                for column in 0..<columns {
                    cost += Double(errors.base[first + column]) * Double(weighted.base[first + column])
                }
                if cost < best.cost { best = (cost, index) }
            }
            return Self.scale(most: most[row], clip: Self.clips[best.index])
        }
    }

    /// G d of each row d of errors, d itself without moments.
    private func weigh(_ errors: AlignedFloats, count: Int) -> AlignedFloats {
        guard let weights else { return errors }
        let product = AlignedFloats(count: count * columns)
        weights.multiply(errors.base, rows: count, into: product.base, kernels: kernels)
        return product
    }
}
