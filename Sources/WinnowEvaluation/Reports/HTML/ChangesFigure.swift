/// The changed queries at a glance: a line from before to after for each, or sorted differences where there are too
/// many lines.
struct ChangesFigure: Sendable {
    let system: EvaluationReport.System
    let baseline: String
    let measure: String

    /// Lines are told apart up to so many.
    static let mostLines = 40
    /// Narrower bars are not seen; beyond so many, neighbours in the order share one.
    static let mostBars = 240

    private var changes: [EvaluationReport.QueryChange] { system.improvements + system.regressions.reversed() }

    var figure: HTML { changes.count <= Self.mostLines ? lines : bars }

    private var lines: HTML {
        let most = changes.reduce(1) { max($0, $1.before, $1.after) }
        let plot = Plot(x: 0...1, y: 0...most, height: 280, left: 64, right: 64, top: 22, bottom: 14)
        let (ticks, decimals) = plot.y.ticks(5)
        return plot.figure(
            label: "\(measure) of \(changes.count) changed queries before and after",
            caption: HTML(text: "\(measure) of each changed query: ▲ solid rose, ▼ dashed fell.")
        ) {
            for (place, name) in [baseline, system.name].enumerated() {
                Plot.text(
                    plot.x(Double(place)), 12, String(name.prefix(22)), anchor: "middle", class: "name")
                Plot.line(plot.x(Double(place)), plot.y.from, plot.x(Double(place)), plot.y.to, class: "axis")
            }
            for value in ticks {
                let text = FigureText.fixed(value, decimals)
                Plot.text(plot.x.from - 10, plot.y(value) + 4, text, anchor: "end")
                Plot.text(plot.x.to + 10, plot.y(value) + 4, text)
            }
            for change in changes {
                let difference = change.after - change.before
                HTML("g", ["class": "slope " + PageParts.direction(difference).name]) {
                    HTML("title") { Self.title(change) }
                    Plot.line(
                        plot.x.from, plot.y(change.before), plot.x.to, plot.y(change.after),
                        class: difference < 0 ? "dashed" : "solid")
                    Plot.shape(IntervalFigure.marker(difference), plot.x.to, plot.y(change.after), radius: 3.5)
                }
            }
        }
    }

    private var bars: HTML {
        let sorted = changes
        let count = min(sorted.count, Self.mostBars)
        let ranges = (0..<count).map { ($0 * sorted.count / count)..<(($0 + 1) * sorted.count / count) }
        let differences = sorted.map { $0.after - $0.before }
        let plot = Plot(
            x: 0...Double(sorted.count), y: min(0, differences.min() ?? 0)...max(0, differences.max() ?? 0), height: 240
        )
        let width = (plot.x.to - plot.x.from) / Double(count)
        return plot.figure(
            label: "differences of \(measure) for \(sorted.count) changed queries, sorted",
            caption: HTML(
                text:
                    "Difference of \(measure) for each of the \(FigureText.grouped(sorted.count)) changed queries, "
                    + "sorted: up is "
                    + "better."
                    + (count < sorted.count ? " A bar is the mean of neighbours." : ""))
        ) {
            plot.axes(x: "changed queries, best first", y: "difference")
            for (place, range) in ranges.enumerated() {
                let mean = range.reduce(0) { $0 + differences[$1] } / Double(range.count)
                let (top, bottom) = (plot.y(max(0, mean)), plot.y(min(0, mean)))
                Plot.bar(
                    x: plot.x.from + Double(place) * width, y: top, width: max(0.6, width - 0.3),
                    height: max(0.8, bottom - top),
                    class: PageParts.direction(mean).name,
                    title: range.count == 1
                        ? Self.title(sorted[range.lowerBound])
                        : "\(range.count) queries: \(FigureText.signed(mean)) in the mean")
            }
            Plot.line(plot.x.from, plot.y(0), plot.x.to, plot.y(0), class: "zero")
        }
    }

    private static func title(_ change: EvaluationReport.QueryChange) -> String {
        let (before, after) = FigureText.pair(change.before, change.after)
        return "\(change.queryID): \(before) → \(after) (\(FigureText.signed(change.after - change.before))) "
            + change.text.prefix(120)
    }
}
