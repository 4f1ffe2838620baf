import CWinnowKernels
import Foundation
import TestSupport
import Testing
import WinnowEncoders

/// The int8 and bfloat16 kernels of every variant against integers that are exact and formulas in double precision, over sizes
/// around the edges of tiles, panels, groups and vectors.
@Suite struct LossyKernelTests {
    static let variants = Kernels.available.map(\.name)
    static let bfloat16Variants = Kernels.available.filter(\.hasBFloat16).map(\.name)
    /// GELU's polynomial (1.9e-4), with float32 rounding on top.
    static let geluTolerance = 2.1e-4

    func kernels(_ name: String) throws -> Kernels {
        try #require(Kernels.available.first { $0.name == name })
    }

    static func gelu(_ x: Double) -> Double {
        let root = 2.0.squareRoot()
        return x / 2 * (1 + erf(x / root))
    }

    /// The reference rounding: to nearest even on the upper half, denormals to zero.
    static func rounded(_ x: Float) -> Float {
        if x.isNaN { return x }
        if x.magnitude < .leastNormalMagnitude { return x.sign == .minus ? -0.0 : 0 }
        let bits = x.bitPattern
        return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
    }

    // MARK: - int8

    /// Products of integers that float32 holds exactly: every variant must give every bit, and therefore the same.
    @Test(arguments: variants, [1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 100])
    func int8ProductsAreExact(variant: String, depth: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(depth))
        for least in [Float(-128), 0] {
            for columns in [1, 15, 16, 31, 32, 33, 80] {
                // All the range of int8, −128 too: a file may hold it.
                let weight = (0..<columns * depth).map { _ in Int8.random(in: -128...127, using: &random) }
                let linear = Int8Product(
                    weight, scales: [Float](repeating: 1, count: columns), bias: [Float](repeating: 0, count: columns),
                    inputs: depth, kernels)
                for rows in [1, 2, 5, 6, 7, 11, 12, 13, 25] {
                    // Behind the row stands anything: it must not count.
                    let stride = (depth + 3) / 4 * 4 + 4
                    let input = (0..<rows * stride).map { _ in UInt8.random(in: 0...255, using: &random) }
                    let output = linear(
                        input, stride: stride, scales: [Float](repeating: 1, count: rows),
                        leasts: [Float](repeating: least, count: rows), gelu: false)
                    let offset = -Int(least)
                    var expected: [Float] = []
                    for row in 0..<rows {
                        for column in 0..<columns {
                            var sum = 0
                            for k in 0..<depth {
                                sum += (Int(input[row * stride + k]) - offset) * Int(weight[column * depth + k])
                            }
                            expected.append(Float(sum))
                        }
                    }
                    #expect(output == expected, "\(rows)×\(depth)×\(columns)")
                }
            }
        }
    }

    /// The largest sums there are: nothing saturates.
    @Test(arguments: variants)
    func int8SumsDoNotSaturate(variant: String) throws {
        let kernels = try kernels(variant)
        let depth = 1536
        for (weight, code) in [(Int8(127), UInt8(255)), (-128, 255), (127, 1), (-128, 1)] {
            let linear = Int8Product(
                [Int8](repeating: weight, count: depth), scales: [1], bias: [0], inputs: depth, kernels)
            let output = linear([UInt8](repeating: code, count: depth), stride: depth, scales: [1], gelu: false)
            #expect(Double(output[0]) == Double(depth * Int(weight) * (Int(code) - 128)))
        }
    }

    @Test(arguments: variants)
    func int8ScalesBiasAndGELUFollowTheirFormula(variant: String) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: 11)
        let depth = 48
        let columns = 70
        let rows = 13
        let weight = (0..<columns * depth).map { _ in Int8.random(in: -127...127, using: &random) }
        let scales = (0..<columns).map { _ in Float.random(in: 1e-4...4e-3, using: &random) }
        let bias = random.floats(columns)
        let rowScales = (0..<rows).map { _ in Float.random(in: 0.001...0.03, using: &random) }
        let input = (0..<rows * depth).map { _ in UInt8.random(in: 0...255, using: &random) }
        let linear = Int8Product(
            weight, scales: scales, bias: bias, inputs: depth, kernels)
        for gelu in [false, true] {
            let output = linear(input, stride: depth, scales: rowScales, gelu: gelu)
            for row in 0..<rows {
                for column in 0..<columns {
                    var sum = 0
                    for k in 0..<depth { sum += (Int(input[row * depth + k]) - 128) * Int(weight[column * depth + k]) }
                    let product = Double(sum) * Double(rowScales[row]) * Double(scales[column]) + Double(bias[column])
                    let expected = gelu ? Self.gelu(product) : product
                    let error = abs(Double(output[row * columns + column]) - expected)
                    #expect(error <= (gelu ? Self.geluTolerance : 0) + 1e-6 * (1 + abs(product)))
                }
            }
        }
    }

    /// GELU itself, from −20 to 20: one weight, one code, and a column scale for each value.
    @Test(arguments: variants)
    func theRoughGELUKeepsItsErrorBound(variant: String) throws {
        let kernels = try kernels(variant)
        let values = (0...8000).map { Float($0 - 4000) / 200 }
        let linear = Int8Product(
            [Int8](repeating: 1, count: values.count), scales: values, bias: [Float](repeating: 0, count: values.count),
            inputs: 1, kernels)
        let output = linear([1, 0, 0, 0], stride: 4, scales: [1], leasts: [0], gelu: true)
        for (x, y) in zip(values, output) {
            #expect(abs(Double(y) - Self.gelu(Double(x))) <= Self.geluTolerance, "gelu(\(x)) is \(y)")
        }
    }

    /// Beyond ±4 it is x and 0 exactly, however large x is: an error of one last bit would be multiplied by x.
    @Test(arguments: variants.filter { $0 != "scalar" })
    func theRoughGELUIsExactInItsTails(variant: String) throws {
        let kernels = try kernels(variant)
        let values: [Float] = [4, 4.5, 1e3, 1e6, 1e30, -4, -4.5, -1e3, -1e6, -1e30]
        let linear = Int8Product(
            [Int8](repeating: 1, count: values.count), scales: values, bias: [Float](repeating: 0, count: values.count),
            inputs: 1, kernels)
        #expect(linear([1, 0, 0, 0], stride: 4, scales: [1], leasts: [0], gelu: true) == values.map { max($0, 0) })
    }

    /// What attention reads: the float32 products, rounded; in whole panels and in a narrow last one.
    @Test(arguments: bfloat16Variants, [32, 33, 80])
    func int8ProductsInBFloat16AreTheFloatOnesRounded(variant: String, columns: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(columns))
        let (depth, rows) = (20, 13)
        let weight = (0..<columns * depth).map { _ in Int8.random(in: -127...127, using: &random) }
        let input = (0..<rows * depth).map { _ in UInt8.random(in: 0...255, using: &random) }
        let rowScales = (0..<rows).map { _ in Float.random(in: 0.001...0.01, using: &random) }
        let linear = Int8Product(
            weight, scales: [Float](repeating: 0.003, count: columns), bias: random.floats(columns), inputs: depth,
            kernels)
        let floats = linear(input, stride: depth, scales: rowScales, gelu: false)
        let halves = linear.halves(input, stride: depth, scales: rowScales)
        for (float, half) in zip(floats, halves) { #expect(UInt32(half) << 16 == Self.rounded(float).bitPattern) }
    }

    @Test(arguments: variants)
    func aRowHasTheSameBitsInEveryBlock(variant: String) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: 7)
        let (depth, columns, rows) = (100, 80, 29)
        let weight = (0..<columns * depth).map { _ in Int8.random(in: -127...127, using: &random) }
        let input = (0..<rows * depth).map { _ in UInt8.random(in: 0...255, using: &random) }
        let rowScales = (0..<rows).map { _ in Float.random(in: 0.001...0.01, using: &random) }
        let linear = Int8Product(
            weight, scales: [Float](repeating: 0.003, count: columns), bias: random.floats(columns), inputs: depth,
            kernels)
        let whole = linear(input, stride: depth, scales: rowScales, gelu: true)
        for first in 0..<rows {
            for count in 1...(rows - first) where [1, 2, 5, 11, 12, 13, 17].contains(count) {
                let part = linear(
                    Array(input[first * depth..<(first + count) * depth]), stride: depth,
                    scales: Array(rowScales[first..<first + count]), gelu: true)
                #expect(part == Array(whole[first * columns..<(first + count) * columns]), "rows \(first)+\(count)")
            }
        }
    }

    // MARK: - Codes

    /// Values of both signs, of GELU's, and far from zero beside their range.
    @Test(arguments: variants, [1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 100, 384])
    func codesAreTheNearestOnes(variant: String, columns: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(columns))
        let rows = 3
        let stride = columns + 2
        for shape in 0..<3 {
            let input = random.floats(rows * stride).map {
                shape == 0 ? $0 * 8 : shape == 1 ? Float(Self.gelu(Double($0) * 8)) : 1000 + $0
            }
            let (output, scales) = quantized(input, stride: stride, rows: rows, columns: columns, kernels)
            for row in 0..<rows {
                let values = input[row * stride..<row * stride + columns].map { Double($0) }
                let (least, most) = (values.min() ?? 0, values.max() ?? 0)
                #expect(Double(scales[row].least) == least)
                #expect(abs(Double(scales[row].scale) - (most - least) / 255) <= 1e-6 * (most - least))
                for (column, value) in values.enumerated() {
                    let code = Double(output[row * columns + column])
                    let error = abs(code * Double(scales[row].scale) + least - value)
                    #expect(error <= Double(scales[row].scale) * 0.5001, "column \(column) of \(columns)")
                }
            }
        }
    }

    @Test(arguments: variants, [1, 8, 16, 20, 33])
    func aRowOfOneValueAndOneThatIsNoNumber(variant: String, columns: Int) throws {
        let kernels = try kernels(variant)
        for value in [Float(0), -3.25] {
            let (codes, scales) = quantized(
                [Float](repeating: value, count: columns), stride: columns, rows: 1, columns: columns, kernels)
            #expect(scales[0].scale == 0 && scales[0].least == value)
            #expect(codes.allSatisfy { $0 == 0 })
        }
        for place in 0..<columns {
            for value in [Float.nan, .infinity, -.infinity, -.nan] {
                var row = [Float](repeating: 1, count: columns)
                row[place] = value
                let (_, scales) = quantized(row, stride: columns, rows: 1, columns: columns, kernels)
                #expect(scales[0].scale.isNaN, "\(value) at \(place) of \(columns)")
            }
        }
        // A range that float32 cannot hold.
        var wide = [Float](repeating: 3e38, count: columns)
        wide[0] = -3e38
        if columns > 1 {
            let (_, scales) = quantized(wide, stride: columns, rows: 1, columns: columns, kernels)
            #expect(scales[0].scale.isNaN)
        }
    }

    @Test(arguments: variants, [1, 8, 17, 48, 384])
    func normAndCodesInOneAreNormThenCodes(variant: String, columns: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(columns))
        let rows = 10
        let input = random.floats(rows * columns).map { $0 * 5 }
        let residual = random.floats(rows * columns)
        let (weight, bias) = (random.floats(columns), random.floats(columns))
        var plain = [Float](repeating: 0, count: rows * columns)
        kernels.table.pointee.layer_norm_f32(
            input, columns, residual, columns, weight, bias, 1e-12, rows, columns, &plain, columns)
        let (expected, expectedScales) = quantized(plain, stride: columns, rows: rows, columns: columns, kernels)
        var output = [Float](repeating: 0, count: rows * columns)
        var codes = [UInt8](repeating: 0, count: rows * columns)
        var scales = [winnow_row_scale](repeating: winnow_row_scale(), count: rows)
        kernels.table.pointee.layer_norm_i8(
            input, columns, residual, columns, weight, bias, 1e-12, rows, columns, &output, columns, &codes, columns,
            &scales)
        #expect(output == plain)
        #expect(codes == expected)
        #expect(
            scales.map(\.scale) == expectedScales.map(\.scale) && scales.map(\.least) == expectedScales.map(\.least))
    }

    // MARK: - bfloat16

    @Test(arguments: bfloat16Variants, [1, 2, 3, 7, 8, 9, 32, 100])
    func bfloat16ProductsAgreeWithTheirFormula(variant: String, depth: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(depth))
        for columns in [1, 16, 31, 32, 33, 80] {
            let weight = random.floats(columns * depth)
            let bias = random.floats(columns)
            let padded = (columns + 31) / 32 * 32
            let panels = AlignedBytes(count: winnow_packed_linear_bf16_count(columns, depth) * 2)
            winnow_pack_linear_bf16(weight, 0, columns, depth, panels.base.assumingMemoryBound(to: UInt16.self))
            let packedBias = AlignedFloats(bias, padded: padded)
            for rows in [1, 2, 5, 11, 12, 13, 25] {
                let stride = depth + 2
                let input = random.floats(rows * stride)
                let halves = roundedRows(input, kernels)
                for gelu in [false, true] {
                    var output = [Float](repeating: .nan, count: rows * columns)
                    var narrow = [UInt16](repeating: 0, count: rows * columns)
                    halves.withUnsafeBufferPointer { halves in
                        var arguments = winnow_linear_bf16()
                        arguments.input = halves.baseAddress
                        arguments.input_stride = stride
                        arguments.rows = rows
                        arguments.depth = depth
                        arguments.panels = UnsafePointer(panels.base.assumingMemoryBound(to: UInt16.self))
                        arguments.bias = UnsafePointer(packedBias.base)
                        arguments.columns = columns
                        arguments.epilogue = gelu ? WINNOW_EPILOGUE_GELU : WINNOW_EPILOGUE_NONE
                        arguments.output_stride = columns
                        output.withUnsafeMutableBufferPointer { output in
                            arguments.output = output.baseAddress
                            kernels.table.pointee.linear_bf16(&arguments)
                        }
                        narrow.withUnsafeMutableBufferPointer { narrow in
                            arguments.output = nil
                            arguments.output_bf16 = narrow.baseAddress
                            kernels.table.pointee.linear_bf16(&arguments)
                        }
                    }
                    for row in 0..<rows {
                        for column in 0..<columns {
                            var sum = Double(bias[column])
                            for k in 0..<depth {
                                sum +=
                                    Double(Self.rounded(input[row * stride + k]))
                                    * Double(Self.rounded(weight[column * depth + k]))
                            }
                            let expected = gelu ? Self.gelu(sum) : sum
                            let at = row * columns + column
                            let tolerance = (gelu ? Self.geluTolerance : 0) + 1e-5
                            #expect(abs(Double(output[at]) - expected) <= tolerance, "\(rows)×\(depth)×\(columns)")
                            #expect(Float(bitPattern: UInt32(narrow[at]) << 16) == Self.rounded(output[at]))
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: bfloat16Variants)
    func roundingIsToNearestEven(variant: String) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: 3)
        var values: [Float] = [0, -0.0, 1, -1, 1.00390625, 1.01171875, .infinity, -.infinity, 1e-40, -1e-40, 3.3e38]
        for _ in 0..<1000 {
            values.append(Float(bitPattern: UInt32.random(in: 0x0080_0000...0x7F7F_FFFF, using: &random)))
        }
        for (value, half) in zip(values, roundedRows(values, kernels)) {
            #expect(UInt32(half) << 16 == Self.rounded(value).bitPattern, "\(value)")
        }
        #expect(Float(bitPattern: UInt32(roundedRows([.nan], kernels)[0]) << 16).isNaN)
    }

    @Test(arguments: bfloat16Variants, [16, 20, 32, 64])
    func bfloat16AttentionAgreesWithItsFormula(variant: String, head: Int) throws {
        let kernels = try kernels(variant)
        for keys in [1, 2, 3, 12, 15, 16, 17, 31, 32, 33, 65, 100] {
            for queries in Set([1, keys]) {
                var random = SeededGenerator(seed: UInt64(keys * 1000 + head))
                let stride = head + 6
                let query = random.floats(queries * stride).map { Self.rounded($0 * 4) }
                let key = random.floats(keys * stride).map { Self.rounded($0 * 4) }
                let value = random.floats(keys * stride).map(Self.rounded)
                let scale = 1 / Float(head).squareRoot()
                let output = attention(
                    query, key, value, stride: stride, queries: queries, keys: keys, head: head, scale, kernels)
                for q in 0..<queries {
                    let scores = (0..<keys).map { k in
                        (0..<head).reduce(0.0) { $0 + Double(query[q * stride + $1]) * Double(key[k * stride + $1]) }
                            * Double(scale)
                    }
                    let top = scores.max() ?? 0
                    let weights = scores.map { exp($0 - top) }
                    let total = weights.reduce(0, +)
                    for d in 0..<head {
                        let expected =
                            (0..<keys).reduce(0.0) { $0 + weights[$1] * Double(value[$1 * stride + d]) } / total
                        // Weights are rounded to 8 bits: half a unit of 2⁻⁸ each, of values below ½.
                        #expect(abs(Double(output[q * head + d]) - expected) <= 2.2e-3, "\(keys) keys, query \(q)")
                    }
                }
                // A query's bits do not depend on the queries beside it.
                let alone = attention(
                    Array(query[(queries - 1) * stride..<queries * stride]), key, value, stride: stride, queries: 1,
                    keys: keys, head: head, scale, kernels)
                #expect(alone == Array(output[(queries - 1) * head..<queries * head]))
            }
        }
    }

    @Test(arguments: bfloat16Variants)
    func bfloat16AttentionKeepsWhatIsNoNumber(variant: String) throws {
        let kernels = try kernels(variant)
        let (keys, head) = (19, 20)
        for part in 0..<3 {
            var inputs = [[Float]](repeating: [Float](repeating: 0.5, count: keys * head), count: 3)
            inputs[part][7 * head + 3] = .nan
            let output = attention(
                inputs[0], inputs[1], inputs[2], stride: head, queries: keys, keys: keys, head: head, 0.2, kernels)
            // A query's NaN reaches its row, a key's everything, a value's its dimension of every row.
            for index in output.indices {
                let reached = part == 0 ? index / head == 7 : part == 1 || index % head == 3
                #expect(output[index].isNaN == reached, "part \(part), output \(index)")
            }
        }
    }

    // MARK: -

    private func quantized(
        _ input: [Float], stride: Int, rows: Int, columns: Int, _ kernels: Kernels
    ) -> (codes: [UInt8], scales: [winnow_row_scale]) {
        var output = [UInt8](repeating: 0, count: rows * columns)
        var scales = [winnow_row_scale](repeating: winnow_row_scale(), count: rows)
        kernels.table.pointee.quantize_rows(input, stride, rows, columns, &output, columns, &scales)
        return (output, scales)
    }

    private func roundedRows(_ values: [Float], _ kernels: Kernels) -> [UInt16] {
        var output = [UInt16](repeating: 0, count: values.count)
        kernels.table.pointee.round_rows_bf16(values, values.count, 1, values.count, &output, values.count)
        return output
    }

    private func attention(
        _ query: [Float], _ key: [Float], _ value: [Float], stride: Int, queries: Int, keys: Int, head: Int,
        _ scale: Float, _ kernels: Kernels
    ) -> [Float] {
        let parts = [query, key, value].map { roundedRows($0, kernels) }
        // NaN wherever nothing is written: reading there would show.
        let scratch = AlignedBytes(count: winnow_attention_bf16_scratch(keys, head))
        scratch.base.initializeMemory(as: UInt8.self, repeating: 0xFF, count: scratch.count)
        defer { withExtendedLifetime(scratch) {} }
        var output = [Float](repeating: .nan, count: queries * head)
        parts[0].withUnsafeBufferPointer { query in
            parts[1].withUnsafeBufferPointer { key in
                parts[2].withUnsafeBufferPointer { value in
                    output.withUnsafeMutableBufferPointer { output in
                        var arguments = winnow_attention_bf16(
                            query: query.baseAddress, query_stride: stride, queries: queries, key: key.baseAddress,
                            key_stride: stride, value: value.baseAddress, value_stride: stride, keys: keys, head: head,
                            scale: scale, output: output.baseAddress, output_stride: head, scratch: scratch.base)
                        kernels.table.pointee.attention_bf16(&arguments)
                    }
                }
            }
        }
        return output
    }
}
