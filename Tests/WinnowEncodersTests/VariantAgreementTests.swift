import CWinnowKernels
import Foundation
import TestSupport
import Testing
import WinnowEncoders

/// The variants beside one another: that all which the processor has are there to be tested, and that integers are the same in all.
@Suite struct VariantAgreementTests {
    /// Each suite runs over `Kernels.available`: what is missing there is tested nowhere. Linux says by itself what there is.
    @Test(.enabled(if: ProcessorFlags.linux != nil))
    func everyVariantThatTheProcessorHasIsAvailable() throws {
        let flags = try #require(ProcessorFlags.linux)
        let avx2 = flags.isSuperset(of: ["avx2", "fma"])
        let avx512 = avx2 && flags.isSuperset(of: ["avx512f", "avx512vl", "avx512dq", "avx512bw"])
        let vnni = avx512 && flags.contains("avx512_vnni")
        var expected: [String] = []
        if vnni { expected.append("avx512vnni") }
        // The best where its products pay, which they do not on Intel's processors.
        if vnni && flags.contains("avx512_bf16") {
            expected.insert("avx512bf16", at: ProcessorFlags.isIntel ? expected.endIndex : 0)
        }
        if avx512 { expected.append("avx512") }
        if avx2 && flags.contains("avx_vnni") { expected.append("avxvnni") }
        if avx2 { expected.append("avx2") }
        #expect(Kernels.available.map(\.name) == expected + ["scalar"])
        print("kernel variants tested on this machine: \(Kernels.available.map(\.name).joined(separator: ", "))")
    }

    /// One row of floats has one row of codes, in every variant.
    @Test(arguments: [1, 3, 7, 8, 9, 15, 16, 17, 27, 30, 31, 37, 100, 384, 1536])
    func codesAreTheSameInEveryVariant(columns: Int) throws {
        var random = SeededGenerator(seed: UInt64(columns))
        let rows = 5
        let input = random.floats(rows * columns).map { $0 * 8 }
        let all = Kernels.available.map { kernels in
            var codes = [UInt8](repeating: 0, count: rows * columns)
            var scales = [winnow_row_scale](repeating: winnow_row_scale(), count: rows)
            kernels.table.pointee.quantize_rows(input, columns, rows, columns, &codes, columns, &scales)
            return codes.map { UInt32($0) } + scales.flatMap { [$0.scale.bitPattern, $0.least.bitPattern] }
        }
        for (kernels, codes) in zip(Kernels.available, all) { #expect(codes == all[0], "\(kernels.name)") }
    }

    /// The product of codes and weights is an integer, and what follows is one rounded formula: the same bits everywhere. GELU is
    /// a polynomial in the vector variants and `erf` in the scalar one.
    @Test(arguments: [1, 4, 27, 30, 37, 100, 508, 516, 1100], [1, 30, 33, 80])
    func int8ProductsAreTheSameInEveryVariant(depth: Int, columns: Int) throws {
        var random = SeededGenerator(seed: UInt64(depth * 100 + columns))
        let rows = 14
        let stride = (depth + 3) / 4 * 4
        let padded = (columns + 31) / 32 * 32
        let weight = (0..<columns * depth).map { _ in Int8.random(in: -128...127, using: &random) }
        let input = (0..<rows * stride + 64).map { _ in UInt8.random(in: 0...255, using: &random) }
        let scaleOfRow = (0..<rows).map { _ in Float.random(in: 0.001...0.03, using: &random) }
        let scales = AlignedFloats(
            (0..<columns).map { _ in Float.random(in: 1e-4...4e-3, using: &random) }, padded: padded)
        let bias = AlignedFloats(random.floats(columns), padded: padded)
        for least in [Float(-2), 0] {
            for epilogue in [WINNOW_EPILOGUE_NONE, WINNOW_EPILOGUE_GELU] {
                let variants = Kernels.available.filter { epilogue == WINNOW_EPILOGUE_NONE || $0.name != "scalar" }
                let all = variants.map { kernels in
                    let panels = AlignedBytes(count: winnow_packed_linear_i8_count(columns, depth))
                    var sums = [Int32](repeating: 0, count: padded)
                    winnow_pack_linear_i8(
                        weight, 0, columns, depth, kernels.table.pointee.i8_group,
                        panels.base.assumingMemoryBound(to: Int8.self), &sums)
                    let columnSums = AlignedFloats((0..<padded).map { scales.base[$0] * Float(sums[$0]) })
                    let rowScales = scaleOfRow.map { winnow_row_scale(scale: $0, least: least) }
                    var output = [Float](repeating: .nan, count: rows * columns)
                    input.withUnsafeBufferPointer { input in
                        rowScales.withUnsafeBufferPointer { rowScales in
                            output.withUnsafeMutableBufferPointer { output in
                                var arguments = winnow_linear_i8()
                                arguments.input = input.baseAddress
                                arguments.input_stride = stride
                                arguments.input_scales = rowScales.baseAddress
                                arguments.rows = rows
                                arguments.depth = depth
                                arguments.panels = UnsafePointer(panels.base.assumingMemoryBound(to: Int8.self))
                                arguments.column_scales = UnsafePointer(scales.base)
                                arguments.column_sums = UnsafePointer(columnSums.base)
                                arguments.bias = UnsafePointer(bias.base)
                                arguments.columns = columns
                                arguments.epilogue = epilogue
                                arguments.output = output.baseAddress
                                arguments.output_stride = columns
                                kernels.table.pointee.linear_i8(&arguments)
                            }
                        }
                    }
                    return output.map(\.bitPattern)
                }
                for (kernels, bits) in zip(variants, all) { #expect(bits == all[0], "\(kernels.name)") }
            }
        }
    }

    /// Two names for one table would test one of them twice and the other never.
    @Test func everyVariantHasProductsOfItsOwn() {
        for (index, kernels) in Kernels.available.enumerated() {
            for other in Kernels.available.prefix(index) { #expect(kernels.table != other.table) }
        }
        let products = Kernels.available.map { unsafeBitCast($0.table.pointee.linear_i8, to: Int.self) }
        #expect(Set(products).count == products.count)
    }
}

enum ProcessorFlags {
    static let isIntel =
        (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains("GenuineIntel") ?? false

    /// The flags of the first processor in /proc/cpuinfo; nil where there is none, or none of x86.
    static let linux: Set<String>? = {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
        else { return nil }
        return Set(line.split(separator: " ").map(String.init))
    }()
}
