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
}

extension TextBlock {
    package var isHeading: Bool {
        if case .heading = kind { return true }
        return false
    }

    /// The blocks of a UTF-8 text, in order; they do not overlap, and only white space lies between them.
    package static func blocks(in bytes: [UInt8]) -> [TextBlock] {
        var scanner = BlockScanner(bytes: bytes)
        return scanner.scan()
    }
}

private struct BlockScanner {
    let bytes: [UInt8]
    var blocks: [TextBlock] = []
    /// The block that the next line may continue.
    var open: (kind: TextBlock.Kind, start: Int, lines: Int, direct: Bool)?
    /// The end of the open block's last line, white space excluded.
    var openEnd = 0
    var afterBlank = true

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func scan() -> [TextBlock] {
        var position = 0
        var fence: (mark: UInt8, length: Int)?
        while position < bytes.count {
            let lineStart = position
            while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
            let line = trimmed(lineStart..<position)
            position += 1

            if let opened = fence {
                if !line.isEmpty { openEnd = line.upperBound }
                if closes(line, opened.mark, opened.length) {
                    fence = nil
                    close()
                }
                continue
            }
            if line.isEmpty {
                close()
                afterBlank = true
                continue
            }
            if let opening = fenceOpening(line) {
                close()
                begin(.code, line)
                fence = opening
            } else if let heading = headingLine(line) {
                close()
                append(.heading(level: heading.level), line, headingText: heading.text)
            } else if let level = underline(line), case (.paragraph, let start, 1, let direct)? = open {
                let text = start..<openEnd
                open = nil
                blocks.append(
                    TextBlock(
                        kind: .heading(level: level), range: start..<line.upperBound, headingText: text,
                        followsDirectly: direct))
                afterBlank = false
            } else if bytes[line.lowerBound] == UInt8(ascii: "|") {
                if open?.kind != .table {
                    close()
                    begin(.table, line)
                } else {
                    openEnd = line.upperBound
                }
            } else if isListItem(line) {
                close()
                begin(.listItem, line)
            } else if open == nil || open?.kind == .table {
                close()
                begin(.paragraph, line)
            } else {
                openEnd = line.upperBound
                open?.lines += 1
            }
        }
        close()
        return blocks
    }

    private mutating func begin(_ kind: TextBlock.Kind, _ line: Range<Int>) {
        open = (kind, line.lowerBound, 1, !afterBlank)
        openEnd = line.upperBound
        afterBlank = false
    }

    private mutating func close() {
        guard let closing = open else { return }
        blocks.append(
            TextBlock(
                kind: closing.kind, range: closing.start..<openEnd, headingText: 0..<0, followsDirectly: closing.direct)
        )
        open = nil
        afterBlank = false
    }

    private mutating func append(_ kind: TextBlock.Kind, _ line: Range<Int>, headingText: Range<Int>) {
        blocks.append(
            TextBlock(kind: kind, range: line, headingText: headingText, followsDirectly: !afterBlank))
        afterBlank = false
    }

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

/// Small questions about UTF-8 bytes.
package enum ByteText {
    /// ASCII white space.
    @inline(__always)
    package static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    /// The byte begins a scalar.
    @inline(__always)
    package static func isScalarStart(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

    /// `range` without the ASCII white space at both ends.
    package static func trimmed(_ range: Range<Int>, in bytes: [UInt8]) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    package static func string(_ range: Range<Int>, in bytes: [UInt8]) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}
