import CWinnowKernels

/// y = x·Wᵀ + b with the weights in the kernels' panels.
package struct PackedLinear: Sendable {
    package let inputs, outputs: Int
    private let panels: AlignedBytes
    private let bias: AlignedFloats

    /// Dequantises and packs; several matrices over the same input become one, their outputs side by side.
    /// - Parameter memory: where the panels lie; nil: in memory of their own.
    /// - Precondition: all have the same number of inputs.
    package init(_ parts: [LinearWeights], memory: PanelMemory? = nil) {
        let inputs = parts.first?.weight.columns ?? 0
        let outputs = parts.reduce(0) { $0 + $1.weight.rows }
        precondition(parts.allSatisfy { $0.weight.columns == inputs }, "matrices over different inputs")
        let bytes = winnow_packed_linear_f32_count(outputs, inputs) * 4
        panels = memory?.allocate(bytes) ?? AlignedBytes(count: bytes)
        bias = AlignedFloats(parts.flatMap(\.bias), padded: (outputs + 31) / 32 * 32)
        self.inputs = inputs
        self.outputs = outputs

        let block = AlignedFloats(count: Int(WINNOW_PANEL_COLUMNS) * inputs)
        forEachPanel(parts) { first, rows in
            for (place, source) in rows.enumerated() {
                parts[source.part].weight.copyRow(source.row, into: block.base + place * inputs)
            }
            winnow_pack_linear_f32(
                block.base, first, rows.count, inputs, panels.base.assumingMemoryBound(to: Float.self))
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
            panels: panels.base.assumingMemoryBound(to: Float.self), panels_bf16: nil, bias: bias.base,
            columns: outputs,
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

    /// For kernels that norm and do more in one go.
    package func withParameters(
        _ body: (_ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ epsilon: Float, _ columns: Int) -> Void
    ) {
        body(weight.base, bias.base, epsilon, weight.count)
    }

    /// output = norm(input + residual), row by row; output may be input or residual, with the same stride.
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
