/// Where prompt and line stand on a terminal of so many columns, from the prompt's first column on.
public struct LineLayout: Sendable, Hashable {
    /// Each fills its row, but the last; where the last would fill it too, an empty one follows, for the cursor.
    public private(set) var rows: [String] = [""]
    public private(set) var cursorRow = 0
    public private(set) var cursorColumn = 0

    public init(prompt: String, line: EditedLine, columns: Int) {
        // A wide character needs two.
        let columns = max(2, columns)
        var column = 0
        let before = prompt.count + line.cursor
        for (index, character) in (Array(prompt) + line.characters).enumerated() {
            let width = DisplayWidth.of(character)
            if column + width > columns {
                // A wide character does not stand in the last column: it stays empty.
                rows[rows.count - 1] += String(repeating: " ", count: columns - column)
                rows.append("")
                column = 0
            }
            if index == before { (cursorRow, cursorColumn) = (rows.count - 1, column) }
            rows[rows.count - 1].append(character)
            column += width
        }
        if column >= columns {
            rows.append("")
            column = 0
        }
        if line.cursor == line.characters.count { (cursorRow, cursorColumn) = (rows.count - 1, column) }
        // Marks alone may follow a full row, where the cursor cannot stand.
        if cursorColumn >= columns { (cursorRow, cursorColumn) = (cursorRow + 1, 0) }
    }
}
