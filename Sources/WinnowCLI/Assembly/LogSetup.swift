import Winnow

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What was really asked, from traces that `winnow ask --log` wrote, as far as it was judged.
struct LogSetup {
    /// Judged and logged.
    var queries: [EvaluationQuery]
    var observations: [QueryObservation]
    var qrels: Qrels
    var judgedQueries: Int
    /// The most that was asked for in one of the traces.
    var initialK: Int
    var embedder: Trace.Model?
    /// nil: nothing was reranked.
    var reranker: Trace.Model?
    /// nil: nothing was reranked, or the traces have several orders.
    var order: FinalOrder?
    var warnings: [String]

    static func make(_ options: CollectionOptions, log path: String) throws -> LogSetup {
        let collection = try ExperimentSetup.read(options)
        let judged = collection.judgedQueries
        let (traces, isTorn) = try read(path)
        var warnings = collection.warnings.map(\.description)
        if isTorn {
            warnings.append(
                "\(PathText.quoted(path)): the last line is torn, as a process leaves it that is stopped while it writes: left out"
            )
        }

        // The last trace of a question is the one that counts: it says how the system is now.
        var latest: [ExactText: Trace] = [:]
        var asked: [ExactText: Int] = [:]
        for trace in traces {
            let key = ExactText(trace.query.trimmed)
            latest[key] = trace
            asked[key, default: 0] += 1
        }
        let pairs = ExperimentSetup.sample(judged, options).compactMap { query in
            latest[ExactText(query.text.trimmed)].map { (query: query, trace: $0) }
        }
        guard !pairs.isEmpty else { throw NothingLogged(path: path, traces: traces.count, judged: judged.count) }
        let matched = Set(pairs.map { ExactText($0.query.text.trimmed) })
        let strangers = asked.filter { !matched.contains($0.key) }.values.reduce(0, +)
        let repeats = asked.filter { matched.contains($0.key) }.values.reduce(0) { $0 + $1 - 1 }
        if strangers > 0 {
            warnings.append(
                "\(PathText.quoted(path)): \(NumberText.plural(strangers, "trace is", "traces are")) of questions that nobody "
                    + "judged, and left out")
        }
        if pairs.count < judged.count {
            warnings.append(
                "\(NumberText.plural(judged.count - pairs.count, "judged query was", "judged queries were")) not asked, and left "
                    + "out")
        }
        if repeats > 0 {
            warnings.append(
                "\(NumberText.plural(repeats, "trace is", "traces are")) followed by a later one of the same question, which counts"
            )
        }
        let reranked = pairs.compactMap { $0.trace.models["reranker"] }
        if Set(reranked).count > 1 {
            warnings.append("the traces are of several rerankers: what is compared is what users got, not one system")
        }
        let partial = pairs.count { pair in
            pair.trace.models["reranker"] != nil && pair.trace.candidates.contains { $0.logit == nil }
        }
        if partial > 0 {
            warnings.append(
                "\(NumberText.plural(partial, "trace has", "traces have")) candidates that were not scored (the deadline came, or they were "
                    + "passed over): they stand below the scored ones, and what is measured is what users got")
        }
        let usesReranker = !reranked.isEmpty
        let orders = try pairs.filter { $0.trace.models["reranker"] != nil }.map { try order(of: $0.trace) }
        if Set(orders).count > 1 {
            let spelled = Set(orders.map(\.description)).sorted().joined(separator: ", ")
            warnings.append(
                "the traces have several final orders (\(spelled)): what is compared is what users got, not one system")
        }
        return LogSetup(
            queries: pairs.map(\.query),
            observations: try pairs.map { try observation(of: $0.query, $0.trace, reranks: usesReranker) },
            qrels: collection.qrels.qrels.restricted(to: pairs.map(\.query.id)), judgedQueries: judged.count,
            initialK: pairs.map(\.trace.initialK).max() ?? 1,
            embedder: pairs.compactMap { $0.trace.models["embedder"] }.first, reranker: reranked.first,
            order: Set(orders).count == 1 ? orders.first : nil, warnings: warnings)
    }

    private static func observation(
        of query: EvaluationQuery, _ trace: Trace, reranks: Bool
    ) throws -> QueryObservation {
        let order = try order(of: trace)
        let traced = trace.candidates.sorted { $0.initialRank < $1.initialRank }
        let scores = traced.map { candidate -> PairScore? in
            candidate.logit.map { logit in
                PairScore(
                    logit: Logit(logit),
                    score: Score(candidate.score ?? logit, kind: candidate.scoreKind ?? .identity),
                    passageTokensDropped: candidate.passageTokensDropped ?? 0,
                    queryTokensDropped: candidate.queryTokensDropped ?? 0, window: candidate.window)
            }
        }
        return QueryObservation(
            id: query.id, text: query.text, metadata: query.metadata,
            candidates: traced.map {
                Candidate(
                    passage: Passage(id: $0.id, documentID: $0.document, text: ""), rank: $0.initialRank,
                    retrievalScore: $0.retrievalScore, retrievals: $0.retrieval)
            },
            retrievalTime: trace.duration(of: "retrieve") ?? .zero,
            scorings: reranks
                ? [.init(scores: scores, time: trace.duration(of: "rerank") ?? .zero, order: order)] : [])
    }

    /// Before traces said so there was the reranker's order alone.
    private static func order(of trace: Trace) throws -> FinalOrder {
        try trace.order.map { try FinalOrder(parsing: $0) } ?? .reranker
    }

    /// - Returns: also whether the last line was not written to its end.
    static func read(_ path: String) throws -> (traces: [Trace], isTorn: Bool) {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw BrokenLog(path: path, line: nil, reason: "cannot be read (is it there, and may it be read?)")
        }
        var traces: [Trace] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated()
        where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) {
            do {
                traces.append(try JSONDecoder().decode(Trace.self, from: Data(line)))
            } catch let error as DecodingError {
                // A line feed ends every line that was written whole.
                if index == lines.count - 1, !traces.isEmpty { return (traces, true) }
                throw BrokenLog(path: path, line: index + 1, reason: "is no trace: \(Self.text(of: error))")
            }
        }
        guard !traces.isEmpty else {
            throw BrokenLog(path: path, line: nil, reason: "holds no trace: winnow ask … --log FILE writes them")
        }
        return (traces, false)
    }

    private static func text(of error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "it has no '\(key.stringValue)'"
        case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
            context.debugDescription
        @unknown default: "\(error)"
        }
    }

    struct BrokenLog: Error, CustomStringConvertible {
        var path: String
        var line: Int?
        var reason: String

        var description: String { PathText.quoted(path) + (line.map { ":\($0)" } ?? "") + ": " + reason }
    }

    struct NothingLogged: Error, CustomStringConvertible {
        var path: String
        var traces: Int
        var judged: Int

        var description: String {
            "\(PathText.quoted(path)): none of its \(NumberText.plural(traces, "trace")) asks one of the "
                + "\(NumberText.plural(judged, "judged query", "judged queries")): judgements are found by the text of the "
                + "question, which must be the same"
        }
    }
}
