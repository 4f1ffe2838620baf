/// Columns of text for a person; the last one takes what is left of the width.
struct Table {
    struct Column {
        var title: String
        var right = false
        /// The most columns that its cells may take; longer ones are cut.
        var most: Int = .max
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

    func text(_ terminal: Terminal) -> String {
        guard !rows.isEmpty else { return "" }
        let flexible = columns.count - 1
        var widths = columns.map { DisplayText.width($0.title) }
        for row in rows {
            for (index, cell) in row.enumerated() where index < flexible {
                widths[index] = max(widths[index], min(DisplayText.width(cell.text), columns[index].most))
            }
        }
        let used = indent.count + widths.prefix(flexible).reduce(0) { $0 + $1 + 2 }
        widths[flexible] = max(20, terminal.width - used - 1)

        let header = columns.map { Cell($0.title, .dim) }
        let showsHeader = columns.contains { !$0.title.isEmpty }
        return ((showsHeader ? [header] : []) + rows).map { row in
            var line = indent
            for (index, cell) in row.enumerated() {
                let cut = DisplayText.truncated(cell.text, to: widths[index])
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
