import WinnowCore

/// What a probability made of a logit is worth, and which thresholds keep a promise.
struct CalibrationSection: Sendable {
    let report: CalibrationReport?
    let riskCoverage: RiskCoverage?
    let thresholds: [ThresholdChoice]

    var section: PageSection? {
        guard report != nil || riskCoverage != nil || !thresholds.isEmpty else { return nil }
        return PageSection("calibration", "Calibration") {
            if let report {
                HTML("div", ["class": "verdict"]) {
                    HTML("div") {
                        HTML("h3") { Self.headline(report) }
                        HTML("p") { HTML("bdi") { PageParts.capitalised(report.reason) } }
                        HTML("p", ["class": "note"]) { Self.basis(report) }
                    }
                }
            }
            HTML("div", ["class": "columns"]) {
                if let report {
                    ReliabilityFigure(diagram: report.uncalibratedDiagram).figure(
                        HTML(text: "Before: the sigmoid of the logit, which is no probability."))
                    ReliabilityFigure(diagram: report.diagram).figure(
                        HTML(text: "After: \(Self.name(report.chosen)), on held-back queries."))
                }
                if let riskCoverage { RiskCoverageFigure(curve: riskCoverage).figure }
            }
            if let report { qualities(report) }
            if let riskCoverage { workingPoints(riskCoverage) }
            if !thresholds.isEmpty {
                HTML("h3") { "Thresholds" }
                PageParts.list(thresholds.map { "\($0)." })
            }
            if let report { PageParts.list(report.cautions) }
        }
    }

    static func name(_ method: CalibrationMap.Method) -> String {
        switch method {
        case .platt: "Platt's sigmoid"
        case .isotonic: "isotonic regression"
        }
    }

    private static func headline(_ report: CalibrationReport) -> String {
        report.quality.isMiscalibrated
            ? "The probabilities are off by more than chance explains, on held-back queries too"
            : "Nothing speaks against the probabilities: on held-back queries they are off by no more than chance explains"
    }

    private static func basis(_ report: CalibrationReport) -> HTML {
        let (data, settings) = (report.data, report.settings)
        return HTML {
            "\(settings.labels.meaning). Fitted on \(FigureText.count(data.queries, of: .query)) "
            "(\(FigureText.grouped(data.positives)) relevant of \(FigureText.grouped(data.pairs)) pairs, base rate "
            "\(FigureText.percent(data.baseRate)))"
            if data.unanswerable > 0 { ", \(FigureText.grouped(data.unanswerable)) of them unanswerable" }
            "; holds for "
            HTML.foreign(settings.collection, limit: 80)
            ", first stage "
            HTML.foreign(settings.firstStage, limit: 40)
            ", chunking "
            HTML.foreign(settings.chunking, limit: 40)
            ", initialK \(FigureText.grouped(settings.initialK)). Measured in \(report.folds) folds of whole "
                + "groups, seed "
            "\(report.seed)."
            if case .platt(let map) = report.map {
                " p = 1 / (1 + exp(−(\(FigureText.fixed(map.slope, 4)) · logit \(map.intercept < 0 ? "−" : "+") "
                    + "\(FigureText.fixed(abs(map.intercept), 4))))."
            }
            if case .isotonic(let map) = report.map { " \(FigureText.grouped(map.knots.count)) knots." }
        }
    }

    private func qualities(_ report: CalibrationReport) -> HTML {
        let rows =
            [("sigmoid, uncalibrated", report.uncalibrated, false)]
            + CalibrationMap.Method.allCases.map {
                (Self.name($0), report.fit($0).heldBack, $0 == report.chosen)
            }
        return HTML {
            PageParts.table(
                "Before and after calibration",
                head: [PageParts.head("Map", .text)]
                    + [
                        "Brier", "skill", "log loss", "ECE", "ECE by chance, 95 %", "miscalibration", "discrimination",
                    ].map { PageParts.head($0) }
            ) {
                HTML("tbody") {
                    for (name, quality, isChosen) in rows {
                        HTML("tr", ["class": isChosen ? "chosen" : nil]) {
                            PageParts.rowHead(HTML(text: name))
                            PageParts.cell(FigureText.fixed(quality.brier, 4))
                            PageParts.cell(quality.brierSkill.map { FigureText.fixed($0, 3) })
                            PageParts.cell(FigureText.fixed(quality.logLoss, 4))
                            HTML("td", ["class": "num" + (quality.isMiscalibrated ? " down" : "")]) {
                                FigureText.fixed(quality.calibrationError, 4) + (quality.isMiscalibrated ? " !" : "")
                            }
                            PageParts.cell(FigureText.fixed(quality.calibrationErrorLimit, 4))
                            PageParts.cell(FigureText.fixed(quality.miscalibration, 4))
                            PageParts.cell(FigureText.fixed(quality.discrimination, 4))
                        }
                    }
                }
            }
            PageParts.note(
                "Smaller is better, but for skill (1 − Brier / uncertainty; 0 is no better than the base rate) and "
                    + "discrimination. "
                    + "Brier = miscalibration − discrimination + uncertainty "
                    + "(\(FigureText.fixed(report.uncalibrated.uncertainty, 4))). "
                    + "ECE !: more than a perfect map would show by chance.")
        }
    }

    private func workingPoints(_ curve: RiskCoverage) -> HTML {
        let unanswerable = curve.workingPoints.contains { $0.unanswerable > 0 }
        var head = [PageParts.head("Threshold", .text)]
        head += ["questions answered", "answers right"].map { PageParts.head($0) }
        if unanswerable { head.append(PageParts.head("rightly not answered")) }
        return HTML {
            PageParts.table("Working points", head: head) {
                HTML("tbody") {
                    for point in curve.workingPoints {
                        HTML("tr") {
                            PageParts.rowHead(HTML(text: "logit:" + FigureText.fixed(Double(point.threshold), 2)))
                            PageParts.cell(point.coverage.map(FigureText.percent))
                            PageParts.cell(point.precision.map(FigureText.percent))
                            if unanswerable { PageParts.cell(point.abstentionRate.map(FigureText.percent)) }
                        }
                    }
                }
            }
            PageParts.note(
                "What these thresholds did on these queries; no promise for others."
                    + (curve.normalizedArea.map {
                        " Area under the risk-coverage curve \(FigureText.fixed(curve.area, 4)), "
                            + "\(FigureText.percent(max(0, $0))) of the way from an order that says nothing to the "
                            + "best one."
                    } ?? ""))
        }
    }
}
