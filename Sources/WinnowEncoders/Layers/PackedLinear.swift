import CWinnowKernels

/// y = x·Wᵀ + b with the weights in the kernels' panels.
package struct PackedLinear: Sendable {
    package let inputs, outputs: Int
    private let panels: AlignedFloats
    private let bias: AlignedFloats

    /// Dequantises and packs; several matrices over the same input become one, their outputs side by side.
    /// - Precondition: all have the same number of inputs.
    package init(_ parts: [LinearWeights]) {
        let inputs = parts.first?.weight.columns ?? 0
        let outputs = parts.reduce(0) { $0 + $1.weight.rows }
        precondition(parts.allSatisfy { $0.weight.columns == inputs }, "matrices over different inputs")
        panels = AlignedFloats(count: winnow_packed_linear_f32_count(outputs, inputs))
        bias = AlignedFloats(parts.flatMap(\.bias), padded: (outputs + 31) / 32 * 32)
        self.inputs = inputs
        self.outputs = outputs

        // 32 rows at a time: a panel's worth. A panel may span two matrices.
        let panelRows = Int(WINNOW_PANEL_COLUMNS)
        let block = AlignedFloats(count: panelRows * inputs)
        var part = 0
        var row = 0
        for first in stride(from: 0, to: outputs, by: panelRows) {
            let wanted = min(panelRows, outputs - first)
            var filled = 0
            while filled < wanted {
                let take = min(wanted - filled, parts[part].weight.rows - row)
                parts[part].weight.copyRows(row..<row + take, into: block.base + filled * inputs)
                filled += take
                row += take
                if row == parts[part].weight.rows {
                    part += 1
                    row = 0
                }
            }
            winnow_pack_linear_f32(block.base, first, wanted, inputs, panels.base)
        }
    }

    /// output[rows, outputs] = epilogue(input[rows, inputs]·Wᵀ + b), rows `inputStride` and `outputStride` floats apart.
    package func callAsFunction(
        _ input: UnsafePointer<Float>, stride inputStride: Int, rows: Int,
        into output: UnsafeMutablePointer<Float>, stride outputStride: Int,
        epilogue: winnow_epilogue = WINNOW_EPILOGUE_NONE, kernels: Kernels
    ) {
        var arguments = winnow_linear_f32(
            input: input, input_stride: inputStride, rows: rows, depth: inputs,
            panels: panels.base, bias: bias.base, columns: outputs,
            output: output, output_stride: outputStride, epilogue: epilogue)
        kernels.table.pointee.linear_f32(&arguments)
    }
}

/// Scale and shift of a layer norm, for the kernels.
package struct PackedNorm: Sendable {
    private let weight, bias: AlignedFloats
    private let epsilon: Float

    package init(_ weights: NormWeights, epsilon: Float) {
        weight = AlignedFloats(weights.weight)
        bias = AlignedFloats(weights.bias)
        self.epsilon = epsilon
    }

    /// output = norm(input + residual), row by row; output may be input or residual.
    package func callAsFunction(
        _ input: UnsafePointer<Float>, stride inputStride: Int,
        residual: UnsafePointer<Float>? = nil, residualStride: Int = 0, rows: Int,
        into output: UnsafeMutablePointer<Float>, stride outputStride: Int, kernels: Kernels
    ) {
        kernels.table.pointee.layer_norm_f32(
            input, inputStride, residual, residualStride, weight.base, bias.base, epsilon, rows, weight.count,
            output, outputStride)
    }
}
