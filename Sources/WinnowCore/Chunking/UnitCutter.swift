/// Counts the tokens of units, and cuts those that are too long for one passage.
struct UnitCutter {
    let counters: [any TokenCounter]
    /// The most tokens of a unit by each counter.
    let limits: [Int]
    /// What is said when not one character fits.
    let failure: SearchError

    func count(_ range: Range<Int>, in bytes: [UInt8]) -> [Int] {
        counters.isEmpty ? [] : count(ByteText.string(range, in: bytes))
    }

    func count(_ text: String) -> [Int] { counters.map { $0.tokenCount(text) } }

    func fits(_ tokens: [Int], _ limits: [Int]) -> Bool {
        zip(tokens, limits).allSatisfy { $0 <= $1 }
    }

    /// Cuts at white space, and within a word only where the word alone is too long, then between characters where one fits.
    ///
    /// - Parameters:
    ///   - limits: the most tokens of a piece.
    ///   - first: the most tokens of the first piece.
    /// - Throws: ``failure``.
    func pieces(
        of unit: TextUnit, in source: SourceText, limits: [Int], first: [Int]
    ) throws(SearchError) -> [TextUnit] {
        let bytes = source.bytes(unit.range)
        let base = unit.range.lowerBound
        var pieces: [TextUnit] = []
        var start = 0
        while start < bytes.count {
            let end = try longestPiece(of: bytes, from: start, limits: pieces.isEmpty ? first : limits)
            let range = ByteText.trimmed(start..<end, in: bytes)
            var piece = unit
            piece.range = range.lowerBound + base..<range.upperBound + base
            piece.tokens = count(range, in: bytes)
            piece.breakBefore = pieces.isEmpty ? unit.breakBefore : .word
            // Half a sentence tells the next passage nothing; of words, pieces are as good as the whole.
            piece.mayOverlap = unit.breakBefore == .word && unit.mayOverlap
            pieces.append(piece)
            start = end
            while start < bytes.count, ByteText.isSpace(bytes[start]) { start += 1 }
        }
        return pieces
    }

    /// The end of a piece from `start` that fits: as long as a search by halves finds it, at white space if one lies in it.
    /// Costs a few counts of texts about as long as the piece, however long the rest is.
    private func longestPiece(of bytes: [UInt8], from start: Int, limits: [Int]) throws(SearchError) -> Int {
        func fits(_ end: Int) -> Bool { self.fits(count(start..<end, in: bytes), limits) }
        func scalarEnd(_ position: Int) -> Int { ByteText.scalarEnd(position, in: bytes, end: bytes.count) }

        // Grow until it does not fit. A token is rarely shorter than a byte, and often about four.
        var good = start
        var step = max(1, limits.min() ?? bytes.count)
        var bad = bytes.count + 1
        while good < bytes.count {
            let end = scalarEnd(min(bytes.count, good + step))
            if fits(end) {
                good = end
                step *= 2
            } else {
                bad = end
                break
            }
        }
        if good == bytes.count { return good }
        // Then halve. Tokenizers are not quite monotonic (a long word may become one unknown token): whatever comes out
        // has been counted and fits, which is all that matters.
        while true {
            let middle = scalarEnd(good + max(1, (bad - good) / 2))
            guard middle < bad else { break }
            if fits(middle) { good = middle } else { bad = middle }
        }
        guard good > start else { throw failure }
        if ByteText.isSpace(bytes[good]) || ByteText.isSpace(bytes[good - 1]) { return good }
        var wordStart = good
        while wordStart > start, !ByteText.isSpace(bytes[wordStart - 1]) { wordStart -= 1 }
        // What is shorter fits by every tokenizer that works word by word; others are asked.
        if wordStart > start, fits(wordStart) { return wordStart }
        let whole = ByteText.graphemeBoundary(atOrBefore: good, from: start, in: bytes, end: bytes.count)
        if let whole, whole < good, fits(whole) { return whole }
        return good
    }
}
