import WinnowCore

/// What was measured, as one page: a single file without scripts that loads nothing, readable in light and dark, on a
/// phone and on paper. Every text that was read is escaped.
///
/// The same input gives the same page, byte for byte. Making it costs milliseconds beside the evaluation; its size
/// grows with the number of systems and not with that of queries.
public struct HTMLReport: Sendable {
    public var evaluation: EvaluationReport?
    public var sweep: SweepReport?
    public var calibration: CalibrationReport?
    /// Beside ``calibration``.
    public var riskCoverage: RiskCoverage?
    /// Beside ``calibration``, in the order given.
    public var thresholds: [ThresholdChoice]
    /// Where the figures come from; nil: where those of ``evaluation`` do.
    public var provenance: EvaluationReport.Provenance?
    /// Models beside those of ``evaluation``: of a sweep's systems, of a calibration.
    public var rerankers: [Trace.Model]
    /// Beside those of ``evaluation``: what a reader must know before believing a number.
    public var warnings: [String]

    public init(
        evaluation: EvaluationReport? = nil, sweep: SweepReport? = nil, calibration: CalibrationReport? = nil,
        riskCoverage: RiskCoverage? = nil, thresholds: [ThresholdChoice] = [],
        provenance: EvaluationReport.Provenance? = nil, rerankers: [Trace.Model] = [], warnings: [String] = []
    ) {
        self.evaluation = evaluation
        self.sweep = sweep
        self.calibration = calibration
        self.riskCoverage = riskCoverage
        self.thresholds = thresholds
        self.provenance = provenance
        self.rerankers = rerankers
        self.warnings = warnings
    }

    /// The whole page, UTF-8 when written.
    public var page: String {
        let sections = sections
        let html = HTML("html", ["lang": "en"]) {
            HTML("head") {
                HTML(empty: "meta", ["charset": "utf-8"])
                // No script, no image, no font, no form: whatever a passage holds, nothing of it can load or run.
                HTML(
                    empty: "meta",
                    [
                        "http-equiv": "Content-Security-Policy",
                        "content": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
                    ])
                HTML(empty: "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
                HTML(empty: "meta", ["name": "color-scheme", "content": "light dark"])
                HTML(empty: "meta", ["name": "referrer", "content": "no-referrer"])
                HTML("title") { title }
                PageStyle.sheet
            }
            HTML("body") {
                PageStyle.patterns
                HTML("header") {
                    HTML("h1") { HTML("bdi") { title } }
                    summary
                    if sections.count > 2 {
                        HTML("nav", ["aria-label": "Sections"]) {
                            for section in sections { HTML("a", ["href": "#" + section.id]) { section.shortTitle } }
                        }
                    }
                }
                HTML("main") {
                    for section in sections { section.html }
                    ReadingSection(measures: evaluation?.measures ?? []).html
                }
            }
        }
        return "<!DOCTYPE html>\n" + html.markup + "\n"
    }

    private var sections: [PageSection] {
        var sections: [PageSection?] = []
        if let evaluation {
            sections += [
                VerdictSection(report: evaluation).section,
                MeasuresSection(report: evaluation).section,
                CeilingSection(report: evaluation).section,
                ChangesSection(report: evaluation).section,
                ScoresSection(report: evaluation).section,
                SlicesSection(report: evaluation).section,
                LatencySection(report: evaluation).section,
            ]
        }
        sections += [
            sweep.map { SweepSection(report: $0).section },
            CalibrationSection(report: calibration, riskCoverage: riskCoverage, thresholds: thresholds).section,
            WarningsSection(warnings: (evaluation?.warnings ?? []) + warnings).section,
            ProvenanceSection(
                provenance: provenance ?? evaluation?.provenance, evaluation: evaluation, rerankers: rerankers
            ).section,
        ]
        return sections.compactMap { $0 }
    }

    private var title: String {
        let collection =
            (provenance ?? evaluation?.provenance)?.collection ?? calibration?.settings.collection ?? ""
        let subject = evaluation != nil ? "Evaluation" : sweep != nil ? "Settings" : "Calibration"
        return collection.isEmpty ? subject : subject + " of " + SingleLine.of(collection, limit: 160)
    }

    private var summary: HTML? {
        PageSummary(
            evaluation: evaluation, sweep: sweep, calibration: calibration,
            time: (provenance ?? evaluation?.provenance)?.time
        ).html
    }
}
