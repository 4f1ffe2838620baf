import CWinnowKernels
import TestSupport
import Testing
import WinnowStore

/// The inequality that makes the scan exact: |dot_f32(x, q) − scale · step · ⟨codes, codes⟩| ≤ bound.
@Suite struct ScanBoundTests {
    enum Shape: CaseIterable {
        case random, spiky, constant, tiny, huge, zero, halves, aligned, subnormal
    }

    private func vector(_ shape: Shape, _ dimension: Int, using random: inout SeededGenerator) -> [Float] {
        let noise = random.floats(dimension)
        switch shape {
        case .random:
            return Sample.normalised(noise)
        case .spiky:
            var vector = noise.map { $0 * 1e-3 }
            vector[Int.random(in: 0..<dimension, using: &random)] = 1
            return Sample.normalised(vector)
        case .constant:
            return Sample.normalised([Float](repeating: -1, count: dimension))
        case .tiny:
            return Sample.normalised(noise).map { $0 * 1e-20 }
        case .huge:
            // As long as a vector may be.
            return Sample.normalised(noise).map { $0 * Float(1 + 0x1p-21) }
        case .zero:
            return [Float](repeating: 0, count: dimension)
        case .halves:
            // Every value half-way between two codes: the worst that rounding can do.
            var vector = noise.map { Float(Int($0 * 200)) + 0.5 }
            vector[0] = 127
            return Sample.normalised(vector)
        case .aligned:
            // Exactly on codes: nothing is lost.
            var vector = noise.map { Float(Int($0 * 254)) }
            vector[0] = 127
            return Sample.normalised(vector)
        case .subnormal:
            return noise.map { $0 * 1e-42 }
        }
    }

    private func residual(_ vector: [Float], _ row: QuantizedRow) -> [Double] {
        zip(vector, row.codes).map { Double($0) - Double(row.scale) * Double($1) }
    }

    @Test(arguments: [1, 3, 17, 64, 100, 384, 768, 1024], Shape.allCases)
    func holdsForEveryVariant(dimension: Int, shape: Shape) throws {
        var random = SeededGenerator(seed: UInt64(dimension))
        let layout = try ScanCacheLayout(dimension: dimension)
        for _ in 0..<12 {
            let vector = vector(shape, dimension, using: &random)
            let row = try #require(vector.withUnsafeBufferPointer { QuantizedRow($0, stride: layout.stride) })
            let residual = residual(vector, row)
            let norm = residual.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(Double(row.error) >= norm)
            // Rounding loses at most half a step a value (a scale among the subnormals is itself rounded, by up to 2⁻¹⁵⁰): a
            // bound that says more would make searches slow.
            let halfSteps = Double(row.scale) * 0.5001 + 127 * 0x1p-149
            #expect(Double(row.error) <= halfSteps * Double(dimension).squareRoot())
            #expect(row.codes.allSatisfy { $0 >= -127 } && row.codes[dimension...].allSatisfy { $0 == 0 })

            var queries = Shape.allCases.map { self.vector($0, dimension, using: &random) }
            // Along what the codes lose: there the inequality is an equality, but for the query's own part.
            queries.append(Sample.normalised(residual.map { Float($0) }))
            queries.append(queries[queries.count - 1].map { -$0 })
            queries.append(vector)
            for vector2 in queries {
                let query = try ScanQuery(vector2, layout: layout)
                let bound = query.bound(error: row.error)
                for kernels in IntegerKernelTests.variants {
                    let product = kernels.pointee.dot_i8i16(row.codes, query.codes, layout.stride)
                    let approximate = Double(row.scale) * query.step * Double(product)
                    let exact = Double(kernels.pointee.dot_f32(vector, vector2, dimension))
                    #expect(abs(exact - approximate) <= bound, "\(exact), about \(approximate), bound \(bound)")
                }
            }
        }
    }

    /// A bound that is never reached could be any: along the residual the error comes near the row's part of the bound.
    @Test(arguments: [17, 64, 384, 1024])
    func isReachedAlongTheResidual(dimension: Int) throws {
        var random = SeededGenerator(seed: UInt64(dimension))
        let layout = try ScanCacheLayout(dimension: dimension)
        let vector = Sample.normalised(random.floats(dimension))
        let row = try #require(vector.withUnsafeBufferPointer { QuantizedRow($0, stride: layout.stride) })
        let direction = Sample.normalised(residual(vector, row).map { Float($0) })
        let query = try ScanQuery(direction, layout: layout)
        let product = winnow_kernels_active().pointee.dot_i8i16(row.codes, query.codes, layout.stride)
        let exact = Double(winnow_kernels_active().pointee.dot_f32(vector, direction, dimension))
        let error = abs(exact - Double(row.scale) * query.step * Double(product))
        #expect(error > 0.9 * query.bound(error: row.error))
    }

    /// Sums of magnitudes stay in int32, whatever the dimension.
    @Test(arguments: [1, 2, 384, 515, 516, 517, 768, 1024, 4096, 65_536])
    func productsCannotOverflow(dimension: Int) throws {
        let code = ScanQuery.largestCode(dimension: dimension)
        #expect(code >= 1 && code <= Int(Int16.max))
        #expect(127 * code * dimension <= Int(Int32.max))
        let layout = try ScanCacheLayout(dimension: dimension)
        let vector = Sample.normalised([Float](repeating: 1, count: dimension))
        let query = try ScanQuery(vector, layout: layout)
        #expect(query.codes[..<dimension].allSatisfy { Int($0) == code })
        let row = try #require(vector.withUnsafeBufferPointer { QuantizedRow($0, stride: layout.stride) })
        let product = winnow_kernels_active().pointee.dot_i8i16(row.codes, query.codes, layout.stride)
        #expect(Int(product) == 127 * code * dimension)
    }

    @Test func whatHasNoBoundIsRefused() throws {
        let layout = try ScanCacheLayout(dimension: 2)
        for vector: [Float] in [[.nan, 0], [.infinity, 0], [1, 0.01], [-3e38, 3e38]] {
            #expect(vector.withUnsafeBufferPointer { QuantizedRow($0, stride: layout.stride) } == nil)
        }
        #expect(throws: StoreError.vectorNotFinite(of: "the query")) { try ScanQuery([.nan, 0], layout: layout) }
        #expect(throws: StoreError.vectorNotFinite(of: "the query")) { try ScanQuery([0, -.infinity], layout: layout) }
        #expect(throws: StoreError.dimension(expected: 2, found: 3)) { try ScanQuery([0, 0, 1], layout: layout) }
        for dimension in [-1, 0, 65_537] {
            #expect(throws: ScanCacheError.unsupportedDimension(dimension)) {
                try ScanCacheLayout(dimension: dimension)
            }
        }
    }
}
