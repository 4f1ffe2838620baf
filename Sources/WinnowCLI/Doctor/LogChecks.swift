import Winnow
import WinnowCore

/// What a log of answered questions says of how the search was set up: candidates, cuts, thresholds, times.
struct LogChecks {
    let traces: [Trace]
    /// A calibration lies beside the store.
    let isCalibrated: Bool
    let given: GivenOptions

    /// A person notices a second.
    private static let slow = Duration.seconds(1)
    private static let manyCut = 0.01
    private static let manyFew = 0.01
    /// Of the questions, those whose relevant-looking passage came from the end of the candidates.
    private static let manyAtEnd = 0.1
    private static let fewest = 20

    private var ask: String { "winnow ask QUESTION --store \(given.storeWord)" }
    private var sweep: String { "winnow sweep LABELLED-FOLDER --store \(given.storeWord)\(given.stages)" }

    func findings() -> [Finding] {
        let reranked = traces.filter { $0.models["reranker"] != nil }
        guard !reranked.isEmpty else {
            return [
                Finding(
                    "queries.not-reranked", .note,
                    "nothing was reranked: what there is to say of the second stage cannot be told",
                    [("traces", .count(traces.count))])
            ]
        }
        return [
            fewCandidates(reranked), lastCandidates(reranked), cut(reranked), threshold(reranked), latency(reranked),
        ]
        .compactMap { $0 }
    }

    private func fewCandidates(_ traces: [Trace]) -> Finding {
        let few = traces.filter { $0.initialK < Advice.enough(for: $0.finalK) }
        let least = traces.map(\.initialK).min() ?? 0
        let wanted = Advice.enough(for: few.map(\.finalK).max() ?? 0)
        let evidence: [(String, Evidence)] = [
            ("traces", .count(traces.count)), ("few", .count(few.count)),
            ("share", .share(Double(few.count) / Double(traces.count))), ("leastInitialK", .count(least)),
        ]
        guard !few.isEmpty else {
            return Finding(
                "queries.initial-k", .ok, "the first stage proposed at least four times what was shown", evidence)
        }
        return Finding(
            "queries.initial-k", Double(few.count) >= Self.manyFew * Double(traces.count) ? .warning : .note,
            "\(NumberText.plural(few.count, "question")) of \(NumberText.grouped(traces.count)) had fewer candidates than four times the "
                + "results: what the first stage misses, reranking cannot bring back", evidence,
            command: "\(ask)\(given.stages) --initial-k \(max(20, wanted))")
    }

    /// Where the best passage often is among the last candidates, better ones were probably just behind them.
    private func lastCandidates(_ traces: [Trace]) -> Finding? {
        let places = traces.compactMap { trace -> (rank: Int, initialK: Int)? in
            guard trace.candidates.count == trace.initialK, trace.initialK >= 8,
                let best = trace.candidates.max(by: { ($0.logit ?? -.infinity) < ($1.logit ?? -.infinity) }),
                best.logit != nil
            else { return nil }
            return (best.initialRank, trace.initialK)
        }
        guard places.count >= Self.fewest else { return nil }
        let late = places.count { $0.rank * 4 > $0.initialK * 3 }
        let share = Double(late) / Double(places.count)
        let evidence: [(String, Evidence)] = [
            ("traces", .count(places.count)), ("bestAmongLastQuarter", .count(late)), ("share", .share(share)),
        ]
        return share >= Self.manyAtEnd
            ? Finding(
                "queries.late-best", .note,
                "the cross-encoder's best passage was among the last quarter of the candidates for \(Evidence.share(share).text) of the "
                    + "questions: better ones may lie behind; winnow sweep tells which --initial-k pays", evidence,
                command: sweep)
            : Finding("queries.late-best", .ok, "the best passage is seldom among the last candidates", evidence)
    }

    private func cut(_ traces: [Trace]) -> Finding {
        let candidates = traces.flatMap(\.candidates).filter { $0.logit != nil }
        let cut = candidates.count { ($0.passageTokensDropped ?? 0) > 0 }
        let cutQueries = candidates.count { ($0.queryTokensDropped ?? 0) > 0 }
        let share = candidates.isEmpty ? 0 : Double(cut) / Double(candidates.count)
        let evidence: [(String, Evidence)] = [
            ("pairs", .count(candidates.count)), ("passagesCut", .count(cut)), ("share", .share(share)),
            ("questionsCut", .count(cutQueries)),
        ]
        guard cut + cutQueries > 0 else {
            return Finding("queries.cut-passages", .ok, "the cross-encoder read every candidate to its end", evidence)
        }
        return Finding(
            "queries.cut-passages", share >= Self.manyCut || cutQueries > 0 ? .warning : .note,
            "candidates were cut before the cross-encoder read them: what stood behind counted for nothing", evidence,
            command: "\(ask)\(given.stagesReadingAll) --long window")
    }

    private func threshold(_ traces: [Trace]) -> Finding? {
        let scored = traces.filter { $0.threshold?.hasPrefix("score:") == true }
        guard !scored.isEmpty else { return nil }
        let evidence: [(String, Evidence)] = [
            ("traces", .count(traces.count)), ("withScoreThreshold", .count(scored.count)),
            ("thresholds", .texts(Array(Set(scored.compactMap(\.threshold))).sorted())),
            ("calibrated", .text(isCalibrated ? "yes" : "no")),
        ]
        return Finding(
            "queries.threshold", .warning,
            "a threshold was set on the score, which is an activation of the logit and no probability: what it lets through depends on "
                + "the model and the documents. Calibrate, and set it on the probability", evidence,
            command: isCalibrated
                ? "\(ask)\(given.stages) --threshold probability:0.5"
                : "winnow calibrate LABELLED-FOLDER --store \(given.storeWord)\(given.stages) --target precision:0.9")
    }

    private func latency(_ traces: [Trace]) -> Finding? {
        func summary(_ stages: [String]) -> LatencySummary? {
            LatencySummary(traces.map { trace in stages.reduce(.zero) { $0 + (trace.duration(of: $1) ?? .zero) } })
        }
        guard let all = summary(["retrieve", "rerank"]), let rerank = summary(["rerank"]) else { return nil }
        let slowest = all.p95IsSupported ? all.p95 : all.p50
        let evidence: [(String, Evidence)] = [
            ("traces", .count(all.count)), ("p50", .time(all.p50)),
            all.p95IsSupported ? ("p95", .time(all.p95)) : ("longest", .time(all.maximum)),
            ("rerankP50", .time(rerank.p50)),
        ]
        return slowest > Self.slow
            ? Finding(
                "queries.latency", .warning,
                "retrieving and reranking took over a second \(all.p95IsSupported ? "for one question in twenty" : "in the middle"): fewer "
                    + "candidates, shorter passages or int8 make it faster, and winnow sweep says what each costs",
                evidence,
                command: sweep)
            : Finding("queries.latency", .ok, "retrieving and reranking took under a second", evidence)
    }
}
