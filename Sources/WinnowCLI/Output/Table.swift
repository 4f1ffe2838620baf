/// Columns of text for a person; the last one takes what is left of the width.
struct Table {
    struct Column {
        var title: String
        var right = false
        /// The most columns that its cells may take; longer ones are cut.
        var most: Int = .max
        /// Left out where it is false: a column that says the same of every row takes room from those that do not.
        var isShown = true
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

    /// Columns that are left to the last column and to an id, however narrow the terminal.
    private static let least = (last: 16, id: 16)

    func text(_ terminal: Terminal, showsHeader: Bool = true) -> String {
        guard !rows.isEmpty else { return "" }
        let shown = columns.indices.filter { columns[$0].isShown }
        var visible = self
        visible.columns = shown.map { columns[$0] }
        visible.rows = rows.map { row in shown.map { row[$0] } }
        return visible.laidOut(terminal, showsHeader: showsHeader)
    }

    private func laidOut(_ terminal: Terminal, showsHeader: Bool) -> String {
        let flexible = columns.count - 1
        var widths = columns.map { DisplayText.width($0.title) }
        for row in rows {
            for (index, cell) in row.enumerated() where index < flexible {
                widths[index] = max(widths[index], min(DisplayText.width(cell.text), columns[index].most))
            }
        }
        var left = terminal.width - 1 - indent.count - widths.prefix(flexible).reduce(0) { $0 + $1 + 2 }
        for index in 0..<flexible where columns[index].cut == .beginning && left < Self.least.last {
            let given = max(0, min(Self.least.last - left, widths[index] - Self.least.id))
            widths[index] -= given
            left += given
        }
        widths[flexible] = max(Self.least.last, left)

        let header = columns.map { Cell($0.title, .dim) }
        let showsHeader = showsHeader && columns.contains { !$0.title.isEmpty }
        return ((showsHeader ? [header] : []) + rows).map { row in
            var line = indent
            for (index, cell) in row.enumerated() {
                let cut = DisplayText.truncated(cell.text, to: widths[index], at: columns[index].cut)
                let styled = terminal.styled(cut, cell.style)
                let padding = String(repeating: " ", count: max(0, widths[index] - DisplayText.width(cut)))
                if index == flexible {
                    line += styled
                } else {
                    line += (columns[index].right ? padding + styled : styled + padding) + "  "
                }
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
