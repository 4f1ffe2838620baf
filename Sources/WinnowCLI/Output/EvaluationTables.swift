import WinnowCore
import WinnowEvaluation

/// An evaluation for a terminal: the verdict first, then what it rests on.
struct EvaluationTables {
    var report: EvaluationReport
    var initialKUnit: InitialKUnit
    var terminal: Terminal

    private var first: EvaluationReport.System { report.systems[0] }
    private var primary: Measure { report.measures[0] }

    var text: String {
        var parts = [verdicts, header]
        for system in report.systems.dropFirst() { parts.append(comparison(of: system)) }
        if report.systems.count == 1 { parts.append(alone) }
        parts += [ceiling, slices, latency]
        for system in report.systems where !system.regressions.isEmpty || !system.improvements.isEmpty {
            parts.append(changes(of: system))
        }
        parts += [gate, notes]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var verdicts: String {
        let sentences = report.systems.compactMap { $0.verdict }
        guard !sentences.isEmpty else {
            let interval = first.intervals[0].map { ", 95 % interval \(fixed($0.lower)) to \(fixed($0.upper))" } ?? ""
            return bold(
                "\(primary.name) of \(first.name) is \(fixed(first.measured.mean(of: primary) ?? 0)) over "
                    + "\(NumberText.plural(report.counts.queries, "query", "queries"))\(interval).")
        }
        return sentences.map { verdict in
            let style: Terminal.Style? =
                switch verdict.outcome {
                case .helps: .green
                case .hurts: .red
                default: .bold
                }
            return wrapped(verdict.outcome.mark + " " + verdict.sentence, style, indent: "  ")
        }.joined()
    }

    private var header: String {
        let counts = report.counts
        var facts = [
            NumberText.plural(counts.queries, "query", "queries")
                + (counts.queries < counts.judgedQueries ? " of \(NumberText.grouped(counts.judgedQueries))" : ""),
            NumberText.plural(counts.relevant, "relevant judgement"),
        ]
        if let documents = counts.documents, let passages = counts.passages {
            facts.append(
                "\(NumberText.plural(documents, "document")) in \(NumberText.plural(passages, "passage"))")
        }
        facts.append(
            "initialK "
                + (report.settings.firstStage == "judged"
                    ? "all" : "\(report.settings.initialK)" + (initialKUnit == .documents ? " documents" : "")))
        if let order = report.settings.order, order != .reranker { facts.append("order \(order)") }
        if let within = report.settings.rerankWithin {
            facts.append("reranked within \(PlainNumber.text(within)) of the best")
        }
        if let finalK = report.settings.finalK { facts.append("finalK \(finalK)") }
        if let filter = report.settings.filter { facts.append("where " + DisplayText.flattened(filter)) }
        // Broken between facts, not within them.
        let whole = facts.map { fact in String(fact.map { $0 == " " ? "\u{A0}" : $0 }) }
        let lines = wrapped(whole.joined(separator: "\u{A0}· "), .dim, indent: "  ", first: "  ")
        return String(lines.map { $0 == "\u{A0}" ? " " : $0 })
    }

    // MARK: Tables

    private func comparison(of system: EvaluationReport.System) -> String {
        var table = Table(columns: [
            .init(title: "measure"), .init(title: first.name, right: true, most: 20),
            .init(title: system.name, right: true, most: 20), .init(title: "difference", right: true),
            .init(title: "95 % interval"), .init(title: "p", right: true),
            .init(title: Self.outcomes, isWhole: true),
        ])
        for (index, measure) in report.measures.enumerated() {
            let comparison = system.comparisons[index]
            let isQuality = measure.kind != .judged
            let interval =
                comparison.interval.map { "\(FigureText.signed($0.lower)) to \(FigureText.signed($0.upper))" }
                ?? (comparison.units.nonTied == 0 ? "" : "too few")
            let p =
                index == 0 ? system.adjustedP ?? comparison.randomisation.twoSided : comparison.randomisation.twoSided
            table.rows.append([
                .init(measure.name, index == 0 ? .bold : nil), .init(fixed(comparison.baselineMean)),
                .init(fixed(comparison.systemMean)),
                .init(FigureText.signed(comparison.difference), isQuality ? style(comparison) : nil),
                .init(isQuality ? interval : ""), .init(isQuality ? Self.p(p) : ""),
                .init(
                    isQuality
                        ? "\(comparison.queries.wins)/\(comparison.queries.ties)/\(comparison.queries.losses)" : ""),
            ])
        }
        var text = table.text(terminal)
        var facts = ["\(Self.outcomes): queries that got better, stayed, got worse"]
        if report.systems.count > 2 {
            facts.append("p of \(primary.name) is corrected by Holm over \(report.systems.count - 1) systems")
        }
        facts.append("only \(primary.name) decides, the other p are uncorrected")
        if let improvement = system.rankImprovement, let mean = improvement.mean {
            facts.append(
                "relevant documents gain \(Self.places(mean)) places in the mean, the first of them "
                    + Self.places(improvement.first ?? 0))
        }
        text += wrapped(facts.joined(separator: "; "), .dim, indent: "  ", first: "  ")
        return text
    }

    private var alone: String {
        var table = Table(columns: [
            .init(title: "measure"), .init(title: first.name, right: true, most: 20),
            .init(title: "95 % interval", isWhole: true),
        ])
        for (index, measure) in report.measures.enumerated() {
            table.rows.append([
                .init(measure.name), .init(fixed(first.measured.mean(of: measure) ?? 0)),
                .init(first.intervals[index].map { "\(fixed($0.lower)) to \(fixed($0.upper))" } ?? ""),
            ])
        }
        return table.text(terminal)
    }

    private var ceiling: String {
        guard let last = report.ceilings.first(where: { $0.system != first.name }) ?? report.ceilings.first else {
            return ""
        }
        return wrapped(
            last.quality.sentence(measure: primary.name)
                + " Recall of the candidates is \(fixed(last.candidateRecall))."
                + (last.queries < report.counts.queries
                    ? " Both are over the \(NumberText.plural(last.queries, "query", "queries")) that have a relevant document."
                    : ""),
            nil, indent: "")
    }

    private var slices: String {
        guard !report.slices.isEmpty else { return "" }
        var text = ""
        for field in Self.unique(report.slices.map(\.field)) {
            var columns: [Table.Column] = [
                .init(title: field, most: 40), .init(title: "queries", right: true),
            ]
            columns += report.systems.map { .init(title: $0.name, right: true, most: 20) }
            let several = report.systems.count > 2
            columns += report.systems.dropFirst().flatMap { system in
                ["difference", "p", Self.outcomes].map { title in
                    Table.Column(title: several ? "\(title) \(system.name)" : title, right: true, most: 20)
                }
            }
            var table = Table(columns: columns)
            for slice in report.slices where slice.field == field {
                var row: [Table.Cell] = [.init(slice.value), .init(NumberText.grouped(slice.queries))]
                row += slice.means.map { .init(fixed($0)) }
                row += slice.comparisons.flatMap {
                    [
                        .init(FigureText.signed($0.difference), style($0)), .init(Self.p($0.randomisation.twoSided)),
                        .init("\($0.queries.wins)/\($0.queries.ties)/\($0.queries.losses)"),
                    ] as [Table.Cell]
                }
                table.rows.append(row)
            }
            text += "\(primary.name) by \(field)\n" + table.text(terminal)
        }
        return text
            + wrapped(
                "p by slice is uncorrected: of twenty slices one is below 0.05 by chance", .dim, indent: "  ",
                first: "  ")
    }

    private var latency: String {
        var table = Table(columns: [
            .init(title: "latency", most: 40), .init(title: "stage"), .init(title: "mean", right: true),
            .init(title: "p50", right: true), .init(title: "p95", right: true), .init(title: "p99", right: true),
            .init(title: "max", right: true), .init(title: "queries", isWhole: true),
        ])
        for system in report.systems {
            for latency in system.latencies where system.role == .firstStage || latency.stage != "retrieve" {
                let summary = latency.summary
                table.rows.append([
                    .init(system.name), .init(latency.stage), .init(NumberText.duration(summary.mean)),
                    .init(NumberText.duration(summary.p50)),
                    .init(summary.p95IsSupported ? NumberText.duration(summary.p95) : "-"),
                    .init(summary.p99IsSupported ? NumberText.duration(summary.p99) : "-"),
                    .init(NumberText.duration(summary.maximum)), .init(NumberText.grouped(summary.count)),
                ])
            }
        }
        guard !table.rows.isEmpty else { return "" }
        return table.text(terminal)
            + wrapped("service times, one query at a time", .dim, indent: "  ", first: "  ")
            + (table.rows.contains { $0.contains { $0.text == "-" } }
                ? wrapped(
                    "-: too few queries for that percentile (59 for p95, 299 for p99)", .dim, indent: "  ", first: "  ")
                : "")
    }

    // MARK: Changes

    private func changes(of system: EvaluationReport.System) -> String {
        var text = ""
        for (title, list, isWorse) in [
            ("worst of \(system.name)", system.regressions, true),
            ("best of \(system.name)", system.improvements, false),
        ] where !list.isEmpty {
            let shown = list.prefix { !$0.passages.isEmpty }
            let listed = shown.isEmpty ? list.prefix(3) : shown
            // What got better is told in brief: what got worse is what wants a look.
            let limited = isWorse ? Array(listed) : Array(listed.prefix(2))
            text += wrapped(
                "\(title) (\(limited.count) of \(NumberText.grouped(list.count)) that got \(isWorse ? "worse" : "better"))",
                nil, indent: "  ")
            for change in limited {
                let figures = "\(primary.name) \(fixed(change.before)) -> \(fixed(change.after))"
                let query = DisplayText.flattened("\(change.queryID): \(change.text)")
                let room = terminal.width - figures.count - 5
                // Beside the figures, or below them where there is too little room.
                text += "  " + terminal.styled(figures, isWorse ? .red : .green)
                text += room >= 20 ? "  " : "\n    "
                text += DisplayText.truncated(query, to: room >= 20 ? room : max(1, terminal.width - 4)) + "\n"
                if isWorse { text += passages(change) }
            }
        }
        return text
    }

    private func passages(_ change: EvaluationReport.QueryChange) -> String {
        guard !change.passages.isEmpty else { return "" }
        var table = Table(
            columns: [
                .init(title: "was", right: true), .init(title: "now", right: true), .init(title: "grade", right: true),
                .init(title: "retrieval", right: true), .init(title: "logit", right: true), .id("document"),
                // A log holds no texts.
                .init(title: "text", isShown: change.passages.contains { !$0.text.isEmpty }),
            ], indent: "      ")
        for passage in change.passages {
            table.rows.append([
                .init(String(passage.before)), .init(String(passage.after)),
                .init(passage.grade.map(String.init) ?? "-", (passage.grade ?? 0) >= 1 ? .green : nil),
                .init(passage.retrievalScore.map { NumberText.fixed($0, 3) } ?? "-"),
                .init(passage.logit.map { NumberText.fixed(Double($0), 2) } ?? "-"), .init(passage.id),
                .init(DisplayText.flattened(passage.text)),
            ])
        }
        return table.text(terminal, showsHeader: true)
    }

    private var gate: String {
        guard let gate = report.gate else { return "" }
        return gate.findings.map { "gate " + $0.sentence }.map { wrapped($0, nil, indent: "  ") }.joined()
    }

    private var notes: String {
        report.warnings.map { wrapped("note: \($0)", .dim, indent: "  ") }.joined()
    }

    // MARK: Text

    private func style(_ comparison: PairedComparison) -> Terminal.Style? {
        guard let interval = comparison.interval else { return nil }
        return interval.lower > 0 ? .green : interval.upper < 0 ? .red : nil
    }

    /// The title of wins/ties/losses.
    private static let outcomes = "+/=/-"

    private func fixed(_ value: Double) -> String { FigureText.fixed(value, 4) }

    private static func p(_ value: Double) -> String {
        let text = FigureText.pValue(value)
        return text.hasPrefix("p = ") ? String(text.dropFirst(4)) : String(text.dropFirst(2))
    }

    private static func places(_ value: Double) -> String { (value > 0 ? "+" : "") + NumberText.fixed(value, 2) }

    private static func unique(_ texts: [String]) -> [String] {
        texts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func bold(_ text: String) -> String { wrapped(text, .bold, indent: "  ") }

    private func wrapped(_ text: String, _ style: Terminal.Style?, indent: String, first: String = "") -> String {
        TextWrapping.wrapped(text, to: terminal, style: style, indent: indent, first: first)
    }
}
