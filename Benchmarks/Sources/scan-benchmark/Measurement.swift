@_spi(Benchmarks) import WinnowStore

/// All rows' scores for a query, and what a search must find by them.
struct Truth: Sendable {
    private let scores: [Float]
    private let descending: [Float]

    init(_ scores: [Float]) {
        self.scores = scores
        descending = scores.sorted(by: >)
    }

    /// All rows that score at least as much as the `limit`-th best, best first, equal scores by row.
    func best(_ limit: Int) -> [MeasuredScan.Match] {
        let threshold = descending[min(limit, descending.count) - 1]
        var best: [MeasuredScan.Match] = []
        for (row, score) in scores.enumerated() where score >= threshold {
            best.append(MeasuredScan.Match(row: row, score: score))
        }
        best.sort { left, right in
            left.score == right.score ? left.row < right.row : left.score > right.score
        }
        return best
    }
}

/// Searches and plain reading in turn, query by query, so that both meet the same machine.
struct Measurement {
    let scan: MeasuredScan
    let bandwidth: ReadBandwidth
    let queries: [[Float]]
    let truth: [Truth]

    /// - Returns: what was measured, and for each limit and query the rows that were found, best first.
    func run(limits: [Int], threads: Int, rounds: Int) async throws -> (report: Report.Threads, rows: [[[Int]]]) {
        let expected = limits.map { limit in truth.map { $0.best(limit) } }
        var reads: [Duration] = []
        var found = [[MeasuredScan.Found]](repeating: [], count: limits.count)
        var different = [Int](repeating: 0, count: limits.count)
        // Once for nothing: threads start, pages are mapped.
        _ = try await scan.search(queries[0], limit: limits[0], threads: threads)
        _ = bandwidth.measure(threads: threads)
        for _ in 0..<rounds {
            for (index, query) in queries.enumerated() {
                reads.append(bandwidth.measure(threads: threads))
                for (place, limit) in limits.enumerated() {
                    let result = try await scan.search(query, limit: limit, threads: threads)
                    if result.matches != expected[place][index] { different[place] += 1 }
                    found[place].append(result)
                }
            }
        }
        let read = Summary(reads)
        let readBytes = Double(bandwidth.bytes)
        let scannedBytes = Double(scan.scannedBytes)
        let report = Report.Threads(
            threads: threads, read: read, readBandwidth: readBytes / read.median / 1e6,
            bestReadBandwidth: readBytes / read.best / 1e6,
            searches: zip(limits, zip(found, different)).map { limit, results in
                let (found, different) = results
                let times = Summary(found.map(\.elapsed))
                return Report.Search(
                    limit: limit, milliseconds: times, pass: Summary(found.map(\.pass)),
                    bandwidth: scannedBytes / times.median / 1e6,
                    share: (scannedBytes / times.median) / (readBytes / read.median),
                    bestShare: (scannedBytes / times.best) / (readBytes / read.best),
                    meanScoredRows: Double(found.reduce(0) { $0 + $1.scoredRows }) / Double(found.count),
                    mostScoredRows: found.map(\.scoredRows).max() ?? 0, compared: found.count, different: different)
            })
        return (report, found.map { $0.suffix(queries.count).map { $0.matches.map(\.row) } })
    }
}
