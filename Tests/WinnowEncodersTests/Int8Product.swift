import CWinnowKernels
import WinnowEncoders

/// A packed int8 matrix, for tests of its kernel.
struct Int8Product {
    let panels, starts: AlignedBytes
    let scales, bias: AlignedFloats
    let inputs, outputs: Int
    let kernels: Kernels

    init(
        _ weight: [Int8], scales: [Float], bias: [Float], inputs: Int, codes: winnow_codes, _ kernels: Kernels
    ) {
        outputs = scales.count
        let padded = (outputs + 31) / 32 * 32
        panels = AlignedBytes(count: winnow_packed_linear_i8_count(outputs, inputs))
        starts = AlignedBytes(count: padded * 4)
        winnow_pack_linear_i8(
            weight, 0, outputs, inputs, kernels.table.pointee.i8_group, codes,
            panels.base.assumingMemoryBound(to: Int8.self), starts.base.assumingMemoryBound(to: Int32.self))
        self.scales = AlignedFloats(scales, padded: padded)
        self.bias = AlignedFloats(bias, padded: padded)
        self.inputs = inputs
        self.kernels = kernels
    }

    func halves(_ input: [UInt8], stride: Int, scales rowScales: [Float]) -> [UInt16] {
        let padded = input + [UInt8](repeating: 0xAA, count: 64)
        var output = [UInt16](repeating: 0x7FFF, count: rowScales.count * outputs)
        padded.withUnsafeBufferPointer { input in
            rowScales.withUnsafeBufferPointer { rowScales in
                output.withUnsafeMutableBufferPointer { output in
                    var arguments = winnow_linear_i8(
                        input: input.baseAddress, input_stride: stride, input_scales: rowScales.baseAddress,
                        rows: rowScales.count, depth: inputs,
                        panels: panels.base.assumingMemoryBound(to: Int8.self),
                        starts: starts.base.assumingMemoryBound(to: Int32.self), column_scales: scales.base,
                        bias: bias.base, columns: outputs, epilogue: WINNOW_EPILOGUE_NONE, output: nil,
                        output_bf16: output.baseAddress, output_stride: outputs, codes: nil, codes_stride: 0, head: 0,
                        code_scales: nil, code_scales_stride: 0)
                    kernels.table.pointee.linear_i8(&arguments)
                }
            }
        }
        return output
    }

    func callAsFunction(_ input: [UInt8], stride: Int, scales rowScales: [Float], gelu: Bool) -> [Float] {
        let rows = rowScales.count
        // Room behind the last row, as every buffer of the encoders has it.
        let padded = input + [UInt8](repeating: 0xAA, count: 64)
        var output = [Float](repeating: .nan, count: rows * outputs)
        padded.withUnsafeBufferPointer { input in
            rowScales.withUnsafeBufferPointer { rowScales in
                output.withUnsafeMutableBufferPointer { output in
                    var arguments = winnow_linear_i8(
                        input: input.baseAddress, input_stride: stride, input_scales: rowScales.baseAddress,
                        rows: rows, depth: inputs, panels: panels.base.assumingMemoryBound(to: Int8.self),
                        starts: starts.base.assumingMemoryBound(to: Int32.self), column_scales: scales.base,
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
    func codes(_ input: [UInt8], stride: Int, scales rowScales: [Float], head: Int) -> (codes: [UInt8], scales: [Float])
    {
        let rows = rowScales.count
        let padded = input + [UInt8](repeating: 0xAA, count: 64)
        var codes = [UInt8](repeating: 0, count: rows * outputs)
        var scales = [Float](repeating: -1, count: rows * outputs / head)
        padded.withUnsafeBufferPointer { input in
            rowScales.withUnsafeBufferPointer { rowScales in
                codes.withUnsafeMutableBufferPointer { codes in
                    scales.withUnsafeMutableBufferPointer { scales in
                        var arguments = winnow_linear_i8(
                            input: input.baseAddress, input_stride: stride, input_scales: rowScales.baseAddress,
                            rows: rows, depth: inputs, panels: panels.base.assumingMemoryBound(to: Int8.self),
                            starts: starts.base.assumingMemoryBound(to: Int32.self), column_scales: self.scales.base,
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
