import WinnowCore

/// The text of a PDF as it was before it was set in lines and pages: without running heads and page numbers, paragraphs in one line
/// each, words whole.
package struct PDFText {
    package private(set) var text = ""
    /// Where each page begins in the text.
    package private(set) var starts: [Int] = []

    private var bytes: [UInt8] = []
    /// The last line, as it was printed; nil where a block ended.
    private var last: ArraySlice<UInt8>?
    /// Bytes of the longest line of the last line's block.
    private var width = 0

    /// - Parameter pages: as `pdftotext` gives them; UTF-8.
    package init(pages: [ArraySlice<UInt8>]) {
        let lines = pages.map { $0.split(separator: 0x0A, omittingEmptySubsequences: false).map(Self.trimmed) }
        let furniture = PageFurniture(lines.map { $0.filter { !$0.isEmpty } })
        let blocks = lines.enumerated().map { number, lines in
            Self.blocks(lines, head: furniture.heads[number], foot: furniture.feet[number])
        }
        let joining = LineJoining(blocks)
        for page in blocks {
            var isFirst = true
            let start = bytes.count
            for block in page {
                add(block, isContinued: isFirst && continues(block), joining)
                if isFirst { starts.append(pageStart(after: start)) }
                isFirst = false
            }
            if isFirst { starts.append(bytes.count) }
        }
        if !starts.isEmpty { starts[0] = 0 }
        text = String(decoding: bytes, as: UTF8.self)
        bytes = []
    }

    /// Behind the white space between two pages.
    private func pageStart(after offset: Int) -> Int {
        var start = min(offset, bytes.count)
        while start < bytes.count, ByteText.isSpace(bytes[start]) { start += 1 }
        return start
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let first = line.first, ByteText.isSpace(first) { line.removeFirst() }
        while let last = line.last, ByteText.isSpace(last) { line.removeLast() }
        return line
    }

    /// The lines of a page between blank ones, without `head` and `foot` of them at its edges.
    private static func blocks(_ lines: [ArraySlice<UInt8>], head: Int, foot: Int) -> [[ArraySlice<UInt8>]] {
        let filled = lines.count { !$0.isEmpty }
        var blocks: [[ArraySlice<UInt8>]] = []
        var block: [ArraySlice<UInt8>] = []
        var number = 0
        for line in lines {
            if line.isEmpty {
                if !block.isEmpty { blocks.append(block) }
                block = []
                continue
            }
            number += 1
            // Under another line, a row of dashes would make a heading of it.
            let isRule = line.allSatisfy { "-=_".utf8.contains($0) }
            if number > head, number <= filled - foot, !isRule { block.append(line) }
        }
        if !block.isEmpty { blocks.append(block) }
        return blocks
    }

    // MARK: - Joining

    /// The first block of a page goes on with the last paragraph of the page before.
    private func continues(_ block: [ArraySlice<UInt8>]) -> Bool {
        guard let last, let end = last.last, let line = block.first, let first = line.first else { return false }
        if !LineJoining.isFull(last, width: width) || LineJoining.beginsItem(line) { return false }
        return (0x61...0x7A).contains(first) && !".!?:".utf8.contains(end)
    }

    private mutating func add(_ block: [ArraySlice<UInt8>], isContinued: Bool, _ joining: LineJoining) {
        let width = block.map(\.count).max() ?? 0
        for (index, line) in block.enumerated() {
            if index == 0, !isContinued {
                if !bytes.isEmpty { bytes += [0x0A, 0x0A] }
            } else if let last {
                append(after: last, line, joining)
            }
            bytes += line
            last = line
            self.width = width
        }
    }

    /// Puts between two lines of a block what belongs there.
    private mutating func append(after last: ArraySlice<UInt8>, _ line: ArraySlice<UInt8>, _ joining: LineJoining) {
        if LineJoining.beginsItem(line) {
            bytes.append(0x0A)
            return
        }
        switch joining.hyphen(last, before: line) {
        case .goes(let length): bytes.removeLast(length)
        case .stays: break
        case .none: bytes.append(LineJoining.isFull(last, width: width) ? 0x20 : 0x0A)
        }
    }
}
