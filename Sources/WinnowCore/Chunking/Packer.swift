/// How a chunker packs units into passages.
struct Packing {
    enum Window {
        /// As the first limit of the budget counts; none where the budget has no limits.
        case tokens(Int)
        case words(Int)
    }

    enum Ends {
        /// At the last section, paragraph, list item or sentence that leaves the passage full enough. The next one repeats the
        /// last sentences, up to `overlap` as a share of the budget.
        case whereTheWriterPaused(overlap: Double)
        /// When no more fits. The next one repeats the last units, up to `overlap` by the window's measure.
        case whenFull(overlap: Int)
    }

    var style: TextUnits.Style
    var ends: Ends
    /// Besides the budget, the most of the text alone.
    var window: Window?
    /// The bound on memory: the most bytes of a passage, and of a block before it is cut.
    var longest: Int

    /// Where a block ends does not matter to words: they are counted some thousands at a time.
    var longestBlock: Int {
        if case .words = style { return min(longest, 1 << 16) }
        return longest
    }
}

/// One document's way into passages, a passage at a time.
struct Packer {
    private let document: Document
    private let source: SourceText
    private let packing: Packing
    private let space: PassageSpace
    /// What the text of a passage may count beside the title.
    private let limits: [Int]
    private var text: TextUnits
    /// The document is not cut: there is ``whole``, or nothing.
    private let isWhole: Bool
    private var whole: Piece?
    /// The number of the first unit that is in no passage yet, and of the one that the next passage begins with.
    private var firstNew = 0
    private var begin = 0

    /// A passage before it has a number.
    struct Piece {
        var range: Range<Int>
        var section: String
        var title: String?
    }

    init(document: Document, budget: PassageBudget, packing: Packing) throws {
        self.document = document
        self.packing = packing
        let source = SourceText(document.text)
        var space = PassageSpace(source: source, budget: budget, window: packing.window)
        let fullTitle = document.title.flatMap { $0.isEmpty ? nil : $0 }
        let body = source.trimmed
        // The title may be long where the whole document fits with it.
        let isWhole = body.isEmpty || (source.count <= space.bytesWorthTrying && space.fits(body, fullTitle))
        if isWhole {
            let title = body.isEmpty ? fullTitle.flatMap { space.shortened($0, share: 1) } : fullTitle
            whole = body.isEmpty && fullTitle == nil ? nil : Piece(range: body, section: "", title: title)
        } else {
            space.setTitle(fullTitle.flatMap { space.shortened($0, share: 0.25) })
        }
        limits = isWhole ? [] : space.limits(besideTitle: true)
        self.source = source
        self.space = space
        self.isWhole = isWhole
        text = TextUnits(
            of: source, title: fullTitle, structure: document.structure, style: packing.style,
            longestBlock: packing.longestBlock,
            cutter: UnitCutter(
                counters: isWhole ? [] : space.counters, limits: limits,
                failure: SearchError.budgetTooSmall(documentID: document.id, budget: budget.description)))
    }

    // MARK: - Packing

    mutating func next() throws -> Piece? {
        if isWhole {
            var piece = whole
            whole = nil
            if piece?.range.isEmpty == false { piece?.section = try section(from: 0, to: .max) }
            return piece
        }
        guard try text.has(firstNew) else { return nil }
        var end = try reach(from: begin)
        if end <= firstNew, begin < firstNew {
            begin = firstNew
            end = try reach(from: begin)
        }
        if end <= firstNew { end = firstNew + 1 }
        if case .whereTheWriterPaused = packing.ends, try text.has(end) { end = bestEnd(reach: end) }

        // The sum over the units bounds the whole for tokenizers that work word by word; every other is checked here.
        while !space.fits(span(begin, end), space.title) {
            if end > firstNew + 1 {
                end -= 1
            } else if begin < firstNew {
                begin = firstNew
            } else {
                let unit = text[firstNew]
                try text.split(at: firstNew, limits: unit.tokens.map { $0 * 3 / 4 })
                guard text[firstNew].range != unit.range else {
                    throw SearchError.budgetTooSmall(documentID: document.id, budget: space.budget.description)
                }
            }
        }
        let piece = Piece(
            range: span(begin, end), section: try section(from: firstNew, to: end), title: space.title)
        firstNew = end
        begin = try overlapStart(before: end)
        text.discard(before: begin)
        return piece
    }

    private func span(_ begin: Int, _ end: Int) -> Range<Int> {
        text[begin].range.lowerBound..<text[end - 1].range.upperBound
    }

    /// The end of the longest run of units from `begin` whose tokens add up within the limits.
    private mutating func reach(from begin: Int) throws -> Int {
        guard try text.has(begin) else { return begin }
        let start = text[begin].range.lowerBound
        let startsWithTitle = space.title.map { space.begins(start..<source.count, with: $0) } ?? false
        var left = startsWithTitle ? space.limits(besideTitle: false) : limits
        var end = begin
        while try text.has(end) {
            let unit = text[end]
            for index in left.indices { left[index] -= unit.tokens[index] }
            if left.contains(where: { $0 < 0 }) || unit.range.upperBound - start > packing.longest { break }
            end += 1
        }
        return end
    }

    /// Where a passage that could reach to `reach` had better end: at a section if that leaves it two fifths full, at a
    /// paragraph if three fifths, at a list item if three quarters, else at the last sentence; never just behind a heading.
    private func bestEnd(reach: Int) -> Int {
        let most = space.budget.limits.map { Double(max(1, $0.maximum)) }
        var tokens = (0..<most.count).map { index in
            (begin..<reach).reduce(space.titleTokens[index]) { $0 + text[$1].tokens[index] }
        }
        var best: (end: Int, breakBefore: TextUnit.Break)?
        var end = reach
        while end > firstNew {
            if !text[end - 1].leadsOn {
                let fill = zip(tokens, most).map { Double($0) / $1 }.max() ?? 1
                let breakBefore = text[end].breakBefore
                let wanted =
                    switch breakBefore {
                    case .section: 0.4
                    case .paragraph: 0.6
                    case .listItem: 0.75
                    case .sentence, .word: 0.85
                    }
                // The last possible end is taken however little it holds: there is no other but behind a heading.
                if let chosen = best {
                    if breakBefore > chosen.breakBefore, fill >= wanted { best = (end, breakBefore) }
                } else {
                    best = (end, breakBefore)
                }
                if fill < 0.4, best != nil { break }
            }
            end -= 1
            for index in tokens.indices { tokens[index] -= text[end].tokens[index] }
        }
        return best?.end ?? reach
    }

    // MARK: - Overlap

    /// The first unit of the next passage: as many of the last units of this one as the overlap allows, and never this whole
    /// passage again.
    private mutating func overlapStart(before end: Int) throws -> Int {
        guard try text.has(end) else { return end }
        switch packing.ends {
        case .whereTheWriterPaused(let overlap): return sentenceOverlap(overlap, before: end)
        case .whenFull(let overlap): return windowOverlap(overlap, before: end)
        }
    }

    /// Whole sentences, but none across the start of a section.
    private func sentenceOverlap(_ overlap: Double, before end: Int) -> Int {
        guard overlap > 0, text[end].breakBefore < .section else { return end }
        var left = space.budget.limits.map { Int(Double($0.maximum) * overlap) }
        var start = end
        while start - 1 > begin {
            let unit = text[start - 1]
            guard unit.mayOverlap, unit.section == text[end].section else { break }
            for index in left.indices { left[index] -= unit.tokens[index] }
            if left.isEmpty || left.contains(where: { $0 < 0 }) { break }
            start -= 1
        }
        return start
    }

    /// A passage that the budget cut before its window was full repeats the same share of the less that it holds: otherwise
    /// hardly anything of the next would be new.
    private func windowOverlap(_ overlap: Int, before end: Int) -> Int {
        guard let window = space.window, let index = space.windowIndex else { return end }
        let used = (begin..<end).reduce(0) { $0 + text[$1].tokens[index] }
        let share = (Double(overlap) * Double(used) / Double(window.maximum)).rounded(.up)
        var left = min(overlap, Int(share))
        var start = end
        while start - 1 > begin {
            left -= text[start - 1].tokens[index]
            if left < 0 { break }
            start -= 1
        }
        return start
    }

    // MARK: - Passages

    /// The heading path of the first new text of a passage: of the last heading where it begins with several.
    private mutating func section(from begin: Int, to end: Int) throws -> String {
        guard begin < end, try text.has(begin) else { return "" }
        var first = begin
        while text[first].isHeading, first + 1 < end, try text.has(first + 1), text[first + 1].isHeading { first += 1 }
        return text[first].path
    }

    /// - Parameter number: from 0; nil for the only passage of its document.
    func passage(_ piece: Piece, number: Int?) -> Passage {
        var metadata = document.metadata
        metadata[MetadataField.parentDocument] = .string(document.id)
        if let title = document.title, !title.isEmpty, metadata[MetadataField.title] == nil {
            metadata[MetadataField.title] = .string(title)
        }
        if !piece.section.isEmpty {
            let own = metadata[MetadataField.section]?.stringValue
            metadata[MetadataField.section] = .string(
                own.map { $0.isEmpty ? piece.section : $0 + " > " + piece.section } ?? piece.section)
        }
        document.structure.add(to: &metadata, for: piece.range)
        let titled = piece.title.map { !space.begins(piece.range, with: $0) } ?? false
        return Passage(
            id: number.map { "\(document.id)#\($0)" } ?? document.id, documentID: document.id,
            title: titled ? piece.title : nil, text: source.string(piece.range),
            range: piece.range.lowerBound + document.textOffset..<piece.range.upperBound + document.textOffset,
            metadata: metadata)
    }
}

extension PassagePortions {
    /// Enough that an encoder sees full batches, and few enough to be nothing in memory.
    private static let size = 1024

    init(of document: Document, budget: PassageBudget, packing: Packing) throws {
        var packer: Packer? = try Packer(document: document, budget: budget, packing: packing)
        var number = 0
        // An only passage has another id: the first is held back until there is a second.
        var held: Packer.Piece?
        self.init {
            guard var working = packer else { return nil }
            packer = nil
            var portion: [Passage] = []
            while portion.count < Self.size {
                let piece = try working.next()
                if let previous = held {
                    portion.append(working.passage(previous, number: piece == nil && number == 0 ? nil : number))
                    number += 1
                }
                held = piece
                guard piece != nil else { return portion.isEmpty ? nil : portion }
            }
            packer = working
            return portion
        }
    }

    /// All that are left.
    func all() throws -> [Passage] {
        var all: [Passage] = []
        while let portion = try next() { all += portion }
        return all
    }
}
