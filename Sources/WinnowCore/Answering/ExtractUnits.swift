/// A piece of a context item that can stand in an answer by itself.
struct ExtractUnit {
    /// The item's number.
    var number: Int
    var documentID: String
    /// Word for word.
    var text: String
    /// UTF-8 byte offsets in the document's source.
    var range: Range<Int>
    /// Title and heading path, which say what the text is about where it does not say so itself.
    var about: String?
    /// Asks, or introduces something that follows: an answer only where there is no better one.
    var isWeak = false
}

extension ExtractUnit {
    /// Longer tables and code are no extracts; longer sentences are cut at white space.
    static let maximumBytes = 600

    /// The units of an item, in the order of its text.
    ///
    /// Sentences of paragraphs and of list items (without the item's mark); a sentence that ends with a colon together with
    /// the list, table or code that it introduces, as far as that fits; tables and code as wholes, a longer table by rows.
    /// Headings never, nor what has no letter and no digit.
    static func units(of item: Context.Item) -> [ExtractUnit] { ItemScan(item).units() }

    /// The words of its headings, for an item that has nothing else.
    static func headings(of item: Context.Item) -> [ExtractUnit] { ItemScan(item).headings() }
}

private struct ItemScan {
    /// Bytes of the item's text that stand side by side in the source.
    struct Run {
        var range: Range<Int>
        var source: Int
    }

    let item: Context.Item
    let bytes: [UInt8]
    let runs: [Run]
    /// Where each hit's own bytes begin in the text, and its heading path.
    let sections: [(start: Int, section: String?)]

    init(_ item: Context.Item) {
        self.item = item
        bytes = Array(item.text.utf8)
        let merged = MergedPassages(item.hits)
        // Items of another builder, or cut ones, need not be what their hits merge to.
        if merged.text.utf8.starts(with: bytes) {
            var runs: [Run] = []
            for segment in merged.segments where segment.range.lowerBound < bytes.count {
                let range = segment.range.clamped(to: bytes.indices)
                if let last = runs.last, last.range.upperBound == range.lowerBound,
                    last.source + last.range.count == segment.source
                {
                    runs[runs.count - 1].range = last.range.lowerBound..<range.upperBound
                } else {
                    runs.append(Run(range: range, source: segment.source))
                }
            }
            self.runs = runs
            sections = merged.segments.map { segment in
                (
                    segment.range.lowerBound,
                    merged.hits[segment.hit].passage.metadata[MetadataField.section]?.stringValue
                )
            }
        } else {
            runs = [Run(range: bytes.indices, source: item.range.lowerBound)]
            sections = []
        }
    }

    func units() -> [ExtractUnit] {
        let blocks = TextBlock.blocks(in: bytes)
        var units: [ExtractUnit] = []
        for (index, block) in blocks.enumerated() {
            switch block.kind {
            case .heading: continue
            case .paragraph, .listItem:
                let sentences = SentenceBoundaries.sentences(in: bytes, withoutMark(block))
                for (place, sentence) in sentences.enumerated() {
                    let isLast = place == sentences.count - 1
                    let whole = isLast ? introduced(by: sentence, blocks[(index + 1)...]) : nil
                    for piece in pieces(of: whole ?? sentence) {
                        add(piece, to: &units, isWeak: whole == nil && isWeak(piece, introduces: isLast))
                    }
                }
            case .table:
                if block.range.count <= ExtractUnit.maximumBytes {
                    add(block.range, to: &units)
                } else {
                    for row in rows(of: block.range) { add(row, to: &units) }
                }
            case .code:
                if block.range.count <= ExtractUnit.maximumBytes { add(block.range, to: &units) }
            }
        }
        return units
    }

    func headings() -> [ExtractUnit] {
        var units: [ExtractUnit] = []
        for block in TextBlock.blocks(in: bytes) where block.isHeading { add(block.headingText, to: &units) }
        return units
    }

    private func add(_ range: Range<Int>, to units: inout [ExtractUnit], isWeak: Bool = false) {
        for run in runs where run.range.overlaps(range) {
            let piece = ByteText.trimmed(range.clamped(to: run.range), in: bytes)
            let text = ByteText.string(piece, in: bytes)
            guard
                text.unicodeScalars.contains(where: { $0.properties.isAlphabetic || $0.properties.numericType != nil })
            else { continue }
            let start = run.source + piece.lowerBound - run.range.lowerBound
            units.append(
                ExtractUnit(
                    number: item.number, documentID: item.documentID, text: text, range: start..<start + piece.count,
                    about: about(piece.lowerBound), isWeak: isWeak))
        }
    }

    private func about(_ position: Int) -> String? {
        let section = sections.last { $0.start <= position }?.section ?? item.section
        let parts = [item.title, section].compactMap { $0 }.filter { !$0.isEmpty }
        return parts.isEmpty ? nil : parts.joined(separator: " > ")
    }

    /// A list item's range behind `- ` or `3. `.
    private func withoutMark(_ block: TextBlock) -> Range<Int> {
        guard block.kind == .listItem, let space = block.range.first(where: { ByteText.isSpace(bytes[$0]) }) else {
            return block.range
        }
        return ByteText.trimmed(space..<block.range.upperBound, in: bytes)
    }

    /// From a sentence with a colon at its end to the end of what it introduces; nil when it introduces nothing, or too much.
    private func introduced(by sentence: Range<Int>, _ following: ArraySlice<TextBlock>) -> Range<Int>? {
        guard bytes[sentence.upperBound - 1] == UInt8(ascii: ":") else { return nil }
        var end: Int?
        for block in following {
            let isList = block.kind == .listItem
            guard isList || (end == nil && (block.kind == .code || block.kind == .table)),
                block.range.upperBound - sentence.lowerBound <= ExtractUnit.maximumBytes
            else { break }
            end = block.range.upperBound
            if !isList { break }
        }
        guard let end,
            runs.contains(where: { $0.range.lowerBound <= sentence.lowerBound && end <= $0.range.upperBound })
        else { return nil }
        return sentence.lowerBound..<end
    }

    private func isWeak(_ range: Range<Int>, introduces: Bool) -> Bool {
        let text = ByteText.string(range, in: bytes)
        let end = text.unicodeScalars.last { !"\"'”’»)*_".unicodeScalars.contains($0) }
        return (introduces && end == ":") || end == "?" || end == "？" || end == "؟"
    }

    /// A range in pieces that are not too long, cut at white space, else between scalars.
    private func pieces(of range: Range<Int>) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var start = range.lowerBound
        while range.upperBound - start > ExtractUnit.maximumBytes {
            let limit = start + ExtractUnit.maximumBytes
            var end = limit
            while end > start, !ByteText.isSpace(bytes[end]) { end -= 1 }
            if end == start {
                end = limit
                while !ByteText.isScalarStart(bytes[end]) { end -= 1 }
            }
            pieces.append(start..<end)
            start = ByteText.trimmed(end..<range.upperBound, in: bytes).lowerBound
        }
        return pieces + [start..<range.upperBound]
    }

    /// The lines of a table but its heading and the line under it.
    private func rows(of table: Range<Int>) -> [Range<Int>] {
        var rows: [Range<Int>] = []
        var start = table.lowerBound
        while start < table.upperBound {
            let end = bytes[start..<table.upperBound].firstIndex(of: UInt8(ascii: "\n")) ?? table.upperBound
            rows.append(start..<end)
            start = end + 1
        }
        let isRuled =
            rows.count > 1
            && bytes[rows[1]].allSatisfy { ByteText.isSpace($0) || "|-:".utf8.contains($0) }
        return Array(rows.dropFirst(isRuled ? 2 : 0)).filter { $0.count <= ExtractUnit.maximumBytes }
    }
}
