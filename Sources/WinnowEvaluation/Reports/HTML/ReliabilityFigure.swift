/// Stated probabilities against how often they were right, with the band in which a right map lies, and how many pairs
/// there are of each.
struct ReliabilityFigure: Sendable {
    let diagram: ReliabilityDiagram

    private static let histogramHeight = 44.0

    func figure(_ caption: HTML) -> HTML {
        let plot = Plot(
            x: 0...1, y: 0...1, height: 334, left: 46, right: 14, top: 10, bottom: 40 + Self.histogramHeight)
        return HTML("figure") {
            HTML(
                "svg",
                ["viewBox": "0 0 360 334", "role": "img", "aria-label": "reliability diagram", "class": "plot"]
            ) {
                axes(plot)
                band(plot)
                Plot.line(plot.x(0), plot.y(0), plot.x(1), plot.y(1), class: "ideal")
                curve(plot)
                for bin in diagram.bins { mark(bin, plot) }
                histogram(plot)
            }
            HTML("figcaption") {
                caption
                " Line: share that was relevant; band: 90 % of right maps; ◆: ten bins of equal mass. Below: pairs "
                    + "by probability."
            }
        }
    }

    private func axes(_ plot: Plot) -> HTML {
        HTML("g", ["class": "axes"]) {
            for step in 0...4 {
                let value = Double(step) / 4
                Plot.line(plot.x.from, plot.y(value), plot.x.to, plot.y(value), class: "grid")
                Plot.text(plot.x.from - 5, plot.y(value) + 4, FigureText.chosen(value), anchor: "end")
                Plot.text(plot.x(value), plot.height - 20, FigureText.chosen(value), anchor: "middle")
            }
            Plot.text(
                (plot.x.from + plot.x.to) / 2, plot.height - 4, "stated probability", anchor: "middle", class: "name")
            Plot.verticalText(11, (plot.y.from + plot.y.to) / 2, "share relevant")
        }
    }

    private func band(_ plot: Plot) -> HTML? {
        guard diagram.band.count > 1 else { return nil }
        let upper = diagram.band.map { (x: plot.x($0.probability), y: plot.y($0.upper)) }
        let lower = diagram.band.reversed().map { (x: plot.x($0.probability), y: plot.y($0.lower)) }
        return HTML(empty: "polygon", ["points": Plot.points(upper + lower), "class": "band"])
    }

    /// The curve's points, thinned where there are more than can be seen.
    private func curve(_ plot: Plot) -> HTML? {
        guard !diagram.curve.isEmpty else { return nil }
        let step = max(1, diagram.curve.count / 200)
        let points = diagram.curve.enumerated()
            .filter { $0.offset % step == 0 || $0.offset == diagram.curve.count - 1 }
            .map { (x: plot.x($0.element.probability), y: plot.y($0.element.relevantShare)) }
        return HTML(empty: "polyline", ["points": Plot.points(points), "class": "curve"])
    }

    private func mark(_ bin: ReliabilityDiagram.Bin, _ plot: Plot) -> HTML {
        Plot.marker(
            .diamond, plot.x(bin.meanProbability), plot.y(bin.relevantShare), radius: 3.2, class: "bin",
            title: "\(FigureText.grouped(bin.count)) pairs, probability \(FigureText.fixed(bin.lower, 3)) to "
                + "\(FigureText.fixed(bin.upper, 3)): stated \(FigureText.fixed(bin.meanProbability, 3)), relevant "
                + FigureText.fixed(bin.relevantShare, 3))
    }

    @HTMLBuilder private func histogram(_ plot: Plot) -> HTML {
        let columns = diagram.histogram
        let most = Double(max(1, columns.map { $0.relevant + $0.other }.max() ?? 1))
        let bottom = plot.y.from + Self.histogramHeight + 2
        let width = (plot.x.to - plot.x.from) / Double(max(1, columns.count))
        for (place, column) in columns.enumerated() where column.relevant + column.other > 0 {
            let x = plot.x.from + Double(place) * width
            let whole = max(1, Double(column.relevant + column.other) / most * (Self.histogramHeight - 10))
            let relevant = whole * Double(column.relevant) / Double(column.relevant + column.other)
            let words = "\(FigureText.grouped(column.relevant)) relevant, \(FigureText.grouped(column.other)) others"
            Plot.bar(
                x: x + 0.5, y: bottom - whole, width: width - 1, height: whole, class: "scores unjudged", title: words)
            if column.relevant > 0 {
                Plot.bar(
                    x: x + 0.5, y: bottom - relevant, width: width - 1, height: relevant, class: "scores relevant",
                    title: words)
            }
        }
        Plot.line(plot.x.from, bottom, plot.x.to, bottom, class: "axis")
    }
}

/// The share of wrong answers by the share of questions answered.
struct RiskCoverageFigure: Sendable {
    let curve: RiskCoverage

    private static let mostPoints = 200

    var figure: HTML {
        let step = max(1, curve.points.count / Self.mostPoints)
        let points = curve.points.enumerated()
            .filter { $0.offset % step == 0 || $0.offset == curve.points.count - 1 }
            .map { (x: $0.element.coverage ?? 0, y: 1 - ($0.element.precision ?? 0)) }
        let most = max(0.05, points.map(\.y).max() ?? 1)
        let plot = Plot(x: 0...1, y: 0...min(1, most * 1.1), height: 334)
        return plot.figure(
            label: "risk by coverage",
            caption: HTML(
                text:
                    "Strict thresholds answer few questions (left), lax ones all (right). ◆: half, four fifths and "
                    + "nineteen "
                    + "twentieths answered; dotted: what an order that says nothing would give.")
        ) {
            plot.axes(x: "share of questions answered", y: "share of answers that are wrong")
            Plot.line(plot.x.from, plot.y(curve.flatArea), plot.x.to, plot.y(curve.flatArea), class: "ideal")
            HTML(
                empty: "polyline",
                ["points": Plot.points(points.map { (plot.x($0.x), plot.y($0.y)) }), "class": "curve"])
            for point in curve.workingPoints {
                if let coverage = point.coverage, let precision = point.precision {
                    Plot.marker(
                        .diamond, plot.x(coverage), plot.y(1 - precision), radius: 3.6, class: "bin",
                        title:
                            "logit:\(FigureText.fixed(Double(point.threshold), 2)): "
                            + "\(FigureText.percent(coverage)) answered, "
                            + "\(FigureText.percent(precision)) of the answers right")
                }
            }
        }
    }
}
