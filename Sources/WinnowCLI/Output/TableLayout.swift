/// How wide the columns of a table are, and which of them stand beside one another.
struct TableLayout {
    struct Placed {
        /// Among the columns that were given.
        var index: Int
        var column: Table.Column
        var width: Int
        /// Lines of its title.
        var title: [String]
    }

    /// Each fits the room. More than one: all begin with the first column that has a title.
    private(set) var parts: [[Placed]] = []

    private static let gap = 2

    /// - Parameters:
    ///   - columns: each with its cells.
    ///   - room: columns of the terminal, without the indent.
    ///   - least: what running text and names are left with.
    init(columns: [(column: Table.Column, cells: [String])], room: Int, least: Int) {
        let last = columns.count - 1
        var placed = columns.enumerated().map { index, entry in
            let content = min(entry.cells.map(DisplayText.width).max() ?? 0, entry.column.most)
            let title = Self.broken(entry.column.title, to: entry.column.most)
            return Placed(
                index: index, column: entry.column,
                width: max(content, title.map(DisplayText.width).max() ?? 0), title: title)
        }
        let isText = placed.last.map { !$0.column.isWhole && !$0.column.right } ?? false
        if isText { placed[last].width = min(placed[last].width, least) }
        func over() -> Int { Self.width(placed) - room }

        // Titles that are wider than what stands below them take more lines, the widest first.
        var narrow: [Int: (width: Int, title: [String])] = [:]
        for (index, entry) in columns.enumerated() where index < last || !isText {
            let content = min(entry.cells.map(DisplayText.width).max() ?? 0, entry.column.most)
            let words = Self.pieces(entry.column.title).map { DisplayText.width($0.trimmedEnd) }.max() ?? 0
            let width = max(content, min(words, entry.column.most))
            if width < placed[index].width { narrow[index] = (width, Self.broken(entry.column.title, to: width)) }
        }
        while over() > 0,
            let (index, next) = narrow.max(by: {
                (placed[$0.key].width - $0.value.width, $1.key) < (placed[$1.key].width - $1.value.width, $0.key)
            })
        {
            (placed[index].width, placed[index].title) = next
            narrow[index] = nil
        }
        // Ids give way first, then other names.
        let names = placed.indices.filter { $0 < last || !isText }
            .filter { !placed[$0].column.right && placed[$0].column.most < .max }
        for index in names.filter({ placed[$0].column.cut == .beginning })
            + names.filter({ placed[$0].column.cut == .end })
        {
            let given = max(0, min(over(), placed[index].width - least))
            placed[index].width -= given
            if given > 0 { placed[index].title = Self.broken(placed[index].column.title, to: placed[index].width) }
        }

        parts = over() > 0 ? Self.split(placed, room: room) : [placed]
        // Running text has what is left.
        for part in parts.indices where isText && parts[part].last?.index == last {
            let end = parts[part].count - 1
            parts[part][end].width += max(0, room - Self.width(parts[part]))
        }
    }

    private static func split(_ columns: [Placed], room: Int) -> [[Placed]] {
        // Marks without a title stay beside what they mark.
        let keys = Array(columns.prefix((columns.firstIndex { !$0.column.title.isEmpty } ?? 0) + 1))
        var parts: [[Placed]] = []
        var part = keys
        for column in columns.dropFirst(keys.count) {
            if width(part + [column]) > room, part.count > keys.count {
                parts.append(part)
                part = keys
            }
            part.append(column)
        }
        return parts + [part]
    }

    private static func width(_ columns: [Placed]) -> Int {
        columns.reduce(0) { $0 + $1.width } + gap * max(0, columns.count - 1)
    }

    /// In lines of `width` at most; no character but the spaces between lines is lost.
    static func broken(_ title: String, to width: Int) -> [String] {
        guard width > 0, DisplayText.width(title) > width else { return title.isEmpty ? [] : [title] }
        var lines = [""]
        for (number, word) in pieces(title).enumerated() {
            let joined = lines[lines.count - 1] + word
            if number > 0, DisplayText.width(joined.trimmedEnd) > width { lines.append("") }
            for character in word {
                // A word that is wider than the column is broken anywhere.
                if character != " ", DisplayText.width(lines[lines.count - 1] + String(character)) > width {
                    lines.append("")
                }
                lines[lines.count - 1].append(character)
            }
        }
        return lines.map(\.trimmedEnd).filter { !$0.isEmpty }
    }

    /// What a title may be broken between: behind spaces, and in names behind hyphens and the like.
    private static func pieces(_ title: String) -> [String] {
        var pieces = [""]
        for character in title {
            pieces[pieces.count - 1].append(character)
            if " -_/.".contains(character) { pieces.append("") }
        }
        return pieces.filter { !$0.isEmpty }
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
