import CWinnowKernels
import WinnowEncoders

/// A packed int8 matrix, for tests of its kernel.
struct Int8Product {
    let panels: AlignedBytes
    let scales, sums, bias: AlignedFloats
    let inputs, outputs: Int
    let kernels: Kernels

    init(
        _ weight: [Int8], scales: [Float], bias: [Float], inputs: Int, _ kernels: Kernels
    ) {
        outputs = scales.count
        let padded = (outputs + 31) / 32 * 32
        panels = AlignedBytes(count: winnow_packed_linear_i8_count(outputs, inputs))
        var sums = [Int32](repeating: 0, count: padded)
        winnow_pack_linear_i8(
            weight, 0, outputs, inputs, kernels.table.pointee.i8_group, panels.base.assumingMemoryBound(to: Int8.self),
            &sums)
        self.scales = AlignedFloats(scales, padded: padded)
        self.sums = AlignedFloats(zip(scales, sums).map { $0 * Float($1) }, padded: padded)
        self.bias = AlignedFloats(bias, padded: padded)
        self.inputs = inputs
        self.kernels = kernels
    }

    /// Symmetric codes, as the tests have them, unless the least values are given.
    private static func rows(_ scales: [Float], _ leasts: [Float]?) -> [winnow_row_scale] {
        scales.indices.map { winnow_row_scale(scale: scales[$0], least: leasts?[$0] ?? -128 * scales[$0]) }
    }

    func halves(_ input: [UInt8], stride: Int, scales rowScales: [Float], leasts: [Float]? = nil) -> [UInt16] {
        let padded = input + [UInt8](repeating: 0xAA, count: 64)
        var output = [UInt16](repeating: 0x7FFF, count: rowScales.count * outputs)
        padded.withUnsafeBufferPointer { input in
            Self.rows(rowScales, leasts).withUnsafeBufferPointer { rowScales in
                output.withUnsafeMutableBufferPointer { output in
                    var arguments = winnow_linear_i8(
                        input: input.baseAddress, input_stride: stride, input_scales: rowScales.baseAddress,
                        rows: rowScales.count, depth: inputs,
                        panels: panels.base.assumingMemoryBound(to: Int8.self),
                        column_scales: self.scales.base, column_sums: sums.base,
                        bias: bias.base, columns: outputs, epilogue: WINNOW_EPILOGUE_NONE, output: nil,
                        output_bf16: output.baseAddress, output_stride: outputs, codes: nil, codes_stride: 0, head: 0,
                        code_scales: nil, code_scales_stride: 0)
                    kernels.table.pointee.linear_i8(&arguments)
                }
            }
        }
        return output
    }

    func callAsFunction(_ input: [UInt8], stride: Int, scales rowScales: [Float], leasts: [Float]? = nil, gelu: Bool)
        -> [Float]
    {
        let rows = rowScales.count
        // Room behind the last row, as every buffer of the encoders has it.
        let padded = input + [UInt8](repeating: 0xAA, count: 64)
        var output = [Float](repeating: .nan, count: rows * outputs)
        padded.withUnsafeBufferPointer { input in
            Self.rows(rowScales, leasts).withUnsafeBufferPointer { rowScales in
                output.withUnsafeMutableBufferPointer { output in
                    var arguments = winnow_linear_i8(
                        input: input.baseAddress, input_stride: stride, input_scales: rowScales.baseAddress,
                        rows: rows, depth: inputs, panels: panels.base.assumingMemoryBound(to: Int8.self),
                        column_scales: self.scales.base, column_sums: sums.base,
                        bias: bias.base, columns: outputs,
                        epilogue: gelu ? WINNOW_EPILOGUE_GELU : WINNOW_EPILOGUE_NONE,
                        output: output.baseAddress, output_bf16: nil, output_stride: outputs, codes: nil,
                        codes_stride: 0,
                        head: 0,
                        code_scales: nil, code_scales_stride: 0)
                    kernels.table.pointee.linear_i8(&arguments)
                }
            }
        }
        return output
    }

    /// Codes and scales of each row's heads.
    func codes(_ input: [UInt8], stride: Int, scales rowScales: [Float], leasts: [Float]? = nil, head: Int) -> (
        codes: [UInt8], scales: [Float]
    ) {
        let rows = rowScales.count
        let padded = input + [UInt8](repeating: 0xAA, count: 64)
        var codes = [UInt8](repeating: 0, count: rows * outputs)
        var scales = [Float](repeating: -1, count: rows * outputs / head)
        padded.withUnsafeBufferPointer { input in
            Self.rows(rowScales, leasts).withUnsafeBufferPointer { rowScales in
                codes.withUnsafeMutableBufferPointer { codes in
                    scales.withUnsafeMutableBufferPointer { scales in
                        var arguments = winnow_linear_i8(
                            input: input.baseAddress, input_stride: stride, input_scales: rowScales.baseAddress,
                            rows: rows, depth: inputs, panels: panels.base.assumingMemoryBound(to: Int8.self),
                            column_scales: self.scales.base, column_sums: sums.base,
                            bias: bias.base, columns: outputs, epilogue: WINNOW_EPILOGUE_NONE, output: nil,
                            output_bf16: nil, output_stride: 0, codes: codes.baseAddress, codes_stride: outputs,
                            head: head,
                            code_scales: scales.baseAddress, code_scales_stride: outputs / head)
                        kernels.table.pointee.linear_i8(&arguments)
                    }
                }
            }
        }
        return (codes, scales)
    }
}
