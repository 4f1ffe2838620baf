import ArgumentParser

/// Unit vectors from a seed: the same for the same seed, kind and sizes, on any machine and number of threads.
struct SampleVectors: Sendable {
    enum Kind: String, CaseIterable, ExpressibleByArgument, Codable {
        /// Every direction alike: the best scores lie close together, as nothing resembles anything.
        case gaussian
        /// One of 1,000 directions and noise of 0.7 of its length: neighbours stand out, as texts on one subject do. Queries
        /// are of the same kind.
        case clustered
    }

    let kind: Kind
    let dimension: Int
    let seed: UInt64

    private static let clusters = 1_000
    private static let noise: Float = 0.7
    private static let rowsAtOnce = 8_192

    /// `rows` vectors one behind the other. Streams of one number belong together; another number gives others.
    func vectors(_ rows: Int, stream: UInt64) async -> [Float] {
        let centres = kind == .clustered ? directions(Self.clusters, seed: mixed(seed, 0)) : []
        let parts = (rows + Self.rowsAtOnce - 1) / Self.rowsAtOnce
        var vectors: [Float] = []
        vectors.reserveCapacity(rows * dimension)
        // Two parts ahead of the one that is taken: made on all cores, and in memory once.
        await withTaskGroup(of: (Int, [Float]).self) { group in
            var ready: [Int: [Float]] = [:]
            var next = 0
            func add(_ part: Int) {
                guard part < parts else { return }
                group.addTask {
                    let first = part * Self.rowsAtOnce
                    let count = min(Self.rowsAtOnce, rows - first)
                    let seed = mixed(mixed(seed, stream), UInt64(part) + 1)
                    return (part, directions(count, seed: seed, around: centres))
                }
            }
            for part in 0..<4 { add(part) }
            while let (part, values) = await group.next() {
                ready[part] = values
                while let values = ready.removeValue(forKey: next) {
                    vectors += values
                    add(next + 4)
                    next += 1
                }
            }
        }
        return vectors
    }

    private func directions(_ count: Int, seed: UInt64, around centres: [Float] = []) -> [Float] {
        var random = SplitMix64(state: seed)
        var values = [Float](repeating: 0, count: count * dimension)
        for row in 0..<count {
            let range = row * dimension..<(row + 1) * dimension
            for index in range { values[index] = random.nextNormal() }
            normalise(&values, range)
            guard !centres.isEmpty else { continue }
            let centre = Int(random.next() % UInt64(Self.clusters)) * dimension
            for (place, index) in range.enumerated() {
                values[index] = values[index] * Self.noise + centres[centre + place]
            }
            normalise(&values, range)
        }
        return values
    }

    /// In doubles, as the store does it.
    private func normalise(_ values: inout [Float], _ range: Range<Int>) {
        var squares = 0.0
        for index in range { squares += Double(values[index]) * Double(values[index]) }
        let scale = 1 / squares.squareRoot()
        for index in range { values[index] = Float(Double(values[index]) * scale) }
    }

    private func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var random = SplitMix64(state: left &+ right &* 0xD1B5_4A32_D192_ED03)
        return random.next()
    }
}

/// Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (2014).
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// About normal: the sum of four uniform numbers, which is near enough for a direction in many dimensions.
    mutating func nextNormal() -> Float {
        let bits = next()
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
        return Float(Int64(sum) - 131_070) / 37_837
    }
}
