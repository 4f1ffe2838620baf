import TestSupport

/// A terminal of the kind that VT100 began: what is written to it moves a cursor over cells, and is wrapped and scrolled. It knows what
/// ``WinnowPrompt`` needs and refuses everything else.
struct TestTerminal {
    private(set) var cells: [[String]]
    private(set) var row = 0
    private(set) var column = 0
    private(set) var bells = 0
    private(set) var unknown: [String] = []
    /// The last column was written, and the next character goes to the next row.
    private var isFull = false
    let columns: Int
    let rows: Int

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    /// Rows without blanks at their ends, and without empty ones at the end.
    var text: [String] {
        var lines = cells.map { row in
            var line = row.joined()
            while line.last == " " { line.removeLast() }
            return line
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    mutating func write(_ text: String) {
        // Scalars, for to Swift a line end of two characters is one.
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            if scalar == "\u{1B}" {
                rest.removeFirst()
                escape(&rest)
                continue
            }
            guard scalar.value >= 0x20 else {
                rest.removeFirst()
                control(scalar)
                continue
            }
            let run = String(String.UnicodeScalarView(rest.prefix { $0.value >= 0x20 }))
            rest = rest.dropFirst(run.unicodeScalars.count)
            for character in run { put(character) }
        }
    }

    private mutating func put(_ character: Character) {
        let width = Self.width(character)
        if width == 0 {
            if column > 0 || isFull { cells[row][isFull ? columns - 1 : column - 1] += String(character) }
            return
        }
        if isFull || column + width > columns {
            column = 0
            isFull = false
            feed()
        }
        cells[row][column] = String(character)
        if width == 2 { cells[row][column + 1] = "" }
        column += width
        if column == columns {
            column = columns - 1
            isFull = true
        }
    }

    /// Independent of what is tested, for the characters that tests write.
    private static func width(_ character: Character) -> Int {
        switch character.unicodeScalars.first?.value ?? 0 {
        case 0x300..<0x370: 0
        case 0x1100..<0x1160, 0x3000..<0xA000, 0xAC00..<0xD7A4, 0xFF00..<0xFF60, 0x1F000..<0x20000: 2
        default: 1
        }
    }

    private mutating func feed() {
        row += 1
        if row == rows {
            cells.removeFirst()
            cells.append(Array(repeating: " ", count: columns))
            row -= 1
        }
    }

    private mutating func control(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\r": (column, isFull) = (0, false)
        case "\n":
            isFull = false
            feed()
        case "\u{07}": bells += 1
        default: unknown.append("\(scalar.value)")
        }
    }

    private mutating func escape(_ rest: inout Substring.UnicodeScalarView) {
        guard rest.popFirst() == "[" else { return unknown.append("escape") }
        var parameter = ""
        while let scalar = rest.first, ("0"..."9").contains(scalar) {
            parameter.unicodeScalars.append(scalar)
            rest.removeFirst()
        }
        let count = Int(parameter)
        isFull = false
        switch rest.popFirst() {
        case "A": row = max(0, row - (count ?? 1))
        case "B": row = min(rows - 1, row + (count ?? 1))
        case "C": column = min(columns - 1, column + (count ?? 1))
        case "H": (row, column) = (0, 0)
        case "J" where count == nil: clear(from: (row, column))
        case "J" where count == 2: clear(from: (0, 0))
        case let final: unknown.append("\(parameter)\(final.map(String.init) ?? "")")
        }
    }

    private mutating func clear(from start: (row: Int, column: Int)) {
        for column in start.column..<columns { cells[start.row][column] = " " }
        for row in (start.row + 1)..<max(rows, start.row + 1) { cells[row] = Array(repeating: " ", count: columns) }
    }
}
