/// The blocks of a document in order: those that its text shows, or the parts of its code.
struct DocumentBlocks: Sequence, IteratorProtocol {
    private enum Source {
        case text(TextBlocks)
        case code(CodeBlocks)
    }

    private var source: Source

    /// - Parameter longest: as in ``TextBlocks``.
    init(_ text: SourceText, structure: TextStructure, longest: Int) {
        switch structure {
        case .prose, .pages: source = .text(TextBlocks(text, longest: longest))
        case .code(let parts): source = .code(CodeBlocks(text, parts: parts, longest: longest))
        }
    }

    mutating func next() -> TextBlock? {
        switch source {
        case .text(var blocks):
            defer { source = .text(blocks) }
            return blocks.next()
        case .code(var blocks):
            defer { source = .code(blocks) }
            return blocks.next()
        }
    }
}

/// The parts of source code as blocks, those over `longest` bytes in several, cut at ends of lines.
struct CodeBlocks: IteratorProtocol {
    private let source: SourceText
    private let parts: [CodePart]
    private let longest: Int
    private var index = 0
    /// Where the next block starts.
    private var position = 0

    init(_ source: SourceText, parts: [CodePart], longest: Int) {
        self.source = source
        self.parts = parts.isEmpty ? [CodePart(start: 0, name: "")] : parts
        self.longest = Swift.max(1, longest)
    }

    mutating func next() -> TextBlock? {
        while index < parts.count {
            let end = index + 1 < parts.count ? Swift.min(source.count, parts[index + 1].start) : source.count
            let isFirst = position <= parts[index].start || (index == 0 && position == 0)
            let start = position
            guard start < end else {
                index += 1
                continue
            }
            let bytes = source.bytes(start..<Swift.min(end, start + longest + 8))
            let length = end - start > longest ? cut(bytes) : bytes.count
            position = start + length
            let range = ByteText.trimmed(0..<length, in: bytes)
            if range.isEmpty { continue }
            return TextBlock(
                kind: .code, range: range.lowerBound + start..<range.upperBound + start, headingText: 0..<0,
                followsDirectly: !isFirst, part: isFirst ? parts[index].name : nil)
        }
        return nil
    }

    /// At the last end of a line within the limit, else between scalars.
    private func cut(_ bytes: [UInt8]) -> Int {
        let limit = Swift.min(longest, bytes.count)
        if let feed = bytes[..<limit].lastIndex(of: UInt8(ascii: "\n")) { return feed + 1 }
        return ByteText.scalarEnd(limit, in: bytes, end: bytes.count)
    }
}
