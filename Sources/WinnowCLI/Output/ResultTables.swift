import WinnowCore
import WinnowStore

/// Search results as a person reads them.
struct ResultTables {
    var result: SearchResult
    var terminal: Terminal
    /// Whether there is a first stage of our own whose order is worth a table.
    var showsFirstStage: Bool

    private var isCalibrated: Bool { result.candidates.contains { $0.probability != nil } }

    /// The candidates are not in the order of their logits.
    private var isBlended: Bool { result.candidates.contains { $0.finalScore != nil } }

    private var isReranked: Bool { result.trace.models["reranker"] != nil && !result.candidates.isEmpty }

    /// The first stage's order and the final one, as many rows of each as there are hits.
    func orders() -> String {
        guard !result.hits.isEmpty else { return "" }
        var text = ""
        if showsFirstStage {
            let parts = [result.trace.retriever, result.trace.models["embedder"]?.name].compactMap { $0 }
            text += heading("First stage", parts.isEmpty ? nil : parts.joined(separator: ", "))
            text += firstStage().text(terminal)
        }
        if isReranked {
            text += text.isEmpty ? "" : "\n"
            let order = isBlended ? result.trace.order.map { ", order \($0)" } : nil
            text += heading("Reranked", result.trace.models["reranker"].map { $0.name + (order ?? "") })
            text += reranked().text(terminal)
        } else if !showsFirstStage {
            text += reranked().text(terminal)
        }
        return text
    }

    private func heading(_ stage: String, _ model: String?) -> String {
        terminal.styled(stage, .bold) + (model.map { terminal.styled(" (\($0))", .dim) } ?? "") + "\n"
    }

    /// What the first stage's score is.
    private var firstScore: (title: String, meaning: String) {
        switch result.trace.retriever {
        case HybridSettings.lexicalName: ("BM25", "the score of BM25")
        case HybridSettings.name: ("fused", "the fused score of both lists")
        default: ("cosine", "cosine of query and passage, by the bi-encoder")
        }
    }

    /// The lists that the first stage fused.
    private var lists: [String] { Set(result.candidates.flatMap(\.retrievals.keys)).sorted() }

    private func firstStage() -> Table {
        var table = Table(columns: [
            .init(title: "rank", right: true), .init(title: firstScore.title, right: true), .init(title: "then"),
            .id("passage"), .init(title: ""),
        ])
        let shown = result.candidates.sorted { $0.initialRank < $1.initialRank }.prefix(result.hits.count)
        for hit in shown {
            table.rows.append([
                .init("\(hit.initialRank)"), .init(Self.number(hit.retrievalScore, 4)),
                .init(isReranked ? (hit.delta == 0 ? "stays" : "→ \(hit.finalRank)") : "", .dim),
                .init(DisplayText.flattened(hit.passage.id)), .init(snippet(hit.passage), .dim),
            ])
        }
        return table
    }

    private func reranked() -> Table {
        var table = Table(columns: [
            .init(title: "rank", right: true), .init(title: "was", right: true), .init(title: ""),
            .init(title: "prob.", right: true, isShown: isCalibrated),
            .init(title: "score", right: true, isShown: !isCalibrated), .init(title: "logit", right: true),
            .init(title: "order", right: true, isShown: isBlended), .id("passage"), .init(title: ""),
        ])
        for hit in result.hits {
            table.rows.append([
                .init("\(hit.finalRank)", .bold), .init("\(hit.initialRank)"), Self.change(hit),
                .init(Self.number(hit.probability?.value, 3)),
                .init(Self.number(hit.score.map { Double($0.value) }, 4)),
                .init(Self.number(hit.logit.map { Double($0.value) }, 2)),
                .init(Self.number(hit.finalScore, 4)), .init(DisplayText.flattened(hit.passage.id)),
                .init(snippet(hit.passage)),
            ])
        }
        return table
    }

    /// Every candidate in the final order, with all that both stages said of it, and the time of each stage.
    func explanation(stages: [Trace.Stage], total: Duration) -> String {
        let lists = lists
        let columns: [Table.Column] = [
            .init(title: "rank", right: true), .init(title: "was", right: true), .init(title: ""),
            .init(title: "retrieval", right: true, isShown: result.candidates.contains { $0.retrievalScore != nil }),
        ]
        var table = Table(
            columns: columns + lists.map { .init(title: $0, right: true) } + [
                .init(title: "logit", right: true, isShown: isReranked),
                .init(title: "score", right: true, isShown: isReranked),
                .init(title: "prob.", right: true, isShown: isCalibrated),
                .init(title: "order", right: true, isShown: isBlended),
                .init(title: "window", right: true, isShown: isInWindows),
                .init(title: "cut", right: true, isShown: isCut), .id("passage"), .init(title: ""),
            ])
        let kept = Set(result.hits.map(\.id))
        for hit in result.candidates {
            let dropped = (hit.pairScore?.passageTokensDropped ?? 0) + (hit.pairScore?.queryTokensDropped ?? 0)
            let first: [Table.Cell] = [
                .init("\(hit.finalRank)", kept.contains(hit.id) ? .bold : nil), .init("\(hit.initialRank)"),
                Self.change(hit), .init(Self.number(hit.retrievalScore, 4)),
            ]
            let ranks = lists.map { Table.Cell(hit.retrievals[$0]?.rank.map { "\($0)" } ?? "-") }
            table.rows.append(
                first + ranks + [
                    .init(Self.number(hit.logit.map { Double($0.value) }, 3)),
                    .init(Self.number(hit.score.map { Double($0.value) }, 4)),
                    .init(Self.number(hit.probability?.value, 3)), .init(Self.number(hit.finalScore, 4)),
                    .init(hit.pairScore?.window.map { "\($0)" } ?? ""), .init(dropped == 0 ? "" : "\(dropped)"),
                    .init(DisplayText.flattened(hit.passage.id)), .init(snippet(hit.passage), .dim),
                ])
        }
        var text = ""
        if !result.candidates.isEmpty {
            text +=
                terminal.styled("All candidates", .bold)
                + terminal.styled(" (\(result.hits.count) of \(result.candidates.count) kept)", .dim) + "\n"
            text += table.text(terminal)
            text += terminal.styled(legend, .dim) + "\n"
        }
        text += terminal.styled("Time", .bold) + "\n"
        let parts = (stages + result.trace.stages).map { ($0.name, $0.duration) } + [("total", total)]
        return text + wrapped(parts.map { "\($0.0) \(NumberText.duration($0.1))" })
    }

    /// Parts with dots between them, on as many lines as the terminal's width makes of them.
    private func wrapped(_ parts: [String]) -> String {
        var lines: [String] = []
        for part in parts {
            if let last = lines.last, DisplayText.width(last) + DisplayText.width(part) + 6 <= terminal.width {
                lines[lines.count - 1] = last + " · " + part
            } else {
                lines.append(part)
            }
        }
        return lines.map { "  \($0)\n" }.joined()
    }

    /// What the columns of the explanation mean, each in a line of its own.
    private var legend: String {
        var lines = ["was, ▲, ▼: the rank in the first stage and the places gained or lost since"]
        if showsFirstStage { lines.append("retrieval: \(firstScore.meaning)") }
        if !self.lists.isEmpty {
            lines.append(
                "\(self.lists.joined(separator: ", ")): the rank in that list, - where it is not among its first")
        }
        if let kind = result.candidates.lazy.compactMap(\.score?.kind).first {
            lines.append("score: the \(kind.rawValue) of the logit, not a probability")
            if isCalibrated { lines.append("prob.: from a calibration on labelled queries (winnow calibrate)") }
            if isBlended, let order = result.trace.order {
                lines.append("order: what the candidates are sorted by, \(order) of both stages")
            }
            if isInWindows {
                lines.append("window: of those that a long passage was read in, the one with the highest logit, from 0")
            }
            if isCut {
                lines.append("cut: tokens of passage and query that the cross-encoder did not see")
            } else if result.unscoredCount == 0 {
                lines.append("nothing was cut: the cross-encoder read the query and all candidates whole")
            }
        }
        if result.unscoredCount > 0 {
            lines.append(
                "–: not read by the cross-encoder, \(result.unscoredCount) of \(NumberText.plural(result.candidates.count, "candidate"))"
            )
        }
        return lines.map { "  \($0)\n" }.joined()
    }

    private var isInWindows: Bool { result.candidates.contains { $0.pairScore?.window != nil } }
    private var isCut: Bool { result.candidates.contains { $0.truncated || $0.queryTruncated } }

    private static func change(_ hit: Hit) -> Table.Cell {
        if hit.delta > 0 { return .init("▲\(hit.delta)", .green) }
        if hit.delta < 0 { return .init("▼\(-hit.delta)", .red) }
        return .init("=", .dim)
    }

    private static func number(_ value: Double?, _ decimals: Int) -> String {
        value.map { NumberText.fixed($0, decimals) } ?? "–"
    }

    /// The beginning of the title, and the passage's own words: passages of one document must not all look the same, so a
    /// piece of a document shows no title where the terminal is narrow.
    private func snippet(_ passage: Passage) -> String {
        var text = Self.plain(passage.text)
        let title = Self.plain(passage.title ?? passage.metadata[MetadataField.title]?.stringValue ?? "")
        guard !title.isEmpty else { return text }
        if text.hasPrefix(title) { text = Self.plain(String(text.dropFirst(title.count))) }
        if text.isEmpty { return title }
        let isPiece = passage.id != passage.documentID
        return isPiece && terminal.width < 140 ? text : DisplayText.truncated(title, to: 24) + " | " + text
    }

    /// One line, without the marks of a Markdown heading before it.
    private static func plain(_ text: String) -> String {
        String(DisplayText.flattened(text).drop { $0 == "#" || $0 == " " })
    }
}
