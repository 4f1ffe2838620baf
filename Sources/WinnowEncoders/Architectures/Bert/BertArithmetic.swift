import CWinnowKernels

/// In which numbers a BERT multiplies. Activations between layers, norms and softmax are float32 in all of them; an arithmetic
/// says what the matrices are packed to, what their inputs are turned into, and what attention reads.
package protocol BertArithmetic: Sendable {
    /// A packed matrix with its bias.
    associatedtype Matrix: Sendable

    var kernels: Kernels { get }
    var layout: WorkspaceLayout { get }

    /// Packs matrices over the same input, their outputs side by side.
    func pack(_ parts: [LinearWeights]) -> Matrix

    /// Rows of floats as a matrix takes them; `spare` has room for them.
    func operand(
        _ input: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int, spare: Operand
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

    /// Matrix product with bias, in what attention reads (``AttentionNumbers``); `stride` in bytes.
    func multiply(
        _ matrix: Matrix, _ input: Operand, rows: Int, forAttention output: UnsafeMutableRawPointer, stride: Int)

    /// The inner activations of the feed-forward block as its second matrix takes them.
    func feedForwardMiddle(_ matrix: Matrix, _ input: Operand, rows: Int, columns: Int, _ scratch: BertScratch)
        -> Operand
}

/// One sequence's queries, keys and values of all heads, rows as ``AttentionNumbers`` has them.
package struct AttentionRows {
    package var query: UnsafeRawPointer
    /// Bytes from row to row.
    package var queryStride: Int
    /// Some of the sequence's rows.
    package var queries: Int
    /// A row holds the keys of all heads and then their values.
    package var keyValue: UnsafeRawPointer
    package var keyValueStride: Int
    /// All of the sequence's rows.
    package var keys: Int
    /// `heads` · `head` values a row.
    package var heads, head: Int
    /// `[queries, heads · head]`, rows `outputStride` floats apart.
    package var output: UnsafeMutablePointer<Float>
    package var outputStride: Int
    /// ``AttentionNumbers/scratchBytes(keys:head:)`` bytes.
    package var scratch: UnsafeMutableRawPointer

    package var columns: Int { heads * head }
    package var scale: Float { 1 / Float(head).squareRoot() }
}

extension BertArithmetic {
    /// output = softmax(query·keyᵀ/√head)·value for each head of one sequence.
    package func attend(_ rows: AttentionRows) {
        for head in 0..<rows.heads {
            switch layout.attention {
            case .float32: attendInFloat32(kernels, rows, head: head)
            case .bfloat16: attendInBFloat16(kernels, rows, head: head)
            case .int8: attendInInt8(kernels, rows, head: head)
            }
        }
    }

    package func feedForwardMiddle(
        _ matrix: Matrix, _ input: Operand, rows: Int, columns: Int, _ scratch: BertScratch
    ) -> Operand {
        multiply(
            matrix, input, rows: rows, epilogue: WINNOW_EPILOGUE_GELU, into: scratch.middle,
            stride: scratch.middleStride)
        return operand(
            scratch.middle, stride: scratch.middleStride, rows: rows, columns: columns,
            spare: scratch.middleOperand)
    }
}

private func attendInFloat32(_ kernels: Kernels, _ rows: AttentionRows, head: Int) {
    let column = head * rows.head
    let keyValue = rows.keyValue.assumingMemoryBound(to: Float.self)
    var arguments = winnow_attention_f32(
        query: rows.query.assumingMemoryBound(to: Float.self) + column, query_stride: rows.queryStride / 4,
        queries: rows.queries, key: keyValue + column, key_stride: rows.keyValueStride / 4,
        value: keyValue + rows.columns + column, value_stride: rows.keyValueStride / 4, keys: rows.keys,
        head: rows.head, scale: rows.scale, output: rows.output + column, output_stride: rows.outputStride,
        scratch: rows.scratch.assumingMemoryBound(to: Float.self))
    kernels.table.pointee.attention_f32(&arguments)
}

/// Where the kernels have it.
private func attendInBFloat16(_ kernels: Kernels, _ rows: AttentionRows, head: Int) {
    let column = head * rows.head
    let keyValue = rows.keyValue.assumingMemoryBound(to: UInt16.self)
    var arguments = winnow_attention_bf16(
        query: rows.query.assumingMemoryBound(to: UInt16.self) + column, query_stride: rows.queryStride / 2,
        queries: rows.queries, key: keyValue + column, key_stride: rows.keyValueStride / 2,
        value: keyValue + rows.columns + column, value_stride: rows.keyValueStride / 2, keys: rows.keys,
        head: rows.head, scale: rows.scale, output: rows.output + column, output_stride: rows.outputStride,
        scratch: rows.scratch)
    kernels.table.pointee.attention_bf16(&arguments)
}

/// Where the kernels have it, and heads are a multiple of 32.
private func attendInInt8(_ kernels: Kernels, _ rows: AttentionRows, head: Int) {
    let column = head * rows.head
    let keyValue = rows.keyValue.assumingMemoryBound(to: UInt8.self)
    let queryScales = (rows.query + rows.columns).assumingMemoryBound(to: Float.self)
    let keyValueScales = (rows.keyValue + 2 * rows.columns).assumingMemoryBound(to: Float.self)
    var arguments = winnow_attention_i8(
        query: rows.query.assumingMemoryBound(to: UInt8.self) + column, query_stride: rows.queryStride,
        query_scales: queryScales + head, query_scales_stride: rows.queryStride / 4, queries: rows.queries,
        key: keyValue + column, value: keyValue + rows.columns + column, key_value_stride: rows.keyValueStride,
        key_scales: keyValueScales + head, value_scales: keyValueScales + rows.heads + head,
        key_value_scales_stride: rows.keyValueStride / 4, keys: rows.keys, head: rows.head, scale: rows.scale,
        output: rows.output + column, output_stride: rows.outputStride, scratch: rows.scratch)
    kernels.table.pointee.attention_i8(&arguments)
}
