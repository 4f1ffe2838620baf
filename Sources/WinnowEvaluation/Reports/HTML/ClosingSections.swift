import WinnowCore

/// What a reader must know before believing a number.
struct WarningsSection: Sendable {
    let warnings: [String]

    var section: PageSection? {
        guard !warnings.isEmpty else { return nil }
        return PageSection("warnings", "Before believing these figures", short: "Warnings") { PageParts.list(warnings) }
    }
}

/// Where the numbers come from: enough to make them again.
struct ProvenanceSection: Sendable {
    let provenance: EvaluationReport.Provenance?
    let evaluation: EvaluationReport?
    let rerankers: [Trace.Model]

    var section: PageSection? {
        guard let provenance else { return nil }
        return PageSection("provenance", "Where the figures come from", short: "Provenance") {
            HTML("pre", ["class": "command"]) { provenance.command }
            HTML("dl", ["class": "facts"]) {
                for (name, value) in facts(provenance) {
                    HTML("div") {
                        HTML("dt") { name }
                        HTML("dd") { HTML("bdi") { value } }
                    }
                }
            }
        }
    }

    private func facts(_ provenance: EvaluationReport.Provenance) -> [(String, String)] {
        var facts = [
            ("Winnow", provenance.version), ("Time", provenance.time), ("Collection", provenance.collection),
            ("Corpus", provenance.corpus), ("Judgements, SHA-256", provenance.qrelsDigest),
            ("Seed", String(provenance.seed)), ("Kernels", provenance.kernels), ("Threads", String(provenance.threads)),
        ]
        if let evaluation { facts += settings(evaluation) }
        if let embedder = provenance.embedder { facts.append(("Embedder", Self.text(embedder))) }
        for system in evaluation?.systems ?? [] {
            if let model = system.model { facts.append((system.name, Self.text(model))) }
        }
        for model in rerankers { facts.append(("Reranker", Self.text(model))) }
        return facts.filter { !$0.1.isEmpty }
    }

    private func settings(_ evaluation: EvaluationReport) -> [(String, String)] {
        let (settings, counts) = (evaluation.settings, evaluation.counts)
        var facts = [
            (
                "Queries",
                FigureText.grouped(counts.queries) + " of \(FigureText.grouped(counts.judgedQueries)) judged"
                    + (counts.groups < counts.queries ? ", \(FigureText.count(counts.groups, of: .group))" : "")
            ),
            ("Judgements", "\(FigureText.grouped(counts.judgements)), \(FigureText.grouped(counts.relevant)) relevant"),
            ("First stage", "\(settings.firstStage), initialK \(FigureText.grouped(settings.initialK))"),
            ("Ranked", settings.level == .document ? "documents, each at its best passage" : "passages"),
            ("Least difference that matters", FigureText.chosen(settings.minimumEffect)),
        ]
        if let order = settings.order, order != .reranker {
            facts.append(("Final order", "\(order) (Documentation/fusion.md)"))
        }
        if let within = settings.rerankWithin {
            facts.append(("Reranked", "candidates within \(PlainNumber.text(within)) of the first stage's best score"))
        }
        if let finalK = settings.finalK { facts.append(("finalK", FigureText.grouped(finalK))) }
        if let filter = settings.filter { facts.append(("Where", filter)) }
        if let split = settings.split { facts.append(("Split", split)) }
        if let chunking = settings.chunking { facts.append(("Chunking", chunking)) }
        if let groupBy = settings.groupBy { facts.append(("Grouped by", groupBy)) }
        if let limit = settings.limit { facts.append(("Drawn at random", FigureText.count(limit, of: .query))) }
        if let documents = counts.documents {
            facts.append(
                (
                    "Documents",
                    FigureText.grouped(documents)
                        + (counts.passages.map { ", \(FigureText.grouped($0)) passages" } ?? "")
                ))
        }
        return facts
    }

    private static func text(_ model: Trace.Model) -> String {
        "\(model.name), \(model.precision), \(model.truncation), \(model.kernels), \(model.fingerprint)"
    }
}

/// For readers who do not measure retrieval every day.
struct ReadingSection: Sendable {
    let measures: [Measure]

    var html: HTML? {
        let kinds = measures.map(\.kind)
        let known = Self.words.filter { kinds.contains($0.kind) }
        guard !known.isEmpty else { return nil }
        return HTML("details", ["class": "reading"]) {
            HTML("summary") { "What the measures mean" }
            HTML("dl") {
                for (kind, words) in known {
                    HTML("dt") { kind.rawValue }
                    HTML("dd") { words }
                }
            }
        }
    }

    private static let words: [(kind: Measure.Kind, words: String)] = [
        (
            .nDCG,
            "How near the order is to the best one possible, early places and high grades counting more; all "
                + "relevant documents count, found or not."
        ),
        (
            .reciprocalRank,
            "1 over the place of the first relevant document; 0 when there is none. Its mean is known as MRR."
        ),
        (
            .averagePrecision,
            "Mean precision at the places of the relevant documents, missing ones counting 0. Its mean is known as MAP."
        ),
        (.precision, "Share of the first k that is relevant."),
        (.recall, "Share of the relevant documents that is among the first k."),
        (.success, "Share of the queries with something relevant among the first k."),
        (.rPrecision, "Precision at as many places as there are relevant documents."),
        (
            .bpref,
            "How seldom documents judged irrelevant stand before relevant ones; what nobody judged is passed over."
        ),
        (.judged, "Share of the first k that anybody judged: it tells how far the other figures can be trusted."),
        (.setRecall, "Share of the relevant documents in the whole list: what a second stage could reach at best."),
    ]
}
