/// A piece of a text that its writer set apart: what Markdown calls a leaf block, found by looking at lines only.
///
/// Plain text without any mark-up comes out as its paragraphs.
package struct TextBlock: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case heading(level: Int)
        case paragraph
        case listItem
        /// Fenced code, with its fences.
        case code
        case table
    }

    package var kind: Kind
    /// Byte offsets, white space at both ends excluded (the first line of code keeps its indentation out too).
    package var range: Range<Int>
    /// Bytes of a heading's words, without `#`s or underline; empty for other kinds.
    package var headingText: Range<Int>
    /// No blank line lies between this block and the one before.
    package var followsDirectly: Bool
    /// The name of the part of source code that begins here; nil in texts that have headings for that.
    package var part: String? = nil
}

extension TextBlock {
    package var isHeading: Bool {
        if case .heading = kind { return true }
        return false
    }

    /// The blocks of a text that is short, such as a passage's.
    ///
    /// - Parameter bytes: valid UTF-8.
    package static func blocks(in bytes: [UInt8]) -> [TextBlock] {
        Array(TextBlocks(SourceText(String(decoding: bytes, as: UTF8.self))))
    }
}

/// The blocks of a text, in order, found as they are asked for; they do not overlap, and only white space lies between them.
///
/// Takes memory for a few times ``longest``, however long the text is. Blocks and lines over ``longest`` bytes come in several
/// parts, each a block: cut at ends of lines, in a longer line at white space, in a longer word between characters.
package struct TextBlocks: Sequence, IteratorProtocol {
    /// No document below this size is changed by the bound on memory.
    package static let defaultLongest = 1 << 20

    private let source: SourceText
    private let longest: Int
    /// A stretch of the text, and the offset of its first byte.
    private var bytes: [UInt8] = []
    private var base = 0
    /// Where the next line starts in `bytes`.
    private var position = 0
    /// The next line is the rest of one that was cut.
    private var isWithinLine = false

    private var ready: [TextBlock] = []
    /// The block that the next line may continue.
    private var open: OpenBlock?
    private var fence: (mark: UInt8, length: Int)?
    private var afterBlank = true

    /// Offsets in the text.
    private struct OpenBlock {
        var kind: TextBlock.Kind
        var start: Int
        /// The end of the last line, white space excluded.
        var end: Int
        var lines = 1
        var followsDirectly: Bool
        /// The first line holds a `|`: a row of dashes below makes it a table's head.
        var mayHeadTable = false
        /// A table whose rows need not begin with `|`.
        var isBareTable = false
    }

    /// - Parameter longest: the most bytes of a block.
    package init(_ source: SourceText, longest: Int = Self.defaultLongest) {
        self.source = source
        self.longest = Swift.max(1, longest)
    }

    package mutating func next() -> TextBlock? {
        while ready.isEmpty {
            if let line = nextLine() {
                take(line.range, isRest: line.isRest)
            } else if open != nil {
                close()
            } else {
                return nil
            }
        }
        return ready.removeFirst()
    }

    // MARK: - Lines

    /// The next line in `bytes`, without white space at its ends.
    private mutating func nextLine() -> (range: Range<Int>, isRest: Bool)? {
        // A few bytes beyond the longest line show where the scalar and the character at its end end.
        let margin = 8
        if bytes.count - position <= longest + margin, base + bytes.count < source.count {
            bytes.removeSubrange(..<position)
            base += position
            position = 0
            let start = base + bytes.count
            bytes += source.bytes(start..<Swift.min(source.count, start + Swift.max(longest, 1 << 12) + 2 * margin))
        }
        guard position < bytes.count else { return nil }
        let start = position
        let isRest = isWithinLine
        let limit = Swift.min(bytes.count, start + longest)
        var end = start
        while end < limit, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        if end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
            end = cut(start, limit)
            isWithinLine = true
            position = end
        } else {
            isWithinLine = false
            position = end + 1
        }
        return (ByteText.trimmed(start..<end, in: bytes), isRest)
    }

    /// Where a line that is over the limit is cut: at the last white space in its second half, else between characters.
    private func cut(_ start: Int, _ limit: Int) -> Int {
        var space = limit
        while space > start + longest / 2 {
            if ByteText.isSpace(bytes[space - 1]) { return space }
            space -= 1
        }
        let scalar = ByteText.scalarEnd(limit, in: bytes, end: bytes.count)
        return ByteText.graphemeBoundary(atOrBefore: scalar, from: start, in: bytes, end: bytes.count) ?? scalar
    }

    // MARK: - Blocks

    private mutating func take(_ line: Range<Int>, isRest: Bool) {
        if line.isEmpty {
            if fence == nil, !isRest {
                close()
                afterBlank = true
            }
            return
        }
        if let opened = fence {
            if open == nil { begin(.code, line) } else { extend(to: line) }
            if !isRest, closes(line, opened.mark, opened.length) {
                fence = nil
                close()
            }
        } else if isRest {
            if open == nil { begin(.paragraph, line) } else { extend(to: line) }
        } else if let opening = fenceOpening(line) {
            close()
            begin(.code, line)
            fence = opening
        } else if let heading = headingLine(line) {
            close()
            ready.append(
                TextBlock(
                    kind: .heading(level: heading.level), range: global(line), headingText: global(heading.text),
                    followsDirectly: !afterBlank))
            afterBlank = false
        } else if let paragraph = open, paragraph.kind == .paragraph, paragraph.lines == 1,
            let level = underline(line)
        {
            open = nil
            ready.append(
                TextBlock(
                    kind: .heading(level: level), range: paragraph.start..<base + line.upperBound,
                    headingText: paragraph.start..<paragraph.end, followsDirectly: paragraph.followsDirectly))
            afterBlank = false
        } else if let paragraph = open, paragraph.mayHeadTable, paragraph.lines == 1, isDelimiterRow(line) {
            open?.kind = .table
            open?.isBareTable = true
            extend(to: line)
        } else if open?.isBareTable == true, hasBar(line) {
            extend(to: line)
        } else if bytes[line.lowerBound] == UInt8(ascii: "|") {
            if open?.kind == .table {
                extend(to: line)
            } else {
                close()
                begin(.table, line)
            }
        } else if isListItem(line) {
            close()
            begin(.listItem, line)
        } else if open == nil || open?.kind == .table {
            close()
            begin(.paragraph, line, mayHeadTable: hasBar(line))
        } else {
            extend(to: line)
        }
    }

    private func global(_ range: Range<Int>) -> Range<Int> { range.lowerBound + base..<range.upperBound + base }

    private mutating func begin(_ kind: TextBlock.Kind, _ line: Range<Int>, mayHeadTable: Bool = false) {
        let range = global(line)
        open = OpenBlock(
            kind: kind, start: range.lowerBound, end: range.upperBound, followsDirectly: !afterBlank,
            mayHeadTable: mayHeadTable)
        afterBlank = false
    }

    /// Adds a line to the open block, or begins another of its kind where that would be too long.
    private mutating func extend(to line: Range<Int>) {
        if let full = open, base + line.upperBound - full.start > longest {
            close()
            begin(full.kind, line)
            open?.isBareTable = full.isBareTable
        } else {
            open?.end = base + line.upperBound
            open?.lines += 1
        }
    }

    private mutating func close() {
        guard let closing = open else { return }
        ready.append(
            TextBlock(
                kind: closing.kind, range: closing.start..<closing.end, headingText: 0..<0,
                followsDirectly: closing.followsDirectly))
        open = nil
        afterBlank = false
    }

    // MARK: - What a line is

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        ByteText.trimmed(range, in: bytes)
    }

    /// ``` or ~~~, three or more.
    private func fenceOpening(_ line: Range<Int>) -> (mark: UInt8, length: Int)? {
        let mark = bytes[line.lowerBound]
        guard mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else { return nil }
        let length = run(of: mark, in: line)
        guard length >= 3 else { return nil }
        // ```code``` on one line is a code span.
        if mark == UInt8(ascii: "`"), bytes[line.lowerBound + length..<line.upperBound].contains(mark) { return nil }
        return (mark, length)
    }

    private func closes(_ line: Range<Int>, _ mark: UInt8, _ length: Int) -> Bool {
        let run = run(of: mark, in: line)
        return run >= length && run == line.count
    }

    private func run(of mark: UInt8, in line: Range<Int>) -> Int {
        var position = line.lowerBound
        while position < line.upperBound, bytes[position] == mark { position += 1 }
        return position - line.lowerBound
    }

    private func hasBar(_ line: Range<Int>) -> Bool { bytes[line].contains(UInt8(ascii: "|")) }

    /// The row between a table's head and its body: `---|:--:`.
    private func isDelimiterRow(_ line: Range<Int>) -> Bool {
        let row = bytes[line]
        return row.contains(UInt8(ascii: "-"))
            && row.allSatisfy {
                $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "|") || $0 == UInt8(ascii: ":") || ByteText.isSpace($0)
            }
    }

    /// One to six `#` and white space or the line's end.
    private func headingLine(_ line: Range<Int>) -> (level: Int, text: Range<Int>)? {
        let level = run(of: UInt8(ascii: "#"), in: line)
        guard (1...6).contains(level) else { return nil }
        let start = line.lowerBound + level
        guard start == line.upperBound || ByteText.isSpace(bytes[start]) else { return nil }
        var text = trimmed(start..<line.upperBound)
        // `## Heading ##` is closed by what follows a space.
        var end = text.upperBound
        while end > text.lowerBound, bytes[end - 1] == UInt8(ascii: "#") { end -= 1 }
        if end == text.lowerBound || ByteText.isSpace(bytes[end - 1]) { text = trimmed(text.lowerBound..<end) }
        return (level, text)
    }

    /// A line of `=` (level 1) or `-` (level 2) that makes the line above it a heading.
    private func underline(_ line: Range<Int>) -> Int? {
        if run(of: UInt8(ascii: "="), in: line) == line.count { return 1 }
        if run(of: UInt8(ascii: "-"), in: line) == line.count, line.count >= 2 { return 2 }
        return nil
    }

    /// `-`, `*`, `+`, `•`, or up to nine digits and `.` or `)`, then white space.
    private func isListItem(_ line: Range<Int>) -> Bool {
        var position = line.lowerBound
        switch bytes[position] {
        case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"):
            position += 1
        case 0xE2 where bytes[position..<line.upperBound].starts(with: [0xE2, 0x80, 0xA2] as [UInt8]):
            position += 3
        default:
            let digits = position
            while position < line.upperBound, (0x30...0x39).contains(bytes[position]) { position += 1 }
            guard (1...9).contains(position - digits), position < line.upperBound,
                bytes[position] == UInt8(ascii: ".") || bytes[position] == UInt8(ascii: ")")
            else { return false }
            position += 1
        }
        return position < line.upperBound && ByteText.isSpace(bytes[position])
    }
}
