/// A difference with its interval on a line with 0: whether it is real is whether the line crosses.
struct IntervalFigure: Sendable {
    /// Of all differences that are to be compared by eye, 0 among them.
    let range: ClosedRange<Double>

    /// - Parameters:
    ///   - comparisons: they share one scale.
    ///   - least: it reaches so far to both sides at least.
    init(_ comparisons: [PairedComparison], atLeast least: Double = 0.005) {
        let ends = comparisons.flatMap { comparison in
            [comparison.difference] + [comparison.interval?.lower, comparison.interval?.upper].compactMap { $0 }
        }
        let (lower, upper) = (min(-least, ends.min() ?? 0), max(least, ends.max() ?? 0))
        range = (lower - (upper - lower) * 0.06)...(upper + (upper - lower) * 0.06)
    }

    private static let cellWidth = 150.0

    /// For a row of a table.
    ///
    /// - Parameter isTold: the difference is more than chance; in colour.
    func cell(_ comparison: PairedComparison, isTold: Bool) -> HTML {
        let scale = Scale(range, from: 0, to: Self.cellWidth)
        return HTML("td", ["class": "interval"]) {
            HTML(
                "svg",
                [
                    "viewBox": "0 0 150 18", "width": "150", "height": "18", "role": "img",
                    "aria-label": Self.label(comparison),
                ]
            ) {
                Plot.line(scale(0), 0, scale(0), 18, class: "zero")
                Self.marks(comparison, scale, y: 9, radius: 3.2, isTold: isTold)
            }
        }
    }

    /// For a verdict: with the range of differences that do not matter.
    func figure(_ verdict: Verdict) -> HTML {
        let (comparison, minimumEffect) = (verdict.comparison, verdict.minimumEffect)
        let isTold = verdict.outcome == .helps || verdict.outcome == .hurts
        let plot = Plot(x: range, y: 0...1, height: 84, left: 14, right: 14, top: 18, bottom: 20)
        let (ticks, decimals) = plot.x.ticks(5)
        let y = (plot.y.from + plot.y.to) / 2
        return plot.figure(
            label: Self.label(comparison),
            caption: HTML("span") {
                "Difference to "
                HTML.foreign(verdict.baseline, limit: 60)
                comparison.interval == nil
                    ? "; too few queries differ for an interval."
                    : " with its 90 % (thick) and 95 % interval; shaded: less than matters (±"
                        + FigureText.chosen(minimumEffect) + ")."
            }
        ) {
            Plot.bar(
                x: plot.x(-minimumEffect), y: plot.y.to, width: plot.x(minimumEffect) - plot.x(-minimumEffect),
                height: plot.y.from - plot.y.to, class: "negligible",
                title: "less than matters: up to ±" + FigureText.chosen(minimumEffect))
            Plot.line(plot.x.from, plot.y.from, plot.x.to, plot.y.from, class: "axis")
            Plot.line(plot.x(0), plot.y.from + 4, plot.x(0), plot.y.to, class: "zero")
            for value in ticks {
                Plot.text(
                    plot.x(value), plot.y.from + 16,
                    (value > 0 ? "+" : "") + FigureText.fixed(value, decimals), anchor: "middle")
            }
            Plot.text(plot.x.from, 11, "◀ worse", class: "name")
            Plot.text(plot.x.to, 11, "better ▶", anchor: "end", class: "name")
            Self.marks(comparison, plot.x, y: y, radius: 5, isTold: isTold)
        }
    }

    private static func marks(
        _ comparison: PairedComparison, _ scale: Scale, y: Double, radius: Double, isTold: Bool
    ) -> HTML {
        HTML("g", ["class": isTold ? PageParts.direction(comparison.difference).name : "even"]) {
            if let interval = comparison.interval {
                Plot.line(scale(interval.lower), y, scale(interval.upper), y, class: "whisker")
                Plot.line(scale(interval.lower), y - 4, scale(interval.lower), y + 4, class: "whisker")
                Plot.line(scale(interval.upper), y - 4, scale(interval.upper), y + 4, class: "whisker")
            }
            if let inner = comparison.interval90 {
                Plot.line(scale(inner.lower), y, scale(inner.upper), y, class: "whisker thick")
            }
            Plot.marker(
                marker(comparison.difference), scale(comparison.difference), y, radius: radius, class: "estimate",
                title: label(comparison))
        }
    }

    static func marker(_ difference: Double) -> Plot.Marker {
        switch PageParts.direction(difference).name {
        case "up": .rising
        case "down": .falling
        default: .circle
        }
    }

    private static func label(_ comparison: PairedComparison) -> String {
        "difference " + FigureText.signed(comparison.difference)
            + (PageParts.interval(comparison.interval).map { ", 95 % interval " + $0 } ?? ", no interval")
    }
}
