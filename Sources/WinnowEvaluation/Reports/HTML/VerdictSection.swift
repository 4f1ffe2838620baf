import WinnowCore

/// What may be said, first of all.
struct VerdictSection: Sendable {
    let report: EvaluationReport

    var section: PageSection {
        PageSection("verdict", "Verdict") {
            if compared.isEmpty { alone }
            for (place, system) in compared.enumerated() {
                if let verdict = system.verdict { card(verdict, isMain: place == 0) }
            }
            gate
            keyFigures
            if !report.warnings.isEmpty {
                HTML("p", ["class": "note"]) {
                    HTML("a", ["href": "#warnings"]) {
                        report.warnings.count == 1
                            ? "One thing to know" : "\(report.warnings.count) things to know"
                    }
                    " before believing these figures."
                }
            }
        }
    }

    private var compared: ArraySlice<EvaluationReport.System> { report.systems.dropFirst() }

    /// All verdicts on one scale, which shows the differences that do not matter.
    private var figure: IntervalFigure {
        IntervalFigure(
            compared.compactMap(\.verdict?.comparison), atLeast: 1.5 * report.settings.minimumEffect)
    }

    private func card(_ verdict: Verdict, isMain: Bool) -> HTML {
        HTML("div", ["class": "verdict " + verdict.outcome.name + (isMain ? " main" : "")]) {
            HTML("div") {
                HTML("h3") {
                    HTML("span", ["class": "mark", "aria-hidden": "true"]) { verdict.outcome.mark }
                    HTML("bdi") { verdict.headline }
                }
                HTML("p") { HTML("bdi") { evidence(verdict) } }
            }
            figure.figure(verdict)
        }
    }

    /// A sentence of its own.
    private func evidence(_ verdict: Verdict) -> String {
        guard case .cannotTell = verdict.outcome else { return verdict.evidence }
        return PageParts.capitalised(verdict.evidence)
    }

    /// Nothing to compare: only how good it is.
    private var alone: HTML? {
        guard let system = report.systems.first, let primary = report.measures.first,
            let mean = system.measured.mean(of: primary)
        else { return nil }
        return HTML("div", ["class": "verdict main"]) {
            HTML("div") {
                HTML("h3") {
                    HTML.foreign(system.name)
                    ": \(primary.name) is \(FigureText.fixed(mean, 3))"
                }
                HTML("p") {
                    if let interval = system.intervals.first.flatMap({ $0 }) {
                        "95 % interval \(FigureText.fixed(interval.lower, 3)) to "
                            + "\(FigureText.fixed(interval.upper, 3)). "
                    }
                    "Nothing was compared with it, so nothing is said about reranking."
                }
            }
        }
    }

    /// Against a saved evaluation.
    private var gate: HTML? {
        guard let gate = report.gate else { return nil }
        return HTML("div", ["class": "gate"]) {
            HTML("h3") { gate.passes ? "The gate lets it pass" : "The gate fails it" }
            HTML("ul") {
                for finding in gate.findings {
                    HTML("li", ["class": finding.outcome == .failed ? "down" : nil]) {
                        HTML("bdi") { PageParts.capitalised(finding.sentence) }
                    }
                }
            }
        }
    }

    // MARK: Key figures

    @HTMLBuilder private var keyFigures: HTML {
        HTML("dl", ["class": "keys"]) {
            if let system = compared.first, let comparison = system.comparisons.first,
                let primary = report.measures.first
            {
                let (before, after) = FigureText.pair(comparison.baselineMean, comparison.systemMean)
                PageParts.keyFigure(
                    primary.name, "\(before) → \(after)",
                    FigureText.signed(comparison.difference)
                        + (PageParts.relative(comparison).map { " (\($0))" } ?? ""))
                PageParts.keyFigure(
                    comparison.isGrouped ? "Groups better / equal / worse" : "Queries better / equal / worse",
                    PageParts.tally(comparison.units),
                    "of " + FigureText.sample(comparison))
            }
            if let ceiling = report.ceilings.first {
                PageParts.keyFigure(
                    "Best possible order", FigureText.fixed(ceiling.quality.ceiling, 3), "of the same candidates")
                PageParts.keyFigure(
                    "Candidate recall", FigureText.fixed(ceiling.candidateRecall, 3), "of the relevant are candidates")
            }
            if let system = compared.first ?? report.systems.first, let latency = system.latencies.last {
                let summary = latency.summary
                PageParts.keyFigure(
                    "Latency", SweepText.duration(summary.p95IsSupported ? summary.p95 : summary.maximum),
                    "\(summary.p95IsSupported ? "p95" : "longest") of \(FigureText.grouped(summary.count)), "
                        + "\(latency.stage)"
                )
            }
            if let judged = compared.first?.verdict?.judged {
                PageParts.keyFigure(
                    "Judged@\(judged.cutoff)", FigureText.percent(judged.system),
                    "first stage \(FigureText.percent(judged.baseline))")
            }
        }
    }
}
