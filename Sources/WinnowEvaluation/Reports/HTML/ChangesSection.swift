import WinnowCore

/// Each query before and after: where it helps, and where it hurts.
struct ChangesSection: Sendable {
    let report: EvaluationReport

    var section: PageSection? {
        let compared = report.systems.dropFirst()
        guard !compared.isEmpty, let primary = report.measures.first else { return nil }
        return PageSection("queries", "Query by query", short: "Queries") {
            for system in compared {
                if compared.count > 1 {
                    HTML("h3", ["class": "system"]) { HTML.foreign(system.name, limit: 80) }
                }
                part(system, primary)
            }
        }
    }

    /// So many are listed without their passages: what got worse is what one looks for.
    private static let listed = (worse: 10, better: 4)

    @HTMLBuilder private func part(_ system: EvaluationReport.System, _ primary: Measure) -> HTML {
        let changed = system.regressions.count + system.improvements.count
        HTML("p") {
            "\(primary.name) rose for \(FigureText.count(system.improvements.count, of: .query)), fell for "
                + "\(FigureText.grouped(system.regressions.count)) and stayed for "
                + "\(FigureText.grouped(report.counts.queries - changed))."
            if let gain = system.rankImprovement?.mean {
                " Relevant documents "
                    + (abs(gain) < 0.05
                        ? "kept their places in the mean."
                        : "\(gain > 0 ? "rose" : "fell") by \(FigureText.fixed(abs(gain), 1)) places in the mean.")
            }
        }
        if changed > 0 {
            HTML("div", ["class": "columns changes"]) {
                ChangesFigure(system: system, baseline: report.systems[0].name, measure: primary.name).figure
                changes("Worst regressions", system.regressions, listed: Self.listed.worse)
                changes("Best improvements", system.improvements, listed: Self.listed.better)
            }
        }
    }

    private func changes(_ title: String, _ changes: [EvaluationReport.QueryChange], listed: Int) -> HTML? {
        guard !changes.isEmpty else { return nil }
        let shown = changes.prefix { !$0.passages.isEmpty }
        let rest = changes.dropFirst(shown.count)
        return HTML("div") {
            HTML("h3") { title }
            for change in shown {
                HTML("details") {
                    HTML("summary") { summary(change) }
                    HTML("ol", ["class": "passages"]) {
                        for passage in change.passages { self.passage(passage) }
                    }
                }
            }
            if !rest.isEmpty {
                HTML("ul", ["class": "plain"]) {
                    for change in rest.prefix(listed) { HTML("li") { summary(change) } }
                }
            }
            if rest.count > listed {
                PageParts.note("and \(FigureText.count(rest.count - listed, of: .query)) more (--json has all)")
            }
        }
    }

    @HTMLBuilder private func summary(_ change: EvaluationReport.QueryChange) -> HTML {
        let difference = change.after - change.before
        let (before, after) = FigureText.pair(change.before, change.after)
        HTML("span", ["class": "change " + PageParts.direction(difference).name]) {
            PageParts.direction(difference).mark + " " + FigureText.signed(difference)
        }
        " "
        HTML.foreign(change.text, limit: 300)
        " "
        HTML("small") {
            "\(before) → \(after) · "
            HTML.code(change.queryID)
        }
    }

    private func passage(_ passage: EvaluationReport.ChangedPassage) -> HTML {
        let isRelevant = (passage.grade ?? 0) >= 1
        let move = PageParts.direction(Double(passage.before - passage.after))
        return HTML("li", ["class": isRelevant ? "relevant" : nil]) {
            HTML("p", ["class": "facts"]) {
                HTML("span", ["class": "place " + move.name]) {
                    "\(FigureText.grouped(passage.before)) → \(FigureText.grouped(passage.after))"
                }
                HTML("span", ["class": "grade"]) { Self.grade(passage.grade) }
                if let score = passage.retrievalScore { HTML("span") { "retrieval " + FigureText.fixed(score, 3) } }
                if let logit = passage.logit { HTML("span") { "logit " + FigureText.fixed(Double(logit), 2) } }
                HTML.code(passage.id)
            }
            HTML("p", ["dir": "auto"]) { passage.text }
        }
    }

    private static func grade(_ grade: Int?) -> String {
        switch grade {
        case .some(1...): "● relevant (\(grade ?? 1))"
        case .some(0): "○ not relevant"
        default: "◌ not judged"
        }
    }
}
