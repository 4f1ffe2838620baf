import WinnowCore

/// The main table: systems by measures, and each system's difference to the first stage.
struct MeasuresSection: Sendable {
    let report: EvaluationReport

    var section: PageSection {
        PageSection("measures", "Measures") {
            means
            PageParts.note(legend)
            bounds
            if report.systems.count > 1 {
                HTML("h3") {
                    "Differences to "
                    HTML.foreign(report.systems[0].name)
                }
                differences
                PageParts.note(
                    "p: paired randomisation test, two-sided"
                        + (report.systems.count > 2 ? "; of the primary measure after Holm over the systems" : "")
                        + ". W / T / L: \(isGrouped ? "groups" : "queries") better, equal and worse.")
            }
        }
    }

    private var isGrouped: Bool { report.systems.dropFirst().first?.comparisons.first?.isGrouped ?? false }

    // MARK: Means

    private var legend: String {
        "Means over \(FigureText.count(report.counts.queries, of: .query)), those without a result counting 0, "
            + "with 95 % bootstrap "
            + "intervals."
            + (report.systems.count > 1
                ? " ▲ ▼ = ? : the verdict on the primary measure. △ ▽ : another measure at p ≤ "
                    + FigureText.chosen(Verdict.level) + ", not corrected for looking at many."
                : "")
    }

    /// Judged@k at the primary measure's depth, unless it was asked for.
    private var judged: Measure? {
        guard let cutoff = report.measures.first?.cutoff, let judged = try? Measure(.judged, at: cutoff),
            !report.measures.contains(judged)
        else { return nil }
        return judged
    }

    private var means: HTML {
        let condensed = report.systems.contains { $0.condensed != nil }
        var head = [PageParts.head("System", .text)] + report.measures.map { PageParts.head($0.name) }
        if condensed, let primary = report.measures.first {
            head.append(PageParts.head(primary.name + " judged only"))
        }
        if let judged { head.append(PageParts.head(judged.name)) }
        return PageParts.table("Systems by measures", head: head, class: "means") {
            HTML("tbody") {
                for system in report.systems {
                    HTML("tr", ["class": system.role == .reranked ? "chosen" : nil]) {
                        PageParts.rowHead(name(of: system))
                        for place in report.measures.indices { mean(system, place) }
                        if condensed { PageParts.cell(system.condensed.map { FigureText.fixed($0, 3) }) }
                        if let judged {
                            PageParts.cell(system.measured.mean(of: judged).map { FigureText.fixed($0, 3) })
                        }
                    }
                }
            }
        }
    }

    private func name(of system: EvaluationReport.System) -> HTML {
        HTML("span") {
            HTML.foreign(system.name, limit: 60)
            if let model = system.model {
                HTML("small") {
                    HTML.foreign(model.name, limit: 60)
                    ", "
                    HTML.foreign(model.precision, limit: 20)
                }
            } else if system.role == .firstStage {
                HTML("small") { "first stage" }
            }
        }
    }

    private func mean(_ system: EvaluationReport.System, _ place: Int) -> HTML {
        let value = system.measured.mean(of: report.measures[place])
        let all = report.systems.compactMap { $0.measured.mean(of: report.measures[place]) }
        let (best, worst) = (all.max(), all.min())
        return HTML("td", ["class": "num"]) {
            if let value {
                if saysQuality(place), value == best, value != worst {
                    HTML("strong") { FigureText.fixed(value, 3) }
                } else {
                    FigureText.fixed(value, 3)
                }
                mark(system, place)
            } else {
                "–"
            }
            if system.intervals.indices.contains(place), let interval = system.intervals[place] {
                HTML("small") { "\(FigureText.fixed(interval.lower, 3))–\(FigureText.fixed(interval.upper, 3))" }
            }
        }
    }

    private func mark(_ system: EvaluationReport.System, _ place: Int) -> HTML? {
        guard system.comparisons.indices.contains(place) else { return nil }
        let comparison = system.comparisons[place]
        if place == 0 {
            guard let outcome = system.verdict?.outcome else { return nil }
            let name = outcome == .helps ? "up" : outcome == .hurts ? "down" : "even"
            return HTML("span", ["class": "mark " + name]) { " " + outcome.mark }
        }
        guard saysQuality(place), comparison.randomisation.twoSided <= Verdict.level else { return nil }
        let isBetter = comparison.difference > 0
        return HTML("span", ["class": "mark " + (isBetter ? "up" : "down")]) { isBetter ? " △" : " ▽" }
    }

    /// Judged@k tells of the judgements.
    private func saysQuality(_ place: Int) -> Bool { report.measures[place].kind != .judged }

    private var bounds: HTML? {
        guard let primary = report.measures.first else { return nil }
        let ranges = report.systems.compactMap { system in
            system.unjudgedBounds.map { (system.name, $0) }
        }.filter { $0.1.upperBound - $0.1.lowerBound > 0.0005 }
        guard !ranges.isEmpty else { return nil }
        return HTML("p", ["class": "note"]) {
            "If what nobody judged were judged, \(primary.name) could be anything from "
            for (place, (name, range)) in ranges.enumerated() {
                if place > 0 { ", " }
                "\(FigureText.fixed(range.lowerBound, 3)) to \(FigureText.fixed(range.upperBound, 3)) ("
                HTML.foreign(name, limit: 60)
                ")"
            }
            "."
        }
    }

    // MARK: Differences

    private var differences: HTML {
        let compared = report.systems.dropFirst()
        let several = compared.count > 1
        let figure = IntervalFigure(compared.flatMap(\.comparisons))
        var head = [PageParts.head("Measure", .text)]
        if several { head.append(PageParts.head("System", .text)) }
        head += ["Difference", "95 % interval", "", "Relative", "p", PageParts.tallyHead(isGrouped)]
            .map { PageParts.head($0) }
        return PageParts.table("Differences to the first stage", head: head, class: "differences") {
            for place in report.measures.indices {
                HTML("tbody") {
                    for (row, system) in compared.enumerated() where system.comparisons.indices.contains(place) {
                        HTML("tr", ["class": place == 0 ? "primary" : nil]) {
                            if row == 0 {
                                HTML(
                                    "th",
                                    [
                                        "scope": "rowgroup", "rowspan": several ? String(compared.count) : nil,
                                        "class": "measure",
                                    ]
                                ) {
                                    report.measures[place].name
                                    if place == 0 { HTML("small") { "primary" } }
                                }
                            }
                            if several { PageParts.rowHead(HTML.foreign(system.name, limit: 60)) }
                            difference(system, place, figure)
                        }
                    }
                }
            }
        }
    }

    @HTMLBuilder private func difference(
        _ system: EvaluationReport.System, _ place: Int, _ figure: IntervalFigure
    ) -> HTML {
        let comparison = system.comparisons[place]
        let p = place == 0 ? system.adjustedP ?? comparison.randomisation.twoSided : comparison.randomisation.twoSided
        PageParts.difference(comparison, p: saysQuality(place) ? p : nil)
        PageParts.cell(PageParts.interval(comparison.interval))
        figure.cell(comparison, isTold: saysQuality(place) && p <= Verdict.level)
        PageParts.cell(PageParts.relative(comparison))
        PageParts.cell(saysQuality(place) ? PageParts.pValue(p) : nil)
        PageParts.cell(PageParts.tally(comparison.units))
    }
}
