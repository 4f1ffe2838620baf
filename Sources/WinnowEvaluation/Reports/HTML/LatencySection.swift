/// How long each stage took, with no more percentiles than the samples bear.
struct LatencySection: Sendable {
    let report: EvaluationReport

    var section: PageSection? {
        let rows = report.systems.flatMap { system in system.latencies.map { (system.name, $0) } }
        guard !rows.isEmpty else { return nil }
        let longest = rows.map { Self.end($0.1.summary) }.max() ?? .zero
        return PageSection("latency", "Latency") {
            PageParts.table(
                "Latency by stage",
                head: [
                    PageParts.head("System", .text), PageParts.head("Stage", .text),
                    PageParts.head("p50 and p95", .text),
                ]
                    + ["mean", "p50", "p95", "p99", "longest", "samples"].map { PageParts.head($0) }
            ) {
                for system in report.systems where !system.latencies.isEmpty {
                    HTML("tbody") {
                        for (row, latency) in system.latencies.enumerated() {
                            HTML("tr") {
                                if row == 0 {
                                    HTML("th", ["scope": "rowgroup", "rowspan": String(system.latencies.count)]) {
                                        HTML.foreign(system.name, limit: 60)
                                    }
                                }
                                cells(latency, longest: longest)
                            }
                        }
                    }
                }
            }
            PageParts.note(
                "Service time of one query at a time, nothing else running: no queueing, no network. Under load, "
                    + "measure with a "
                    + "planned rate of requests.")
            if rows.contains(where: { !$0.1.summary.p99IsSupported }) {
                PageParts.note(
                    "– : too few samples. A p95 needs \(LatencySummary.fewestForP95) and a p99 "
                        + "\(LatencySummary.fewestForP99) "
                        + "for an upper bound at 95 % confidence; below that the longest time is shown (hollow bar).")
            }
        }
    }

    /// Where a bar ends.
    private static func end(_ summary: LatencySummary) -> Duration {
        summary.p95IsSupported ? summary.p95 : summary.maximum
    }

    @HTMLBuilder private func cells(_ latency: EvaluationReport.Latency, longest: Duration) -> HTML {
        let summary = latency.summary
        HTML("td") { latency.stage }
        HTML("td", ["class": "interval"]) { bar(summary, longest: longest) }
        PageParts.cell(SweepText.duration(summary.mean))
        PageParts.cell(SweepText.duration(summary.p50))
        PageParts.cell(summary.p95IsSupported ? SweepText.duration(summary.p95) : nil)
        PageParts.cell(summary.p99IsSupported ? SweepText.duration(summary.p99) : nil)
        PageParts.cell(SweepText.duration(summary.maximum))
        PageParts.cell(FigureText.grouped(summary.count))
    }

    private static let width = 150.0

    private func bar(_ summary: LatencySummary, longest: Duration) -> HTML {
        let whole = max(longest / .milliseconds(1), .leastNormalMagnitude)
        func place(_ duration: Duration) -> Double { duration / .milliseconds(1) / whole * (Self.width - 2) }
        let (median, end) = (place(summary.p50), place(Self.end(summary)))
        let name = summary.p95IsSupported ? "p95" : "longest"
        let words =
            "p50 \(SweepText.duration(summary.p50)), \(name) \(SweepText.duration(Self.end(summary)))"
        return HTML(
            "svg", ["viewBox": "0 0 150 16", "width": "150", "height": "16", "role": "img", "aria-label": words]
        ) {
            Plot.bar(
                x: median, y: 4.5, width: end - median, height: 7,
                class: summary.p95IsSupported ? "tail" : "tail hollow", title: words)
            Plot.bar(x: 0, y: 2, width: max(1, median), height: 12, class: "median-bar", title: words)
        }
    }
}
