/// What is computed from a ranked list and its judgements, named as ir_measures names it: `nDCG@10`, `AP(rel=2)@100`.
///
/// Every value lies in 0…1, more is better. Definitions are trec_eval's (v9.0.8), to the last bit where it has the
/// measure: the list is in the order of ``Run``, a document is relevant from grade ``level`` on, R counts all documents
/// that are judged relevant, retrieved or not, and what is not judged is not relevant.
public struct Measure: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Discounted cumulative gain over that of the best possible list: Σ gain / log₂(rank + 1), a grade above 0
        /// being the gain (Järvelin and Kekäläinen 2002, as `ndcg_cut` and `ndcg`). The best list holds *all* relevant
        /// documents.
        case nDCG
        /// 1 / rank of the first relevant document, 0 when there is none (`recip_rank`); its mean is known as MRR.
        case reciprocalRank = "RR"
        /// Σ precision at the ranks of relevant documents, over R (`map`, `map_cut`); its mean is known as MAP.
        case averagePrecision = "AP"
        /// Relevant documents among the first k, over k, even if the list is shorter (`P`).
        case precision = "P"
        /// Relevant documents among the first k, over R (`recall`).
        case recall = "R"
        /// 1 when there is a relevant document among the first k, else 0 (`success`).
        case success = "Success"
        /// Relevant documents among the first R, over R (`Rprec`).
        case rPrecision = "Rprec"
        /// How seldom judged irrelevant documents stand before relevant ones; what is not judged is passed over
        /// (`bpref`, Buckley and Voorhees 2004). Without documents judged irrelevant it is the recall of the list.
        case bpref = "Bpref"
        /// Documents among the first k that were judged at all, negative grades included, over the number of documents
        /// there (at most k); 0 for an empty list. trec_eval has no such measure; ir_measures orders equal scores by
        /// ascending id.
        case judged = "Judged"
        /// Relevant documents in the whole list, over R (`set_recall`): what a second stage could reach at best.
        case setRecall = "SetR"
    }

    /// What a grade above 0 is worth to ``Kind/nDCG``; other grades are worth nothing.
    public enum Gain: String, Sendable, Hashable {
        /// The grade.
        case linear
        /// 2^grade − 1 (Burges et al. 2005). Grades above 1,000 count as 1,000, where a double still holds it.
        case exponential
    }

    public let kind: Kind
    /// Only the first k documents count; nil: the whole list.
    public let cutoff: Int?
    /// The least grade of a relevant document, at least 1; always 1 for nDCG and Judged, which have no use for it.
    public let level: Int
    /// Always linear but for nDCG.
    public let gain: Gain
    /// Documents without a grade of 0 or more are taken out of the list first: a condensed list (Sakai 2007; `trec_eval
    /// -J`).
    public let judgedOnly: Bool

    /// - Throws: ``EvaluationError/measure(_:)`` when the parts do not go together: a cutoff where the measure has none
    ///   or lacks it, a level under 1, or a parameter that the measure does not have.
    public init(
        _ kind: Kind, at cutoff: Int? = nil, level: Int = 1, gain: Gain = .linear, judgedOnly: Bool = false
    ) throws {
        if let cutoff {
            guard kind.allowsCutoff else { throw MeasureFault.needlessCutoff(kind).error }
            guard (1...Self.deepestCutoff).contains(cutoff) else {
                throw MeasureFault.cutoff(kind, String(cutoff)).error
            }
        } else if kind.needsCutoff {
            throw MeasureFault.missingCutoff(kind).error
        }
        guard level >= 1 else { throw MeasureFault.level(kind, String(level)).error }
        guard level == 1 || kind.hasLevel else { throw MeasureFault.parameter(kind, "rel").error }
        guard gain == .linear || kind == .nDCG else { throw MeasureFault.parameter(kind, "gain").error }
        guard !judgedOnly || kind.canCondense else { throw MeasureFault.parameter(kind, "judged_only").error }
        self.init(checked: kind, cutoff, level, gain, judgedOnly)
    }

    private init(
        checked kind: Kind, _ cutoff: Int?, _ level: Int = 1, _ gain: Gain = .linear, _ judgedOnly: Bool = false
    ) {
        self.kind = kind
        self.cutoff = cutoff
        self.level = level
        self.gain = gain
        self.judgedOnly = judgedOnly
    }

    /// As ir_measures writes it, `nDCG(gain=exp)@10` apart: there exponential gain is `nDCG(dcg='exp-log2')@10`, which
    /// ``init(parsing:)`` reads too.
    public var name: String {
        var parameters: [String] = []
        if gain == .exponential { parameters.append("gain=exp") }
        if judgedOnly { parameters.append("judged_only=True") }
        if level != 1 { parameters.append("rel=\(level)") }
        return kind.rawValue + (parameters.isEmpty ? "" : "(" + parameters.joined(separator: ",") + ")")
            + (cutoff.map { "@\($0)" } ?? "")
    }

    /// The same measure on the condensed list; nil for measures that have none, or are as they are without unjudged
    /// documents.
    public var condensed: Measure? {
        kind.canCondense ? Measure(checked: kind, cutoff, level, gain, true) : nil
    }

    /// Refuses a measure that looks further down than a system's lists go, where it would say less than its name.
    ///
    /// - Parameters:
    ///   - depth: of the lists as they were asked for (`--initial-k`, `--final-k`), not what one query happened to get.
    ///   - system: for the message.
    public func refuse(deeperThan depth: Int, of system: String) throws {
        if let cutoff, cutoff > depth { throw MeasureFault.deeper(self, depth: depth, system: system).error }
    }

    /// A cutoff beyond that is a slip of the keyboard.
    package static let deepestCutoff = 1_000_000
}

extension Measure {
    /// nDCG@10: the measure to decide by when nothing else was named.
    public static let primaryDefault = Measure(checked: .nDCG, 10)

    /// What a report shows when nothing else was named: nDCG@10, RR@10, AP, P@5, R@10, Success@1, Success@5, Judged@10,
    /// SetR; where `depth` is smaller than a cutoff, the cutoff is `depth`, and what then stands there twice stands there once.
    public static func defaults(depth: Int = .max) -> [Measure] {
        var kept: [Measure] = []
        for measure in [
            primaryDefault, Measure(checked: .reciprocalRank, 10), Measure(checked: .averagePrecision, nil),
            Measure(checked: .precision, 5),
            Measure(checked: .recall, 10), Measure(checked: .success, 1), Measure(checked: .success, 5),
            Measure(checked: .judged, 10), Measure(checked: .setRecall, nil),
        ] {
            let cutoff = measure.cutoff.map { min($0, max(1, depth)) }
            let fitting = Measure(checked: measure.kind, cutoff)
            if !kept.contains(fitting) { kept.append(fitting) }
        }
        return kept
    }
}

extension Measure: CustomStringConvertible {
    public var description: String { name }
}

extension Measure.Kind {
    var needsCutoff: Bool { self == .precision || self == .recall || self == .success }
    var allowsCutoff: Bool { self != .rPrecision && self != .bpref && self != .setRecall }
    var hasLevel: Bool { self != .nDCG && self != .judged }
    var canCondense: Bool { self != .bpref && self != .judged && self != .setRecall }
}
