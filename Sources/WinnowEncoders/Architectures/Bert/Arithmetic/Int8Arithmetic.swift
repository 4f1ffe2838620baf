import CWinnowKernels

/// int8 weights with a scale a column, 8-bit activations with a scale a token; attention in bfloat16 where the kernels have
/// it, else in float32.
///
/// Sums of a product are exact integers, so a token's bits depend on nothing but itself, as in float32.
package struct Int8Arithmetic: BertArithmetic {
    package let kernels: Kernels
    package let layout: WorkspaceLayout

    package init(_ kernels: Kernels, headSize: Int) {
        self.kernels = kernels
        let bfloat16 = kernels.hasBFloat16 && headSize % 2 == 0
        layout = WorkspaceLayout(operandBytes: 1, attentionBytes: bfloat16 ? 2 : 4)
    }

    package func pack(_ parts: [LinearWeights], codes: winnow_codes) -> Int8Linear {
        Int8Linear(parts, codes: codes, kernels: kernels)
    }

    package func operand(
        _ input: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int, codes: winnow_codes, spare: Operand
    ) -> Operand {
        kernels.table.pointee.quantize_rows(
            input, stride, rows, columns, codes, spare.base.assumingMemoryBound(to: UInt8.self), spare.stride,
            spare.scales)
        return spare
    }

    package func normalize(
        _ norm: PackedNorm, _ input: UnsafePointer<Float>, residual: UnsafePointer<Float>?, rows: Int,
        into output: UnsafeMutablePointer<Float>, stride: Int, spare: Operand
    ) -> Operand {
        norm.withParameters { weight, bias, epsilon, columns in
            kernels.table.pointee.layer_norm_i8(
                input, stride, residual, stride, weight, bias, epsilon, rows, columns, output, stride,
                spare.base.assumingMemoryBound(to: UInt8.self), spare.stride, spare.scales)
        }
        return spare
    }

    package func multiply(
        _ matrix: Int8Linear, _ input: Operand, rows: Int, epilogue: winnow_epilogue,
        into output: UnsafeMutablePointer<Float>, stride: Int
    ) {
        matrix(input, rows: rows, epilogue: epilogue, into: output, bfloat16: nil, stride: stride, kernels: kernels)
    }

    package func multiply(
        _ matrix: Int8Linear, _ input: Operand, rows: Int, forAttention output: UnsafeMutableRawPointer, stride: Int
    ) {
        if layout.attentionBytes == 2 {
            matrix(
                input, rows: rows, epilogue: WINNOW_EPILOGUE_NONE, into: nil,
                bfloat16: output.assumingMemoryBound(to: UInt16.self), stride: stride, kernels: kernels)
        } else {
            matrix(
                input, rows: rows, epilogue: WINNOW_EPILOGUE_NONE, into: output.assumingMemoryBound(to: Float.self),
                bfloat16: nil, stride: stride, kernels: kernels)
        }
    }
}
