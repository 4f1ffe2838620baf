/// One section of the page.
struct PageSection: Sendable {
    /// For links within the page.
    let id: String
    let title: String
    /// In a list of sections.
    let shortTitle: String
    let body: HTML

    init(_ id: String, _ title: String, short: String? = nil, @HTMLBuilder body: () -> HTML) {
        self.id = id
        self.title = title
        shortTitle = short ?? title
        self.body = body()
    }

    var html: HTML {
        HTML("section", ["id": id, "aria-labelledby": id + "-title"]) {
            HTML("h2", ["id": id + "-title"]) { title }
            body
        }
    }
}

/// What several sections are made of.
enum PageParts {
    /// A table that scrolls within itself where the screen is narrow.
    static func table(_ label: String, head: [HTML], class name: String? = nil, @HTMLBuilder body: () -> HTML) -> HTML {
        HTML("div", ["class": "scroll", "role": "region", "aria-label": label, "tabindex": "0"]) {
            HTML("table", ["class": name]) {
                HTML("thead") { HTML("tr") { head } }
                body()
            }
        }
    }

    static func head(_ text: String, _ kind: ColumnKind = .number) -> HTML {
        HTML("th", ["scope": "col", "class": kind.rawValue]) { text }
    }

    enum ColumnKind: String {
        case text
        case number = "num"
    }

    static func rowHead(_ content: HTML, class name: String? = nil) -> HTML {
        HTML("th", ["scope": "row", "class": name]) { content }
    }

    static func cell(_ text: String?, class name: String = "num") -> HTML {
        HTML("td", ["class": name]) { text ?? "–" }
    }

    static func note(_ text: String) -> HTML { HTML("p", ["class": "note"]) { text } }

    static func list(_ lines: [String]) -> HTML? {
        lines.isEmpty
            ? nil
            : HTML("ul") {
                for line in lines { HTML("li") { HTML("bdi") { line } } }
            }
    }

    /// A figure with its name, and what it is of.
    static func keyFigure(_ name: String, _ value: String, _ detail: String) -> HTML {
        HTML("div", ["class": "key"]) {
            HTML("dt") { name }
            HTML("dd") {
                HTML("strong") { value }
                HTML("span") { detail }
            }
        }
    }

    /// A sign that a system moved up or down, in words for those who do not see it.
    static func direction(_ difference: Double) -> (mark: String, name: String) {
        if difference > PairedComparison.tieTolerance { return ("▲", "up") }
        return difference < -PairedComparison.tieTolerance ? ("▼", "down") : ("=", "even")
    }

    /// A difference in a table: in colour where it is more than chance.
    ///
    /// - Parameter p: nil where a difference is neither good nor bad.
    static func difference(_ comparison: PairedComparison, p: Double?) -> HTML {
        let direction = direction(comparison.difference)
        let isTold = p.map { $0 <= Verdict.level } ?? false
        return HTML("td", ["class": isTold ? "num " + direction.name : "num"]) {
            if p != nil { HTML("span", ["aria-hidden": "true"]) { direction.mark + " " } }
            FigureText.signed(comparison.difference)
        }
    }

    /// `+0.021 to +0.078`
    static func interval(_ interval: Interval?) -> String? {
        interval.map { FigureText.signed($0.lower) + " to " + FigureText.signed($0.upper) }
    }

    /// Over a column of ``tally(_:)``: what is counted, where it is not queries.
    static func tallyHead(_ isGrouped: Bool) -> String { isGrouped ? "groups W / T / L" : "W / T / L" }

    /// `92 / 150 / 58`
    static func tally(_ tally: PairedComparison.Tally) -> String {
        [tally.wins, tally.ties, tally.losses].map(FigureText.grouped).joined(separator: " / ")
    }

    /// For a column that is named p.
    static func pValue(_ p: Double) -> String {
        let text = FigureText.pValue(p)
        return text.hasPrefix("p = ") ? String(text.dropFirst(4)) : String(text.dropFirst(2))
    }

    /// `+9.6 %`
    static func relative(_ comparison: PairedComparison) -> String? {
        comparison.relativeDifference.map {
            let text = FigureText.fixed($0 * 100, 1)
            return (text.hasPrefix("-") || text == "0.0" ? "" : "+") + text + " %"
        }
    }

    /// A sentence of ours that began within another one; not for one that begins with a name.
    static func capitalised(_ text: String) -> String {
        guard let first = text.first else { return text }
        return first.uppercased() + text.dropFirst()
    }
}
