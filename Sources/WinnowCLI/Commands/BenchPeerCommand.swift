import ArgumentParser
import WinnowCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The protocol of the peers' benchmark: one JSON object a line on standard input, one on standard output.
///
/// `{"op":"load","workload":PATH,"limit":N}` → `{"ok":true}`; `{"op":"run"}` → `{"ms":…,"scores":[…]}`, text in, scores out;
/// `{"op":"rss"}` → `{"peak_rss_mb":…}`. Anything that fails answers `{"error":"…"}`.
struct BenchPeerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-peer",
        abstract: "Serve one workload after another to a benchmark, as JSON lines on standard input and output.",
        discussion: """
            Prints {"ready":true}, then answers each line: {"op":"load","workload":PATH,"limit":N}, {"op":"run"} with the \
            milliseconds from texts to scores, {"op":"rss"} with the peak of resident memory. Without --model the \
            built-in model of the workload's kind is used ("rerank": the cross-encoder, "embed": the bi-encoder). \
            Pairs are cut as transformers cuts them (longest-first), so that scores can be compared.
            """)

    @Option(
        help: ArgumentHelp("A model folder. (default: the built-in model of the workload's kind)", valueName: "path"))
    var model: String?

    @OptionGroup var engine: EngineOptions

    func run() async throws {
        try reply(Ready())
        var loaded: Workload.Loaded?
        while let line = readLine() {
            let answer: any Encodable & Sendable
            do {
                let request = try JSONDecoder().decode(Request.self, from: Data(line.utf8))
                switch request.op {
                case "load":
                    guard let path = request.workload else { throw BenchPeerError.missing("workload") }
                    loaded = try Workload.read(path, limit: request.limit).load(model, engine)
                    answer = Accepted()
                case "run":
                    guard let loaded else { throw BenchPeerError.nothingLoaded }
                    let start = ContinuousClock.now
                    let scores = try await loaded.run()
                    answer = Result(ms: (ContinuousClock.now - start) / .milliseconds(1), scores: scores)
                case "rss":
                    answer = Memory(peakMegabytes: ProcessMemory.peakMegabytes)
                default:
                    throw BenchPeerError.unknown(request.op)
                }
            } catch {
                answer = Failure(error: "\(error)")
            }
            try reply(answer)
        }
    }

    private func reply(_ value: any Encodable) throws {
        try StandardStreams.output(String(decoding: try JSONEncoder().encode(value), as: UTF8.self) + "\n")
    }

    private struct Request: Decodable {
        var op: String
        var workload: String?
        var limit: Int?
    }

    private struct Ready: Encodable { var ready = true }
    private struct Accepted: Encodable { var ok = true }
    private struct Result: Encodable {
        var ms: Double
        var scores: [Float]
    }
    private struct Memory: Encodable {
        var peakMegabytes: Double

        enum CodingKeys: String, CodingKey { case peakMegabytes = "peak_rss_mb" }
    }
    private struct Failure: Encodable { var error: String }
}

private enum BenchPeerError: Error, CustomStringConvertible {
    case missing(String)
    case nothingLoaded
    case unknown(String)
    case unknownKind(String)
    case noQuery
    case noDocuments

    var description: String {
        switch self {
        case .missing(let key): "the request has no \"\(key)\""
        case .nothingLoaded: #"nothing is loaded: send {"op":"load","workload":PATH} first"#
        case .unknown(let operation): "\"\(operation)\" is no operation; there are load, run and rss"
        case .unknownKind(let kind): "\"\(kind)\" is no kind of workload; there are rerank and embed"
        case .noQuery: "a rerank workload needs a \"query\""
        case .noDocuments: "the workload has no \"docs\""
        }
    }
}

/// A workload file: `{"kind": "rerank" | "embed", "query", "docs", "max_length"}`.
private struct Workload: Decodable {
    var kind: String
    var query: String?
    var docs: [String]
    var maxLength: Int?

    enum CodingKeys: String, CodingKey {
        case kind, query, docs
        case maxLength = "max_length"
    }

    /// A workload together with the model that runs it.
    enum Loaded {
        case rerank(any Reranker, Query, [Candidate])
        case embed(any Embedder, [String])

        /// Logits, or the first vector.
        func run() async throws -> [Float] {
            switch self {
            case .rerank(let encoder, let query, let candidates):
                try await encoder.score(query, candidates, until: nil).compactMap { $0?.logit.value }
            case .embed(let encoder, let texts):
                Array(try await encoder.embed(texts, as: .passage)[0])
            }
        }
    }

    static func read(_ path: String, limit: Int?) throws -> Workload {
        let workload = try JSONDecoder().decode(Workload.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        guard let limit else { return workload }
        var part = workload
        part.docs = Array(workload.docs.prefix(max(limit, 1)))
        return part
    }

    func load(_ model: String?, _ engine: EngineOptions) throws -> Loaded {
        guard !docs.isEmpty else { throw BenchPeerError.noDocuments }
        switch kind {
        case "rerank":
            guard let query else { throw BenchPeerError.noQuery }
            let candidates = docs.enumerated().map { index, text in
                Candidate(
                    passage: Passage(id: "\(index)", documentID: "\(index)", text: text), rank: index + 1)
            }
            let loaded = try Models.reranker(
                model, engine: engine, maxLength: maxLength, truncation: .longestFirst)
            return .rerank(loaded.reranker, Query(query), candidates)
        case "embed":
            return .embed(try Models.embedder(model, engine: engine, maxLength: maxLength).embedder, docs)
        default:
            throw BenchPeerError.unknownKind(kind)
        }
    }
}

/// What the system says of this process's memory.
private enum ProcessMemory {
    /// The largest resident set so far, in MiB; 0 where the system does not tell.
    static var peakMegabytes: Double {
        var usage = rusage()
        #if canImport(Glibc)
        let process = __rusage_who_t(RUSAGE_SELF.rawValue)
        #else
        let process = RUSAGE_SELF
        #endif
        guard getrusage(process, &usage) == 0 else { return 0 }
        #if canImport(Darwin)
        return Double(usage.ru_maxrss) / 1_048_576
        #else
        return Double(usage.ru_maxrss) / 1024
        #endif
    }
}
