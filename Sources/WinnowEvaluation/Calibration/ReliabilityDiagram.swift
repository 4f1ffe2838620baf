/// What a reliability diagram draws: how often pairs of each stated probability were relevant.
public struct ReliabilityDiagram: Sendable, Hashable {
    /// Ten of equal mass, fewer with large ties.
    public var bins: [Bin]
    /// The share of relevant pairs by probability, from pooled adjacent violators and without bins (CORP: Dimitriadis 2021): one
    /// point at each end of every level stretch.
    public var curve: [Point]
    /// Where ``curve`` lies in 90 of 100 cases when the probabilities are right.
    public var band: [Band]
    /// Pairs by probability in twenty bins of equal width from 0 to 1.
    public var histogram: [Column]

    public struct Bin: Sendable, Hashable {
        /// Least and greatest probability in it.
        public var lower: Double
        public var upper: Double
        public var count: Int
        public var meanProbability: Double
        public var relevantShare: Double
    }

    public struct Point: Sendable, Hashable {
        public var probability: Double
        public var relevantShare: Double
    }

    public struct Band: Sendable, Hashable {
        public var probability: Double
        public var lower: Double
        public var upper: Double
    }

    public struct Column: Sendable, Hashable {
        public var relevant: Int
        public var other: Int
    }

    /// - Parameter seed: of the labels drawn for the band.
    public init(_ forecasts: [Forecast], seed: UInt64 = 1) {
        let sorted = SortedForecasts(forecasts)
        let ranges = sorted.equalMassBins(ForecastQuality.bins)
        bins = zip(ranges, sorted.sums(ranges)).map { range, bin in
            Bin(
                lower: sorted.probabilities[range.lowerBound], upper: sorted.probabilities[range.upperBound - 1],
                count: bin.count, meanProbability: bin.probabilitySum / Double(bin.count),
                relevantShare: Double(bin.positives) / Double(bin.count))
        }
        curve = MonotoneFit.blocks(of: sorted.ties).flatMap { block in
            let ends = Set([block.range.lowerBound, block.range.upperBound]).sorted()
            return ends.map { Point(probability: sorted.probabilities[$0], relevantShare: block.value) }
        }
        band = Self.band(sorted, seed: seed)
        histogram = Array(repeating: Column(relevant: 0, other: 0), count: Self.columns)
        for forecast in forecasts {
            let column = min(Self.columns - 1, Int(forecast.probability * Double(Self.columns)))
            if forecast.relevant { histogram[column].relevant += 1 } else { histogram[column].other += 1 }
        }
    }

    private static let columns = 20
    /// Points of the band; more cannot be seen.
    private static let bandPoints = 40
    private static let bandDraws = 200

    private static func band(_ sorted: SortedForecasts, seed: UInt64) -> [Band] {
        guard !sorted.ties.isEmpty else { return [] }
        let places = sorted.equalMassBins(bandPoints).map(\.lowerBound) + [sorted.ties.count - 1]
        let indices = Set(places).sorted()
        var random = SplitMix64(seed: seed)
        var drawn = sorted
        var values = Array(repeating: [Double](), count: indices.count)
        for _ in 0..<bandDraws {
            drawn.drawLabels(&random)
            let blocks = MonotoneFit.blocks(of: drawn.ties)
            var block = 0
            for (slot, index) in indices.enumerated() {
                while blocks[block].range.upperBound < index { block += 1 }
                values[slot].append(blocks[block].value)
            }
        }
        return zip(indices, values).map { index, values in
            let ordered = values.sorted()
            return Band(
                probability: sorted.probabilities[index], lower: ordered[bandDraws / 20 - 1],
                upper: ordered[bandDraws - bandDraws / 20])
        }
    }
}
