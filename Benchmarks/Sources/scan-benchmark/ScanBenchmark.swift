import ArgumentParser
import Foundation
@_spi(Benchmarks) import WinnowStore

@main
struct ScanBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan-benchmark",
        abstract: "Times exact dense search and holds it against the machine's read bandwidth.",
        discussion: """
            Makes unit vectors from a seed and a scan cache of them, as a store's. Then for each number of threads and each query: \
            a plain loop that reads as many bytes as a search scans, and a search for each --limits. Rows and scores must be \
            those that all rows' float32 scores give, to the bit, ties included; otherwise it fails.

            Float vectors stay in memory (1.5 GB for a million of 384 dimensions); a store would read the few that it needs from \
            SQLite. Benchmarks/scan-peers.py times faiss and usearch on the same vectors, in turn with this.
            """)

    @Option(help: "Vectors.") var rows = 1_000_000
    @Option(help: "Dimensions of a vector.") var dimension = 384
    @Option(help: "Queries.") var queries = 30
    @Option(help: "Rounds over all queries.") var rounds = 1
    @Option(help: "How many hits, comma-separated.") var limits = "10,50,100"
    @Option(help: "Numbers of threads, comma-separated.") var threads = "1,2"
    @Option(help: "Vectors in every direction alike (gaussian), or around 1,000 directions (clustered).")
    var data = SampleVectors.Kind.clustered
    @Option(help: "Of the vectors.") var seed: UInt64 = 1
    @Option(
        help: """
            Folder for vectors.f32 and queries.f32 (row-major, little-endian), data.json, which describes them, and \
            found.json: the rows that were found, by limit and query.
            """)
    var export: String?
    @Option(help: "Folder for the scan cache while it runs. Default: the system's for temporary files.")
    var folder: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard rows >= 1, queries >= 1, rounds >= 1, dimension >= 1 else {
            throw ValidationError("--rows, --queries, --rounds and --dimension are at least 1")
        }
        if let folder, !FileManager.default.fileExists(atPath: folder) {
            throw ValidationError("--folder '\(folder)': there is no such folder")
        }
        _ = try Self.numbers(limits, "--limits")
        _ = try Self.numbers(threads, "--threads")
    }

    private static func numbers(_ text: String, _ option: String) throws -> [Int] {
        let numbers = text.split(separator: ",").map { Int($0) ?? 0 }
        guard !numbers.isEmpty, numbers.allSatisfy({ $0 >= 1 }) else {
            throw ValidationError("\(option) '\(text)': give numbers of at least 1, such as 1,2")
        }
        return numbers
    }

    func run() async throws {
        let sample = SampleVectors(kind: data, dimension: dimension, seed: seed)
        note("making \(rows) vectors")
        let vectors = await sample.vectors(rows, stream: 1)
        let flat = await sample.vectors(queries, stream: 2)
        let queryVectors = (0..<queries).map { Array(flat[$0 * dimension..<($0 + 1) * dimension]) }
        if let export { try exportData(vectors, flat, to: export) }

        let temporary = URL(fileURLWithPath: folder ?? NSTemporaryDirectory(), isDirectory: true)
            .appendingPathComponent("winnow-scan-\(ProcessInfo.processInfo.processIdentifier)", isDirectory: true)
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: temporary) }
        note("writing the scan cache")
        let scan = try MeasuredScan(
            vectors: vectors, dimension: dimension, cacheAt: temporary.appendingPathComponent("scan.vec").path)
        note("computing all scores of \(queries) queries")
        let truth = queryVectors.map { Truth(scan.scores($0)) }
        let bandwidth = try ReadBandwidth(bytes: scan.scannedBytes)

        var report = Report(
            rows: rows, dimension: dimension, queries: queries, data: data, seed: seed, rounds: rounds,
            kernels: scan.kernels, scannedBytes: scan.scannedBytes,
            runs: [])
        for threads in try Self.numbers(threads, "--threads") {
            note("searching with \(threads) \(threads == 1 ? "thread" : "threads")")
            let limits = try Self.numbers(limits, "--limits")
            let (run, rows) = try await Measurement(
                scan: scan, bandwidth: bandwidth, queries: queryVectors, truth: truth
            ).run(limits: limits, threads: threads, rounds: rounds)
            report.runs.append(run)
            if let export {
                try write(
                    JSONEncoder().encode(Dictionary(uniqueKeysWithValues: zip(limits.map(String.init), rows))),
                    "found.json", in: export)
            }
        }
        try json ? printJSON(report) : printTable(report)
        let different = report.runs.flatMap(\.searches).reduce(0) { $0 + $1.different }
        guard different == 0 else {
            FileHandle.standardError.write(Data("\(different) searches differ from the scores of all rows\n".utf8))
            throw ExitCode.failure
        }
    }

    /// Progress, for whoever sits before it.
    private func note(_ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    private func exportData(_ vectors: [Float], _ queries: [Float], to folder: String) throws {
        try write(vectors.withUnsafeBytes { Data($0) }, "vectors.f32", in: folder)
        try write(queries.withUnsafeBytes { Data($0) }, "queries.f32", in: folder)
        let description: [String: String] = [
            "rows": "\(rows)", "dimension": "\(dimension)", "queries": "\(self.queries)", "data": data.rawValue,
            "seed": "\(seed)",
        ]
        try write(JSONEncoder().encode(description), "data.json", in: folder)
    }

    private func write(_ data: Data, _ name: String, in folder: String) throws {
        let folder = URL(fileURLWithPath: folder, isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try data.write(to: folder.appendingPathComponent(name), options: .atomic)
    }

    private func printJSON(_ report: Report) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }

    private func printTable(_ report: Report) {
        print(
            "\(report.rows) \(report.data.rawValue) vectors × \(report.dimension), \(report.queries) queries, "
                + "\(report.scannedBytes / 1_000_000) MB a scan, kernels \(report.kernels)")
        for run in report.runs {
            print(
                String(
                    format: "%d thread(s): a plain loop reads %.1f GB/s (best %.1f)", run.threads, run.readBandwidth,
                    run.bestReadBandwidth))
            for search in run.searches {
                let times = search.milliseconds
                print(
                    String(
                        format:
                            "  k = %3d: %6.2f ms (best %.2f, p95 %.2f; pass %.2f), %.1f GB/s, %.0f %% of the loop (best by best "
                            + "%.0f %%), %.0f rows scored (most %d), %@", search.limit, times.median, times.best,
                        times.p95,
                        search.pass.median, search.bandwidth, search.share * 100, search.bestShare * 100,
                        search.meanScoredRows, search.mostScoredRows,
                        search.different == 0
                            ? "all \(search.compared) equal brute force"
                            : "\(search.different) of \(search.compared) DIFFER from brute force"))
            }
        }
    }
}
