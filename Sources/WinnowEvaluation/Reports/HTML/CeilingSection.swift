/// Who is to blame for what is missing: the first stage, which did not find it, or the order.
struct CeilingSection: Sendable {
    let report: EvaluationReport

    var section: PageSection? {
        guard !report.ceilings.isEmpty, let primary = report.measures.first else { return nil }
        return PageSection("ceiling", "What is missing, and which stage lost it", short: "Losses") {
            HTML("ul", ["class": "legend"]) {
                HTML("li") {
                    HTML("span", ["class": "swatch reached"]) {}
                    "reached"
                }
                HTML("li") {
                    HTML("span", ["class": "swatch order"]) {}
                    "lost by the order"
                }
                HTML("li") {
                    HTML("span", ["class": "swatch first"]) {}
                    "lost by the first stage: not among the candidates"
                }
            }
            for ceiling in report.ceilings { bar(ceiling, primary) }
            PageParts.note(
                "The ceiling is \(primary.name) of the best order of the same candidates. "
                    + "Recall of the candidates is \(FigureText.fixed(report.ceilings[0].candidateRecall, 3)). " + scope
                    + advice)
        }
    }

    private var scope: String {
        report.ceilings[0].queries < report.counts.queries
            ? "Both are over the \(FigureText.count(report.ceilings[0].queries, of: .query)) that have a relevant document. "
            : ""
    }

    private func bar(_ ceiling: EvaluationReport.Ceiling, _ primary: Measure) -> HTML {
        let quality = ceiling.quality
        let parts = [
            ("reached", quality.value, "reached"), ("order", quality.lostByOrder, "lost by the order"),
            ("first", quality.lostByFirstStage, "lost by the first stage"),
        ]
        var start = 0.0
        return HTML("div", ["class": "stack"]) {
            HTML("h3") { HTML.foreign(ceiling.system, limit: 80) }
            HTML(
                "svg",
                [
                    "width": "100%", "height": "26", "role": "img",
                    "aria-label": quality.sentence(measure: primary.name),
                ]
            ) {
                parts.map { name, share, words in
                    let left = start
                    start += share
                    return HTML(
                        "rect",
                        [
                            "x": Self.percent(left), "y": "0", "width": Self.percent(share), "height": "26",
                            "class": "part " + name,
                        ]
                    ) { HTML("title") { "\(FigureText.fixed(share, 3)) \(words)" } }
                }
            }
            HTML("p") { quality.sentence(measure: primary.name) }
        }
    }

    /// What to do about it.
    private var advice: String {
        let ceiling = report.ceilings.count > 1 ? report.ceilings[1] : report.ceilings[0]
        guard let share = ceiling.quality.firstStageShare else { return "" }
        if share >= 0.6 {
            return
                "Most of what is missing was never a candidate: more candidates, another chunking or a better "
                + "first stage "
                + "would help more than another reranker."
        }
        if share <= 0.4 {
            return
                "Most of what is missing is among the candidates: a better reranker would help more than more "
                + "candidates."
        }
        return "Both stages share the loss."
    }

    private static func percent(_ share: Double) -> String { FigureText.fixed(min(max(share, 0), 1) * 100, 3) + "%" }
}
