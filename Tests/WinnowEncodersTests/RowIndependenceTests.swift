import CWinnowKernels
import TestSupport
import Testing
import WinnowEncoders

/// What makes a score independent of its batch, kernel by kernel: a row's bits come from that row alone. They do not depend on
/// how many rows stand beside it, on its place among them, on what lies between rows, or on what scratch held before; and
/// nothing is written between rows, where another thread's may begin. (The float32 and int8 products: ``KernelTests``,
/// ``LossyKernelTests``.)
@Suite struct RowIndependenceTests {
    static let variants = Kernels.available.map(\.name)
    static let bfloat16Variants = Kernels.available.filter(\.hasBFloat16).map(\.name)

    /// Parts of `rows` rows: alone, around the heights of tiles (6 and 12), at the beginning, inside, at the end.
    static func cuts(_ rows: Int) -> [Range<Int>] {
        [0, 1, 5, 12, 17, rows - 1].flatMap { first in
            [1, 2, 5, 6, 7, 11, 12, 13, 17].filter { first + $0 <= rows }.map { first..<first + $0 }
        }
    }

    func kernels(_ name: String) throws -> Kernels {
        try #require(Kernels.available.first { $0.name == name })
    }

    // MARK: - bfloat16 products

    struct Shape: Sendable {
        var depth, columns: Int
    }

    @Test(
        arguments: bfloat16Variants,
        [Shape(depth: 100, columns: 80), Shape(depth: 37, columns: 30), Shape(depth: 1, columns: 33)])
    func bfloat16Products(variant: String, shape: Shape) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: 17)
        let (depth, columns) = (shape.depth, shape.columns)
        let panels = AlignedBytes(count: winnow_packed_linear_bf16_count(columns, depth) * 2)
        winnow_pack_linear_bf16(
            random.floats(columns * depth), 0, columns, depth, panels.base.assumingMemoryBound(to: UInt16.self))
        let bias = AlignedFloats(random.floats(columns), padded: (columns + 31) / 32 * 32)
        let input = (0..<29).map { _ in random.floats(depth).map { UInt16($0.bitPattern >> 16) } }

        func product(_ rows: ArraySlice<[UInt16]>, gap: Int, filler: UInt16, gelu: Bool, narrow: Bool) -> [[UInt32]] {
            let laid = StridedRows(Array(rows), gap: gap, filler: filler)
            var floats = StridedRows(rows: rows.count, columns: columns, gap: 5, filler: Float(-77))
            var halves = StridedRows(rows: rows.count, columns: columns, gap: 5, filler: UInt16(0x7777))
            laid.values.withUnsafeBufferPointer { input in
                floats.values.withUnsafeMutableBufferPointer { floats in
                    halves.values.withUnsafeMutableBufferPointer { halves in
                        var arguments = winnow_linear_bf16(
                            input: input.baseAddress, input_stride: laid.stride, rows: rows.count, depth: depth,
                            panels: panels.base.assumingMemoryBound(to: UInt16.self), bias: bias.base,
                            columns: columns, epilogue: gelu ? WINNOW_EPILOGUE_GELU : WINNOW_EPILOGUE_NONE,
                            output: narrow ? nil : floats.baseAddress, output_bf16: narrow ? halves.baseAddress : nil,
                            output_stride: columns + 5)
                        kernels.table.pointee.linear_bf16(&arguments)
                    }
                }
            }
            #expect(floats.gapsAreUntouched && halves.gapsAreUntouched)
            return narrow ? halves.rows.map { $0.map { UInt32($0) } } : floats.rows.map { $0.map(\.bitPattern) }
        }
        for gelu in [false, true] {
            for narrow in [false, true] {
                let whole = product(input[...], gap: 1, filler: 0, gelu: gelu, narrow: narrow)
                for cut in Self.cuts(29) {
                    // 3.39e38: finite, as the header asks for behind a row of odd depth, and not to be missed.
                    let part = product(input[cut], gap: 3, filler: 0x7F7F, gelu: gelu, narrow: narrow)
                    #expect(part == Array(whole[cut]), "rows \(cut), gelu \(gelu), bfloat16 \(narrow)")
                }
            }
        }
    }

    // MARK: - Attention

    @Test(arguments: variants, [9, 10, 16, 32, 40])
    func attentionInFloat32(variant: String, head: Int) throws {
        let kernels = try kernels(variant)
        for keys in [1, 2, 15, 16, 31, 33, 70] {
            var random = SeededGenerator(seed: UInt64(keys * 100 + head))
            let query = (0..<29).map { _ in random.floats(head).map { $0 * 4 } }
            let key = StridedRows((0..<keys).map { _ in random.floats(head).map { $0 * 4 } }, gap: 3, filler: .nan)
            let value = StridedRows((0..<keys).map { _ in random.floats(head) }, gap: 3, filler: .nan)

            func attend(_ rows: ArraySlice<[Float]>, gap: Int, scratch byte: UInt8) -> [[UInt32]] {
                let query = StridedRows(Array(rows), gap: gap, filler: .nan)
                var output = StridedRows(rows: rows.count, columns: head, gap: 5, filler: Float(-77))
                let count = winnow_attention_f32_scratch(keys, head)
                let scratch = AlignedFloats(count: count)
                UnsafeMutableRawPointer(scratch.base).initializeMemory(
                    as: UInt8.self, repeating: byte, count: count * 4)
                query.values.withUnsafeBufferPointer { queries in
                    key.values.withUnsafeBufferPointer { keyRows in
                        value.values.withUnsafeBufferPointer { valueRows in
                            output.values.withUnsafeMutableBufferPointer { output in
                                var arguments = winnow_attention_f32(
                                    query: queries.baseAddress, query_stride: query.stride, queries: rows.count,
                                    key: keyRows.baseAddress, key_stride: key.stride, value: valueRows.baseAddress,
                                    value_stride: value.stride, keys: keys, head: head, scale: 0.3,
                                    output: output.baseAddress, output_stride: head + 5, scratch: scratch.base)
                                kernels.table.pointee.attention_f32(&arguments)
                            }
                        }
                    }
                }
                withExtendedLifetime(scratch) {}
                #expect(output.gapsAreUntouched)
                return output.rows.map { $0.map(\.bitPattern) }
            }
            expectIndependence(query, attend, "\(keys) keys of \(head)")
        }
    }

    @Test(arguments: bfloat16Variants, [2, 10, 16, 32, 40, 64])
    func attentionInBFloat16(variant: String, head: Int) throws {
        let kernels = try kernels(variant)
        func halves(_ values: [Float]) -> [UInt16] { values.map { UInt16($0.bitPattern >> 16) } }
        for keys in [1, 2, 15, 16, 31, 33, 70] {
            var random = SeededGenerator(seed: UInt64(keys * 100 + head))
            let query = (0..<29).map { _ in halves(random.floats(head).map { $0 * 4 }) }
            let nan: UInt16 = 0x7FC0
            let key = StridedRows(
                (0..<keys).map { _ in halves(random.floats(head).map { $0 * 4 }) }, gap: 3, filler: nan)
            let value = StridedRows((0..<keys).map { _ in halves(random.floats(head)) }, gap: 3, filler: nan)

            func attend(_ rows: ArraySlice<[UInt16]>, gap: Int, scratch byte: UInt8) -> [[UInt32]] {
                let query = StridedRows(Array(rows), gap: gap, filler: nan)
                var output = StridedRows(rows: rows.count, columns: head, gap: 5, filler: Float(-77))
                let scratch = AlignedBytes(count: winnow_attention_bf16_scratch(keys, head))
                scratch.base.initializeMemory(as: UInt8.self, repeating: byte, count: scratch.count)
                query.values.withUnsafeBufferPointer { queries in
                    key.values.withUnsafeBufferPointer { keyRows in
                        value.values.withUnsafeBufferPointer { valueRows in
                            output.values.withUnsafeMutableBufferPointer { output in
                                var arguments = winnow_attention_bf16(
                                    query: queries.baseAddress, query_stride: query.stride, queries: rows.count,
                                    key: keyRows.baseAddress, key_stride: key.stride, value: valueRows.baseAddress,
                                    value_stride: value.stride, keys: keys, head: head, scale: 0.3,
                                    output: output.baseAddress, output_stride: head + 5, scratch: scratch.base)
                                kernels.table.pointee.attention_bf16(&arguments)
                            }
                        }
                    }
                }
                withExtendedLifetime(scratch) {}
                #expect(output.gapsAreUntouched)
                return output.rows.map { $0.map(\.bitPattern) }
            }
            expectIndependence(query, attend, "\(keys) keys of \(head)")
        }
    }

    /// Scratch of zeros, of NaN, of the largest number, of ones as good as.
    private func expectIndependence<Value>(
        _ query: [[Value]], _ attend: (ArraySlice<[Value]>, _ gap: Int, _ scratch: UInt8) -> [[UInt32]], _ what: String
    ) {
        let whole = attend(query[...], 0, 0)
        #expect(whole.allSatisfy { $0.allSatisfy { Float(bitPattern: $0).isFinite } }, "\(what)")
        for byte in [UInt8(0xFF), 0x7F, 0x3F] { #expect(attend(query[...], 2, byte) == whole, "\(what)") }
        for cut in Self.cuts(query.count) {
            #expect(attend(query[cut], 7, 0xFF) == Array(whole[cut]), "queries \(cut), \(what)")
        }
    }

    // MARK: - Norms and codes

    /// Every norm gives the same float32 row, also where the output takes the place of the residual, as the encoder has it.
    @Test(arguments: variants, [1, 7, 16, 17, 27, 30, 48, 100])
    func normsAndWhatTheyAreTurnedInto(variant: String, columns: Int) throws {
        let kernels = try kernels(variant)
        let table = kernels.table.pointee
        var random = SeededGenerator(seed: UInt64(columns))
        let count = 19
        let input = (0..<count).map { _ in random.floats(columns).map { $0 * 5 } }
        let residual = (0..<count).map { _ in random.floats(columns) }
        let (weight, bias) = (random.floats(columns), random.floats(columns))

        func norms(_ cut: Range<Int>, gap: Int, filler: Float) -> [[UInt32]] {
            let rows = cut.count
            let x = StridedRows(Array(input[cut]), gap: gap, filler: filler)
            let y = StridedRows(Array(residual[cut]), gap: gap, filler: filler)
            var plain = StridedRows(rows: rows, columns: columns, gap: gap, filler: Float(-77))
            table.layer_norm_f32(
                x.values, x.stride, y.values, y.stride, weight, bias, 1e-12, rows, columns, &plain.values, plain.stride)
            var inPlace = y
            var codes = StridedRows(rows: rows, columns: columns, gap: gap, filler: UInt8(0x77))
            var scales = [winnow_row_scale](repeating: winnow_row_scale(scale: -77, least: -77), count: rows)
            inPlace.values.withUnsafeMutableBufferPointer {
                table.layer_norm_i8(
                    x.values, x.stride, $0.baseAddress, y.stride, weight, bias, 1e-12, rows, columns, $0.baseAddress,
                    y.stride, &codes.values, codes.stride, &scales)
            }
            #expect(inPlace.rows == plain.rows && codes.gapsAreUntouched && plain.gapsAreUntouched)
            var result = plain.rows.map { $0.map(\.bitPattern) }
            for row in 0..<rows {
                result[row] +=
                    codes.rows[row].map { UInt32($0) } + [scales[row].scale.bitPattern, scales[row].least.bitPattern]
            }
            if kernels.hasBFloat16 {
                var rounded = StridedRows(rows: rows, columns: columns, gap: gap, filler: UInt16(0x7777))
                inPlace = y
                inPlace.values.withUnsafeMutableBufferPointer {
                    table.layer_norm_bf16(
                        x.values, x.stride, $0.baseAddress, y.stride, weight, bias, 1e-12, rows, columns,
                        $0.baseAddress, y.stride, &rounded.values, rounded.stride)
                }
                #expect(inPlace.rows == plain.rows && rounded.gapsAreUntouched)
                for row in 0..<rows { result[row] += rounded.rows[row].map { UInt32($0) } }
            }
            return result
        }
        let whole = norms(0..<count, gap: 0, filler: 0)
        for cut in Self.cuts(count) {
            #expect(norms(cut, gap: 3, filler: .nan) == Array(whole[cut]), "rows \(cut) of \(columns)")
        }
    }

    @Test(arguments: variants, [1, 7, 16, 17, 27, 30, 37, 48, 100])
    func codesAndRoundedRows(variant: String, columns: Int) throws {
        let kernels = try kernels(variant)
        let table = kernels.table.pointee
        var random = SeededGenerator(seed: UInt64(columns))
        let input = (0..<19).map { _ in random.floats(columns).map { abs($0) * 8 } }

        func rows(_ cut: Range<Int>, gap: Int, filler: Float) -> [[UInt32]] {
            let x = StridedRows(Array(input[cut]), gap: gap, filler: filler)
            var result = [[UInt32]](repeating: [], count: cut.count)
            var codes = StridedRows(rows: cut.count, columns: columns, gap: gap, filler: UInt8(0x77))
            var scales = [winnow_row_scale](repeating: winnow_row_scale(scale: -77, least: -77), count: cut.count)
            table.quantize_rows(x.values, x.stride, cut.count, columns, &codes.values, codes.stride, &scales)
            #expect(codes.gapsAreUntouched)
            for row in 0..<cut.count {
                result[row] +=
                    codes.rows[row].map { UInt32($0) } + [scales[row].scale.bitPattern, scales[row].least.bitPattern]
            }
            if kernels.hasBFloat16 {
                var rounded = StridedRows(rows: cut.count, columns: columns, gap: gap, filler: UInt16(0x7777))
                table.round_rows_bf16(
                    x.values, x.stride, cut.count, columns, &rounded.values, rounded.stride)
                #expect(rounded.gapsAreUntouched)
                for row in 0..<cut.count { result[row] += rounded.rows[row].map { UInt32($0) } }
            }
            return result
        }
        let whole = rows(0..<19, gap: 0, filler: 0)
        for cut in Self.cuts(19) {
            #expect(rows(cut, gap: 3, filler: .nan) == Array(whole[cut]), "rows \(cut) of \(columns)")
        }
    }
}

/// Rows that lie in one array with something else between them.
struct StridedRows<Value: Equatable> {
    var values: [Value]
    let columns, stride: Int
    private let filler: Value

    init(_ rows: [[Value]], gap: Int, filler: Value) {
        columns = rows.first?.count ?? 0
        stride = columns + gap
        self.filler = filler
        values = rows.flatMap { $0 + [Value](repeating: filler, count: gap) }
    }

    init(rows: Int, columns: Int, gap: Int, filler: Value) {
        self.init(
            [[Value]](repeating: [Value](repeating: filler, count: columns), count: rows), gap: gap, filler: filler)
    }

    var rows: [[Value]] {
        Swift.stride(from: 0, to: values.count, by: stride).map { Array(values[$0..<$0 + columns]) }
    }

    /// Whether what lies between is what lay there at first.
    var gapsAreUntouched: Bool {
        values.indices.allSatisfy { $0 % stride < columns || values[$0] == filler }
    }
}
