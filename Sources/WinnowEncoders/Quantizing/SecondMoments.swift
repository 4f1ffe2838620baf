import CWinnowKernels

/// G = E[x xᵀ] of a matrix's inputs x: how much an error of its weights matters. An error d of one row of W changes that output by
/// d·x, and E[(d·x)²] = dᵀ G d.
package struct SecondMoments: Sendable {
    /// Inputs of the matrix.
    package let size: Int
    /// Σ x xᵀ over the inputs seen, `[size, size]`, symmetric, row by row.
    package private(set) var sums: [Double]
    /// Inputs seen.
    package private(set) var count = 0

    package init(size: Int) {
        self.size = size
        sums = [Double](repeating: 0, count: size * size)
    }

    /// Adds the product of a block of inputs.
    /// - Parameters:
    ///   - products: Σ x xᵀ of the block, `[size, size]`.
    ///   - count: inputs of the block.
    package mutating func add(_ products: [Float], count: Int) {
        precondition(products.count == sums.count, "\(products.count) products for moments of \(size) inputs")
        for index in sums.indices { sums[index] += Double(products[index]) }
        self.count += count
    }

    /// E[x xᵀ], zero when nothing was seen.
    package var mean: [Double] { count == 0 ? sums : sums.map { $0 / Double(count) } }

    /// The mean of two means, each counting half: for inputs of which some matter as much as all the others together.
    package static func halves(_ first: SecondMoments, _ second: SecondMoments) -> SecondMoments {
        precondition(first.size == second.size, "moments of \(first.size) and of \(second.size) inputs")
        guard first.count > 0 else { return second }
        guard second.count > 0 else { return first }
        var result = SecondMoments(size: first.size)
        let (one, other) = (first.mean, second.mean)
        for index in one.indices { result.sums[index] = (one[index] + other[index]) / 2 }
        result.count = 1
        return result
    }

    /// Σ x xᵀ of a block of inputs in float32, each sum in the order of the rows.
    /// - Parameter rows: `[count, columns]`, row by row.
    package static func products(_ rows: [Float], columns: Int, kernels: Kernels) -> [Float] {
        let count = rows.count / columns
        let transposed = AlignedFloats(count: rows.count)
        for row in 0..<count {
            for column in 0..<columns { transposed.base[column * count + row] = rows[row * columns + column] }
        }
        let matrix = SymmetricProduct(transposed, rows: columns, columns: count)
        return [Float](unsafeUninitializedCapacity: columns * columns) { buffer, initialized in
            if let base = buffer.baseAddress {
                matrix.multiply(transposed.base, rows: columns, into: base, kernels: kernels)
            }
            initialized = columns * columns
        }
    }
}

/// x ↦ x·Mᵀ for a matrix M of float32, in the kernels' panels, without a bias.
package struct SymmetricProduct: Sendable {
    private let rows, columns: Int
    private let panels: AlignedFloats

    /// - Parameter matrix: M, `[rows, columns]`, row by row.
    package init(_ matrix: AlignedFloats, rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        panels = AlignedFloats(count: winnow_packed_linear_f32_count(rows, columns))
        let panel = Int(WINNOW_PANEL_COLUMNS)
        for first in stride(from: 0, to: rows, by: panel) {
            winnow_pack_linear_f32(
                matrix.base + first * columns, first, min(panel, rows - first), columns, panels.base)
        }
    }

    /// output[count, rows] = input[count, columns]·Mᵀ, all without gaps between rows.
    package func multiply(
        _ input: UnsafePointer<Float>, rows count: Int, into output: UnsafeMutablePointer<Float>, kernels: Kernels
    ) {
        var arguments = winnow_linear_f32(
            input: input, input_stride: columns, rows: count, depth: columns, panels: panels.base, panels_bf16: nil,
            bias: nil,
            columns: rows, output: output, output_stride: rows, epilogue: WINNOW_EPILOGUE_NONE)
        kernels.table.pointee.linear_f32(&arguments)
    }
}
