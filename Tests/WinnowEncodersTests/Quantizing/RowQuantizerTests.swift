import TestSupport
import Testing
import WinnowEncoders

/// Rounding against searches and formulas that are written out here.
@Suite struct RowQuantizerTests {
    static let sizes = [1, 2, 15, 16, 17, 33, 64, 100]

    /// Inputs that hang together, as a layer's do: each is a mix of a few sources and some noise of its own.
    private static func inputs(_ size: Int, count: Int, seed: UInt64) -> [Float] {
        var random = SeededGenerator(seed: seed)
        let sources = 5
        let mix = random.floats(size * sources)
        return (0..<count).flatMap { _ in
            let drawn = random.floats(sources)
            let noise = random.floats(size)
            return (0..<size).map { input in
                (0..<sources).reduce(0.2 * noise[input]) { $0 + mix[input * sources + $1] * drawn[$1] }
            }
        }
    }

    private static func moments(_ inputs: [Float], _ size: Int) -> SecondMoments {
        var moments = SecondMoments(size: size)
        moments.add(
            SecondMoments.products(inputs, columns: size, kernels: .active), count: inputs.count / size)
        return moments
    }

    private static func quantize(
        _ method: RoundingMethod, _ rows: [Float], columns: Int, _ moments: SecondMoments?
    ) -> (codes: [Int8], scales: [Float]) {
        let count = rows.count / columns
        var codes = [Int8](repeating: 0, count: rows.count)
        var scales = [Float](repeating: 0, count: count)
        RowQuantizer(method, columns: columns, moments: moments, kernels: .active)
            .quantize(rows, count: count, codes: &codes, scales: &scales)
        return (codes, scales)
    }

    /// dᵀ G d in double, d = row − codes · scale.
    private static func cost(_ row: ArraySlice<Float>, _ codes: ArraySlice<Int8>, _ scale: Float, _ mean: [Double])
        -> Double
    {
        let errors = zip(row, codes).map { Double($0) - Double($1) * Double(scale) }
        var cost = 0.0
        for (i, left) in errors.enumerated() {
            for (j, right) in errors.enumerated() { cost += left * mean[i * errors.count + j] * right }
        }
        return cost
    }

    private static func nearest(_ row: ArraySlice<Float>, _ scale: Float) -> [Int8] {
        row.map { Int8(min(max((Double($0) / Double(scale)).rounded(.toNearestOrEven), -127), 127)) }
    }

    @Test(arguments: sizes)
    func secondMomentsAreSumsOfProducts(size: Int) {
        let count = 37
        let inputs = Self.inputs(size, count: count, seed: 3)
        var expected = [Double](repeating: 0, count: size * size)
        for row in 0..<count {
            for i in 0..<size {
                for j in 0..<size {
                    expected[i * size + j] += Double(inputs[row * size + i]) * Double(inputs[row * size + j])
                }
            }
        }
        let moments = Self.moments(inputs, size)
        let comparison = Approximate(
            moments.sums.map(Float.init), expected.map(Float.init), within: .products, "sums")
        #expect(comparison.holds, "\(comparison)")
        #expect(moments.count == count)
        #expect(moments.mean[0] == moments.sums[0] / Double(count))
    }

    @Test(arguments: sizes)
    func theNearestOfTheLargestMagnitude(size: Int) {
        var random = SeededGenerator(seed: 4)
        let rows = random.floats(5 * size)
        let (codes, scales) = Self.quantize(.nearest, rows, columns: size, nil)
        for row in 0..<5 {
            let range = row * size..<(row + 1) * size
            let most = rows[range].map(abs).max() ?? 0
            #expect(abs(scales[row] - most / 127) <= most / 127 * 1e-6)
            #expect(codes[range].map { abs(Int($0)) }.max() == 127)
            for index in range {
                #expect(abs(rows[index] - Float(codes[index]) * scales[row]) <= scales[row] * 0.5001)
            }
        }
    }

    /// The clipping that is chosen costs no more than any other one that is tried; float32 sums may confuse near equals.
    @Test(arguments: sizes, [true, false])
    func clippingIsTheBestOfAll(size: Int, isWeighted: Bool) {
        var random = SeededGenerator(seed: 5)
        var rows = random.floats(20 * size)
        // A lone large weight is what clipping is good for.
        for row in 0..<20 where size > 1 { rows[row * size] *= 4 }
        let moments = Self.moments(Self.inputs(size, count: 3 * size + 20, seed: 6), size)
        let identity = (0..<size * size).map { $0 % (size + 1) == 0 ? 1.0 : 0 }
        let mean = isWeighted ? moments.mean : identity
        let (codes, scales) = Self.quantize(.clipping, rows, columns: size, isWeighted ? moments : nil)
        for row in 0..<20 {
            let range = row * size..<(row + 1) * size
            let most = rows[range].map(abs).max() ?? 0
            let costs = (0...20).map { step -> Double in
                let scale = (1 - 0.01 * Float(step)) * most / 127
                let codes = Self.nearest(rows[range], scale)
                return Self.cost(rows[range], codes[...], scale, mean)
            }
            let best = costs.min() ?? 0
            let chosen = Self.cost(rows[range], codes[range], scales[row], mean)
            let floor = 1e-6 * Double(most * most) * mean[0]
            #expect(chosen <= best * 1.001 + floor, "row \(row): \(chosen), the best is \(best)")
        }
    }

    /// Optimal brain quantisation as it is written in the paper (Frantar et al. 2022, equation 2 with its order fixed): round one
    /// weight, move all that are left by the inverse of their part of H, and go on with that part.
    private static func brainSurgeon(
        _ row: [Float], scale: Float, _ hessian: [Double], order: [Int]
    ) -> [Int8] {
        let size = row.count
        var weights = row.map(Double.init)
        var codes = [Int8](repeating: 0, count: size)
        for (place, index) in order.enumerated() {
            let left = Array(order[place...])
            let inverse = inverted(left.flatMap { i in left.map { hessian[i * size + $0] } }, left.count)
            let code = min(max((weights[index] / Double(scale)).rounded(.toNearestOrEven), -127), 127)
            codes[index] = Int8(code)
            let error = (weights[index] - code * Double(scale)) / inverse[0]
            for (offset, other) in left.enumerated() { weights[other] -= error * inverse[offset] }
        }
        return codes
    }

    /// Gauss and Jordan.
    private static func inverted(_ matrix: [Double], _ size: Int) -> [Double] {
        var (left, right) = (matrix, (0..<size * size).map { $0 % (size + 1) == 0 ? 1.0 : 0 })
        for pivot in 0..<size {
            let factor = left[pivot * size + pivot]
            for column in 0..<size {
                left[pivot * size + column] /= factor
                right[pivot * size + column] /= factor
            }
            for row in 0..<size where row != pivot {
                let factor = left[row * size + pivot]
                for column in 0..<size {
                    left[row * size + column] -= factor * left[pivot * size + column]
                    right[row * size + column] -= factor * right[pivot * size + column]
                }
            }
        }
        return right
    }

    @Test(arguments: [1, 2, 7, 16, 17, 24])
    func compensationIsBrainSurgery(size: Int) throws {
        var random = SeededGenerator(seed: 7)
        let moments = Self.moments(Self.inputs(size, count: 4 * size + 20, seed: 8), size)
        let factor = try #require(CompensationFactor(moments, damping: 0.01))
        let mean = moments.mean
        #expect(factor.order == (0..<size).sorted { mean[$0 * size + $0] > mean[$1 * size + $1] })
        let delta = 0.01 * (0..<size).reduce(0) { $0 + mean[$1 * size + $1] } / Double(size)
        var hessian = mean
        for index in 0..<size { hessian[index * size + index] += delta }
        for _ in 0..<8 {
            let row = random.floats(size)
            // Coarse, so that codes are small and errors large.
            let scale = (row.map(abs).max() ?? 0) / 9
            var codes = [Int8](repeating: 0, count: size)
            factor.round(row, scale: scale, codes: &codes)
            #expect(codes == Self.brainSurgeon(row, scale: scale, hessian, order: factor.order))
        }
    }

    @Test func compensationCostsLessWhereInputsHangTogether() {
        let (size, count) = (64, 40)
        var random = SeededGenerator(seed: 9)
        let rows = random.floats(count * size)
        let moments = Self.moments(Self.inputs(size, count: 400, seed: 10), size)
        func total(_ method: RoundingMethod) -> Double {
            let (codes, scales) = Self.quantize(method, rows, columns: size, moments)
            return (0..<count).reduce(0) { total, row in
                let range = row * size..<(row + 1) * size
                return total + Self.cost(rows[range], codes[range], scales[row], moments.mean)
            }
        }
        #expect(total(.clipping) <= total(.nearest))
        #expect(total(.compensation) < 0.7 * total(.clipping))
    }

    @Test(arguments: RoundingMethod.allCases)
    func rowsOfNothingAndInputsOfNothing(method: RoundingMethod) {
        let tiny = Float.leastNormalMagnitude / 100
        let rows = [Float](repeating: 0, count: 8) + [0, 0, tiny, 0, 0, 0, 0, -tiny] + [1, 2, 3, 4, -5, 6, 7, 8]
        for moments in [nil, SecondMoments(size: 8)] {
            let (codes, scales) = Self.quantize(method, rows, columns: 8, moments)
            #expect(codes[..<16].allSatisfy { $0 == 0 })
            #expect(scales.allSatisfy { $0 > 0 && ($0 * 128).isFinite })
            #expect(codes[16...].contains { abs(Int($0)) == 127 })
        }
    }
}

extension Tolerance {
    /// float32 sums of some dozens of products.
    fileprivate static let products = Tolerance("float32 sums of products", 1e-5, .largest)
}
