import CWinnowKernels

/// In which numbers a BERT multiplies. Activations between layers, norms and softmax are float32 in all of them; an arithmetic
/// says what the matrices are packed to, what their inputs are turned into, and what attention reads.
package protocol BertArithmetic: Sendable {
    /// A packed matrix with its bias.
    associatedtype Matrix: Sendable

    var kernels: Kernels { get }
    var layout: WorkspaceLayout { get }

    /// Packs matrices over the same input, their outputs side by side.
    /// - Parameter codes: what the inputs are: of either sign, or made by GELU.
    func pack(_ parts: [LinearWeights], codes: winnow_codes) -> Matrix

    /// Rows of floats as a matrix takes them; `spare` has room for them.
    func operand(
        _ input: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int, codes: winnow_codes, spare: Operand
    ) -> Operand

    /// output = norm(input + residual) in float32, which may be in place of either, and as a matrix takes it.
    func normalize(
        _ norm: PackedNorm, _ input: UnsafePointer<Float>, residual: UnsafePointer<Float>?, rows: Int,
        into output: UnsafeMutablePointer<Float>, stride: Int, spare: Operand
    ) -> Operand

    /// Matrix product with bias, in float32.
    func multiply(
        _ matrix: Matrix, _ input: Operand, rows: Int, epilogue: winnow_epilogue,
        into output: UnsafeMutablePointer<Float>, stride: Int)

    /// Matrix product with bias, in what attention reads.
    func multiply(
        _ matrix: Matrix, _ input: Operand, rows: Int, forAttention output: UnsafeMutableRawPointer, stride: Int)

    /// The inner activations of the feed-forward block as its second matrix takes them.
    func feedForwardMiddle(_ matrix: Matrix, _ input: Operand, rows: Int, columns: Int, _ scratch: BertScratch)
        -> Operand
}

extension BertArithmetic {
    /// output[queries, head] = softmax(query·keyᵀ/√head)·value for one sequence and one head, in bfloat16 or float32 as the layout
    /// has it; strides in values.
    package func attend(
        query: UnsafeRawPointer, queryStride: Int, queries: Int, key: UnsafeRawPointer, value: UnsafeRawPointer,
        keyValueStride: Int, keys: Int, head: Int, into output: UnsafeMutablePointer<Float>, stride: Int,
        scratch: UnsafeMutableRawPointer
    ) {
        (layout.attentionBytes == 2 ? attendInBFloat16 : attendInFloat32)(
            kernels, query, queryStride, queries, key, value, keyValueStride, keys, head, output, stride, scratch)
    }

    package func feedForwardMiddle(
        _ matrix: Matrix, _ input: Operand, rows: Int, columns: Int, _ scratch: BertScratch
    ) -> Operand {
        multiply(
            matrix, input, rows: rows, epilogue: WINNOW_EPILOGUE_GELU, into: scratch.middle,
            stride: scratch.middleStride)
        return operand(
            scratch.middle, stride: scratch.middleStride, rows: rows, columns: columns, codes: WINNOW_CODES_GELU,
            spare: scratch.middleOperand)
    }
}

/// Attention over float32 rows; what every arithmetic can fall back to.
private func attendInFloat32(
    _ kernels: Kernels, query: UnsafeRawPointer, queryStride: Int, queries: Int, key: UnsafeRawPointer,
    value: UnsafeRawPointer, keyValueStride: Int, keys: Int, head: Int, into output: UnsafeMutablePointer<Float>,
    stride: Int, scratch: UnsafeMutableRawPointer
) {
    var arguments = winnow_attention_f32(
        query: query.assumingMemoryBound(to: Float.self), query_stride: queryStride, queries: queries,
        key: key.assumingMemoryBound(to: Float.self), key_stride: keyValueStride,
        value: value.assumingMemoryBound(to: Float.self), value_stride: keyValueStride, keys: keys, head: head,
        scale: 1 / Float(head).squareRoot(), output: output, output_stride: stride,
        scratch: scratch.assumingMemoryBound(to: Float.self))
    kernels.table.pointee.attention_f32(&arguments)
}

/// Attention over bfloat16 rows, where the kernels have it.
private func attendInBFloat16(
    _ kernels: Kernels, query: UnsafeRawPointer, queryStride: Int, queries: Int, key: UnsafeRawPointer,
    value: UnsafeRawPointer, keyValueStride: Int, keys: Int, head: Int, into output: UnsafeMutablePointer<Float>,
    stride: Int, scratch: UnsafeMutableRawPointer
) {
    var arguments = winnow_attention_bf16(
        query: query.assumingMemoryBound(to: UInt16.self), query_stride: queryStride, queries: queries,
        key: key.assumingMemoryBound(to: UInt16.self), key_stride: keyValueStride,
        value: value.assumingMemoryBound(to: UInt16.self), value_stride: keyValueStride, keys: keys, head: head,
        scale: 1 / Float(head).squareRoot(), output: output, output_stride: stride, scratch: scratch)
    kernels.table.pointee.attention_bf16(&arguments)
}
