import CWinnowKernels

/// Weights rounded to bfloat16, everything else in float32: half of float32's memory at its speed, on every processor.
package struct BFloat16WeightArithmetic: BertArithmetic {
    /// What is not a product with weights.
    private let float32: Float32Arithmetic
    private let memory = PanelMemory()

    package var kernels: Kernels { float32.kernels }
    package var layout: WorkspaceLayout { float32.layout }

    package init(_ kernels: Kernels) {
        float32 = Float32Arithmetic(kernels)
    }

    package func pack(_ parts: [LinearWeights]) -> BFloat16Linear {
        BFloat16Linear(parts, memory: memory)
    }

    package func operand(
        _ input: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int, spare: Operand
    ) -> Operand {
        float32.operand(input, stride: stride, rows: rows, columns: columns, spare: spare)
    }

    package func normalize(
        _ norm: PackedNorm, _ input: UnsafePointer<Float>, residual: UnsafePointer<Float>?, rows: Int,
        into output: UnsafeMutablePointer<Float>, stride: Int, spare: Operand
    ) -> Operand {
        float32.normalize(norm, input, residual: residual, rows: rows, into: output, stride: stride, spare: spare)
    }

    package func multiply(
        _ matrix: BFloat16Linear, _ input: Operand, rows: Int, epilogue: winnow_epilogue,
        into output: UnsafeMutablePointer<Float>, stride: Int
    ) {
        matrix(float32: input, rows: rows, epilogue: epilogue, into: output, stride: stride, kernels: kernels)
    }

    package func multiply(
        _ matrix: BFloat16Linear, _ input: Operand, rows: Int, forAttention output: UnsafeMutableRawPointer, stride: Int
    ) {
        multiply(
            matrix, input, rows: rows, epilogue: WINNOW_EPILOGUE_NONE,
            into: output.assumingMemoryBound(to: Float.self), stride: stride / 4)
    }
}
