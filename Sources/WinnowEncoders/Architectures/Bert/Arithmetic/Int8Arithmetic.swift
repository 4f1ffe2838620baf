import CWinnowKernels

/// int8 weights with a scale a column, 8-bit activations with a scale and a least value a token; attention in int8 too where the
/// kernels have it, with a scale a token and head, else in bfloat16, else in float32.
///
/// Sums of a product are exact integers, so a token's bits depend on nothing but itself, as in float32.
package struct Int8Arithmetic: BertArithmetic {
    package let kernels: Kernels
    package let layout: WorkspaceLayout
    private let headSize: Int
    private let memory = PanelMemory()

    /// Keys at most for attention in int8: no sum of a weight's digits times values leaves int32.
    private static let mostKeys = 65_536

    /// - Parameter positions: of the longest sequence.
    package init(_ kernels: Kernels, headSize: Int, positions: Int) {
        self.kernels = kernels
        self.headSize = headSize
        let hasInt8 =
            kernels.table.pointee.attention_i8 != nil && headSize % Int(WINNOW_PANEL_COLUMNS) == 0
            && headSize <= Int(WINNOW_ATTENTION_I8_MAX_HEAD) && positions <= Self.mostKeys
        let hasBFloat16 = kernels.hasBFloat16 && headSize % 2 == 0
        layout = WorkspaceLayout(
            operandBytes: 1, attention: hasInt8 ? .int8 : hasBFloat16 ? .bfloat16 : .float32)
    }

    package func pack(_ parts: [LinearWeights]) -> Int8Linear {
        Int8Linear(parts, kernels: kernels, memory: memory)
    }

    package func operand(
        _ input: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int, spare: Operand
    ) -> Operand {
        kernels.table.pointee.quantize_rows(
            input, stride, rows, columns, spare.base.assumingMemoryBound(to: UInt8.self), spare.stride,
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
        matrix(input, rows: rows, epilogue: epilogue, into: .float32(output, stride: stride), kernels: kernels)
    }

    package func multiply(
        _ matrix: Int8Linear, _ input: Operand, rows: Int, forAttention output: UnsafeMutableRawPointer, stride: Int
    ) {
        let destination: Int8Linear.Output =
            switch layout.attention {
            case .float32: .float32(output.assumingMemoryBound(to: Float.self), stride: stride / 4)
            case .bfloat16: .bfloat16(output.assumingMemoryBound(to: UInt16.self), stride: stride / 2)
            case .int8:
                .codes(
                    output.assumingMemoryBound(to: UInt8.self),
                    scales: (output + matrix.outputs).assumingMemoryBound(to: Float.self), head: headSize,
                    stride: stride)
            }
        matrix(input, rows: rows, epilogue: WINNOW_EPILOGUE_NONE, into: destination, kernels: kernels)
    }
}
