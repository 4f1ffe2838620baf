import WinnowCore

/// Quality against latency, one mark a system and initialK; against initialK where no latency was measured.
struct SweepFigure: Sendable {
    let report: SweepReport

    /// Marks; the front and the recommended run come first.
    static let mostMarks = 300

    /// Of the systems, each once, in the order of the runs.
    private let names: [ExactText]

    init(report: SweepReport) {
        self.report = report
        names = report.runs.reduce(into: []) { names, run in
            if names.last != ExactText(run.name), !names.contains(ExactText(run.name)) {
                names.append(ExactText(run.name))
            }
        }
    }

    private var isMeasured: Bool { report.runs.contains { $0.latency != nil } }

    /// Of the horizontal axis: milliseconds, or candidates.
    private func place(_ run: SweptRun) -> Double? {
        isMeasured ? run.latency.map { $0.value(at: report.percentile) / .milliseconds(1) } : Double(run.initialK)
    }

    private var drawn: [(index: Int, x: Double, y: Double)] {
        let kept = Set(
            report.front.prefix(Self.mostMarks - 1).map(\.run) + [report.recommendation.run].compactMap { $0 })
        var free = max(0, Self.mostMarks - kept.count)
        return report.runs.enumerated().compactMap { index, run in
            guard let x = place(run) else { return nil }
            if !kept.contains(index) {
                guard free > 0 else { return nil }
                free -= 1
            }
            return (index, x, run.quality)
        }
    }

    var figure: HTML? {
        let drawn = drawn
        guard let most = drawn.map(\.x).max(), let low = drawn.map(\.y).min(), let high = drawn.map(\.y).max() else {
            return nil
        }
        let margin = max((high - low) * 0.12, 0.005)
        let plot = Plot(x: 0...max(most * 1.08, 1e-9), y: (low - margin)...(high + margin), left: 50)
        let horizontal =
            isMeasured
            ? "\(report.percentile.rawValue) of the search in milliseconds" : "initialK (no latency measured)"
        return HTML("div") {
            plot.figure(
                label: "\(report.measure) against \(horizontal)",
                caption: HTML(
                    text: isMeasured
                        ? "The line is the Pareto front: no setting is better and faster. Dotted: the step up "
                            + "cannot be told from "
                            + "chance. Numbers are initialK; ringed is the recommended one."
                        : "No latency was measured, so there is no front.")
            ) {
                plot.axes(x: horizontal, y: report.measure)
                budget(plot)
                front(plot)
                for (index, x, y) in drawn { mark(index, plot.x(x), plot.y(y)) }
            }
            HTML("ul", ["class": "legend"]) {
                for (place, name) in names.prefix(12).enumerated() {
                    HTML("li") {
                        HTML("svg", ["viewBox": "0 0 14 14", "width": "14", "height": "14", "aria-hidden": "true"]) {
                            HTML("g", ["class": Self.series(place)]) { Plot.shape(.at(place), 7, 7, radius: 4.5) }
                        }
                        HTML.foreign(name.text, limit: 60)
                    }
                }
            }
        }
    }

    private static func series(_ place: Int) -> String { "series s\(place % 6)" }

    private func mark(_ index: Int, _ x: Double, _ y: Double) -> HTML {
        let run = report.runs[index]
        let system = names.firstIndex(of: ExactText(run.name)) ?? 0
        let title =
            "\(SweepSentences.described(run)): \(report.measure) \(FigureText.fixed(run.quality, 3))"
            + (run.latency.map {
                ", \(report.percentile.rawValue) \(SweepText.duration($0.value(at: report.percentile)))"
            } ?? "")
        let isOnFront = report.front.contains { $0.run == index }
        return HTML {
            if index == report.recommendation.run {
                HTML(empty: "circle", ["cx": Plot.number(x), "cy": Plot.number(y), "r": "9", "class": "ring"])
            }
            Plot.marker(.at(system), x, y, class: Self.series(system), title: title)
            if isOnFront || !isMeasured {
                Plot.text(x + 7, y + 12, String(run.initialK), class: "small")
            }
        }
    }

    @HTMLBuilder private func front(_ plot: Plot) -> HTML {
        if isMeasured {
            for (point, next) in zip(report.front, report.front.dropFirst()) {
                if let x1 = place(report.runs[point.run]), let x2 = place(report.runs[next.run]) {
                    Plot.line(
                        plot.x(x1), plot.y(report.runs[point.run].quality), plot.x(x2),
                        plot.y(report.runs[next.run].quality),
                        class: point.isToldApartFromNext ? "front" : "front dotted")
                }
            }
        }
    }

    @HTMLBuilder private func budget(_ plot: Plot) -> HTML {
        if isMeasured, let atMost = report.atMost, plot.x.domain.contains(atMost / .milliseconds(1)) {
            let x = plot.x(atMost / .milliseconds(1))
            Plot.line(x, plot.y.from, x, plot.y.to, class: "budget")
            Plot.text(x - 4, plot.y.to + 9, "budget", anchor: "end", class: "small")
        }
    }
}
