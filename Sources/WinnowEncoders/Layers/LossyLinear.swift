import CWinnowKernels

/// The rows of several matrices over the same input, one after the other, 32 at a time: a panel may span two of them.
package func forEachPanel(
    _ parts: [LinearWeights], _ body: (_ firstOutput: Int, _ rows: [(part: Int, row: Int)]) -> Void
) {
    let outputs = parts.reduce(0) { $0 + $1.weight.rows }
    let panelRows = Int(WINNOW_PANEL_COLUMNS)
    var part = 0
    var row = 0
    for first in stride(from: 0, to: outputs, by: panelRows) {
        var rows: [(part: Int, row: Int)] = []
        while rows.count < min(panelRows, outputs - first) {
            if row == parts[part].weight.rows {
                part += 1
                row = 0
            } else {
                rows.append((part, row))
                row += 1
            }
        }
        body(first, rows)
    }
}

/// y = x·Wᵀ + b with int8 weights, one scale an output, in the kernels' panels.
package struct Int8Linear: Sendable {
    /// Sums of so many products of a code (at most 255) and a weight (at most 128 in magnitude) stay within int32.
    package static let mostInputs = Int(Int32.max) / (255 * 128)

    package let inputs, outputs: Int
    private let panels: AlignedBytes
    private let scales, sums, bias: AlignedFloats

    /// Packs int8 matrices as they are and quantises others by row (symmetric, the largest magnitude is 127).
    /// - Precondition: all have the same number of inputs.
    package init(_ parts: [LinearWeights], kernels: Kernels, memory: PanelMemory) {
        let inputs = parts.first?.weight.columns ?? 0
        let outputs = parts.reduce(0) { $0 + $1.weight.rows }
        precondition(parts.allSatisfy { $0.weight.columns == inputs }, "matrices over different inputs")
        let panelRows = Int(WINNOW_PANEL_COLUMNS)
        let padded = (outputs + panelRows - 1) / panelRows * panelRows
        panels = memory.allocate(winnow_packed_linear_i8_count(outputs, inputs))
        sums = AlignedFloats(count: padded)
        scales = AlignedFloats([Float](repeating: 0, count: outputs), padded: padded)
        bias = AlignedFloats(parts.flatMap(\.bias), padded: padded)
        self.inputs = inputs
        self.outputs = outputs

        let block = AlignedBytes(count: panelRows * inputs)
        let weightSums = AlignedBytes(count: padded * 4)
        let floats = AlignedFloats(count: inputs)
        let group = kernels.table.pointee.i8_group
        forEachPanel(parts) { first, rows in
            let values = block.base.assumingMemoryBound(to: Int8.self)
            for (place, source) in rows.enumerated() {
                let output = first + place
                let into = values + place * inputs
                scales.base[output] = parts[source.part].weight.copyCodes(source.row, into: into, floats: floats.base)
            }
            winnow_pack_linear_i8(
                values, first, rows.count, inputs, group, panels.base.assumingMemoryBound(to: Int8.self),
                weightSums.base.assumingMemoryBound(to: Int32.self))
        }
        for output in 0..<padded {
            sums.base[output] =
                scales.base[output] * Float(weightSums.base.load(fromByteOffset: output * 4, as: Int32.self))
        }
    }

    /// Where a product goes; strides in values.
    package enum Output {
        case float32(UnsafeMutablePointer<Float>, stride: Int)
        case bfloat16(UnsafeMutablePointer<UInt16>, stride: Int)
        /// Symmetric codes with a scale for each `head` columns of a row, the scales `stride` bytes apart too.
        case codes(UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<Float>, head: Int, stride: Int)
    }

    package func callAsFunction(
        _ input: Operand, rows: Int, epilogue: winnow_epilogue, into output: Output, kernels: Kernels
    ) {
        var arguments = winnow_linear_i8()
        arguments.input = UnsafePointer(input.base.assumingMemoryBound(to: UInt8.self))
        arguments.input_stride = input.stride
        arguments.input_scales = UnsafePointer(input.scales)
        arguments.rows = rows
        arguments.depth = inputs
        arguments.panels = UnsafePointer(panels.base.assumingMemoryBound(to: Int8.self))
        arguments.column_scales = UnsafePointer(scales.base)
        arguments.column_sums = UnsafePointer(sums.base)
        arguments.bias = UnsafePointer(bias.base)
        arguments.columns = outputs
        arguments.epilogue = epilogue
        switch output {
        case .float32(let values, let stride):
            arguments.output = values
            arguments.output_stride = stride
        case .bfloat16(let values, let stride):
            arguments.output_bf16 = values
            arguments.output_stride = stride
        case .codes(let codes, let scales, let head, let stride):
            arguments.codes = codes
            arguments.codes_stride = stride
            arguments.head = head
            arguments.code_scales = scales
            arguments.code_scales_stride = stride / 4
        }
        kernels.table.pointee.linear_i8(&arguments)
    }
}

/// y = x·Wᵀ + b with weights in bfloat16, in the kernels' panels.
package struct BFloat16Linear: Sendable {
    package let inputs, outputs: Int
    private let panels: AlignedBytes
    private let bias: AlignedFloats

    /// Rounds to bfloat16 and packs.
    /// - Precondition: all have the same number of inputs.
    package init(_ parts: [LinearWeights], memory: PanelMemory) {
        let inputs = parts.first?.weight.columns ?? 0
        let outputs = parts.reduce(0) { $0 + $1.weight.rows }
        precondition(parts.allSatisfy { $0.weight.columns == inputs }, "matrices over different inputs")
        let panelRows = Int(WINNOW_PANEL_COLUMNS)
        panels = memory.allocate(winnow_packed_linear_bf16_count(outputs, inputs) * 2)
        bias = AlignedFloats(parts.flatMap(\.bias), padded: (outputs + panelRows - 1) / panelRows * panelRows)
        self.inputs = inputs
        self.outputs = outputs

        let block = AlignedFloats(count: panelRows * inputs)
        forEachPanel(parts) { first, rows in
            for (place, source) in rows.enumerated() {
                parts[source.part].weight.copyRow(source.row, into: block.base + place * inputs)
            }
            winnow_pack_linear_bf16(
                block.base, first, rows.count, inputs, panels.base.assumingMemoryBound(to: UInt16.self))
        }
    }

    /// Float32 input with the rounded weights, in float32 arithmetic, into rows `stride` values apart.
    package func callAsFunction(
        float32 input: Operand, rows: Int, epilogue: winnow_epilogue, into output: UnsafeMutablePointer<Float>,
        stride: Int, kernels: Kernels
    ) {
        var arguments = winnow_linear_f32()
        arguments.input = UnsafePointer(input.base.assumingMemoryBound(to: Float.self))
        arguments.input_stride = input.stride / 4
        arguments.rows = rows
        arguments.depth = inputs
        arguments.panels_bf16 = UnsafePointer(panels.base.assumingMemoryBound(to: UInt16.self))
        arguments.bias = UnsafePointer(bias.base)
        arguments.columns = outputs
        arguments.output = output
        arguments.output_stride = stride
        arguments.epilogue = epilogue
        kernels.table.pointee.linear_f32(&arguments)
    }

    /// Into float32 `output`, or where that is nil into `bfloat16`, rows `stride` values apart.
    package func callAsFunction(
        _ input: Operand, rows: Int, epilogue: winnow_epilogue, into output: UnsafeMutablePointer<Float>?,
        bfloat16: UnsafeMutablePointer<UInt16>?, stride: Int, kernels: Kernels
    ) {
        var arguments = winnow_linear_bf16(
            input: input.base.assumingMemoryBound(to: UInt16.self), input_stride: input.stride / 2, rows: rows,
            depth: inputs, panels: panels.base.assumingMemoryBound(to: UInt16.self), bias: bias.base,
            columns: outputs, epilogue: epilogue, output: output, output_bf16: bfloat16, output_stride: stride)
        kernels.table.pointee.linear_bf16(&arguments)
    }
}
