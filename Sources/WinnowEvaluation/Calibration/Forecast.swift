/// A probability that was stated before the label was looked at, and the label.
public struct Forecast: Sendable, Hashable {
    /// In 0…1.
    public var probability: Double
    public var relevant: Bool

    /// - Precondition: `probability` is in 0…1.
    public init(probability: Double, relevant: Bool) {
        precondition(probability >= 0 && probability <= 1, "\(probability) is no probability")
        self.probability = probability
        self.relevant = relevant
    }
}

/// Forecasts in ascending order, equal probabilities together.
struct SortedForecasts {
    private(set) var probabilities: [Double] = []
    private(set) var ties: [MonotoneFit.Tie] = []
    private(set) var count = 0
    private(set) var positives = 0

    init(_ forecasts: [Forecast]) {
        for forecast in forecasts.sorted(by: { $0.probability < $1.probability }) {
            if probabilities.last != forecast.probability {
                probabilities.append(forecast.probability)
                ties.append(.init(count: 0, positives: 0))
            }
            ties[ties.count - 1].count += 1
            ties[ties.count - 1].positives += forecast.relevant ? 1 : 0
            positives += forecast.relevant ? 1 : 0
        }
        count = forecasts.count
    }

    /// The same probabilities with labels drawn from them: what a perfect map would have been shown.
    mutating func drawLabels(_ random: inout SplitMix64) {
        positives = 0
        for index in ties.indices {
            let probability = probabilities[index]
            var drawn = 0
            for _ in 0..<ties[index].count where random.unit() < probability { drawn += 1 }
            ties[index].positives = drawn
            positives += drawn
        }
    }

    /// Ranges of ties, each of about one `count`-th of the forecasts. A tie is in one bin whole, in that of its middle rank;
    /// with large ties there are fewer bins.
    func equalMassBins(_ wanted: Int) -> [Range<Int>] {
        var bins: [Range<Int>] = []
        var (start, before, current) = (0, 0, -1)
        for (index, tie) in ties.enumerated() {
            let bin = (2 * before + tie.count) * wanted / (2 * count)
            if bin != current, index > 0 {
                bins.append(start..<index)
                start = index
            }
            current = bin
            before += tie.count
        }
        if !ties.isEmpty { bins.append(start..<ties.count) }
        return bins
    }

    struct Bin {
        var count = 0
        var positives = 0
        var probabilitySum = 0.0
    }

    func sums(_ bins: [Range<Int>]) -> [Bin] {
        bins.map { range in
            var bin = Bin()
            for index in range {
                bin.count += ties[index].count
                bin.positives += ties[index].positives
                bin.probabilitySum += Double(ties[index].count) * probabilities[index]
            }
            return bin
        }
    }

    /// Σ nᵇ/n · |ȳ − p̄|.
    func expectedCalibrationError(_ bins: [Range<Int>]) -> Double {
        sums(bins).reduce(0) { $0 + abs(Double($1.positives) - $1.probabilitySum) } / Double(count)
    }
}
