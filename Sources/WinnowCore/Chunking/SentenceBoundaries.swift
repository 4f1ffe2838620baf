/// Where sentences end in running text, by punctuation: a rule of thumb that needs no model and no language tag.
///
/// Latin, Cyrillic and Greek full stops count only before white space, and not after abbreviations, initials and list numbers
/// or before a lower-case word; ideographic and Indic full stops count always.
package enum SentenceBoundaries {
    /// The sentences of `bytes[range]`, white space at their ends excluded, in order.
    package static func sentences(in bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var sentences: [Range<Int>] = []
        var start = range.lowerBound
        var position = range.lowerBound
        while position < range.upperBound {
            guard let end = terminator(in: bytes, at: position, range) else {
                position += 1
                continue
            }
            let after = end.range.upperBound
            if end.always || endsSentence(in: bytes, mark: position, after: after, range) {
                let sentence = ByteText.trimmed(start..<after, in: bytes)
                if !sentence.isEmpty { sentences.append(sentence) }
                start = after
            }
            position = after
        }
        let rest = ByteText.trimmed(start..<range.upperBound, in: bytes)
        if !rest.isEmpty { sentences.append(rest) }
        return sentences
    }

    /// A run of closing punctuation at `position`, with the quotes and brackets that close after it.
    private static func terminator(
        in bytes: [UInt8], at position: Int, _ range: Range<Int>
    ) -> (range: Range<Int>, always: Bool)? {
        guard let mark = markLength(in: bytes, at: position, range) else { return nil }
        var always = mark.always
        var end = position + mark.length
        while end < range.upperBound {
            if let next = markLength(in: bytes, at: end, range) {
                always = always || next.always
                end += next.length
            } else if let length = closerLength(in: bytes, at: end, range) {
                end += length
            } else {
                break
            }
        }
        // An accent or variation selector belongs to the mark before it.
        while end < range.upperBound, bytes[end] >= 0x80, let length = joinedLength(in: bytes, at: end, range) {
            end += length
        }
        return (position..<end, always)
    }

    /// The length of the scalar at `position` where it makes one character with what precedes it.
    private static func joinedLength(in bytes: [UInt8], at position: Int, _ range: Range<Int>) -> Int? {
        let end = ByteText.scalarEnd(position + 1, in: bytes, end: range.upperBound)
        return ("." + ByteText.string(position..<end, in: bytes)).count == 1 ? end - position : nil
    }

    private static func markLength(
        in bytes: [UInt8], at position: Int, _ range: Range<Int>
    ) -> (length: Int, always: Bool)? {
        let byte = bytes[position]
        if byte == UInt8(ascii: ".") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?") { return (1, false) }
        guard byte >= 0xD8 else { return nil }
        for mark in wideMarks where byte == mark.bytes[0] && matches(mark.bytes, in: bytes, at: position, range) {
            return (mark.bytes.count, mark.always)
        }
        return nil
    }

    private static func closerLength(in bytes: [UInt8], at position: Int, _ range: Range<Int>) -> Int? {
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "*"),
            UInt8(ascii: "_"):
            return 1
        case 0xC2, 0xE2, 0xE3, 0xEF:
            return wideClosers.first { matches($0, in: bytes, at: position, range) }?.count
        default:
            return nil
        }
    }

    private static func matches(_ pattern: [UInt8], in bytes: [UInt8], at position: Int, _ range: Range<Int>) -> Bool {
        guard position + pattern.count <= range.upperBound else { return false }
        for (offset, byte) in pattern.enumerated() where bytes[position + offset] != byte { return false }
        return true
    }

    /// Full stops outside ASCII: those that end a sentence wherever they stand, and those that need white space after them.
    private static let wideMarks: [(bytes: [UInt8], always: Bool)] =
        // Ideographic full stops, full-width ! and ?, Devanagari danda and double danda, Burmese section mark.
        ["。", "｡", "．", "！", "？", "।", "॥", "။"].map { (Array($0.utf8), true) }
        // Ellipsis, Arabic question mark and Urdu full stop, Armenian and Ethiopic full stops, ⁇ ⁈ ⁉.
        + ["…", "؟", "۔", "։", "።", "⁇", "⁈", "⁉"].map { (Array($0.utf8), false) }

    private static let wideClosers: [[UInt8]] = ["»", "”", "’", "」", "』", "）", "】", "》", "〉"].map { Array($0.utf8) }

    /// Whether the punctuation at `mark`, followed by what starts at `after`, ends a sentence.
    private static func endsSentence(in bytes: [UInt8], mark: Int, after: Int, _ range: Range<Int>) -> Bool {
        guard after < range.upperBound else { return true }
        guard ByteText.isSpace(bytes[after]) else { return false }
        var next = after
        while next < range.upperBound, ByteText.isSpace(bytes[next]) { next += 1 }
        guard next < range.upperBound else { return true }
        if startsLowerCase(in: bytes, at: next, range) { return false }
        guard bytes[mark] == UInt8(ascii: ".") else { return true }
        // `wait... What` and `end.)` are no abbreviations.
        guard after == mark + 1 else { return true }

        var wordStart = mark
        while wordStart > range.lowerBound, isWordByte(bytes[wordStart - 1]) { wordStart -= 1 }
        let word = bytes[wordStart..<mark]
        guard !word.isEmpty else { return true }
        if word.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) {
            // `1. Install`: a number that opens the line is a list's, not a sentence's end.
            return !opensLine(in: bytes, wordStart, range)
        }
        let lowered = String(decoding: word.map(lowerCased), as: UTF8.self)
        if neverLast.contains(lowered) { return false }
        if (0x41...0x5A).contains(word[wordStart]), titles.contains(lowered) { return false }
        if beforeNumber.contains(lowered), (0x30...0x39).contains(bytes[next]) { return false }
        let isInitial =
            word.count == 1 && (0x41...0x5A).contains(word[wordStart]) && word[wordStart] != UInt8(ascii: "I")
        if isInitial || (word.contains(UInt8(ascii: ".")) && isDotted(word)) {
            return startsWithOpener(in: bytes, at: next, range)
        }
        return true
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        !ByteText.isSpace(byte) && byte != UInt8(ascii: "(") && byte != UInt8(ascii: "[") && byte != UInt8(ascii: "\"")
            && byte != UInt8(ascii: "'") && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "*")
    }

    private static func lowerCased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    private static func opensLine(in bytes: [UInt8], _ position: Int, _ range: Range<Int>) -> Bool {
        var position = position
        while position > range.lowerBound {
            position -= 1
            if bytes[position] == UInt8(ascii: "\n") { return true }
            guard ByteText.isSpace(bytes[position]) else { return false }
        }
        return true
    }

    /// Single letters between full stops: `U.S`, `p.m`.
    private static func isDotted(_ word: ArraySlice<UInt8>) -> Bool {
        word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { part in
            part.count == 1 && part.allSatisfy { (0x61...0x7A).contains($0 | 0x20) }
        }
    }

    private static func startsLowerCase(in bytes: [UInt8], at position: Int, _ range: Range<Int>) -> Bool {
        let byte = bytes[position]
        if byte < 0x80 { return (0x61...0x7A).contains(byte) }
        var end = position + 1
        while end < range.upperBound, !ByteText.isScalarStart(bytes[end]) { end += 1 }
        let scalar = String(decoding: bytes[position..<end], as: UTF8.self).unicodeScalars.first
        return scalar?.properties.isLowercase ?? false
    }

    /// Words that begin a sentence far more often than they follow an initial or `U.S.` within one.
    private static func startsWithOpener(in bytes: [UInt8], at position: Int, _ range: Range<Int>) -> Bool {
        var end = position
        while end < range.upperBound, bytes[end] | 0x20 >= 0x61, bytes[end] | 0x20 <= 0x7A { end += 1 }
        return openers.contains(String(decoding: bytes[position..<end], as: UTF8.self))
    }

    private static let openers: Set<String> = [
        "A", "After", "All", "Also", "An", "And", "As", "At", "Before", "But", "By", "Each", "For", "From", "He",
        "However",
        "If", "In", "It", "Its", "No", "On", "Or", "Our", "She", "So", "Some", "That", "The", "Their", "Then", "There",
        "These", "They", "This", "Those", "To", "We", "What", "When", "Where", "While", "Who", "Why", "With", "You",
        "Your",
    ]

    /// Abbreviations that a sentence does not end with.
    private static let neverLast: Set<String> = [
        "approx", "bzw", "ca", "cf", "d.h", "e.g", "eg", "i.e", "ie", "incl", "resp", "viz", "vs", "z.b",
    ]

    /// Titles before a name; in lower case most of them are other words (`200 ms.`).
    private static let titles: Set<String> = [
        "adm", "capt", "col", "dept", "dr", "gen", "gov", "hon", "lt", "maj", "messrs", "mlle", "mme", "mr", "mrs",
        "ms",
        "mt", "prof", "rep", "rev", "sen", "sgt", "sra", "srta", "st",
    ]

    /// Abbreviations that a number follows.
    private static let beforeNumber: Set<String> = [
        "art", "ch", "chap", "cl", "ed", "eq", "fig", "figs", "no", "nos", "nr", "p", "para", "pp", "sec", "sect",
        "vol",
        "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    ]
}
