import WinnowCore

/// The primary measure by each value of a field of the queries' metadata.
struct SlicesSection: Sendable {
    let report: EvaluationReport

    /// Values of one field that are shown; a field with more of them is no field to cut by.
    private static let mostValues = 40

    var section: PageSection? {
        guard !report.slices.isEmpty, let primary = report.measures.first else { return nil }
        return PageSection("slices", "\(primary.name) by kind of query", short: "Kinds of query") {
            for field in fields { table(field, primary) }
            PageParts.note(
                "Many slices mean that some differ by chance: p is not corrected, and a slice of few queries has "
                    + "no interval."
            )
        }
    }

    /// In the order of the slices.
    private var fields: [String] {
        report.slices.reduce(into: []) { fields, slice in
            if fields.last.map(ExactText.init) != ExactText(slice.field) { fields.append(slice.field) }
        }
    }

    private func table(_ field: String, _ primary: Measure) -> HTML {
        let slices = report.slices.filter { ExactText($0.field) == ExactText(field) }
        let figure = IntervalFigure(report.slices.flatMap(\.comparisons))
        let compared = report.systems.count > 1
        var head = [PageParts.head(field, .text), PageParts.head("Queries")]
        head.append(PageParts.head("System", .text))
        head.append(PageParts.head(primary.name))
        if compared {
            let isGrouped = slices.contains { $0.comparisons.contains(where: \.isGrouped) }
            head += ["Difference", "95 % interval", "", "p", PageParts.tallyHead(isGrouped)].map { PageParts.head($0) }
        }
        return HTML {
            PageParts.table("\(primary.name) by \(field)", head: head) {
                for slice in slices.prefix(Self.mostValues) {
                    HTML("tbody") {
                        for (row, system) in report.systems.enumerated() where slice.means.indices.contains(row) {
                            HTML("tr") {
                                if row == 0 {
                                    let span = report.systems.count > 1 ? String(slice.means.count) : nil
                                    HTML("th", ["scope": "rowgroup", "rowspan": span]) {
                                        HTML.foreign(slice.value, limit: 60)
                                    }
                                    HTML("td", ["class": "num", "rowspan": span]) { FigureText.grouped(slice.queries) }
                                }
                                HTML("td") { HTML.foreign(system.name, limit: 40) }
                                PageParts.cell(FigureText.fixed(slice.means[row], 3))
                                if compared { difference(slice, row - 1, figure) }
                            }
                        }
                    }
                }
            }
            if slices.count > Self.mostValues {
                PageParts.note("and \(FigureText.grouped(slices.count - Self.mostValues)) more values (--json has all)")
            }
        }
    }

    @HTMLBuilder private func difference(
        _ slice: EvaluationReport.Slice, _ place: Int, _ figure: IntervalFigure
    ) -> HTML {
        if slice.comparisons.indices.contains(place) {
            let comparison = slice.comparisons[place]
            PageParts.difference(comparison, p: comparison.randomisation.twoSided)
            PageParts.cell(PageParts.interval(comparison.interval))
            figure.cell(comparison, isTold: comparison.randomisation.twoSided <= Verdict.level)
            PageParts.cell(PageParts.pValue(comparison.randomisation.twoSided))
            PageParts.cell(PageParts.tally(comparison.units))
        } else {
            HTML("td", ["colspan": "5"]) {}
        }
    }
}
