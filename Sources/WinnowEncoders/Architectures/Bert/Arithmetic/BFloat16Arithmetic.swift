import CWinnowKernels

/// Matrices and their inputs rounded to bfloat16, products summed in float32; attention likewise.
package struct BFloat16Arithmetic: BertArithmetic {
    package let kernels: Kernels
    private let memory = PanelMemory()
    package let layout = WorkspaceLayout(operandBytes: 2, attention: .bfloat16)

    /// - Precondition: the kernels have bfloat16, and heads an even number of dimensions.
    package init(_ kernels: Kernels, headSize: Int) {
        precondition(kernels.hasBFloat16 && headSize % 2 == 0, "no bfloat16 here")
        self.kernels = kernels
    }

    package func pack(_ parts: [LinearWeights]) -> BFloat16Linear {
        BFloat16Linear(parts, memory: memory)
    }

    package func operand(
        _ input: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int, spare: Operand
    ) -> Operand {
        kernels.table.pointee.round_rows_bf16(
            input, stride, rows, columns, spare.base.assumingMemoryBound(to: UInt16.self), spare.stride / 2)
        return spare
    }

    package func normalize(
        _ norm: PackedNorm, _ input: UnsafePointer<Float>, residual: UnsafePointer<Float>?, rows: Int,
        into output: UnsafeMutablePointer<Float>, stride: Int, spare: Operand
    ) -> Operand {
        norm.withParameters { weight, bias, epsilon, columns in
            kernels.table.pointee.layer_norm_bf16(
                input, stride, residual, stride, weight, bias, epsilon, rows, columns, output, stride,
                spare.base.assumingMemoryBound(to: UInt16.self), spare.stride / 2)
        }
        return spare
    }

    package func multiply(
        _ matrix: BFloat16Linear, _ input: Operand, rows: Int, epilogue: winnow_epilogue,
        into output: UnsafeMutablePointer<Float>, stride: Int
    ) {
        matrix(input, rows: rows, epilogue: epilogue, into: output, bfloat16: nil, stride: stride, kernels: kernels)
    }

    package func multiply(
        _ matrix: BFloat16Linear, _ input: Operand, rows: Int, forAttention output: UnsafeMutableRawPointer, stride: Int
    ) {
        matrix(
            input, rows: rows, epilogue: WINNOW_EPILOGUE_NONE, into: nil,
            bfloat16: output.assumingMemoryBound(to: UInt16.self), stride: stride / 2, kernels: kernels)
    }

    /// GELU's values are rounded where they are made: no float32 row between.
    package func feedForwardMiddle(
        _ matrix: BFloat16Linear, _ input: Operand, rows: Int, columns: Int, _ scratch: BertScratch
    ) -> Operand {
        let spare = scratch.middleOperand
        matrix(
            input, rows: rows, epilogue: WINNOW_EPILOGUE_GELU, into: nil,
            bfloat16: spare.base.assumingMemoryBound(to: UInt16.self), stride: spare.stride / 2, kernels: kernels)
        return spare
    }
}
