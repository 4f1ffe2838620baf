/// What a chunker packs: a sentence, a heading, a table or a piece of code, small enough for a passage of its own.
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
    /// Tokens by each limit of the budget.
    var tokens: [Int]
    var breakBefore: Break
    var isHeading = false
    /// Means little without what follows: a heading, or a sentence that ends with a colon before a list, table or code.
    var leadsOn = false
    /// May be repeated at the start of the next passage.
    var mayOverlap = false
    /// Index into the heading paths.
    var section: Int
}

/// Text as units, each within `limits` tokens.
struct TextUnits {
    var units: [TextUnit] = []
    /// Heading paths such as `Plans > Downgrading`; the first is empty: before any heading.
    var sections: [String] = [""]

    private let bytes: [UInt8]
    private let budget: PassageBudget
    private let limits: [Int]
    private let documentID: String

    /// - Parameters:
    ///   - limits: the most tokens a unit may have by each counter of `budget`.
    ///   - title: a level 1 heading that repeats it is left out of the heading paths.
    init(of bytes: [UInt8], title: String?, budget: PassageBudget, limits: [Int], documentID: String) throws {
        self.bytes = bytes
        self.budget = budget
        self.limits = limits
        self.documentID = documentID
        try scan(title: title)
    }

    private mutating func scan(title: String?) throws {
        var path: [(level: Int, text: String)] = []
        let blocks = TextBlock.blocks(in: bytes)
        for (index, block) in blocks.enumerated() {
            let next = index + 1 < blocks.count ? blocks[index + 1].kind : nil
            let introduces =
                bytes[block.range.upperBound - 1] == UInt8(ascii: ":")
                && (next == .listItem || next == .code || next == .table)
            switch block.kind {
            case .heading(let level):
                let text = ByteText.string(block.headingText, in: bytes)
                path.removeAll { $0.level >= level }
                path.append((level, text))
                let shown = path.filter { !($0.level == 1 && $0.text == title) && !$0.text.isEmpty }
                sections.append(shown.map(\.text).joined(separator: " > "))
                try append([block.range], first: .section, isHeading: true)
                units[units.count - 1].leadsOn = true
            case .paragraph, .listItem:
                let first: TextUnit.Break =
                    !block.followsDirectly ? .paragraph : block.kind == .listItem ? .listItem : .sentence
                try append(
                    SentenceBoundaries.sentences(in: bytes, block.range), first: first, mayOverlap: true)
                units[units.count - 1].leadsOn = introduces
            case .code, .table:
                let first: TextUnit.Break = block.followsDirectly ? .sentence : .paragraph
                if Self.fits(count(block.range), limitsBehindHeadings) {
                    try append([block.range], first: first)
                } else {
                    try append(lines(of: block.range), first: first)
                }
            }
        }
        separateWhatCannotStayTogether()
    }

    private mutating func append(
        _ ranges: [Range<Int>], first: TextUnit.Break, isHeading: Bool = false, mayOverlap: Bool = false
    ) throws {
        for (index, range) in ranges.enumerated() {
            let unit = TextUnit(
                range: range, tokens: count(range), breakBefore: index == 0 ? first : .sentence, isHeading: isHeading,
                mayOverlap: mayOverlap, section: sections.count - 1)
            let first = limitsBehindHeadings
            if Self.fits(unit.tokens, first) {
                units.append(unit)
            } else {
                units += try pieces(of: unit, limits: limits, first: first)
            }
        }
    }

    /// What leads on to something that no passage can hold with it does not: it would stand alone.
    private mutating func separateWhatCannotStayTogether() {
        for index in units.indices where units[index].leadsOn {
            guard index + 1 < units.count else { break }
            let both = zip(units[index].tokens, units[index + 1].tokens).map { $0 + $1 }
            if !fits(both) { units[index].leadsOn = false }
        }
    }

    /// What a passage that starts with the headings at the end of `units` has left for the text under them; the whole limits
    /// where that would be less than half.
    private var limitsBehindHeadings: [Int] {
        var left = limits
        for unit in units.reversed() {
            guard unit.isHeading else { break }
            for index in left.indices { left[index] -= unit.tokens[index] }
        }
        return zip(left, limits).allSatisfy { $0 * 2 >= $1 } ? left : limits
    }

    private func lines(of range: Range<Int>) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = range.lowerBound
        for position in range where bytes[position] == UInt8(ascii: "\n") {
            lines.append(ByteText.trimmed(start..<position, in: bytes))
            start = position + 1
        }
        lines.append(ByteText.trimmed(start..<range.upperBound, in: bytes))
        return lines.filter { !$0.isEmpty }
    }

    private func count(_ range: Range<Int>) -> [Int] {
        let text = ByteText.string(range, in: bytes)
        return budget.limits.map { $0.counter.tokenCount(text) }
    }

    private func fits(_ tokens: [Int]) -> Bool { Self.fits(tokens, limits) }

    private static func fits(_ tokens: [Int], _ limits: [Int]) -> Bool {
        zip(tokens, limits).allSatisfy { $0 <= $1 }
    }

    // MARK: - What is too long for one passage

    /// The unit at `index` as several that have at most `limits` tokens each.
    mutating func split(at index: Int, limits: [Int]) throws {
        units.replaceSubrange(index...index, with: try pieces(of: units[index], limits: limits, first: limits))
    }

    /// Cuts at white space, and within a word only where the word alone is too long.
    private func pieces(of unit: TextUnit, limits: [Int], first: [Int]) throws -> [TextUnit] {
        var pieces: [TextUnit] = []
        var start = unit.range.lowerBound
        while start < unit.range.upperBound {
            let end = try longestPiece(of: start..<unit.range.upperBound, limits: pieces.isEmpty ? first : limits)
            let range = ByteText.trimmed(start..<end, in: bytes)
            var piece = unit
            piece.range = range
            piece.tokens = count(range)
            piece.breakBefore = pieces.isEmpty ? unit.breakBefore : .word
            piece.mayOverlap = false
            pieces.append(piece)
            start = end
            while start < unit.range.upperBound, ByteText.isSpace(bytes[start]) { start += 1 }
        }
        return pieces
    }

    /// The end of a piece that starts `range` and fits: as long as a search by halves finds it, at white space if one lies in
    /// it. Costs a few counts of texts about as long as the piece, however long the range is.
    private func longestPiece(of range: Range<Int>, limits: [Int]) throws -> Int {
        let start = range.lowerBound
        func fits(_ end: Int) -> Bool { Self.fits(count(start..<end), limits) }

        // Grow until it does not fit. A token is rarely shorter than a byte, and often about four.
        var good = start
        var step = max(1, limits.min() ?? range.count)
        var bad = range.upperBound + 1
        while good < range.upperBound {
            let end = scalarEnd(min(range.upperBound, good + step), in: range)
            if fits(end) {
                good = end
                step *= 2
            } else {
                bad = end
                break
            }
        }
        if good == range.upperBound { return good }
        // Then halve. Tokenizers are not quite monotonic (a long word may become one unknown token): whatever comes out
        // has been counted and fits, which is all that matters.
        while true {
            let middle = scalarEnd(good + max(1, (bad - good) / 2), in: range)
            guard middle < bad else { break }
            if fits(middle) { good = middle } else { bad = middle }
        }
        guard good > start else {
            throw SearchError.budgetTooSmall(documentID: documentID, budget: budget.description)
        }
        if ByteText.isSpace(bytes[good]) || ByteText.isSpace(bytes[good - 1]) { return good }
        var wordStart = good
        while wordStart > start, !ByteText.isSpace(bytes[wordStart - 1]) { wordStart -= 1 }
        // A cut at a word is shorter, so it fits by every tokenizer that works word by word; others are asked.
        return wordStart > start && fits(wordStart) ? wordStart : good
    }

    /// The first scalar boundary at or after `position`.
    private func scalarEnd(_ position: Int, in range: Range<Int>) -> Int {
        var position = position
        while position < range.upperBound, !ByteText.isScalarStart(bytes[position]) { position += 1 }
        return position
    }
}
