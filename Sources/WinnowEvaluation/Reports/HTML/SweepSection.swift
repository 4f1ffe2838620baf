import WinnowCore

/// Settings against one another: what to take, what it rests on, and what was tried.
struct SweepSection: Sendable {
    let report: SweepReport

    /// Rows of a table before it is cut; everything is in the JSON.
    private static let mostRows = 80

    var section: PageSection {
        PageSection("sweep", "Settings") {
            recommendation
            HTML("div", ["class": "columns"]) {
                SweepFigure(report: report).figure
                heldOut
            }
            runs
            otherMeasures
            shown
            PageParts.list(report.notes)
        }
    }

    private var recommendation: HTML {
        let advice = report.recommendation
        let mark: String
        switch advice.outcome {
        case .rerank: mark = "▲"
        case .firstStage: mark = "="
        case .nothingFits: mark = "?"
        }
        return HTML("div", ["class": advice.outcome == .rerank ? "verdict helps" : "verdict"]) {
            HTML("div") {
                HTML("h3") {
                    HTML("span", ["class": "mark", "aria-hidden": "true"]) { mark }
                    title
                }
                HTML("p") { HTML("bdi") { advice.reason } }
            }
        }
    }

    private var title: HTML {
        guard let index = report.recommendation.run, report.runs.indices.contains(index) else {
            return HTML(text: "Nothing fits")
        }
        let run = report.runs[index]
        return HTML("span") {
            "Recommended: "
            HTML.foreign(run.name, limit: 60)
            ", initialK \(FigureText.grouped(run.initialK))"
            if let cell = report.recommendation.cell, report.cells.indices.contains(cell) {
                ", finalK \(FigureText.grouped(report.cells[cell].finalK))"
                if let threshold = report.cells[cell].threshold { ", threshold \(threshold)" }
            }
        }
    }

    // MARK: Held out

    private var heldOut: HTML? {
        guard let heldOut = report.heldOut else { return nil }
        return HTML("div") {
            HTML("h3") { "What to expect of choosing this way" }
            HTML("dl", ["class": "keys"]) {
                PageParts.keyFigure(
                    "On the queries it was chosen on", FigureText.fixed(heldOut.apparent, 3), report.measure)
                PageParts.keyFigure(
                    "On queries that it did not see", FigureText.fixed(heldOut.expected, 3),
                    "\(report.measure); choosing flatters by \(FigureText.signed(heldOut.gap))")
            }
            HTML("p") { HTML("bdi") { heldOut.verdict.sentence } }
            PageParts.note(method(heldOut) + " " + choices(heldOut))
        }
    }

    private func method(_ heldOut: HeldOutSweep) -> String {
        switch heldOut.method {
        case .folds(let folds, let partitions, let seed):
            return "Cross-validated: \(folds) folds of whole groups, \(partitions) partitions, seed \(seed)."
        case .split(let chosenOn, let reportedOn):
            return
                "Chosen on \(FigureText.count(chosenOn, of: .query)), reported on "
                + "\(FigureText.grouped(reportedOn)) others."
        }
    }

    private func choices(_ heldOut: HeldOutSweep) -> String {
        let shown = heldOut.choices.prefix(4).filter { report.runs.indices.contains($0.run) }
        guard !shown.isEmpty else { return "" }
        return "Chosen: "
            + shown.map { "\(SweepSentences.described(report.runs[$0.run])) \(FigureText.percent($0.share))" }
            .joined(separator: ", ") + "."
    }

    // MARK: Tables

    private var runs: HTML {
        let front = Set(report.front.map(\.run))
        let head =
            [PageParts.head("System", .text)]
            + ["initialK", report.measure, "to the best", "to no reranking", report.percentile.rawValue, "front"]
            .map { PageParts.head($0) }
        return HTML("details", ["open": report.runs.count <= 16 ? "" : nil]) {
            HTML("summary") { "All \(FigureText.grouped(report.runs.count)) systems and initialK" }
            PageParts.table("Systems at every initialK", head: head) {
                HTML("tbody") {
                    for (index, run) in report.runs.enumerated().prefix(Self.mostRows) {
                        HTML("tr", ["class": index == report.recommendation.run ? "chosen" : nil]) {
                            PageParts.rowHead(HTML.foreign(run.name, limit: 60))
                            PageParts.cell(FigureText.grouped(run.initialK))
                            PageParts.cell(FigureText.fixed(run.quality, 3))
                            PageParts.cell(Self.text(run.differenceToBest))
                            PageParts.cell(run.differenceToFirstStage.map(Self.text))
                            PageParts.cell(run.latency.map { SweepText.duration($0.value(at: report.percentile)) })
                            PageParts.cell(
                                index == report.recommendation.run ? "● taken" : front.contains(index) ? "○" : "")
                        }
                    }
                }
            }
            more
        }
    }

    private var more: HTML? {
        guard report.runs.count > Self.mostRows else { return nil }
        return PageParts.note("and \(FigureText.grouped(report.runs.count - Self.mostRows)) more (--json has all)")
    }

    /// In a table of their own: beside the differences they would not fit on a page.
    private var otherMeasures: HTML? {
        guard !report.secondaryMeasures.isEmpty else { return nil }
        let head =
            [PageParts.head("System", .text)]
            + (["initialK", report.measure] + report.secondaryMeasures).map { PageParts.head($0) }
        return HTML("details", ["open": report.runs.count <= 16 ? "" : nil]) {
            HTML("summary") { "Other measures" }
            PageParts.table("Other measures of systems at every initialK", head: head) {
                HTML("tbody") {
                    for (index, run) in report.runs.enumerated().prefix(Self.mostRows) {
                        HTML("tr", ["class": index == report.recommendation.run ? "chosen" : nil]) {
                            PageParts.rowHead(HTML.foreign(run.name, limit: 60))
                            PageParts.cell(FigureText.grouped(run.initialK))
                            for value in [run.quality] + run.secondary { PageParts.cell(FigureText.fixed(value, 3)) }
                        }
                    }
                }
            }
            more
        }
    }

    /// `+0.012 ± 0.004`: the difference and its standard error.
    private static func text(_ difference: PairedDifference) -> String {
        FigureText.signed(difference.mean)
            + (difference.standardError.map { $0 > 0 ? " ± " + FigureText.fixed($0, 3) : "" } ?? "")
    }

    /// What is shown at the recommended run, by threshold and finalK.
    private var shown: HTML? {
        guard let index = report.recommendation.run ?? report.front.last?.run, report.runs.indices.contains(index)
        else {
            return nil
        }
        let cells = report.cells.enumerated().filter { $0.element.run == index }
        guard !cells.isEmpty else { return nil }
        let unanswerable = cells.contains { $0.element.abstainedUnanswerable != nil }
        let hasTokens = cells.contains { $0.element.meanTokens != nil }
        var head = [PageParts.head("Threshold", .text)]
        head += ["finalK", "Success", "Recall", "Precision", "passages"].map { PageParts.head($0) }
        if hasTokens { head.append(PageParts.head("tokens")) }
        head.append(PageParts.head("nothing shown"))
        if unanswerable { head.append(PageParts.head("… of unanswerable")) }
        head.append(PageParts.head("front"))
        let front = Set(report.shownFront(of: index))
        return HTML("details", ["open": cells.count <= 16 ? "" : nil]) {
            HTML("summary") { "What is shown with \(SweepSentences.described(report.runs[index]))" }
            PageParts.table("What is shown, by threshold and finalK", head: head) {
                HTML("tbody") {
                    for (place, cell) in cells.prefix(Self.mostRows) {
                        HTML("tr", ["class": place == report.recommendation.cell ? "chosen" : nil]) {
                            PageParts.rowHead(HTML(text: cell.threshold.map { "\($0)" } ?? "none"))
                            PageParts.cell(FigureText.grouped(cell.finalK))
                            PageParts.cell(FigureText.fixed(cell.success, 3))
                            PageParts.cell(FigureText.fixed(cell.recall, 3))
                            PageParts.cell(cell.precision.map { FigureText.fixed($0, 3) })
                            PageParts.cell(FigureText.fixed(cell.meanPassages, 1))
                            if hasTokens { PageParts.cell(cell.meanTokens.map { FigureText.fixed($0, 0) }) }
                            PageParts.cell(FigureText.percent(cell.abstained))
                            if unanswerable { PageParts.cell(cell.abstainedUnanswerable.map(FigureText.percent)) }
                            PageParts.cell(
                                place == report.recommendation.cell ? "● taken" : front.contains(place) ? "○" : "")
                        }
                    }
                }
            }
            PageParts.note(
                "Success: something relevant is shown. Precision: of the passages shown. ○: no setting finds it "
                    + "more often with "
                    + "fewer passages. Means over "
                    + "\(FigureText.count(report.queryIDs.count, of: .query)).")
        }
    }
}
