import WinnowCore

/// What was measured on what, in a line under the title: of the first of these that there is.
struct PageSummary: Sendable {
    let evaluation: EvaluationReport?
    let sweep: SweepReport?
    let calibration: CalibrationReport?
    let time: String?

    var html: HTML? {
        let parts = parts
        guard !parts.isEmpty else { return nil }
        return HTML("p", ["class": "summary"]) {
            for (place, part) in (parts + [time].compactMap { $0 }).enumerated() {
                if place > 0 { " · " }
                HTML("bdi") { part }
            }
        }
    }

    private var parts: [String] {
        if let evaluation { return parts(of: evaluation) }
        if let sweep { return parts(of: sweep) }
        return calibration.map { parts(of: $0) } ?? []
    }

    private func parts(of report: EvaluationReport) -> [String] {
        let (settings, counts) = (report.settings, report.counts)
        var parts = [Self.sample(counts.queries, in: counts.groups)]
        if let documents = counts.documents { parts.append(FigureText.grouped(documents) + " documents") }
        parts.append("first stage \(settings.firstStage), \(FigureText.grouped(settings.initialK)) candidates")
        if let order = settings.order, order != .reranker { parts.append("final order \(order)") }
        if let within = settings.rerankWithin {
            parts.append("reranked within \(PlainNumber.text(within)) of the best")
        }
        parts.append("ranked by \(settings.level.rawValue)")
        return parts
    }

    private func parts(of report: SweepReport) -> [String] {
        var parts = [Self.sample(report.queryIDs.count, in: report.groupCount)]
        let systems = Set(report.runs.compactMap(\.system)).count
        let depths = report.runs.map(\.initialK)
        if let least = depths.min(), let most = depths.max() {
            parts.append(
                "\(FigureText.grouped(report.runs.count)) settings of the first stage"
                    + (systems > 0 ? " and \(systems == 1 ? "a reranker" : "\(systems) rerankers")" : "")
                    + ", initialK \(FigureText.grouped(least))"
                    + (most > least ? " to \(FigureText.grouped(most))" : ""))
        }
        parts.append("ranked by \(report.level.rawValue)")
        return parts
    }

    private func parts(of report: CalibrationReport) -> [String] {
        let (settings, data) = (report.settings, report.data)
        return [
            Self.sample(data.queries, in: data.groups), FigureText.grouped(data.pairs) + " labelled pairs",
            "first stage \(settings.firstStage), \(FigureText.grouped(settings.initialK)) candidates",
            "judged by \(settings.level.rawValue)",
        ]
    }

    /// `529 queries in 53 groups`
    private static func sample(_ queries: Int, in groups: Int) -> String {
        FigureText.count(queries, of: .query)
            + (groups < queries ? " in " + FigureText.count(groups, of: .group) : "")
    }
}
