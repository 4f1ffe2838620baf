/// Columns of text for a person. Running text, which is last, takes what is left of the width and is cut there.
struct Table {
    struct Column {
        var title: String
        var right = false
        /// The most columns that its cells may take; longer ones are cut.
        var most: Int = .max
        /// Left out where it is false: a column that says the same of every row takes room from those that do not.
        var isShown = true
        /// The last column is running text unless this is true.
        var isWhole = false
        /// Where a cell is cut. An id's end is what tells passages of one document apart.
        var cut: Cut = .end

        enum Cut {
            case end
            /// The beginning; such a column also gives way first where the terminal is narrow.
            case beginning
        }

        /// An id of a passage or text.
        static func id(_ title: String) -> Column { Column(title: title, most: 40, cut: .beginning) }
    }

    struct Cell: ExpressibleByStringLiteral {
        var text: String
        var style: Terminal.Style?

        init(_ text: String, _ style: Terminal.Style? = nil) {
            self.text = text
            self.style = style
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    var columns: [Column]
    var rows: [[Cell]] = []
    var indent = "  "

    /// Columns that are left to running text and to an id, however narrow the terminal.
    private static let least = 16

    /// As wide as the terminal at most. What is too wide gets titles of several lines, then shorter names; what is still too
    /// wide is printed in parts below one another, each with the first column again: no column of figures is ever left out.
    func text(_ terminal: Terminal, showsHeader: Bool = true) -> String {
        guard !rows.isEmpty else { return "" }
        let shown = columns.indices.filter { columns[$0].isShown }
        let room = terminal.width - 1 - indent.utf8.count
        let showsHeader = showsHeader && shown.contains { !columns[$0].title.isEmpty }
        var text = ""
        for layout in TableLayout(columns: shown.map { (columns[$0], cells(of: $0)) }, room: room, least: Self.least)
            .parts
        {
            let header = layout.map { placed in placed.title.map { Cell($0, .dim) } }
            let lines = showsHeader ? header.map(\.count).max() ?? 0 : 0
            let titles = (0..<lines).map { line in
                header.map { line < lines - $0.count ? Cell("") : $0[line - (lines - $0.count)] }
            }
            for row in titles + rows.map({ row in layout.map { row[shown[$0.index]] } }) {
                text += line(row, layout, terminal)
            }
        }
        return text
    }

    private func cells(of column: Int) -> [String] { rows.map { $0[column].text } }

    private func line(_ row: [Cell], _ layout: [TableLayout.Placed], _ terminal: Terminal) -> String {
        var line = indent
        for (cell, placed) in zip(row, layout) {
            let cut = DisplayText.truncated(cell.text, to: placed.width, at: placed.column.cut)
            let styled = terminal.styled(cut, cell.style)
            let padding = String(repeating: " ", count: max(0, placed.width - DisplayText.width(cut)))
            line += (placed.column.right ? padding + styled : styled + padding) + "  "
        }
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }
}
