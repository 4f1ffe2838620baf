/// The English stemmer of Snowball ("Porter2"), written after its published definition
/// (https://snowballstem.org/algorithms/english/stemmer.html) and equal to ``version`` word for word.
///
/// Works in place on a word of at least one byte, each `a`–`z` or an apostrophe; other bytes would count as consonants. A stem is
/// never longer than its word.
package struct EnglishStemmer {
    /// Of PyPI `snowballstemmer`, whose stems these are: `Scripts/compare-stemmers`.
    static let version = "3.1.1"

    let word: UnsafeMutablePointer<UInt8>
    /// Bytes of the word that are left.
    var count: Int
    /// Where the regions R1 and R2 begin: after the first consonant that follows a vowel, and again from there.
    private var (region1, region2) = (0, 0)

    /// Replaces the word by its stem.
    /// - Returns: bytes of the stem.
    package static func stem(_ word: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
        if count < 3 { return count }
        if let count = exception(word, count) { return count }
        var stemmer = EnglishStemmer(word: word, count: count)
        stemmer.prepare()
        stemmer.removeApostrophe()
        stemmer.removePlural()
        stemmer.removePast()
        stemmer.replaceY()
        stemmer.shortenLongSuffix()
        stemmer.shortenAdjective()
        stemmer.removeSuffix()
        stemmer.removeFinal()
        for place in 0..<stemmer.count where word[place] == Self.consonantY { word[place] = UInt8(ascii: "y") }
        return stemmer.count
    }

    private init(word: UnsafeMutablePointer<UInt8>, count: Int) {
        self.word = word
        self.count = count
    }

    // MARK: Words and letters

    /// A `y` that is a consonant, as in `yes` and `payer`.
    private static let consonantY = UInt8(ascii: "Y")
    // Sets of letters: bit 1 is `a`. Spelled as constants, which need no initialization when they are read.
    /// `aeiouy`
    private static let vowels: UInt32 = 1 << 1 | 1 << 5 | 1 << 9 | 1 << 15 | 1 << 21 | 1 << 25
    /// What may stand before a removed `li`: `cdeghkmnrt`
    private static let beforeLi: UInt32 =
        1 << 3 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 11 | 1 << 13 | 1 << 14 | 1 << 18 | 1 << 20
    /// `bdfgmnprt`
    private static let doubles: UInt32 =
        1 << 2 | 1 << 4 | 1 << 6 | 1 << 7 | 1 << 13 | 1 << 14 | 1 << 16 | 1 << 18 | 1 << 20

    @inline(__always)
    private static func has(_ set: UInt32, _ letter: UInt8) -> Bool {
        letter >= 96 && letter < 128 && set >> UInt32(letter - 96) & 1 == 1
    }

    @inline(__always)
    func isVowel(_ place: Int) -> Bool { Self.has(Self.vowels, word[place]) }

    func hasVowel(before end: Int) -> Bool {
        for place in 0..<max(0, end) where isVowel(place) { return true }
        return false
    }

    @inline(__always)
    func ends(_ suffix: StaticString) -> Bool {
        let length = suffix.utf8CodeUnitCount
        return length <= count && matches(suffix, at: count - length)
    }

    @inline(__always)
    private func matches(_ text: StaticString, at place: Int) -> Bool {
        for offset in 0..<text.utf8CodeUnitCount where word[place + offset] != text.utf8Start[offset] { return false }
        return true
    }

    private func begins(_ prefix: StaticString) -> Bool {
        prefix.utf8CodeUnitCount <= count && matches(prefix, at: 0)
    }

    private func isExactly(_ text: StaticString, before end: Int) -> Bool {
        text.utf8CodeUnitCount == end && matches(text, at: 0)
    }

    /// Puts `ending` in place of the last `removed` bytes.
    mutating func replace(_ removed: Int, by ending: StaticString) {
        count -= removed
        for offset in 0..<ending.utf8CodeUnitCount { word[count + offset] = ending.utf8Start[offset] }
        count += ending.utf8CodeUnitCount
    }

    func inRegion1(_ suffix: Int) -> Bool { count - suffix >= region1 }
    func inRegion2(_ suffix: Int) -> Bool { count - suffix >= region2 }

    /// Whether the first `end` bytes end in a short syllable.
    func endsShort(_ end: Int) -> Bool {
        if end >= 4, matches("past", at: end - 4) { return true }
        if end == 2 { return isVowel(0) && !isVowel(1) }
        guard end >= 3, !isVowel(end - 1), isVowel(end - 2), !isVowel(end - 3) else { return false }
        let last = word[end - 1]
        return last != UInt8(ascii: "w") && last != UInt8(ascii: "x") && last != Self.consonantY
    }

    // MARK: Exceptions, regions

    /// Words with a stem of their own, and words that stay as they are.
    private static func exception(_ word: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int? {
        guard count <= 6 else { return nil }
        var stemmer = EnglishStemmer(word: word, count: count)
        func known(_ text: StaticString) -> Bool { stemmer.isExactly(text, before: count) }
        switch word[0] {
        case UInt8(ascii: "s"):
            if known("skis") { return 3 }
            if known("singly") { return 5 }
            if known("skies") {
                stemmer.replace(3, by: "y")
                return 3
            }
            return known("sky") ? 3 : nil
        case UInt8(ascii: "i"): return known("idly") ? 3 : nil
        case UInt8(ascii: "g"): return known("gently") ? 5 : nil
        case UInt8(ascii: "u"), UInt8(ascii: "e"), UInt8(ascii: "o"):
            guard known("ugly") || known("early") || known("only") else { return nil }
            word[count - 1] = UInt8(ascii: "i")
            return count
        case UInt8(ascii: "n"): return known("news") ? count : nil
        case UInt8(ascii: "h"): return known("howe") ? count : nil
        case UInt8(ascii: "a"): return known("atlas") || known("andes") ? count : nil
        case UInt8(ascii: "c"): return known("cosmos") ? count : nil
        case UInt8(ascii: "b"): return known("bias") ? count : nil
        default: return nil
        }
    }

    private mutating func prepare() {
        if word[0] == UInt8(ascii: "'") {
            count -= 1
            for place in 0..<count { word[place] = word[place + 1] }
        }
        for place in 0..<count where word[place] == UInt8(ascii: "y") {
            if place == 0 || isVowel(place - 1) { word[place] = Self.consonantY }
        }
        region1 = prefixRegion() ?? regionStart(from: 0)
        region2 = regionStart(from: region1)
    }

    private func regionStart(from start: Int) -> Int {
        var place = start
        while place < count, !isVowel(place) { place += 1 }
        while place < count, isVowel(place) { place += 1 }
        return min(place + 1, count)
    }

    /// Beginnings that would lose too much.
    private func prefixRegion() -> Int? {
        func region(_ prefix: StaticString) -> Int? { begins(prefix) ? prefix.utf8CodeUnitCount : nil }
        return switch word[0] {
        case UInt8(ascii: "g"): region("gener")
        case UInt8(ascii: "c"): region("commun")
        case UInt8(ascii: "a"): region("arsen")
        case UInt8(ascii: "p"): region("past")
        case UInt8(ascii: "u"): region("univers")
        case UInt8(ascii: "l"): region("later")
        case UInt8(ascii: "e"): region("emerg")
        case UInt8(ascii: "o"): region("organ")
        case UInt8(ascii: "i"): region("inter")
        default: nil
        }
    }

    // MARK: Steps 0 and 1

    private mutating func removeApostrophe() {
        if ends("'s'") {
            count -= 3
        } else if ends("'s") {
            count -= 2
        } else if ends("'") {
            count -= 1
        }
    }

    private mutating func removePlural() {
        guard count > 0 else { return }
        switch word[count - 1] {
        case UInt8(ascii: "s"):
            if ends("sses") {
                count -= 2
            } else if ends("ies") {
                count -= count > 4 ? 2 : 1
            } else if !ends("us"), !ends("ss"), hasVowel(before: count - 2) {
                count -= 1
            }
        case UInt8(ascii: "d"):
            if ends("ied") { count -= count > 4 ? 2 : 1 }
        default: break
        }
    }

    private mutating func removePast() {
        guard count > 2 else { return }
        let suffix: Int
        switch word[count - 1] {
        case UInt8(ascii: "d"): suffix = ends("eed") ? -3 : ends("ed") ? 2 : 0
        case UInt8(ascii: "g"): suffix = ends("ing") ? 3 : 0
        case UInt8(ascii: "y"): suffix = ends("eedly") ? -5 : ends("edly") ? 4 : ends("ingly") ? 5 : 0
        default: suffix = 0
        }
        if suffix == 0 { return }
        if suffix < 0 {
            guard inRegion1(-suffix) else { return }
            let stem = count + suffix
            if isExactly("proc", before: stem) || isExactly("exc", before: stem) || isExactly("succ", before: stem) {
                return
            }
            count = stem + 2
            return
        }
        let stem = count - suffix
        if suffix == 3 {
            if stem == 2, word[1] == UInt8(ascii: "y"), !isVowel(0) {
                replace(4, by: "ie")
                return
            }
            if isExactly("inn", before: stem) || isExactly("out", before: stem) || isExactly("cann", before: stem)
                || isExactly("herr", before: stem) || isExactly("earr", before: stem) || isExactly("even", before: stem)
            {
                return
            }
        }
        guard hasVowel(before: stem) else { return }
        count = stem
        if ends("at") || ends("bl") || ends("iz") {
            replace(0, by: "e")
        } else if count >= 2, word[count - 1] == word[count - 2], Self.has(Self.doubles, word[count - 1]) {
            let first = word[0]
            let stays =
                count == 3 && (first == UInt8(ascii: "a") || first == UInt8(ascii: "e") || first == UInt8(ascii: "o"))
            if !stays { count -= 1 }
        } else if count == region1, endsShort(count) {
            replace(0, by: "e")
        }
    }

    private mutating func replaceY() {
        guard count > 2, word[count - 1] | 0x20 == UInt8(ascii: "y"), !isVowel(count - 2) else { return }
        word[count - 1] = UInt8(ascii: "i")
    }

    @inline(__always)
    var mayRemoveLi: Bool { count > 2 && Self.has(Self.beforeLi, word[count - 3]) }
}
