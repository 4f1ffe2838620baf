import CWinnowKernels
import TestSupport
import Testing
import WinnowEncoders

/// What a lexical search adds up and looks for.
@Suite struct PostingKernelTests {
    /// Sums as a window has them: most 0, some equal.
    private static func sums(_ count: Int, _ random: inout SeededGenerator) -> [Float] {
        (0..<count).map { _ in
            Bool.random(using: &random) ? 0 : Float(Int.random(in: 0...300, using: &random)) / 16
        }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 4096])
    func placesAreTheSameInEveryVariant(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        let sums = Self.sums(count, &random)
        for least in [Float.leastNonzeroMagnitude, 0, 3, 18.75, 19] {
            let expected = sums.indices.filter { sums[$0] >= least }.map { UInt16($0) }
            for kernels in Kernels.available {
                var places = [UInt16](repeating: .max, count: count)
                let found = kernels.table.pointee.places_at_least(sums, count, least, &places)
                #expect(Array(places.prefix(found)) == expected, "\(kernels.name), \(least)")
            }
        }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17, 33, 100, 4096])
    func addedWeightsAreTheSameInEveryVariant(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        let before = Self.sums(count, &random)
        let values = (0..<count).map { _ in UInt16.random(in: 0...UInt16.max, using: &random) }
        let weight = Float.random(in: 1e-6...1e-3, using: &random)
        let expected = zip(before, values).map { sum, value in sum + weight * Float(value) }
        for kernels in Kernels.available {
            var sums = before
            kernels.table.pointee.add_scaled_u16(&sums, values, count, weight)
            #expect(sums == expected, "\(kernels.name)")
        }
        var sums = before
        let places = (0..<count).map { UInt16($0) }
        winnow_add_scaled_at(&sums, places, values, count, weight)
        #expect(sums == expected)
    }

    @Test(arguments: [1, 2, 10, 100, 128, 300, 1000, 1024])
    func aReachedValueIsReachedByAsManyAsAreWanted(wanted: Int) {
        for seed in 0..<20 {
            var random = SeededGenerator(seed: UInt64(seed))
            let sums = Self.sums(4096, &random)
            let value = winnow_reached_by(sums, sums.count, wanted)
            let reaching = sums.count { $0 >= value }
            #expect(reaching >= wanted, "\(seed)")
            // Some groups of four have no sum above 0.
            #expect(value > 0 || wanted > 512, "\(seed)")
        }
        #expect(winnow_reached_by([Float](repeating: 0, count: 4096), 4096, wanted) == 0)
    }

    /// In no order it does not let many more through.
    @Test func aReachedValueIsClose() {
        for seed in 0..<20 {
            var random = SeededGenerator(seed: UInt64(seed))
            let sums = (0..<4096).map { _ in Float.random(in: 0...1, using: &random) }
            let value = winnow_reached_by(sums, sums.count, 100)
            #expect(sums.count { $0 >= value } < 200, "\(seed)")
        }
    }

    @Test(arguments: [(4096, 1025), (4096, 5000), (8192, 1000), (100, 0), (0, 1), (12, 4)])
    func whereItHasNothingToSayItIsZero(count: Int, wanted: Int) {
        #expect(winnow_reached_by([Float](repeating: 1, count: count), count, wanted) == 0)
    }

    @Test func placesAreFoundAmongPostings() {
        var random = SeededGenerator(seed: 5)
        for size in [0, 1, 2, 3, 5, 8, 100, 1000] {
            let range = UInt16(0)..<UInt16(size * 3 + 5)
            let postings = range.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
            let wanted = range.filter { _ in Bool.random(using: &random) }
            // Within a longer list, of which neither side may be looked at.
            let list = [UInt16](range.prefix(3)) + postings + wanted.prefix(4)
            var found = [Int32](repeating: .min, count: wanted.count)
            winnow_find_places(list, 3, 3 + postings.count, wanted, wanted.count, &found)
            let expected = wanted.map { place in postings.firstIndex(of: place).map { Int32($0 + 3) } ?? -1 }
            #expect(found == expected, "\(size)")
        }
    }
}
