/// The text of a page: what is shown, block by block, with the marks of Markdown for headings, lists, tables and code, which chunking
/// and `section` go by.
struct PageText {
    private let tree: HTMLTree
    private let isDropped: [Bool]
    private(set) var text: [UInt8] = []
    /// The text of the first heading of level 1.
    private(set) var heading: [UInt8] = []

    /// Words of the block that is open, white space collapsed.
    private var line: [UInt8] = []
    private var endsInSpace = true
    private var lists: [(isOrdered: Bool, count: Int)] = []
    /// The mark of the item that begins, until there is text for it.
    private var mark: String?
    private var afterBlank = true
    private var isDirect = false
    /// Elements that are open, and shown.
    private var open: [Int] = []
    private var tables: [Table] = []
    private var pre: (number: Int, text: [UInt8])?

    /// Lists that are further in stand as far in as this one: a text may not grow far beyond its page.
    private static let deepestIndent = 8

    private struct Table {
        /// Shown row by row; otherwise it only arranges blocks.
        var isData: Bool
        var rows = 0
        var cells: [[UInt8]] = []
        var hasHead = false
    }

    /// - Throws: `CancellationError`.
    init(_ tree: HTMLTree, isDropped: [Bool]) throws {
        self.tree = tree
        self.isDropped = isDropped
        var number = 1
        while number < tree.nodes.count {
            if number & 0xFFFF == 0 { try Task.checkCancellation() }
            closeElements(before: number)
            if isDropped[number] {
                number = tree.nodes[number].end
                continue
            }
            let node = tree.nodes[number]
            if node.element == .text {
                add(tree.text[node.text])
            } else {
                begin(node, number)
                open.append(number)
            }
            number += 1
        }
        closeElements(before: tree.nodes.count)
        endBlock()
    }

    private mutating func closeElements(before number: Int) {
        while let last = open.last, tree.nodes[last].end <= number {
            open.removeLast()
            end(tree.nodes[last], last)
        }
    }

    // MARK: - Text

    private mutating func add(_ bytes: ArraySlice<UInt8>) {
        if pre != nil {
            pre?.text += bytes
            return
        }
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if HTMLTokenizer.isSpace(byte) {
                addSpace()
            } else if byte == 0xC2, index + 1 < bytes.endIndex, bytes[index + 1] == 0xA0 || bytes[index + 1] == 0xAD {
                // A no-break space is white space to a reader, a soft hyphen nothing.
                if bytes[index + 1] == 0xA0 { addSpace() }
                index += 1
            } else if byte == 0xE2, bytes[index...].starts(with: [0xE2, 0x80, 0x8B] as [UInt8]) {
                index += 2
            } else {
                line.append(byte)
                endsInSpace = false
            }
            index += 1
        }
    }

    private mutating func addSpace() {
        if !endsInSpace { line.append(0x20) }
        endsInSpace = true
    }

    private mutating func addBreak() {
        if pre != nil {
            pre?.text.append(0x0A)
        } else if isInCell {
            addSpace()
        } else {
            while line.last == 0x20 { line.removeLast() }
            if !line.isEmpty { line.append(0x0A) }
            endsInSpace = true
        }
    }

    private var isInCell: Bool { tables.last?.isData == true }

    // MARK: - Elements

    private mutating func begin(_ node: HTMLTree.Node, _ number: Int) {
        if node.element == .br { return addBreak() }
        if pre != nil { return }
        switch node.element {
        case .table:
            endBlock()
            tables.append(Table(isData: isData(number)))
        case .tr where isInCell: startRow()
        case .td, .th:
            if isInCell {
                takeStray()
                if node.element == .th, tables.last?.rows == 0 { tables[tables.count - 1].hasHead = true }
            } else {
                endBlock()
            }
        case .caption where isInCell: takeStray()
        case _ where isInCell: if node.element.isBlock { addSpace() }
        case .ul, .ol, .menu, .dir:
            // A list within an item goes on directly under it.
            endBlock(isDirect: !lists.isEmpty)
            lists.append((node.element == .ol, firstNumber(node)))
        case .li:
            endBlock(isDirect: true)
            mark = itemMark()
        case .dt: endBlock()
        case .dd: endBlock(isDirect: true)
        case .pre, .listing:
            endBlock()
            pre = (number, [])
        case _ where node.element.isBlock: endBlock()
        default: break
        }
    }

    private mutating func end(_ node: HTMLTree.Node, _ number: Int) {
        if let code = pre {
            guard code.number == number else { return }
            pre = nil
            addCode(code.text)
            return
        }
        switch node.element {
        case .table:
            if isInCell { endRow() } else { endBlock() }
            tables.removeLast()
            afterBlank = false
            isDirect = false
        case .td, .th:
            if isInCell { tables[tables.count - 1].cells.append(takeLine()) } else { endBlock() }
        case .tr where isInCell: endRow()
        case .caption where isInCell: takeStray()
        case _ where isInCell: if node.element.isBlock { addSpace() }
        case .ul, .ol, .menu, .dir:
            endBlock()
            if !lists.isEmpty { lists.removeLast() }
            isDirect = !lists.isEmpty
        case .li:
            endBlock(isDirect: true)
            mark = nil
        case .h1, .h2, .h3, .h4, .h5, .h6:
            let words = takeLine().map { $0 == 0x0A ? 0x20 : $0 }
            guard !words.isEmpty, let level = node.element.headingLevel else { return }
            if level == 1, heading.isEmpty { heading = words }
            write(Array(String(repeating: "#", count: level).utf8) + [0x20] + words)
            isDirect = false
        case .dt: endBlock(isDirect: true)
        case _ where node.element.isBlock: endBlock()
        default: break
        }
    }

    // MARK: - Blocks

    private mutating func takeLine() -> [UInt8] {
        while let last = line.last, last == 0x20 || last == 0x0A { line.removeLast() }
        defer {
            line = []
            endsInSpace = true
        }
        return line
    }

    /// - Parameter isDirect: the next block follows on the next line.
    private mutating func endBlock(isDirect: Bool = false) {
        let words = takeLine()
        if !words.isEmpty {
            // Under another line, a row of dashes would make a heading of it.
            let lines = words.split(separator: 0x0A).filter { line in
                !line.allSatisfy { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "=") }
            }
            if !lines.isEmpty { write(Array(lines.joined(separator: [0x0A]))) }
        }
        // A paragraph that begins an item stands where the item does.
        if !words.isEmpty || mark == nil || isDirect { self.isDirect = isDirect }
    }

    /// A block, behind a blank line unless it follows directly, with the mark of its item.
    private mutating func write(_ block: [UInt8]) {
        if !text.isEmpty { text += isDirect ? [0x0A] : [0x0A, 0x0A] }
        let indent = String(repeating: "  ", count: min(Self.deepestIndent, max(0, lists.count - 1)))
        if let mark {
            text += (indent + mark + " ").utf8
        } else if !lists.isEmpty {
            text += (indent + "  ").utf8
        }
        mark = nil
        text += block
    }

    private mutating func itemMark() -> String {
        guard let list = lists.last else { return "-" }
        lists[lists.count - 1].count += 1
        return list.isOrdered ? "\(list.count)." : "-"
    }

    private func firstNumber(_ node: HTMLTree.Node) -> Int {
        guard node.attributes >= 0, let start = tree.attributes[node.attributes]["start"].flatMap({ Int($0) }) else {
            return 1
        }
        return (0...999_999).contains(start) ? start : 1
    }

    private mutating func addCode(_ bytes: [UInt8]) {
        var code = bytes.filter { $0 != 0x0D }
        if code.first == 0x0A { code.removeFirst() }
        while let last = code.last, HTMLTokenizer.isSpace(last) { code.removeLast() }
        guard code.contains(where: { !HTMLTokenizer.isSpace($0) }) else { return }
        var (run, longest) = (0, 2)
        for byte in code {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = Array(repeating: UInt8(ascii: "`"), count: longest + 1)
        let (lists, mark) = (lists, mark)
        // Verbatim: the indentation of a list would be the code's.
        (self.lists, self.mark) = ([], nil)
        write(fence + [0x0A] + code + [0x0A] + fence)
        (self.lists, self.mark) = (lists, mark)
        isDirect = false
    }

    // MARK: - Tables

    /// Rows of several cells without blocks in them, other than paragraphs.
    private func isData(_ number: Int) -> Bool {
        guard !isInCell else { return false }
        var cells = 0
        var mostCells = 0
        for inner in number + 1..<tree.nodes[number].end where !isDropped[inner] {
            switch tree.nodes[inner].element {
            case .tr: cells = 0
            case .td, .th:
                cells += 1
                mostCells = max(mostCells, cells)
            case .table, .h1, .h2, .h3, .h4, .h5, .h6, .pre, .ul, .ol, .dl, .blockquote, .form, .article, .section,
                .main,
                .hr:
                return false
            default: break
            }
        }
        return mostCells > 1
    }

    private mutating func startRow() {
        takeStray()
        if tables.last?.cells.isEmpty == false { endRow() }
    }

    private mutating func endRow() {
        takeStray()
        guard let table = tables.last else { return }
        tables[tables.count - 1].cells = []
        guard table.cells.contains(where: { !$0.isEmpty }) else { return }
        isDirect = table.rows > 0
        let row = Array("| ".utf8) + table.cells.joined(separator: " | ".utf8) + Array(" |".utf8)
        let (lists, mark) = (lists, mark)
        (self.lists, self.mark) = ([], nil)
        write(row)
        if table.rows == 0, table.hasHead {
            text += ("\n|" + String(repeating: " --- |", count: table.cells.count)).utf8
        }
        (self.lists, self.mark) = (lists, mark)
        tables[tables.count - 1].rows += 1
    }

    /// Text of a table outside of its cells, and its caption: a block of its own.
    private mutating func takeStray() {
        let words = takeLine()
        guard !words.isEmpty else { return }
        isDirect = false
        write(words.map { $0 == 0x0A ? 0x20 : $0 })
    }
}
