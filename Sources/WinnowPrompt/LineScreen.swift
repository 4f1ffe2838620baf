/// What to write to a terminal so that it shows a ``LineEditor``'s line. It remembers where it left the cursor.
///
/// Lines wrap at the terminal's edge; of a line with more rows than the terminal has, those around the cursor are shown. A change is
/// drawn whole in one piece of text: a line is short, and what a terminal shows never depends on what it showed before.
public struct LineScreen: Sendable {
    public struct Size: Sendable, Hashable {
        public var columns: Int
        public var rows: Int

        public init(columns: Int, rows: Int) {
            self.columns = max(2, columns)
            self.rows = max(1, rows)
        }
    }

    /// The cursor's row below the first one that is drawn; nil: nothing is drawn, and the cursor is in the first column.
    private var cursorRow: Int?
    private var shown: (first: Int, count: Int) = (0, 0)

    public init() {}

    /// Draws over what was drawn before.
    public mutating func frame(_ editor: LineEditor, _ size: Size) -> String {
        let layout = LineLayout(prompt: editor.prompt, line: editor.line, columns: size.columns)
        let count = min(layout.rows.count, size.rows)
        // The rows that were shown stay as far as the cursor is among them.
        var first = min(shown.first, layout.rows.count - count)
        first = max(min(first, layout.cursorRow), layout.cursorRow - count + 1)

        var text = (cursorRow.map(Self.up) ?? "") + "\r\u{1B}[J"
        for row in first..<first + count {
            text += layout.rows[row]
            // Behind a full row the terminal goes to the next one by itself, and knows that both are one line; only an empty row would
            // not make it go.
            if row + 1 < first + count, layout.rows[row + 1].isEmpty { text += "\r\n" }
        }
        text += Self.up(first + count - 1 - layout.cursorRow) + "\r"
        if layout.cursorColumn > 0 { text += "\u{1B}[\(layout.cursorColumn)C" }
        cursorRow = layout.cursorRow - first
        shown = (first, count)
        return text
    }

    /// The terminal has another size. Terminals lay lines out anew that they wrapped themselves, and the cursor goes with its character:
    /// that is where it is looked for.
    public mutating func resize(_ editor: LineEditor, _ size: Size) {
        guard cursorRow != nil else { return }
        let layout = LineLayout(prompt: editor.prompt, line: editor.line, columns: size.columns)
        cursorRow = min(layout.cursorRow, size.rows - 1)
    }

    /// Leaves the line as it is and goes below it.
    public mutating func leave() -> String {
        defer { reset() }
        guard let cursorRow else { return "" }
        let down = shown.count - 1 - cursorRow
        return (down > 0 ? "\u{1B}[\(down)B" : "") + "\r\n"
    }

    /// Clears the terminal; what is drawn next is at its top.
    public mutating func clear() -> String {
        reset()
        return "\u{1B}[H\u{1B}[2J"
    }

    /// Others have written: the cursor is in the first column of a row of its own.
    public mutating func reset() {
        cursorRow = nil
        shown = (0, 0)
    }

    private static func up(_ rows: Int) -> String { rows > 0 ? "\u{1B}[\(rows)A" : "" }

    /// Words in columns, in their order from top to bottom.
    public static func list(_ words: [String], columns: Int) -> String {
        guard let widest = words.map({ DisplayWidth.of($0) }).max() else { return "" }
        let across = max(1, (max(2, columns) - 1) / (widest + 2))
        let rows = (words.count + across - 1) / across
        return (0..<rows).map { row in
            let cells = stride(from: row, to: words.count, by: rows).map { words[$0] }
            let line = cells.dropLast().map { $0 + String(repeating: " ", count: widest + 2 - DisplayWidth.of($0)) }
            return line.joined() + (cells.last ?? "") + "\r\n"
        }.joined()
    }
}
