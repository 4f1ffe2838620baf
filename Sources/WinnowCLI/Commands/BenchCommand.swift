import ArgumentParser
import Winnow
import WinnowCore

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast a model is on this machine: latency by candidates, tokens, precision and threads.",
        discussion: """
            Every combination of the lists is a row. Rows take turns, run by run, so that what else happens on the machine hits \
            all alike. The texts are made up, each of exactly --tokens tokens with the query and the special tokens; \
            latency is from texts to scores. The share of the roof is that of what this processor's registers could do in the \
            row's precision on as many threads, measured before.

            Examples:
              winnow bench
              winnow bench --precision float32,bfloat16,int8 --candidates 20 --runs 300
              winnow bench --tokens 64,128,256,512 --threads 1,2 --json > bench.json
              winnow bench --kind embed --candidates 1,32 --tokens 14,200
            """)

    @Option(help: "What to run: rerank (the cross-encoder) or embed (the bi-encoder).")
    var kind: BenchModel.Kind = .rerank

    @Option(help: ArgumentHelp("A model folder. (default: the built-in model of the kind)", valueName: "path"))
    var model: String?

    @Option(help: ArgumentHelp("Arithmetic: of auto, float32, bfloat16, int8.", valueName: "list"))
    var precision = "auto"

    @Option(help: ArgumentHelp("Compute threads, each 1 to 256. (default: all processors)", valueName: "list"))
    var threads: String?

    @Option(help: ArgumentHelp("Candidates, or texts, of a request: 1,20 or 10..50:10.", valueName: "list"))
    var candidates = "1,5,10,20,50,100"

    @Option(help: ArgumentHelp("Tokens of each, the query's and special ones included.", valueName: "list"))
    var tokens = "150"

    @Option(help: ArgumentHelp("Measured runs of each row, after one that is not.", valueName: "count"))
    var runs = 60

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard runs >= 1 else { throw ValidationError("--runs is \(runs): give 1 or more; p95 wants 59, p99 wants 299") }
        _ = try precisions()
        for threads in try threadCounts() where threads > 256 {
            throw ValidationError("--threads has \(threads): give 1 to 256")
        }
        _ = try Self.counts(candidates, "--candidates")
        _ = try Self.counts(tokens, "--tokens")
    }

    func run() async throws {
        var pending: [Pending] = []
        var models: [BenchModel] = []
        let counts = try Self.counts(candidates, "--candidates")
        let lengths = try Self.counts(tokens, "--tokens")
        for precision in try precisions() {
            for threads in try threadCounts() {
                let model = try BenchModel(kind, model, precision: precision, threads: threads)
                // auto beside the precision that it comes to is one row.
                guard !models.contains(where: { $0.precision == model.precision && $0.threads == model.threads }) else {
                    continue
                }
                models.append(model)
            }
        }
        for note in Set(models.flatMap(\.notes)).sorted() { StandardStreams.note("note: \(note)") }
        for length in lengths {
            for count in counts {
                for model in models {
                    let request = try model.request(count: count, tokens: length)
                    pending.append(
                        Pending(model: model, count: count, tokens: length, work: request.work, run: request.run))
                }
            }
        }
        let roofs = try await roofs(of: models)
        try await measure(&pending)
        let report = BenchReport(
            kind: kind,
            rows: pending.compactMap { row in
                LatencySummary(row.samples).map {
                    BenchReport.Row(
                        model: row.model, count: row.count, tokens: row.tokens, work: row.work, latency: $0)
                }
            }, roofs: roofs)
        try StandardStreams.output(json ? report.json.text + "\n" : report.text(Terminal.of(1)))
    }

    /// A row under way.
    private struct Pending {
        var model: BenchModel
        var count, tokens: Int
        var work: BertWork
        var run: @Sendable () async throws -> Void
        var samples: [Duration] = []
    }

    /// Of so many threads as there are processors at most: more take turns.
    private func roofs(of models: [BenchModel]) async throws -> [BenchReport.Roof] {
        var roofs: [BenchReport.Roof] = []
        for model in models {
            roofs.append(
                BenchReport.Roof(
                    precision: model.precision, threads: model.threads,
                    operationsPerSecond: try await Roof.operationsPerSecond(
                        model.precision, kernels: .active, threads: min(model.threads, Kernels.processorCount))))
        }
        return roofs
    }

    private func measure(_ rows: inout [Pending]) async throws {
        var progress = Progress("Measuring", total: (runs + 1) * rows.count, unit: "run")
        defer { progress.finish() }
        var done = 0
        for round in 0...runs {
            for index in rows.indices {
                try Task.checkCancellation()
                let start = ContinuousClock.now
                try await rows[index].run()
                // The first one warms up.
                if round > 0 { rows[index].samples.append(ContinuousClock.now - start) }
                done += 1
                progress.update(done)
            }
        }
    }

    private func precisions() throws -> [Precision] {
        try precision.split(separator: ",", omittingEmptySubsequences: false).map { name in
            guard let precision = Precision(rawValue: String(name)) else {
                throw ValidationError(
                    "--precision has \"\(name)\": give some of auto, float32, bfloat16 and int8, with commas between")
            }
            return precision
        }
    }

    private func threadCounts() throws -> [Int] {
        guard let threads else { return [Kernels.processorCount] }
        return try Self.counts(threads, "--threads")
    }

    private static func counts(_ list: String, _ parameter: String) throws -> [Int] {
        do {
            return try SweepSettings.counts(parsing: list, parameter: parameter)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}

extension BenchModel.Kind: ExpressibleByArgument {}
