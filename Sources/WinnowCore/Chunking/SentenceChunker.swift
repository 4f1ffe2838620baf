/// Packs whole sentences into passages, and ends passages where the writer ended a section or a paragraph if one is near.
///
/// Headings stay with the text under them; code, tables and the sentence that introduces a list are not torn where they fit
/// into a passage; a sentence over the budget is cut at white space, a word over the budget between scalars. A passage
/// that ends in the middle of a section is followed by one that repeats its last sentences, up to ``overlap``.
///
/// A document that fits in one passage keeps its own id; otherwise passages are `<document>#<n>` with n from 0. The title counts
/// against the budget of each passage that does not begin with it. Where it would take more than a quarter of the budget, the
/// passages of a cut document carry as much of its beginning as fits in that quarter; `metadata["title"]` has it whole.
public struct SentenceChunker: Chunker {
    /// The most that a passage repeats of the one before, as a share of the budget, in 0…0.5.
    public let overlap: Double

    public init(overlap: Double = 0.15) {
        self.overlap = min(max(overlap, 0), 0.5)
    }

    public var identity: String { "sentences overlap=\(overlap)" }

    public func chunk(_ document: Document, budget: PassageBudget) throws -> [Passage] {
        let bytes = Array(document.text.utf8)
        let fullTitle = document.title.flatMap { $0.isEmpty ? nil : $0 }
        let body = ByteText.trimmed(0..<bytes.count, in: bytes)
        var packer = Packer(document: document, bytes: bytes, budget: budget, overlap: overlap)
        if body.isEmpty {
            guard let fullTitle else { return [] }
            return [packer.passage(0..<0, title: packer.shortened(fullTitle, share: 1), section: "", number: nil)]
        }

        // The title may be long where the whole document fits with it.
        if bytes.count <= packer.bytesWorthTrying, packer.fits(body, fullTitle) {
            let sections = try TextUnits(
                of: bytes, title: fullTitle, budget: PassageBudget(), limits: [], documentID: document.id)
            let section = packer.section(of: sections, from: 0, to: sections.units.count)
            return [packer.passage(body, title: fullTitle, section: section, number: nil)]
        }
        packer.setTitle(fullTitle.flatMap { packer.shortened($0, share: 0.25) })
        return try packer.pack(title: fullTitle)
    }
}

/// One document's way into passages.
private struct Packer {
    let document: Document
    let bytes: [UInt8]
    let budget: PassageBudget
    let overlap: Double
    /// What goes before each passage that does not begin with it, and its tokens by each limit.
    var title: String?
    var titleTokens: [Int] = []

    init(document: Document, bytes: [UInt8], budget: PassageBudget, overlap: Double) {
        self.document = document
        self.bytes = bytes
        self.budget = budget
        self.overlap = overlap
    }

    /// More bytes than this are rarely so few tokens that one passage holds them: not worth counting whole.
    var bytesWorthTrying: Int {
        guard let least = budget.limits.map(\.maximum).min() else { return .max }
        return 1024 + 16 * max(0, least)
    }

    mutating func setTitle(_ title: String?) {
        self.title = title
        titleTokens = budget.limits.map { limit in title.map { limit.counter.tokenCount($0) } ?? 0 }
    }

    /// As much of a title's beginning, cut at white space, as takes at most `share` of each limit; nil when no word does.
    func shortened(_ title: String, share: Double) -> String? {
        var words = title.split(whereSeparator: \.isWhitespace)[...]
        var candidate = title
        while true {
            let fits = budget.limits.allSatisfy { limit in
                limit.counter.tokenCount(candidate) <= Int(Double(limit.maximum) * share)
            }
            if fits { return candidate }
            // Halving first keeps a title of a million words from being counted a million times.
            words = words.prefix(words.count > 512 ? words.count / 2 : words.count - 1)
            guard !words.isEmpty else { return nil }
            candidate = words.joined(separator: " ")
        }
    }

    private func content(_ range: Range<Int>, _ title: String?) -> String {
        let text = ByteText.string(range, in: bytes)
        guard let title, !TitlePrefix.begins(bytes[range], with: title.utf8) else { return text }
        return title + "\n" + text
    }

    func fits(_ range: Range<Int>, _ title: String?) -> Bool {
        budget.admits(content(range, title))
    }

    // MARK: - Packing

    func pack(title fullTitle: String?) throws -> [Passage] {
        let maxima = budget.limits.map(\.maximum)
        let limits = zip(maxima, titleTokens).map { $0 - $1 }
        var text = try TextUnits(
            of: bytes, title: fullTitle, budget: budget, limits: limits, documentID: document.id)
        var ends: [(range: Range<Int>, section: String)] = []
        var firstNew = 0
        var begin = 0
        while firstNew < text.units.count {
            var end = reach(text.units, from: begin, limits: limits)
            if end <= firstNew {
                if begin < firstNew {
                    begin = firstNew
                    continue
                }
                end = firstNew + 1
            }
            if end < text.units.count { end = bestEnd(text.units, begin: begin, firstNew: firstNew, reach: end) }

            // The sum over the units bounds the whole for tokenizers that work word by word; every other is checked here.
            while !fits(span(text.units, begin, end), title) {
                if end > firstNew + 1 {
                    end -= 1
                } else if begin < firstNew {
                    begin = firstNew
                } else {
                    let unit = text.units[firstNew]
                    try text.split(at: firstNew, limits: unit.tokens.map { $0 * 3 / 4 })
                    guard text.units[firstNew].range != unit.range else {
                        throw SearchError.budgetTooSmall(documentID: document.id, budget: budget.description)
                    }
                }
            }
            ends.append((span(text.units, begin, end), section(of: text, from: firstNew, to: end)))
            firstNew = end
            begin = overlapStart(text.units, after: begin, before: end, limits: limits)
        }
        return ends.enumerated().map { number, passage in
            self.passage(
                passage.range, title: title, section: passage.section, number: ends.count == 1 ? nil : number)
        }
    }

    private func span(_ units: [TextUnit], _ begin: Int, _ end: Int) -> Range<Int> {
        units[begin].range.lowerBound..<units[end - 1].range.upperBound
    }

    /// The end of the longest run of units from `begin` whose tokens add up within the limits.
    private func reach(_ units: [TextUnit], from begin: Int, limits: [Int]) -> Int {
        var left = limits
        if let title, TitlePrefix.begins(bytes[units[begin].range.lowerBound...], with: title.utf8) {
            for index in left.indices { left[index] += titleTokens[index] }
        }
        var end = begin
        while end < units.count {
            for index in left.indices { left[index] -= units[end].tokens[index] }
            if left.contains(where: { $0 < 0 }) { break }
            end += 1
        }
        return end
    }

    /// Where a passage that could reach to `reach` had better end: at a section if that leaves it two fifths full, at a
    /// paragraph if three fifths, at a list item if three quarters, else at the last sentence; never just behind a heading.
    private func bestEnd(_ units: [TextUnit], begin: Int, firstNew: Int, reach: Int) -> Int {
        let most = budget.limits.map { Double(max(1, $0.maximum)) }
        var tokens = (0..<most.count).map { index in
            units[begin..<reach].reduce(titleTokens[index]) { $0 + $1.tokens[index] }
        }
        var best: (end: Int, breakBefore: TextUnit.Break)?
        var end = reach
        while end > firstNew {
            if !units[end - 1].leadsOn {
                let fill = zip(tokens, most).map { Double($0) / $1 }.max() ?? 1
                let breakBefore = units[end].breakBefore
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
            for index in tokens.indices { tokens[index] -= units[end].tokens[index] }
        }
        return best?.end ?? reach
    }

    /// The first unit of the next passage: as many of the last sentences of this one as the overlap allows, but none across
    /// the start of a section, and never this whole passage again.
    private func overlapStart(_ units: [TextUnit], after begin: Int, before end: Int, limits: [Int]) -> Int {
        guard overlap > 0, end < units.count, units[end].breakBefore < .section else { return end }
        var left = budget.limits.map { Int(Double($0.maximum) * overlap) }
        var start = end
        while start - 1 > begin {
            let unit = units[start - 1]
            guard unit.mayOverlap, unit.section == units[end].section else { break }
            for index in left.indices { left[index] -= unit.tokens[index] }
            if left.isEmpty || left.contains(where: { $0 < 0 }) { break }
            start -= 1
        }
        return start
    }

    // MARK: - Passages

    /// The heading path of the first new text of a passage: of the last heading where it begins with several.
    func section(of text: TextUnits, from begin: Int, to end: Int) -> String {
        guard begin < end else { return "" }
        var first = begin
        while text.units[first].isHeading, first + 1 < end, text.units[first + 1].isHeading { first += 1 }
        return text.sections[text.units[first].section]
    }

    func passage(_ range: Range<Int>, title: String?, section: String, number: Int?) -> Passage {
        var metadata = document.metadata
        metadata[MetadataField.parentDocument] = .string(document.id)
        if let title = document.title, !title.isEmpty, metadata[MetadataField.title] == nil {
            metadata[MetadataField.title] = .string(title)
        }
        if !section.isEmpty {
            let own = metadata[MetadataField.section]?.stringValue
            metadata[MetadataField.section] = .string(
                own.map { $0.isEmpty ? section : $0 + " > " + section } ?? section)
        }
        let titled = title.map { !TitlePrefix.begins(bytes[range], with: $0.utf8) } ?? false
        return Passage(
            id: number.map { "\(document.id)#\($0)" } ?? document.id, documentID: document.id,
            title: titled ? title : nil, text: ByteText.string(range, in: bytes),
            range: range.lowerBound + document.textOffset..<range.upperBound + document.textOffset, metadata: metadata)
    }
}
