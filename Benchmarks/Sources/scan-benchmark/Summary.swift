/// What became of many times of the same thing, in milliseconds.
struct Summary: Codable {
    var best: Double
    var median: Double
    /// The value that 95 of 100 do not exceed (nearest rank).
    var p95: Double

    init(_ times: [Duration]) {
        let sorted = times.map { $0 / .milliseconds(1) }.sorted()
        best = sorted.first ?? .nan
        median = sorted.isEmpty ? .nan : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        p95 = sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, (sorted.count * 95 + 99) / 100 - 1)]
    }
}

/// What the program measured, as `--json` prints it. Bandwidths are in GB/s, 10⁹ bytes.
struct Report: Codable {
    struct Search: Codable {
        var limit: Int
        var milliseconds: Summary
        /// Of the pass over the codes alone.
        var pass: Summary
        /// Bytes scanned by the median time of a whole search.
        var bandwidth: Double
        /// Median bandwidth of the search by that of the plain loop, and best by best.
        var share: Double
        var bestShare: Double
        /// Rows whose exact score was computed, mean and most.
        var meanScoredRows: Double
        var mostScoredRows: Int
        /// Searches that were compared with the scores of all rows, and those that differed.
        var compared: Int
        var different: Int
    }

    struct Threads: Codable {
        var threads: Int
        var read: Summary
        var readBandwidth: Double
        var bestReadBandwidth: Double
        var searches: [Search]
    }

    var schema = 1
    var rows: Int
    var dimension: Int
    var queries: Int
    var data: SampleVectors.Kind
    var seed: UInt64
    var rounds: Int
    var kernels: String
    var scannedBytes: Int
    var runs: [Threads]
}
