import CWinnowKernels
import Foundation
import TestSupport
import Testing
import WinnowEncoders

/// Every vector variant against formulas in double precision, over sizes around the edges of tiles, panels and vectors.
@Suite struct KernelTests {
    /// Inner products of `depth` terms of magnitude below ½ each: rounding grows with the square root of the terms; this is
    /// ten times the largest error seen.
    static func productTolerance(_ depth: Int) -> Float { 2e-6 * Float(depth).squareRoot() + 1e-6 }
    /// exp and erf approximations (relative 1e-7, absolute 1.3e-6) on top of rounding.
    static let functionTolerance: Float = 3e-6
    /// Normalised rows are of magnitude 1 to 4; the reciprocal root and the sums round in another order.
    static let normTolerance: Float = 5e-6

    static let variants = Kernels.available.map(\.name)

    func expectClose(
        _ actual: [Float], _ expected: [Float], tolerance: Float, _ label: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let comparison = Approximate(actual, expected, within: Tolerance(label, Double(tolerance)))
        #expect(comparison.holds, "\(comparison)", sourceLocation: sourceLocation)
    }

    static func gelu(_ x: Double) -> Double {
        let root = 2.0.squareRoot()
        return x / 2 * (1 + erf(x / root))
    }

    func kernels(_ name: String) throws -> Kernels {
        try #require(Kernels.available.first { $0.name == name })
    }

    @Test func theBestVariantComesFirstAndScalarLast() {
        #expect(Self.variants.last == "scalar")
        #expect(Set(Self.variants).count == Self.variants.count)
        if ProcessInfo.processInfo.environment["WINNOW_KERNELS"] == nil {
            #expect(Kernels.active.name == Self.variants.first)
        }
    }

    @Test(arguments: variants, [1, 3, 4, 31, 32, 33, 48, 100, 384])
    func linearAgreesWithItsFormula(variant: String, depth: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(depth))
        for columns in [1, 15, 16, 31, 32, 33, 64, 80] {
            let weight = random.floats(columns * depth)
            let bias = random.floats(columns)
            let linear = Packed(weight, bias, outputs: columns, inputs: depth)
            for rows in [1, 2, 5, 6, 7, 11, 12, 13, 24, 25] {
                let stride = depth + 3
                let input = random.floats(rows * stride)
                for gelu in [false, true] {
                    let output = linear(input, stride: stride, rows: rows, gelu: gelu, kernels)
                    var expected: [Float] = []
                    for row in 0..<rows {
                        for column in 0..<columns {
                            var sum = Double(bias[column])
                            for k in 0..<depth {
                                sum += Double(input[row * stride + k]) * Double(weight[column * depth + k])
                            }
                            expected.append(Float(gelu ? Self.gelu(sum) : sum))
                        }
                    }
                    let tolerance = Self.productTolerance(depth) + (gelu ? Self.functionTolerance : 0)
                    expectClose(output, expected, tolerance: tolerance, "\(rows)×\(depth)×\(columns) gelu \(gelu)")
                }
            }
        }
    }

    /// Weights in bfloat16 are widened, not rounded again: bit by bit what float32 panels of the same values give. Behind a row
    /// stands what is no number, and counts for nothing.
    @Test(arguments: variants, [1, 2, 3, 4, 5, 31, 32, 33, 100])
    func weightsInBFloat16GiveTheBitsOfTheirValues(variant: String, depth: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(depth))
        for columns in [1, 16, 31, 32, 33, 80] {
            let weight = random.floats(columns * depth).map(LossyKernelTests.rounded)
            let linear = Packed(weight, random.floats(columns), outputs: columns, inputs: depth)
            for rows in [1, 2, 5, 6, 7, 11, 12, 13, 25] {
                let stride = depth + 3
                var input = random.floats(rows * stride)
                for row in 0..<rows { input[row * stride + depth] = .nan }
                let exact = linear(input, stride: stride, rows: rows, gelu: true, kernels)
                let widened = linear(input, stride: stride, rows: rows, gelu: true, inBFloat16: true, kernels)
                #expect(widened == exact && exact.allSatisfy { $0.isFinite }, "\(rows)×\(depth)×\(columns)")
            }
        }
    }

    /// What makes a score independent of its batch: a row's bits do not depend on the rows beside it or on its place.
    @Test(arguments: variants)
    func aRowHasTheSameBitsInEveryBlock(variant: String) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: 7)
        let depth = 100
        let columns = 80
        let rows = 29
        let linear = Packed(random.floats(columns * depth), random.floats(columns), outputs: columns, inputs: depth)
        let input = random.floats(rows * depth)
        let whole = linear(input, stride: depth, rows: rows, gelu: true, kernels)
        for first in 0..<rows {
            for count in 1...(rows - first) where [1, 2, 5, 11, 12, 13, 17].contains(count) {
                let part = linear(
                    Array(input[first * depth..<(first + count) * depth]), stride: depth, rows: count, gelu: true,
                    kernels)
                #expect(part == Array(whole[first * columns..<(first + count) * columns]), "rows \(first)+\(count)")
            }
        }
    }

    @Test(arguments: variants, [16, 20, 32, 64])
    func attentionAgreesWithItsFormula(variant: String, head: Int) throws {
        let kernels = try kernels(variant)
        for keys in [1, 2, 12, 15, 16, 17, 31, 32, 33, 65, 100] {
            for queries in Set([1, keys]) {
                var random = SeededGenerator(seed: UInt64(keys * 1000 + head))
                let stride = head + 5
                // Times 4: attention that is far from uniform.
                let query = random.floats(queries * stride).map { $0 * 4 }
                let key = random.floats(keys * stride).map { $0 * 4 }
                let value = random.floats(keys * stride)
                let scale = 1 / Float(head).squareRoot()
                var output = [Float](repeating: .nan, count: queries * head)
                let scratch = AlignedFloats(count: winnow_attention_f32_scratch(keys, head))
                query.withUnsafeBufferPointer { query in
                    key.withUnsafeBufferPointer { key in
                        value.withUnsafeBufferPointer { value in
                            output.withUnsafeMutableBufferPointer { output in
                                var arguments = winnow_attention_f32(
                                    query: query.baseAddress, query_stride: stride, queries: queries,
                                    key: key.baseAddress, key_stride: stride, value: value.baseAddress,
                                    value_stride: stride, keys: keys, head: head, scale: scale,
                                    output: output.baseAddress, output_stride: head, scratch: scratch.base)
                                kernels.table.pointee.attention_f32(&arguments)
                            }
                        }
                    }
                }
                var expected: [Float] = []
                for q in 0..<queries {
                    var scores: [Double] = []
                    for k in 0..<keys {
                        var sum = 0.0
                        for d in 0..<head { sum += Double(query[q * stride + d]) * Double(key[k * stride + d]) }
                        scores.append(sum * Double(scale))
                    }
                    let top = scores.max() ?? 0
                    let weights = scores.map { exp($0 - top) }
                    let total = weights.reduce(0, +)
                    for d in 0..<head {
                        var sum = 0.0
                        for k in 0..<keys { sum += weights[k] / total * Double(value[k * stride + d]) }
                        expected.append(Float(sum))
                    }
                }
                expectClose(output, expected, tolerance: Self.functionTolerance, "\(queries)×\(keys), head \(head)")
            }
        }
    }

    @Test(arguments: variants, [1, 7, 8, 15, 16, 17, 48, 100, 384])
    func layerNormAgreesWithItsFormula(variant: String, columns: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(columns))
        let rows = 7
        let stride = columns + 2
        let input = random.floats(rows * stride).map { $0 * 3 + 1 }
        let residual = random.floats(rows * stride)
        let weight = random.floats(columns)
        let bias = random.floats(columns)
        for usesResidual in [false, true] {
            var output = [Float](repeating: .nan, count: rows * columns)
            residual.withUnsafeBufferPointer { residual in
                kernels.table.pointee.layer_norm_f32(
                    input, stride, usesResidual ? residual.baseAddress : nil, stride, weight, bias, 1e-5, rows, columns,
                    &output, columns)
            }
            var expected: [Float] = []
            for row in 0..<rows {
                var x: [Double] = []
                for column in 0..<columns {
                    let added = usesResidual ? Double(residual[row * stride + column]) : 0
                    x.append(Double(input[row * stride + column]) + added)
                }
                let mean = x.reduce(0, +) / Double(columns)
                let variance = x.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(columns)
                let deviation = (variance + 1e-5).squareRoot()
                for column in 0..<columns {
                    let normalised = (x[column] - mean) / deviation
                    expected.append(Float(normalised * Double(weight[column]) + Double(bias[column])))
                }
            }
            expectClose(output, expected, tolerance: Self.normTolerance, "\(columns) columns")
        }
    }

    /// Rows that are no numbers, or whose squares are none, among others; in place of the input, and of what is added.
    @Test(arguments: variants, [16, 100])
    func rowsOfANormDoNotTouchOneAnother(variant: String, columns: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(columns))
        let rows = 11
        var input = random.floats(rows * columns)
        let residual = random.floats(rows * columns)
        let (weight, bias) = (random.floats(columns), random.floats(columns))
        input[2 * columns + 3] = .nan
        input[5 * columns + columns - 1] = .infinity
        for column in 0..<columns { input[6 * columns + column] = column.isMultiple(of: 2) ? 3e38 : -3e38 }
        func norm(
            _ count: Int, into output: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
            _ y: UnsafePointer<Float>?
        ) {
            kernels.table.pointee.layer_norm_f32(
                x, columns, y, columns, weight, bias, 1e-5, count, columns, output, columns)
        }
        for added in [nil, residual] as [[Float]?] {
            var apart = [Float](repeating: 0, count: rows * columns)
            for row in 0..<rows {
                let range = row * columns..<(row + 1) * columns
                let (x, y) = (Array(input[range]), added.map { Array($0[range]) })
                var one = [Float](repeating: 0, count: columns)
                if let y { norm(1, into: &one, x, y) } else { norm(1, into: &one, x, nil) }
                apart.replaceSubrange(range, with: one)
                #expect(one.allSatisfy { $0.isNaN == [2, 5, 6].contains(row) }, "row \(row)")
            }
            let expected = apart.map(\.bitPattern)
            var inPlace = input
            inPlace.withUnsafeMutableBufferPointer { values in
                guard let base = values.baseAddress else { return }
                if let added { norm(rows, into: base, base, added) } else { norm(rows, into: base, base, nil) }
            }
            #expect(inPlace.map(\.bitPattern) == expected)
            guard var sums = added else { continue }
            sums.withUnsafeMutableBufferPointer { values in
                guard let base = values.baseAddress else { return }
                norm(rows, into: base, input, base)
            }
            #expect(sums.map(\.bitPattern) == expected)
        }
    }

    @Test(arguments: variants)
    func geluAgreesWithErfOverItsWholeRange(variant: String) throws {
        let kernels = try kernels(variant)
        var values = (0...16001).map { Float($0 - 8000) / 1000 } + [-1e30, -100, 100, 1e30, 0, -0.0]
        let expected = values.map { Float(Self.gelu(Double($0))) }
        kernels.table.pointee.gelu_f32(&values, values.count)
        // Relative beyond 8, where the value itself is large.
        for (value, (x, reference)) in zip(values, zip(values, expected)) where abs(reference) > 8 {
            #expect(abs(value - reference) <= 1e-6 * abs(reference), "\(x)")
        }
        expectClose(
            zip(values, expected).filter { abs($1) <= 8 }.map(\.0), expected.filter { abs($0) <= 8 },
            tolerance: Self.functionTolerance, "gelu")
    }

    @Test(arguments: variants, [1, 2, 7, 8, 9, 15, 16, 17, 33, 512])
    func softmaxAgreesWithItsFormula(variant: String, columns: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(columns))
        // Wide enough that some weights vanish: they must become 0 or tiny, never NaN or denormal garbage.
        let input = random.floats(2 * columns).map { $0 * 400 }
        var output = input
        kernels.table.pointee.softmax_f32(&output, columns, 2, columns, 0.5)
        var expected: [Float] = []
        for row in 0..<2 {
            let x = input[row * columns..<(row + 1) * columns].map { Double($0) * 0.5 }
            let top = x.max() ?? 0
            let total = x.reduce(0) { $0 + exp($1 - top) }
            expected += x.map { Float(exp($0 - top) / total) }
        }
        expectClose(output, expected, tolerance: Self.functionTolerance, "\(columns) columns")
    }

    @Test(arguments: variants, [0, 1, 7, 8, 15, 16, 17, 63, 64, 65, 384])
    func dotAndMeanAgreeWithTheirFormulas(variant: String, count: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(count))
        let left = random.floats(count)
        let right = random.floats(count)
        let dot = kernels.table.pointee.dot_f32(left, right, count)
        let expected = zip(left, right).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        expectClose([dot], [Float(expected)], tolerance: Self.productTolerance(count), "dot of \(count)")

        guard count > 0 else { return }
        let rows = random.floats(5 * count)
        var mean = [Float](repeating: .nan, count: count)
        kernels.table.pointee.mean_rows_f32(rows, count, 5, count, &mean)
        let means = (0..<count).map { column in
            let values = (0..<5).map { Double(rows[$0 * count + column]) }
            return Float(values.reduce(0, +) / 5)
        }
        expectClose(mean, means, tolerance: 1e-6, "mean of 5 rows of \(count)")
    }

    /// A matrix in panels, without the model types around it.
    private struct Packed {
        let panels, bias: AlignedFloats
        /// The weights rounded to bfloat16; used where they are asked for.
        let halves: AlignedBytes
        let outputs, inputs: Int

        init(_ weight: [Float], _ bias: [Float], outputs: Int, inputs: Int) {
            panels = AlignedFloats(count: winnow_packed_linear_f32_count(outputs, inputs))
            winnow_pack_linear_f32(weight, 0, outputs, inputs, panels.base)
            halves = AlignedBytes(count: winnow_packed_linear_bf16_count(outputs, inputs) * 2)
            winnow_pack_linear_bf16(weight, 0, outputs, inputs, halves.base.assumingMemoryBound(to: UInt16.self))
            self.bias = AlignedFloats(bias, padded: (outputs + 31) / 32 * 32)
            self.outputs = outputs
            self.inputs = inputs
        }

        func callAsFunction(
            _ input: [Float], stride: Int, rows: Int, gelu: Bool, inBFloat16: Bool = false, _ kernels: Kernels
        ) -> [Float] {
            var output = [Float](repeating: .nan, count: rows * outputs)
            input.withUnsafeBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    var arguments = winnow_linear_f32(
                        input: input.baseAddress, input_stride: stride, rows: rows, depth: inputs,
                        panels: inBFloat16 ? nil : UnsafePointer(panels.base),
                        panels_bf16: inBFloat16 ? UnsafePointer(halves.base.assumingMemoryBound(to: UInt16.self)) : nil,
                        bias: bias.base, columns: outputs,
                        output: output.baseAddress, output_stride: outputs,
                        epilogue: gelu ? WINNOW_EPILOGUE_GELU : WINNOW_EPILOGUE_NONE)
                    kernels.table.pointee.linear_f32(&arguments)
                }
            }
            return output
        }
    }
}
