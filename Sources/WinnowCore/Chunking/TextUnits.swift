/// What a chunker packs: a sentence, a heading, a table, a piece of code or a word, small enough for a passage of its own.
struct TextUnit {
    /// How well a passage may end before this unit.
    enum Break: Int, Comparable {
        case word
        case sentence
        case listItem
        case paragraph
        case section

        static func < (left: Break, right: Break) -> Bool { left.rawValue < right.rawValue }
    }

    /// Byte offsets in the text; between units lies white space only.
    var range: Range<Int>
    /// Tokens by each counter.
    var tokens: [Int]
    var breakBefore: Break
    var isHeading = false
    /// Means little without what follows: a heading, or a sentence that ends with a colon before a list, table or code.
    var leadsOn = false
    /// May be repeated at the start of the next passage.
    var mayOverlap = false
    /// How many headings stand before it or are it.
    var section: Int
    /// The headings that it stands under, such as `Plans > Downgrading`.
    var path: String
}

/// A text as units, made as they are asked for: only those between ``discard(before:)`` and the furthest that was asked for
/// are in memory.
struct TextUnits {
    enum Style {
        /// Sentences, headings, and tables and code whole where they fit.
        case sentences
        /// Words between white space; those over `longest` tokens of the first counter are cut between characters.
        case words(longest: Int?)
    }

    /// Units that are known with what follows them have the numbers 0..<known; all of the text's when ``isAtEnd``.
    var known: Int { isAtEnd ? dropped + units.count : dropped + max(0, units.count - 1) }
    private(set) var isAtEnd = false

    private var units: [TextUnit] = []
    private var dropped = 0
    private var blocks: DocumentBlocks
    /// The block after the last one that is in `units`.
    private var upcoming: TextBlock?
    /// The headings that the next block stands under, as they are shown.
    private var path: [(level: Int, text: String)] = []
    private var section = 0
    private var shownPath = ""
    /// What the headings at the end of `units` take.
    private var headingTokens: [Int]

    /// Tokens of words that were counted; some thousands of them at most.
    private var countedWords: [String: [Int]] = [:]

    /// Characters of a heading in a path.
    private static let longestHeading = 200

    private let style: Style
    private let source: SourceText
    private let title: String?
    private let longestBlock: Int
    private let cutter: UnitCutter
    private var limits: [Int] { cutter.limits }

    /// - Parameters:
    ///   - title: a level 1 heading that repeats it is left out of the heading paths.
    ///   - structure: of the document.
    ///   - longestBlock: as in ``TextBlocks``.
    ///   - cutter: has the most tokens that a unit may have, by each counter.
    init(
        of source: SourceText, title: String?, structure: TextStructure, style: Style, longestBlock: Int,
        cutter: UnitCutter
    ) {
        self.source = source
        self.title = title
        self.style = style
        self.longestBlock = longestBlock
        self.cutter = cutter
        headingTokens = cutter.limits.map { _ in 0 }
        blocks = DocumentBlocks(source, structure: structure, longest: longestBlock)
        upcoming = blocks.next()
    }

    /// - Parameter number: of a unit that is known, and was not discarded.
    subscript(number: Int) -> TextUnit { units[number - dropped] }

    /// Forgets the units with lower numbers.
    mutating func discard(before number: Int) {
        // At least as many go as stay and are moved: this is linear in all.
        guard number - dropped > units.count / 2 else { return }
        units.removeFirst(number - dropped)
        dropped = number
    }

    /// Reads on until there is a unit with this number that is known.
    /// - Returns: whether there is one.
    mutating func has(_ number: Int) throws -> Bool {
        while number >= known {
            // At the end of the text the last unit becomes known too.
            if isAtEnd { return false }
            try readBlock()
        }
        return true
    }

    private mutating func readBlock() throws {
        guard let block = upcoming else {
            isAtEnd = true
            return
        }
        upcoming = blocks.next()
        let last = units.count - 1
        if case .heading(let level) = block.kind { enter(block, level: level) }
        if let part = block.part { enter(part: part) }
        switch style {
        case .sentences: try appendSentences(block)
        case .words(let longest): try appendWords(block, longest: longest)
        }
        for index in max(0, last)..<max(0, units.count - 1) where units[index].leadsOn {
            separateIfTooLong(index)
        }
    }

    private mutating func enter(_ heading: TextBlock, level: Int) {
        path.removeAll { $0.level >= level }
        let text = source.string(heading.headingText)
        // A long paragraph over a line of dashes is a heading too: every passage below carries its beginning only.
        let shown = level == 1 && text == title ? "" : String(text.prefix(Self.longestHeading))
        path.append((level, shown.utf8.count < text.utf8.count && !shown.isEmpty ? shown + "…" : shown))
        section += 1
        shownPath = path.map(\.text).filter { !$0.isEmpty }.joined(separator: " > ")
    }

    private mutating func enter(part name: String) {
        section += 1
        shownPath = name.utf8.count <= Self.longestHeading ? name : String(name.prefix(Self.longestHeading)) + "…"
    }

    // MARK: - Sentences

    private mutating func appendSentences(_ block: TextBlock) throws {
        let bytes = source.bytes(block.range)
        let base = block.range.lowerBound
        switch block.kind {
        case .heading:
            try append([block.range], first: .section, isHeading: true)
            units[units.count - 1].leadsOn = true
        case .paragraph, .listItem:
            let first: TextUnit.Break =
                !block.followsDirectly ? .paragraph : block.kind == .listItem ? .listItem : .sentence
            let sentences = SentenceBoundaries.sentences(in: bytes, 0..<bytes.count)
            try append(sentences.map { $0.lowerBound + base..<$0.upperBound + base }, first: first, mayOverlap: true)
            let next = upcoming?.kind
            units[units.count - 1].leadsOn =
                bytes.last == UInt8(ascii: ":") && (next == .listItem || next == .code || next == .table)
        case .code, .table:
            let first: TextUnit.Break =
                block.part != nil ? .section : block.followsDirectly ? .sentence : .paragraph
            // What is over the bound on memory is no passage: it is not counted whole.
            if block.range.count < longestBlock,
                cutter.fits(cutter.count(source.string(block.range)), limitsBehindHeadings)
            {
                try append([block.range], first: first)
            } else {
                try appendLines(of: block, bytes, first: first)
            }
        }
    }

    /// A table or piece of code that is too long for one passage, by its lines. A blank line of code is the better place to end
    /// a passage; a fence stays with the line within it, and the head of a table with its first row.
    private mutating func appendLines(of block: TextBlock, _ bytes: [UInt8], first: TextUnit.Break) throws {
        var lines: [(range: Range<Int>, afterBlank: Bool)] = []
        var afterBlank = false
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let line = ByteText.trimmed(start..<end, in: bytes)
            if line.isEmpty {
                afterBlank = true
            } else {
                lines.append((line, afterBlank))
                afterBlank = false
            }
            start = end + 1
        }
        let base = block.range.lowerBound
        for (index, line) in lines.enumerated() {
            let range = line.range.lowerBound + base..<line.range.upperBound + base
            try append([range], first: index == 0 ? first : line.afterBlank ? .paragraph : .sentence)
            let isHead = index == 0 || (block.kind == .table && index == 1 && Self.isRule(bytes[line.range]))
            let endsBeforeFence =
                block.kind == .code && index + 2 == lines.count && Self.isFence(bytes[lines[index + 1].range])
            units[units.count - 1].leadsOn = index + 1 < lines.count && (isHead || endsBeforeFence)
        }
    }

    private static func isRule(_ line: ArraySlice<UInt8>) -> Bool {
        line.allSatisfy { "|-: \t".utf8.contains($0) }
    }

    private static func isFence(_ line: ArraySlice<UInt8>) -> Bool {
        line.allSatisfy { "`~".utf8.contains($0) }
    }

    // MARK: - Words

    private mutating func appendWords(_ block: TextBlock, longest: Int?) throws {
        let bytes = source.bytes(block.range)
        let base = block.range.lowerBound
        var position = 0
        while position < bytes.count {
            var end = position
            while end < bytes.count, !ByteText.isSpace(bytes[end]) { end += 1 }
            let word = TextUnit(
                range: position + base..<end + base, tokens: wordTokens(position..<end, in: bytes),
                breakBefore: .word,
                isHeading: block.isHeading, mayOverlap: true, section: section, path: shownPath)
            var most = limits
            if let longest, let first = most.first { most[0] = min(first, longest) }
            if cutter.fits(word.tokens, most) {
                units.append(word)
            } else {
                units += try cutter.pieces(of: word, in: source, limits: most, first: most)
            }
            position = end
            while position < bytes.count, ByteText.isSpace(bytes[position]) { position += 1 }
        }
    }

    /// Most words of a text have been in it before, and looking them up costs a fraction of counting them.
    private mutating func wordTokens(_ range: Range<Int>, in bytes: [UInt8]) -> [Int] {
        guard range.count <= 24 else { return cutter.count(range, in: bytes) }
        let word = ByteText.string(range, in: bytes)
        if let tokens = countedWords[word] { return tokens }
        let tokens = cutter.count(word)
        if countedWords.count >= 1 << 14 { countedWords.removeAll(keepingCapacity: true) }
        countedWords[word] = tokens
        return tokens
    }

    // MARK: - Units

    private mutating func append(
        _ ranges: [Range<Int>], first: TextUnit.Break, isHeading: Bool = false, mayOverlap: Bool = false
    ) throws {
        for (index, range) in ranges.enumerated() {
            let unit = TextUnit(
                range: range, tokens: cutter.count(source.string(range)), breakBefore: index == 0 ? first : .sentence,
                isHeading: isHeading, mayOverlap: mayOverlap, section: section, path: shownPath)
            let first = limitsBehindHeadings
            if cutter.fits(unit.tokens, first) {
                add(unit)
            } else {
                for piece in try cutter.pieces(of: unit, in: source, limits: limits, first: first) { add(piece) }
            }
        }
    }

    private mutating func add(_ unit: TextUnit) {
        for index in headingTokens.indices {
            headingTokens[index] = unit.isHeading ? headingTokens[index] + unit.tokens[index] : 0
        }
        units.append(unit)
    }

    /// What a passage that starts with the headings at the end of the units has left for the text under them; the whole limits
    /// where that would be less than half.
    private var limitsBehindHeadings: [Int] {
        let left = zip(limits, headingTokens).map { $0 - $1 }
        return zip(left, limits).allSatisfy { $0 * 2 >= $1 } ? left : limits
    }

    /// What leads on to something that no passage can hold with it does not: it would stand alone.
    private mutating func separateIfTooLong(_ index: Int) {
        let both = zip(units[index].tokens, units[index + 1].tokens).map { $0 + $1 }
        if !cutter.fits(both, limits) { units[index].leadsOn = false }
    }

    /// The unit as several that have at most `limits` tokens each.
    mutating func split(at number: Int, limits: [Int]) throws {
        let index = number - dropped
        units.replaceSubrange(
            index...index, with: try cutter.pieces(of: units[index], in: source, limits: limits, first: limits))
    }
}
