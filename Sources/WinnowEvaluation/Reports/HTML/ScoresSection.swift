/// Where logits of relevant and of other candidates lie: what a threshold could tell apart.
struct ScoresSection: Sendable {
    let report: EvaluationReport

    var section: PageSection? {
        let systems = report.systems.compactMap { system in system.scoreDistributions.map { (system.name, $0) } }
        guard !systems.isEmpty else { return nil }
        return PageSection("scores", "Scores of the candidates", short: "Scores") {
            HTML("div", ["class": "columns"]) {
                for (name, distributions) in systems { Self.figure(name, distributions) }
                PageParts.note(
                    "Logits of all candidates, of each kind by itself (every row has its own height); the line is "
                        + "the median. What was "
                        + "never judged may be relevant. Logits are no probabilities: those need a calibration.")
            }
        }
    }

    private static let rowHeight = 58.0

    private static func figure(_ name: String, _ scores: ScoreDistributions) -> HTML {
        let parts = [
            ("relevant", scores.relevant), ("judged, not relevant", scores.notRelevant),
            ("not judged", scores.unjudged),
        ].filter { $0.1.count > 0 }
        let plot = Plot(
            x: (scores.edges.first ?? 0)...(scores.edges.last ?? 1), y: 0...1,
            height: Double(parts.count) * rowHeight + 42, left: 10, right: 10, top: 2)
        let (ticks, decimals) = plot.x.ticks(6)
        return plot.figure(
            label: "logits of \(name) by judgement",
            caption: HTML {
                "Candidates as scored by "
                HTML.foreign(name, limit: 80)
            }
        ) {
            for (row, (kind, part)) in parts.enumerated() {
                rowMarks(kind, part, scores.edges, plot, bottom: plot.top + Double(row + 1) * rowHeight)
            }
            for value in ticks {
                Plot.line(plot.x(value), plot.y.from, plot.x(value), plot.y.from + 4, class: "axis")
                Plot.text(plot.x(value), plot.y.from + 17, FigureText.fixed(value, decimals), anchor: "middle")
            }
            Plot.text((plot.x.from + plot.x.to) / 2, plot.height - 5, "logit", anchor: "middle", class: "name")
        }
    }

    @HTMLBuilder private static func rowMarks(
        _ kind: String, _ part: ScoreDistributions.Part, _ edges: [Double], _ plot: Plot, bottom: Double
    ) -> HTML {
        let most = Double(max(1, part.counts.max() ?? 1))
        let name = kind == "relevant" ? "relevant" : kind == "not judged" ? "unjudged" : "irrelevant"
        for (bin, count) in part.counts.enumerated() where count > 0 {
            let height = max(1, Double(count) / most * (rowHeight - 20))
            Plot.bar(
                x: plot.x(edges[bin]) + 0.4, y: bottom - height,
                width: plot.x(edges[bin + 1]) - plot.x(edges[bin]) - 0.8,
                height: height, class: "scores " + name,
                title: "\(kind), logit \(FigureText.fixed(edges[bin], 2)) to \(FigureText.fixed(edges[bin + 1], 2)): "
                    + FigureText.grouped(count))
        }
        Plot.line(plot.x.from, bottom, plot.x.to, bottom, class: "axis")
        if let median = part.median {
            Plot.line(plot.x(median), bottom + 3, plot.x(median), bottom - rowHeight + 18, class: "median")
        }
        Plot.text(
            plot.x.from, bottom - rowHeight + 13,
            "\(kind): \(FigureText.grouped(part.count))"
                + (part.median.map { ", median " + FigureText.fixed($0, 2) } ?? ""), class: "name")
    }
}
