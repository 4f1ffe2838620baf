import WinnowCore
import WinnowEvaluation

/// A sweep for a terminal: the recommendation first, then the settings that it was chosen from.
struct SweepTables {
    var report: SweepReport
    var initialKUnit: InitialKUnit
    var notes: [String]
    var terminal: Terminal

    var text: String {
        [recommendation, heldOut, runs, shown, remarks].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var recommendation: String {
        TextWrapping.wrapped(report.recommendation.reason, to: terminal, style: .bold)
            + terminal.styled(
                "  \(NumberText.plural(report.queryIDs.count, "query", "queries"))"
                    + (report.groupCount < report.queryIDs.count
                        ? " in \(NumberText.plural(report.groupCount, "group"))" : "") + "\n", .dim)
    }

    private var heldOut: String {
        guard let heldOut = report.heldOut else { return "" }
        if case .cannotTell(.noDifference) = heldOut.verdict.outcome {
            return TextWrapping.wrapped(
                "On queries that had no part in it the choice is the same as not reranking, every time.", to: terminal)
        }
        return TextWrapping.wrapped(
            "Choosing so is worth \(FigureText.fixed(heldOut.expected, 3)) \(report.measure) on queries that had no part in it "
                + "(\(FigureText.fixed(heldOut.apparent, 3)) on those that had: \(FigureText.signed(heldOut.gap)) of that is luck). "
                + "\(heldOut.verdict.sentence)", to: terminal)
    }

    private var runs: String {
        let onFront = Set(report.front.map(\.run))
        var table = Table(columns: [
            .init(title: ""), .init(title: "reranker", most: 24), .init(title: "initialK", right: true),
            .init(title: report.measure, right: true), .init(title: "to no reranking", right: true),
            .init(title: "p50", right: true), .init(title: "p95", right: true),
            .init(title: "timed", isWhole: true),
        ])
        for (index, run) in report.runs.enumerated() {
            let isTaken = index == report.recommendation.run
            table.rows.append([
                .init((isTaken ? ">" : " ") + (onFront.contains(index) ? "*" : " ")),
                .init(run.name, isTaken ? .bold : nil), .init(String(run.initialK)),
                .init(FigureText.fixed(run.quality, 4)),
                .init(run.differenceToFirstStage.map { FigureText.signed($0.mean) } ?? ""),
                .init(run.latency.map { NumberText.duration($0.p50) } ?? "-"),
                .init(run.latency.flatMap { $0.p95IsSupported ? NumberText.duration($0.p95) : nil } ?? "-"),
                .init(run.latency.map { NumberText.grouped($0.count) } ?? "-"),
            ])
        }
        return table.text(terminal)
            + TextWrapping.wrapped(
                "* no other setting is both better and faster (\(report.percentile.rawValue)); > recommended",
                to: terminal,
                style: .dim, indent: "    ", first: "  ")
            + (initialKUnit.remark.map { TextWrapping.wrapped($0, to: terminal, style: .dim, first: "  ") } ?? "")
    }

    private var shown: String {
        guard let run = report.recommendation.run else { return "" }
        let cells = report.cells.indices.filter { report.cells[$0].run == run }
        guard cells.count > 1 else { return "" }
        var table = Table(columns: [
            .init(title: ""), .init(title: "threshold"), .init(title: "finalK", right: true),
            .init(title: "success", right: true), .init(title: "recall", right: true),
            .init(title: "precision", right: true), .init(title: "passages", right: true),
            .init(title: "abstained", isWhole: true),
        ])
        let front = Set(report.shownFront(of: run))
        for index in cells {
            let cell = report.cells[index]
            table.rows.append([
                .init((index == report.recommendation.cell ? ">" : " ") + (front.contains(index) ? "*" : " ")),
                .init(cell.threshold?.description ?? "none"), .init(String(cell.finalK)),
                .init(FigureText.fixed(cell.success, 3)), .init(FigureText.fixed(cell.recall, 3)),
                .init(cell.precision.map { FigureText.fixed($0, 3) } ?? "-"),
                .init(NumberText.fixed(cell.meanPassages, 1)), .init(FigureText.percent(cell.abstained)),
            ])
        }
        return "what is shown, with \(report.runs[run].name) over \(report.runs[run].initialK)\n" + table.text(terminal)
            + TextWrapping.wrapped(
                "success: something relevant is shown; precision: of the passages shown", to: terminal, style: .dim,
                first: "  ")
            + TextWrapping.wrapped(
                "* nothing that shows less succeeds as often", to: terminal, style: .dim, indent: "    ", first: "  ")
    }

    /// What the grid leaves open.
    private var edges: [String] {
        var edges: [String] = []
        if let taken = report.recommendation.run {
            let all = report.runs.map(\.initialK)
            if let largest = all.max(), Set(all).count > 1, report.runs[taken].initialK == largest {
                edges.append("initialK \(largest) is the largest that was tried: try larger ones")
            }
            let thresholds = report.cells.contains { $0.threshold != nil }
            if thresholds, report.runs[taken].system == nil {
                edges.append("without a reranker there is no score for a threshold, so the thresholds are not shown")
            }
        }
        return edges
    }

    private var remarks: String {
        (edges + notes).map { TextWrapping.wrapped("note: \($0)", to: terminal, style: .dim) }.joined()
    }
}

/// Lines of prose.
enum TextWrapping {
    /// Broken between words at the terminal's width, later lines indented by two.
    static func wrapped(
        _ text: String, to terminal: Terminal, style: Terminal.Style? = nil, indent: String = "  ", first: String = ""
    ) -> String {
        var lines: [String] = []
        var line = first
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            let isStart = line.utf8.allSatisfy { $0 == 0x20 }
            if !isStart, DisplayText.width(line) + 1 + DisplayText.width(String(word)) > terminal.width - 1 {
                lines.append(line)
                line = indent + word
            } else {
                line += (isStart ? "" : " ") + word
            }
        }
        lines.append(line)
        return lines.map { terminal.styled($0, style) + "\n" }.joined()
    }
}
