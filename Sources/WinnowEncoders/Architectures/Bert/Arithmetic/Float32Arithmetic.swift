import CWinnowKernels

/// Everything in float32: agrees with the reference to 1e-4 on logits.
package struct Float32Arithmetic: BertArithmetic {
    package let kernels: Kernels
    private let memory = PanelMemory()
    package let layout = WorkspaceLayout(operandBytes: 0, attention: .float32)

    package init(_ kernels: Kernels) {
        self.kernels = kernels
    }

    package func pack(_ parts: [LinearWeights]) -> PackedLinear {
        PackedLinear(parts, memory: memory)
    }

    package func operand(
        _ input: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int, spare: Operand
    ) -> Operand {
        Operand(base: UnsafeMutableRawPointer(input), stride: stride * 4, scales: spare.scales)
    }

    package func normalize(
        _ norm: PackedNorm, _ input: UnsafePointer<Float>, residual: UnsafePointer<Float>?, rows: Int,
        into output: UnsafeMutablePointer<Float>, stride: Int, spare: Operand
    ) -> Operand {
        norm(
            input, stride: stride, residual: residual, residualStride: stride, rows: rows, into: output, stride: stride,
            kernels: kernels)
        return Operand(base: UnsafeMutableRawPointer(output), stride: stride * 4, scales: spare.scales)
    }

    package func multiply(
        _ matrix: PackedLinear, _ input: Operand, rows: Int, epilogue: winnow_epilogue,
        into output: UnsafeMutablePointer<Float>, stride: Int
    ) {
        matrix(
            input.base.assumingMemoryBound(to: Float.self), stride: input.stride / 4, rows: rows, into: output,
            stride: stride, epilogue: epilogue, kernels: kernels)
    }

    package func multiply(
        _ matrix: PackedLinear, _ input: Operand, rows: Int, forAttention output: UnsafeMutableRawPointer, stride: Int
    ) {
        multiply(
            matrix, input, rows: rows, epilogue: WINNOW_EPILOGUE_NONE, into: output.assumingMemoryBound(to: Float.self),
            stride: stride / 4)
    }
}
