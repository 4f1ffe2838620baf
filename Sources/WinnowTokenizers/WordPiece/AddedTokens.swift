/// A token that is found in the text before the model sees it: "[SEP]", or a word that was added after training.
struct AddedToken: Sendable, Hashable {
    var content: String
    var id: Int32
    /// Only where no word character stands beside it.
    var singleWord = false
    /// Takes the white space before it.
    var stripsLeft = false
    /// Takes the white space after it.
    var stripsRight = false
    /// Is searched in the normalised text instead of the original.
    var isNormalized = false
}

/// A set of added tokens to search for, all in the original text or all in the normalised text.
struct AddedTokenMatcher: Sendable {
    /// One part of a split text; `token` is nil for the text between added tokens.
    struct Part {
        var token: Int32?
        var range: Range<Int>
    }

    private struct Pattern: Sendable {
        var bytes: [UInt8]
        var token: AddedToken
    }

    /// In the order of their bytes, so that those with a common start are neighbours.
    private let patterns: [Pattern]
    /// Whether some pattern starts with the byte.
    private let isFirst: [Bool]
    /// The only byte that a pattern starts with, when there is but one.
    private let onlyFirst: UInt8?
    /// Whether some token looks at the text around it.
    let looksAround: Bool

    var isEmpty: Bool { patterns.isEmpty }

    /// - Parameter tokens: with the bytes to search for, which are distinct and not empty.
    init(_ tokens: [(bytes: [UInt8], token: AddedToken)]) {
        patterns = tokens.map { Pattern(bytes: $0.bytes, token: $0.token) }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var isFirst = [Bool](repeating: false, count: 256)
        for pattern in patterns { isFirst[Int(pattern.bytes[0])] = true }
        self.isFirst = isFirst
        let firsts = Set(patterns.map { $0.bytes[0] })
        onlyFirst = firsts.count == 1 ? firsts.first : nil
        looksAround = tokens.contains { $0.token.singleWord || $0.token.stripsLeft || $0.token.stripsRight }
    }

    /// The leftmost match at or after `place`, the longest of those, as an Aho-Corasick automaton with that rule gives
    /// it.
    func next(in text: UnsafeBufferPointer<UInt8>, from place: Int) -> (range: Range<Int>, token: AddedToken)? {
        guard !patterns.isEmpty else { return nil }
        var place = place
        while place < text.count {
            if let onlyFirst {
                guard let found = text[place...].firstIndex(of: onlyFirst) else { return nil }
                place = found
            } else {
                while place < text.count, !isFirst[Int(text[place])] { place += 1 }
                if place == text.count { return nil }
            }
            if let pattern = longest(text, at: place) {
                return (place..<place + pattern.bytes.count, pattern.token)
            }
            place += 1
        }
        return nil
    }

    /// Splits a valid UTF-8 text, with the rules of Hugging Face's `AddedVocabulary::find_matches`, their order
    /// included.
    func split(_ text: UnsafeBufferPointer<UInt8>) -> [Part] {
        var parts: [Part] = []
        var (covered, place) = (0, 0)
        while let match = next(in: text, from: place) {
            var (start, end) = (match.range.lowerBound, match.range.upperBound)
            place = end
            if match.token.singleWord, wordEnds(text, at: start) || wordStarts(text, at: end) { continue }
            if match.token.stripsLeft { start = max(whitespaceStart(text, before: start), covered) }
            if match.token.stripsRight { end = whitespaceEnd(text, after: end) }
            if covered < start { parts.append(Part(token: nil, range: covered..<start)) }
            parts.append(Part(token: match.token.id, range: min(start, end)..<end))
            covered = end
        }
        if covered != text.count { parts.append(Part(token: nil, range: covered..<text.count)) }
        return parts
    }

    /// The longest pattern that the text continues with: the run of patterns that agree so far is narrowed byte by
    /// byte.
    private func longest(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> Pattern? {
        var (low, high, depth) = (0, patterns.count, 0)
        var best: Pattern?
        while place + depth < text.count {
            let byte = text[place + depth]
            low = bound(low, high) { $0.bytes.count <= depth || $0.bytes[depth] < byte }
            high = bound(low, high) { $0.bytes[depth] <= byte }
            if low == high { break }
            depth += 1
            if patterns[low].bytes.count == depth { best = patterns[low] }
        }
        return best
    }

    private func bound(_ low: Int, _ high: Int, _ isBefore: (Pattern) -> Bool) -> Int {
        var (low, high) = (low, high)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(patterns[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func wordEnds(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
        guard place > 0, let base = text.baseAddress else { return false }
        return UnicodeTables.shared.property(UTF8Decoding.decode(base, endingAt: place).value).contains(.word)
    }

    private func wordStarts(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
        guard place < text.count, let base = text.baseAddress else { return false }
        return UnicodeTables.shared.property(UTF8Decoding.decode(base, place, text.count).value).contains(.word)
    }

    private func whitespaceStart(_ text: UnsafeBufferPointer<UInt8>, before place: Int) -> Int {
        guard let base = text.baseAddress else { return place }
        var place = place
        while place > 0 {
            let scalar = UTF8Decoding.decode(base, endingAt: place)
            guard UnicodeTables.shared.property(scalar.value).contains(.whitespace) else { break }
            place -= scalar.length
        }
        return place
    }

    private func whitespaceEnd(_ text: UnsafeBufferPointer<UInt8>, after place: Int) -> Int {
        guard let base = text.baseAddress else { return place }
        var place = place
        while place < text.count {
            let scalar = UTF8Decoding.decode(base, place, text.count)
            guard UnicodeTables.shared.property(scalar.value).contains(.whitespace) else { break }
            place += scalar.length
        }
        return place
    }
}
