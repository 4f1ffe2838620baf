import CWinnowKernels
import Foundation
import TestSupport
import Testing
import WinnowEncoders

/// Attention over int8 codes, and the products that make them, in every variant that has it: against the formula in double
/// precision over the same codes, so that only the kernel's own rounding is allowed for.
@Suite struct Int8AttentionTests {
    static let variants = Kernels.available.filter { $0.table.pointee.attention_i8 != nil }.map(\.name)

    func kernels(_ name: String) throws -> Kernels {
        try #require(Kernels.available.first { $0.name == name })
    }

    /// What the weights' rounding may cost, in units of the largest value: half a step of 2⁻¹⁶ a key, and the exponential's
    /// relative error of 7.5e-5 above and below the fraction, with float32's rounding on top.
    static func tolerance(keys: Int) -> Double { Double(keys) * 0.5 / 65535 + 2e-4 }

    @Test func everyVariantWithVNNIHasIt() {
        for kernels in Kernels.available {
            #expect((kernels.table.pointee.attention_i8 != nil) == (kernels.hasVNNI || kernels.name == "scalar"))
        }
    }

    @Test(arguments: variants, [32, 64, 96, 128, 256])
    func codesOfAProductAreThoseOfItsFloats(variant: String, head: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(head))
        // More rows than wait for their codes at a time.
        let (depth, columns, rows) = (52, 2 * head, 101)
        let weight = (0..<columns * depth).map { _ in Int8.random(in: -127...127, using: &random) }
        let input = (0..<rows * depth).map { _ in UInt8.random(in: 0...255, using: &random) }
        var rowScales = (0..<rows).map { _ in Float.random(in: 0.001...0.01, using: &random) }
        rowScales[3] = .nan
        let linear = Int8Product(
            weight, scales: (0..<columns).map { _ in Float.random(in: 0.001...0.003, using: &random) },
            bias: random.floats(columns), inputs: depth, kernels)
        let floats = linear(input, stride: depth, scales: rowScales, gelu: false)
        let (codes, scales) = linear.codes(input, stride: depth, scales: rowScales, head: head)
        for row in 0..<rows {
            for part in 0..<2 {
                let first = row * columns + part * head
                let most = floats[first..<first + head].map(\.magnitude).max() ?? 0
                let scale = scales[row * 2 + part]
                if row == 3 {
                    #expect(scale.isNaN)
                    continue
                }
                #expect(abs(scale - most / 127) <= 1e-6 * most)
                for column in first..<first + head {
                    #expect(abs(Float(Int(codes[column]) - 128) * scale - floats[column]) <= scale * 0.5001)
                }
            }
            // A row's codes do not depend on the rows beside it.
            let alone = linear.codes(
                Array(input[row * depth..<(row + 1) * depth]), stride: depth, scales: [rowScales[row]], head: head)
            #expect(alone.codes == Array(codes[row * columns..<(row + 1) * columns]))
            #expect(alone.scales.map(\.bitPattern) == scales[row * 2..<row * 2 + 2].map(\.bitPattern))
        }
    }

    /// What is next to nothing is nothing, what is infinite is no number, and neither touches the rows beside it.
    @Test(arguments: variants)
    func scalesOfWhatHasNone(variant: String) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: 3)
        let (depth, head) = (32, 32)
        let weight = (0..<head * depth).map { _ in Int8.random(in: 1...127, using: &random) }
        let linear = Int8Product(
            weight, scales: [Float](repeating: 1, count: head), bias: [Float](repeating: 0, count: head), inputs: depth,
            kernels)
        let input = [UInt8](repeating: 255, count: 20 * depth)
        var rowScales = [Float](repeating: 0.01, count: 20)
        let special: [Int: Float] = [0: 0, 5: 1e-38, 11: .nan, 12: .infinity, 17: 3e36, 19: 1e-30]
        for (row, scale) in special { rowScales[row] = scale }
        let (codes, scales) = linear.codes(
            input, stride: depth, scales: rowScales, leasts: [Float](repeating: 0, count: 20), head: head)
        for row in 0..<20 {
            switch row {
            case 0, 5:
                #expect(scales[row] == 0)
                #expect(codes[row * head..<(row + 1) * head].allSatisfy { $0 == 128 })
            case 11, 12, 17: #expect(scales[row].isNaN)
            default:
                #expect(scales[row] > 0 && scales[row].isFinite)
                #expect(codes[row * head..<(row + 1) * head].max() == 255)
            }
        }
    }

    @Test(arguments: variants, [32, 64, 96, 256])
    func attentionAgreesWithItsFormula(variant: String, head: Int) throws {
        let kernels = try kernels(variant)
        for keys in [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 200] {
            for queries in Set([1, 5, keys]) {
                var random = SeededGenerator(seed: UInt64(keys * 1000 + head))
                let input = Input(queries: queries, keys: keys, head: head, &random)
                let output = input.attention(kernels)
                let (expected, largest) = input.expected()
                for (index, (value, exact)) in zip(output, expected).enumerated() {
                    let error = abs(Double(value) - exact)
                    #expect(error <= Self.tolerance(keys: keys) * largest, "\(keys) keys, output \(index): \(error)")
                }
                // A query's bits do not depend on the queries beside it.
                let last = input.only(query: queries - 1)
                #expect(last.attention(kernels) == Array(output[(queries - 1) * head..<queries * head]))
            }
        }
    }

    /// The largest sums that codes can have.
    @Test(arguments: variants, [32, 256])
    func extremeCodesAreExact(variant: String, head: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: 6)
        var input = Input(queries: 14, keys: 71, head: head, &random)
        for index in input.query.indices { input.query[index] = index / head % 2 == 0 ? 255 : 1 }
        for index in input.key.indices { input.key[index] = index / head % 3 == 0 ? 255 : 1 }
        for index in input.value.indices { input.value[index] = index % 2 == 0 ? 255 : 1 }
        input.queryScales = [Float](repeating: 0.001, count: 14)
        let (expected, largest) = input.expected()
        for (value, exact) in zip(input.attention(kernels), expected) {
            #expect(abs(Double(value) - exact) <= Self.tolerance(keys: 71) * largest)
        }
    }

    /// One key has nearly all the weight and a value of next to nothing, as `[SEP]` often does; what is left is spread over four
    /// hundred others, a thousandth each. In 8 bits each of them would be nothing.
    @Test(arguments: variants)
    func manySmallWeightsAreKept(variant: String) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: 5)
        var input = Input(queries: 1, keys: 401, head: 32, &random)
        input.query = [UInt8](repeating: 255, count: 32)
        input.queryScales = [0.02]
        for key in 0..<401 {
            for column in 0..<32 {
                input.key[key * 32 + column] = key == 77 ? 255 : 128
                input.value[key * 32 + column] = key == 77 ? 129 : 200
            }
            input.keyScales[key] = 0.0039
            input.valueScales[key] = 0.01
        }
        let (expected, largest) = input.expected()
        #expect(expected[0] > 0.05)
        for (value, exact) in zip(input.attention(kernels), expected) {
            #expect(abs(Double(value) - exact) <= Self.tolerance(keys: 401) * largest)
        }
        // The codes of this test are such that a single digit would lose them.
        #expect(input.weights()[0] / input.weights()[77] < 0.5 / 255)
    }

    @Test(arguments: variants)
    func whatIsNoNumberStaysSo(variant: String) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: 9)
        let (keys, head) = (37, 32)
        let input = Input(queries: keys, keys: keys, head: head, &random)
        for place in [0, 7, 31, 32, 36] {
            var query = input
            query.queryScales[place] = .nan
            let output = query.attention(kernels)
            for index in output.indices { #expect(output[index].isNaN == (index / head == place)) }
            var key = input
            key.keyScales[place] = .nan
            #expect(key.attention(kernels).allSatisfy { $0.isNaN })
            var value = input
            value.valueScales[place] = .nan
            #expect(value.attention(kernels).allSatisfy { $0.isNaN })
        }
    }

    /// A query of zeros weighs all keys alike, those that only fill a panel not among them; values of zeros give zeros.
    @Test(arguments: variants)
    func zerosAreNumbers(variant: String) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: 10)
        var input = Input(queries: 2, keys: 5, head: 32, &random)
        input.queryScales = [0, 0]
        let (expected, largest) = input.expected()
        for (value, exact) in zip(input.attention(kernels), expected) {
            #expect(abs(Double(value) - exact) <= Self.tolerance(keys: 5) * largest)
        }
        input.valueScales = [Float](repeating: 0, count: 5)
        #expect(input.attention(kernels).allSatisfy { $0 == 0 })
    }

    // MARK: -

    /// Codes and scales of one head.
    private struct Input {
        var query, key, value: [UInt8]
        var queryScales, keyScales, valueScales: [Float]
        let head: Int
        var keys: Int { keyScales.count }

        init(queries: Int, keys: Int, head: Int, _ random: inout SeededGenerator) {
            func codes(_ rows: Int) -> [UInt8] {
                (0..<rows * head).map { _ in UInt8.random(in: 1...255, using: &random) }
            }
            func scales(_ rows: Int) -> [Float] {
                (0..<rows).map { _ in Float.random(in: 0.004...0.03, using: &random) }
            }
            (query, key, value) = (codes(queries), codes(keys), codes(keys))
            (queryScales, keyScales, valueScales) = (scales(queries), scales(keys), scales(keys))
            self.head = head
        }

        func only(query row: Int) -> Input {
            var input = self
            input.query = Array(query[row * head..<(row + 1) * head])
            input.queryScales = [queryScales[row]]
            return input
        }

        /// Weights of the first query's keys, the largest 1.
        func weights(query row: Int = 0) -> [Double] {
            let scores = (0..<keys).map { k in
                let sum = (0..<head).reduce(0) {
                    $0 + (Int(query[row * head + $1]) - 128) * (Int(key[k * head + $1]) - 128)
                }
                return Double(sum) * Double(queryScales[row]) * Double(keyScales[k]) / Double(head).squareRoot()
            }
            let top = scores.max() ?? 0
            return scores.map { exp($0 - top) }
        }

        /// softmax(query · keyᵀ / √head) · value of what the codes stand for, and the largest value there is.
        func expected() -> (output: [Double], largest: Double) {
            let output = queryScales.indices.flatMap { row in
                let weights = weights(query: row)
                let total = weights.reduce(0, +)
                return (0..<head).map { d in
                    (0..<keys).reduce(0.0) {
                        $0 + weights[$1] * Double(valueScales[$1]) * Double(Int(value[$1 * head + d]) - 128)
                    } / total
                }
            }
            return (output, Double(valueScales.max() ?? 0) * 127)
        }

        func attention(_ kernels: Kernels) -> [Float] {
            // NaN wherever nothing is written: reading there would show.
            let scratch = AlignedBytes(count: winnow_attention_i8_scratch(keys, head))
            scratch.base.initializeMemory(as: UInt8.self, repeating: 0xFF, count: scratch.count)
            defer { withExtendedLifetime(scratch) {} }
            var output = [Float](repeating: .nan, count: query.count)
            var arguments = winnow_attention_i8()
            query.withUnsafeBufferPointer { query in
                key.withUnsafeBufferPointer { key in
                    value.withUnsafeBufferPointer { value in
                        queryScales.withUnsafeBufferPointer { queryScales in
                            keyScales.withUnsafeBufferPointer { keyScales in
                                valueScales.withUnsafeBufferPointer { valueScales in
                                    output.withUnsafeMutableBufferPointer { output in
                                        arguments.query = query.baseAddress
                                        arguments.query_stride = head
                                        arguments.query_scales = queryScales.baseAddress
                                        arguments.query_scales_stride = 1
                                        arguments.queries = queryScales.count
                                        arguments.key = key.baseAddress
                                        arguments.value = value.baseAddress
                                        arguments.key_value_stride = head
                                        arguments.key_scales = keyScales.baseAddress
                                        arguments.value_scales = valueScales.baseAddress
                                        arguments.key_value_scales_stride = 1
                                        arguments.keys = keyScales.count
                                        arguments.head = head
                                        arguments.scale = 1 / Float(head).squareRoot()
                                        arguments.output = output.baseAddress
                                        arguments.output_stride = head
                                        arguments.scratch = scratch.base
                                        kernels.table.pointee.attention_i8(&arguments)
                                    }
                                }
                            }
                        }
                    }
                }
            }
            return output
        }
    }
}
