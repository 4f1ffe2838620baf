import WinnowCore
import WinnowEvaluation

/// A calibration for a terminal: what the probability is worth, then the thresholds.
struct CalibrationTables {
    var report: CalibrationReport
    var choices: [ThresholdChoice]
    var curve: RiskCoverage?
    var reranker: ModelIdentity
    var order: FinalOrder
    var keptAt: String?
    var notes: [String]
    var unanswerableShare: Double?
    var terminal: Terminal

    var text: String {
        [summary, quality, reliability, thresholds, promises, kept, remarks].filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private var summary: String {
        let data = report.data
        var facts =
            "\(NumberText.plural(data.queries, "query", "queries"))"
            + (data.groups < data.queries ? " in \(NumberText.plural(data.groups, "group"))" : "")
        if data.unanswerable > 0 { facts += ", \(NumberText.grouped(data.unanswerable)) of them unanswerable" }
        facts +=
            "; \(NumberText.plural(data.pairs, "pair")), \(NumberText.grouped(data.positives)) relevant "
            + "(\(FigureText.percent(data.baseRate)))"
        let quality = report.quality
        let verdict =
            quality.isMiscalibrated
            ? "The \(report.chosen.rawValue) map is off by \(fixed(quality.calibrationError, 3)) on held-back queries, more than a "
                + "right one would be by chance (\(fixed(quality.calibrationErrorLimit, 3)))."
            : "Nothing speaks against the \(report.chosen.rawValue) map on held-back queries: it is off by "
                + "\(fixed(quality.calibrationError, 3)) in the mean, where a right one may be off by "
                + "\(fixed(quality.calibrationErrorLimit, 3)). Its skill is \(quality.brierSkill.map { fixed($0, 2) } ?? "-"): 1 "
                + "knows each label, 0 says the base rate each time."
        return TextWrapping.wrapped(verdict, to: terminal, style: quality.isMiscalibrated ? .red : .bold)
            + TextWrapping.wrapped(
                "  \(reranker.name), \(reranker.precision): \(facts)", to: terminal, style: .dim, first: "  ")
            + TextWrapping.wrapped(
                "  probability: \(report.settings.labels.meaning)", to: terminal, style: .dim, first: "  ")
    }

    private var quality: String {
        var table = Table(columns: [
            .init(title: "held back"), .init(title: "Brier", right: true), .init(title: "skill", right: true),
            .init(title: "log loss", right: true), .init(title: "ECE", right: true),
            .init(title: "by chance up to", right: true), .init(title: "", isWhole: true),
        ])
        for (name, quality, note) in [
            ("sigmoid of the logit", report.uncalibrated, ""),
            ("platt", report.platt.heldBack, report.chosen == .platt ? "kept" : ""),
            ("isotonic", report.isotonic.heldBack, report.chosen == .isotonic ? "kept" : ""),
        ] {
            table.rows.append([
                .init(name, note == "kept" ? .bold : nil), .init(fixed(quality.brier, 4)),
                .init(quality.brierSkill.map { fixed($0, 3) } ?? "-"), .init(fixed(quality.logLoss, 4)),
                .init(fixed(quality.calibrationError, 4), quality.isMiscalibrated ? .red : nil),
                .init(fixed(quality.calibrationErrorLimit, 4)), .init(note),
            ])
        }
        return table.text(terminal)
            + TextWrapping.wrapped(
                "sigmoid of the logit: no probability, but what a reader of scores would take for one", to: terminal,
                style: .dim, first: "  ")
            + TextWrapping.wrapped(report.reason, to: terminal, style: .dim, first: "  ")
    }

    private var reliability: String {
        var table = Table(columns: [
            .init(title: "predicted", right: true), .init(title: "observed", right: true),
            .init(title: "pairs", right: true), .init(title: "of bins of equal size, held back", isWhole: true),
        ])
        let scale = max(20, min(40, terminal.width - 40))
        for bin in report.diagram.bins {
            let width = Int((bin.relevantShare * Double(scale)).rounded())
            let mark = Int((bin.meanProbability * Double(scale)).rounded())
            var bar = Array(repeating: Character(" "), count: scale + 2)
            for index in 0..<min(width, bar.count) { bar[index] = "█" }
            if mark < bar.count { bar[mark] = "|" }
            while bar.last == " " { bar.removeLast() }
            table.rows.append([
                .init(fixed(bin.meanProbability, 3)), .init(fixed(bin.relevantShare, 3)),
                .init(NumberText.grouped(bin.count)),
                .init(String(bar)),
            ])
        }
        return table.text(terminal)
            + TextWrapping.wrapped(
                "bar: observed share of relevant pairs; | : what was predicted", to: terminal, style: .dim, first: "  ")
    }

    private var thresholds: String {
        guard let curve else { return "" }
        var columns: [Table.Column] = [
            .init(title: "threshold"), .init(title: "probability", right: true), .init(title: "answered", right: true),
            .init(title: "precision", right: true), .init(title: "abstained rightly", right: true),
        ]
        if let unanswerableShare {
            columns.append(
                .init(title: "precision with \(FigureText.percent(unanswerableShare)) unanswerable", right: true))
        }
        var table = Table(columns: columns)
        for point in curve.workingPoints {
            let logit = Logit(point.threshold)
            let row: [Table.Cell] = [
                .init(Ranking.Threshold.logit(point.threshold).description),
                .init(fixed(report.map.probability(of: logit).value, 3)),
                .init(point.coverage.map(FigureText.percent) ?? "-"),
                .init(point.precision.map(FigureText.percent) ?? "-"),
                .init(point.abstentionRate.map(FigureText.percent) ?? "-"),
                .init(
                    unanswerableShare.flatMap { point.precision(unanswerableShare: $0) }.map(FigureText.percent) ?? "-"),
            ]
            table.rows.append(Array(row.prefix(columns.count)))
        }
        let area =
            curve.normalizedArea.map { "; its order of questions is worth \(fixed($0, 2)) of a perfect one's" } ?? ""
        return TextWrapping.wrapped(
            "when to answer: a question is answered when its best passage reaches the threshold, and rightly when the one shown first "
                + "is relevant\(order == .reranker ? "" : " (--order \(order))")", to: terminal)
            + table.text(terminal)
            + TextWrapping.wrapped(
                "seen on the same queries, no promise (--target makes one)\(area)", to: terminal, style: .dim,
                first: "  ")
    }

    private var promises: String {
        choices.map { choice in
            var text = choice.description
            if case .guaranteed(let found) = choice.verdict {
                if let share = unanswerableShare, let precision = found.precisionAtShare {
                    text +=
                        "; with \(FigureText.percent(share)) unanswerable questions its precision would be about "
                        + FigureText.percent(precision)
                }
                if let shown = found.shown {
                    text +=
                        "; of all passages shown \(NumberText.grouped(shown.relevant)) of \(NumberText.grouped(shown.shown)) are "
                        + "relevant"
                        + (shown.relevant < shown.shown
                            ? " (an estimate; hardly under \(FigureText.percent(shown.lowerBound)))" : "")
                }
            }
            return TextWrapping.wrapped(text + ".", to: terminal)
        }.joined()
    }

    private var kept: String {
        guard let keptAt else { return "" }
        return TextWrapping.wrapped(
            "kept in \(PathText.quoted(keptAt)) for \(reranker.name), \(reranker.precision), \(reranker.truncation)",
            to: terminal)
    }

    private var remarks: String {
        notes.map { TextWrapping.wrapped("note: \($0)", to: terminal, style: .dim) }.joined()
    }

    private func fixed(_ value: Double, _ decimals: Int) -> String { FigureText.fixed(value, decimals) }
}
