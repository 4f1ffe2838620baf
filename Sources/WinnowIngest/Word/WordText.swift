/// The text of a Word file's main part (WordprocessingML), with the marks of Markdown for headings, lists and tables.
///
/// Deleted text, hidden text and field codes are left out; a footnote follows the paragraph or table that refers to it.
struct WordText {
    private(set) var text: [UInt8] = []
    /// The first paragraph in the style Title, and the first heading.
    private(set) var title: [UInt8] = []
    private(set) var heading: [UInt8] = []

    private let styles: WordStyles
    private let notes: [String: [UInt8]]

    private var line: [UInt8] = []
    private var paragraph = Paragraph()
    /// Notes that the open paragraph refers to, in order.
    private var references: [String] = []
    private var noteCount = 0
    private var tables: [Table] = []
    /// Elements within one whose text is not shown; 0 outside of such.
    private var hidden = 0
    private var isInText = false
    private var isRunHidden = false
    private var run: [UInt8] = []
    private var isInRun = false
    private var numbers: [WordStyles.List: Int] = [:]
    private var wasItem = false

    private struct Paragraph {
        var style: String?
        var list: WordStyles.List?
        var headingLevel: Int?
    }

    private struct Table {
        var rows: [[[UInt8]]] = []
        var hasHead = false
    }

    /// Elements whose text is told elsewhere, was deleted, or is no text.
    private static let skipped: Set<String> = ["Fallback", "del", "moveFrom", "rt", "pPrChange", "rPrChange", "sectPr"]

    /// - Parameters:
    ///   - part: `word/document.xml`, or one with notes.
    ///   - notes: footnotes by id, endnotes by `e` and id.
    /// - Throws: `ReadFailure`; `CancellationError`.
    init(_ part: [UInt8], styles: WordStyles, notes: [String: [UInt8]]) throws {
        self.styles = styles
        self.notes = notes
        var scanner = XMLScanner(part)
        var count = 0
        while let token = try scanner.next() {
            count += 1
            if count & 0xFFFF == 0 { try Task.checkCancellation() }
            switch token {
            case .start(let name, let attributes, let isEmpty):
                if hidden > 0 || Self.skipped.contains(name) {
                    if !isEmpty { hidden += 1 }
                } else {
                    start(name, attributes)
                    if isEmpty { end(name) }
                }
            case .end(let name):
                if hidden > 0 { hidden -= 1 } else { end(name) }
            case .text(let bytes):
                if hidden == 0, isInText { add(bytes) }
            }
        }
        endParagraph()
        while !tables.isEmpty { endTable() }
    }

    private mutating func add(_ bytes: [UInt8]) {
        if isInRun { run += bytes } else { line += bytes }
    }

    private mutating func start(_ name: String, _ attributes: [String: String]) {
        switch name {
        case "p":
            endParagraph()
            paragraph = Paragraph()
        case "pStyle": paragraph.style = attributes["val"]
        case "outlineLvl": paragraph.headingLevel = WordStyles.headingLevel(outline: attributes["val"])
        case "ilvl":
            paragraph.list = .init(id: paragraph.list?.id ?? "", level: WordStyles.level(attributes["val"]))
        case "numId": paragraph.list = .init(id: attributes["val"] ?? "", level: paragraph.list?.level ?? 0)
        case "r":
            isInRun = true
            isRunHidden = false
            run = []
        case "vanish": isRunHidden = isInRun && !["0", "false", "off"].contains(attributes["val"] ?? "1")
        case "t": isInText = true
        case "tab": if isInRun { add([0x20]) }
        case "br", "cr": if isInRun { add([0x0A]) }
        case "noBreakHyphen": add([UInt8(ascii: "-")])
        case "footnoteReference": refer(to: attributes["id"] ?? "")
        case "endnoteReference": refer(to: "e" + (attributes["id"] ?? ""))
        case "tbl":
            endParagraph()
            tables.append(Table())
        case "tr": if !tables.isEmpty { tables[tables.count - 1].rows.append([]) }
        case "tc":
            endParagraph()
            if let last = tables.indices.last {
                if tables[last].rows.isEmpty { tables[last].rows.append([]) }
                tables[last].rows[tables[last].rows.count - 1].append([])
            }
        case "tblHeader":
            if let last = tables.indices.last, tables[last].rows.count == 1 { tables[last].hasHead = true }
        case "tblLook":
            let bits = attributes["val"].flatMap { Int($0, radix: 16) } ?? 0
            if let last = tables.indices.last, attributes["firstRow"] == "1" || bits & 0x20 != 0 {
                tables[last].hasHead = true
            }
        default: break
        }
    }

    private mutating func end(_ name: String) {
        switch name {
        case "t": isInText = false
        case "r":
            if !isRunHidden { line += run }
            isInRun = false
            run = []
        case "p": endParagraph()
        case "tbl":
            endParagraph()
            if !tables.isEmpty { endTable() }
        default: break
        }
    }

    private mutating func refer(to id: String) {
        guard notes[id]?.isEmpty == false else { return }
        noteCount += 1
        references.append(id)
        add(Array("[\(noteCount)]".utf8))
    }

    // MARK: - Blocks

    private mutating func endParagraph() {
        let words = Self.trimmed(line)
        line = []
        guard !words.isEmpty else { return }
        if !tables.isEmpty {
            addToCell(words)
            return
        }
        let style = styles.style(paragraph.style)
        let level = paragraph.headingLevel ?? style.headingLevel ?? (style.isTitle ? 1 : nil)
        // A list of the id 0 takes a paragraph out of the list of its style.
        let list =
            paragraph.list.map { $0.id.isEmpty ? .init(id: style.list?.id ?? "", level: $0.level) : $0 } ?? style.list
        if let level {
            let words = Self.oneLine(words)
            if style.isTitle, title.isEmpty { title = words }
            if heading.isEmpty { heading = words }
            write(Array(String(repeating: "#", count: level).utf8) + [0x20] + words)
        } else if let list, list.id != "0", !list.id.isEmpty {
            let indent = String(repeating: "  ", count: list.level)
            write(Array((indent + mark(of: list) + " ").utf8) + words, isDirect: wasItem)
            wasItem = true
            writeNotes()
            return
        } else {
            write(words)
        }
        wasItem = false
        writeNotes()
    }

    private mutating func mark(of list: WordStyles.List) -> String {
        guard styles.isNumbered(list) else { return "-" }
        for deeper in list.level + 1..<10 { numbers[.init(id: list.id, level: deeper)] = nil }
        let number = numbers[list, default: 0] + 1
        numbers[list] = number
        return "\(number)."
    }

    private mutating func write(_ block: [UInt8], isDirect: Bool = false) {
        if !text.isEmpty { text += isDirect ? [0x0A] : [0x0A, 0x0A] }
        text += block
    }

    private mutating func writeNotes() {
        let first = noteCount - references.count + 1
        for (index, id) in references.enumerated() {
            write(Array("[\(first + index)] ".utf8) + Self.oneLine(notes[id] ?? []))
            wasItem = false
        }
        references = []
    }

    // MARK: - Tables

    private mutating func addToCell(_ words: [UInt8]) {
        let table = tables.count - 1
        let row = tables[table].rows.count - 1
        guard row >= 0, !tables[table].rows[row].isEmpty else { return write(words) }
        let cell = tables[table].rows[row].count - 1
        if !tables[table].rows[row][cell].isEmpty { tables[table].rows[row][cell].append(0x0A) }
        tables[table].rows[row][cell] += words
    }

    private mutating func endTable() {
        let table = tables.removeLast()
        let rows = table.rows.filter { $0.contains { !$0.isEmpty } }
        let most = rows.map(\.count).max() ?? 0
        // A table of one column is a frame around paragraphs, and one within another a part of its cell.
        guard tables.isEmpty else {
            for row in rows {
                let cells = row.map(Self.oneLine).filter { !$0.isEmpty }
                addToCell(Array(cells.joined(separator: "; ".utf8)))
            }
            return
        }
        wasItem = false
        for (index, row) in rows.enumerated() {
            if most == 1 {
                write(Array(row.joined(separator: [0x0A])))
                continue
            }
            let cells = row.map(Self.oneLine)
            write(
                Array("| ".utf8) + cells.joined(separator: " | ".utf8) + Array(" |".utf8), isDirect: index > 0)
            if index == 0, table.hasHead { text += ("\n|" + String(repeating: " --- |", count: row.count)).utf8 }
        }
        writeNotes()
    }

    // MARK: - Words

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let body = bytes.drop(while: HTMLTokenizer.isSpace)
        guard let last = body.lastIndex(where: { !HTMLTokenizer.isSpace($0) }) else { return [] }
        return Array(body[...last])
    }

    private static func oneLine(_ bytes: [UInt8]) -> [UInt8] { bytes.map { $0 == 0x0A ? 0x20 : $0 } }
}
