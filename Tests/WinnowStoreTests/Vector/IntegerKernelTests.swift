import CWinnowKernels
import TestSupport
import Testing
import WinnowStore

/// The int8 × int16 products of the dense scan: every variant gives the integer that 64-bit arithmetic gives.
@Suite struct IntegerKernelTests {
    static var variants: [UnsafePointer<winnow_kernels>] {
        var variants: [UnsafePointer<winnow_kernels>] = []
        while let variant = winnow_kernels_available(variants.count) { variants.append(variant) }
        return variants
    }

    static let names = variants.map { String(cString: $0.pointee.name) }

    private func kernels(_ name: String) throws -> winnow_kernels {
        try #require(Self.variants.first { String(cString: $0.pointee.name) == name }).pointee
    }

    private func product(_ row: some Collection<Int8>, _ query: [Int16]) -> Int32 {
        Int32(zip(row, query).reduce(0 as Int64) { $0 + Int64($1.0) * Int64($1.1) })
    }

    @Test(
        arguments: names,
        [0, 1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 96, 97, 127, 128, 129, 384, 515])
    func productsAreExact(variant: String, count: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(count))
        for _ in 0..<20 {
            // From odd addresses, with a stride that is no multiple of anything.
            let offset = Int.random(in: 0..<8, using: &random)
            let stride = count + Int.random(in: 0..<5, using: &random)
            let query = (0..<count).map { _ in Int16.random(in: -32767...32767, using: &random) }
            for rowCount in [0, 1, 2, 3, 4, 5, 7, 8, 9] {
                let codes = (0..<offset + rowCount * stride).map { _ in Int8.random(in: -127...127, using: &random) }
                let rows = (0..<rowCount).map { codes[offset + $0 * stride..<offset + $0 * stride + count] }
                let expected = rows.map { product($0, query) }
                var products = [Int32](repeating: 7, count: rowCount + 1)
                codes.withUnsafeBufferPointer { codes in
                    guard let base = codes.baseAddress else { return }
                    kernels.dot_rows_i8i16(base + offset, stride, rowCount, query, count, &products)
                }
                #expect(products == expected + [7], "\(rowCount) rows, stride \(stride)")
                for (row, expected) in zip(rows, expected) {
                    #expect(kernels.dot_i8i16(Array(row), query, count) == expected)
                }
            }
        }
    }

    /// Longer than the digits of a query that VNNI splits at a time, and around that length; queries as a scan makes them.
    @Test(arguments: names, [4095, 4096, 4097, 4159, 4160, 8192, 8257])
    func longRowsAreExact(variant: String, count: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(count))
        let largest = Int16(ScanQuery.largestCode(dimension: count))
        for query in [
            (0..<count).map { _ in Int16.random(in: -largest...largest, using: &random) },
            [Int16](repeating: largest, count: count), [Int16](repeating: -largest, count: count),
        ] {
            let rowCount = 6
            var codes = (0..<rowCount * count).map { _ in Int8.random(in: -127...127, using: &random) }
            for index in 0..<count { (codes[index], codes[count + index]) = (127, -127) }
            let expected = (0..<rowCount).map { product(codes[$0 * count..<($0 + 1) * count], query) }
            var products = [Int32](repeating: 7, count: rowCount + 1)
            kernels.dot_rows_i8i16(codes, count, rowCount, query, count, &products)
            #expect(products == expected + [7])
        }
    }

    /// Every pair of a code and a digit, where the query's two bytes have their edges.
    @Test(arguments: names)
    func digitsAreExact(variant: String) throws {
        let kernels = try kernels(variant)
        for value: Int16 in [
            -32767, -32641, -32640, -257, -256, -255, -129, -128, -127, -1, 0, 1, 127, 128, 255, 256, 32639, 32640,
            32767,
        ] {
            for count in [1, 32, 64, 65] {
                let codes = (-128...127).flatMap { [Int8](repeating: Int8($0), count: count) }
                let query = [Int16](repeating: value, count: count)
                var products = [Int32](repeating: 0, count: 256)
                kernels.dot_rows_i8i16(codes, count, 256, query, count, &products)
                #expect(products == (-128...127).map { Int32($0 * Int(value) * count) }, "\(value), \(count) codes")
            }
        }
    }

    /// The largest products that are allowed: 127 · 32767 · 516 is just below 2³¹.
    @Test(arguments: names, [(127, 32767), (127, -32767), (-127, 32767), (-127, -32767)] as [(Int8, Int16)])
    func extremesDoNotOverflow(variant: String, extreme: (code: Int8, query: Int16)) throws {
        let kernels = try kernels(variant)
        for count in [1, 16, 31, 32, 33, 512, 516] {
            let expected = Int32(Int(extreme.code) * Int(extreme.query) * count)
            let codes = [Int8](repeating: extreme.code, count: 4 * count)
            let query = [Int16](repeating: extreme.query, count: count)
            #expect(kernels.dot_i8i16(codes, query, count) == expected)
            var products = [Int32](repeating: 0, count: 4)
            kernels.dot_rows_i8i16(codes, count, 4, query, count, &products)
            #expect(products == [Int32](repeating: expected, count: 4))
        }
    }

    /// The bounds of rows are the formula's in doubles, to the bit, and the highest one is among them.
    @Test(arguments: names, [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65])
    func upperBoundsAreTheFormula(variant: String, count: Int) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: UInt64(100 + count))
        for _ in 0..<50 {
            let scales = (0..<count).map { _ in Float.random(in: 0...0.01, using: &random) }
            let errors = (0..<count).map { _ in Float.random(in: 0...0.01, using: &random) }
            let products = (0..<count).map { _ in Int32.random(in: Int32.min...Int32.max, using: &random) }
            let (step, factor) = (Double.random(in: 0...1e-4, using: &random), Double.random(in: 0...2, using: &random))
            let offset = Double.random(in: 0...1e-3, using: &random)
            var bounds = [Double](repeating: 7, count: count + 1)
            let highest = kernels.upper_bounds_f64(scales, errors, products, count, step, factor, offset, &bounds)
            let expected = (0..<count).map { row in
                Double(scales[row]) * step * Double(products[row]) + Double(errors[row]) * factor + offset
            }
            #expect(bounds == expected + [7])
            #expect(highest == expected.max() ?? -.infinity)
        }
    }

    /// A row whose bound is no number hides none of the others.
    @Test(arguments: names)
    func noNumberIsNotTheHighest(variant: String) throws {
        let kernels = try kernels(variant)
        for place in 0..<17 {
            var scales = [Float](repeating: 1, count: 17)
            scales[place] = .nan
            var bounds = [Double](repeating: 0, count: 17)
            let products = (0..<17).map { Int32($0 == place ? 100 : -$0) }
            let errors = [Float](repeating: 0, count: 17)
            let highest = kernels.upper_bounds_f64(scales, errors, products, 17, 1, 1, 0, &bounds)
            #expect(highest == (place == 0 ? -1 : 0))
            #expect(bounds[place].isNaN)
        }
    }

    /// A row by itself, in a block and at another place of the block has one value.
    @Test(arguments: names)
    func neighboursChangeNothing(variant: String) throws {
        let kernels = try kernels(variant)
        var random = SeededGenerator(seed: 11)
        let count = 100
        let codes = (0..<13 * count).map { _ in Int8.random(in: -127...127, using: &random) }
        let query = (0..<count).map { _ in Int16.random(in: -32767...32767, using: &random) }
        let alone = (0..<13).map { kernels.dot_i8i16(Array(codes[$0 * count..<($0 + 1) * count]), query, count) }
        for first in 0..<13 {
            var products = [Int32](repeating: 0, count: 13 - first)
            kernels.dot_rows_i8i16(Array(codes[(first * count)...]), count, 13 - first, query, count, &products)
            #expect(products == Array(alone[first...]))
        }
    }
}
