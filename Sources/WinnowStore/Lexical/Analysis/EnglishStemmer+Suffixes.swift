/// Steps 2 to 5. Of the suffixes of a step only the longest that the word has counts, whether its condition holds or not, so each
/// list is in an order in which a longer suffix stands before what it ends in.
extension EnglishStemmer {
    /// Step 2.
    mutating func shortenLongSuffix() {
        guard count > 2 else { return }
        switch word[count - 2] {
        case UInt8(ascii: "a"):
            if ends("ational") { return shorten(7, to: "ate") }
            if ends("tional") { shorten(6, to: "tion") }
        case UInt8(ascii: "c"):
            if ends("enci") { return shorten(4, to: "ence") }
            if ends("anci") { shorten(4, to: "ance") }
        case UInt8(ascii: "e"):
            if ends("izer") { shorten(4, to: "ize") }
        case UInt8(ascii: "g"):
            if ends("ogi"), count > 3, word[count - 4] == UInt8(ascii: "l") { shorten(3, to: "og") }
        case UInt8(ascii: "l"):
            if ends("abli") { return shorten(4, to: "able") }
            if ends("bli") { return shorten(3, to: "ble") }
            if ends("entli") { return shorten(5, to: "ent") }
            if ends("alli") { return shorten(4, to: "al") }
            if ends("ousli") { return shorten(5, to: "ous") }
            if ends("fulli") { return shorten(5, to: "ful") }
            if ends("lessli") { return shorten(6, to: "less") }
            if ends("li"), mayRemoveLi { shorten(2, to: "") }
        case UInt8(ascii: "o"):
            if ends("ization") { return shorten(7, to: "ize") }
            if ends("ation") { return shorten(5, to: "ate") }
            if ends("ator") { shorten(4, to: "ate") }
        case UInt8(ascii: "s"):
            if ends("alism") { return shorten(5, to: "al") }
            if ends("fulness") { return shorten(7, to: "ful") }
            if ends("ousness") { return shorten(7, to: "ous") }
            if ends("iveness") { return shorten(7, to: "ive") }
            if ends("ogist") { shorten(5, to: "og") }
        case UInt8(ascii: "t"):
            if ends("aliti") { return shorten(5, to: "al") }
            if ends("iviti") { return shorten(5, to: "ive") }
            if ends("biliti") { shorten(6, to: "ble") }
        default: break
        }
    }

    /// Step 3.
    mutating func shortenAdjective() {
        guard count > 2 else { return }
        switch word[count - 1] {
        case UInt8(ascii: "l"):
            if ends("ational") { return shorten(7, to: "ate") }
            if ends("tional") { return shorten(6, to: "tion") }
            if ends("ical") { return shorten(4, to: "ic") }
            if ends("ful") { shorten(3, to: "") }
        case UInt8(ascii: "e"):
            if ends("alize") { return shorten(5, to: "al") }
            if ends("icate") { return shorten(5, to: "ic") }
            if ends("ative"), inRegion2(5) { shorten(5, to: "") }
        case UInt8(ascii: "i"):
            if ends("iciti") { shorten(5, to: "ic") }
        case UInt8(ascii: "s"):
            if ends("ness") { shorten(4, to: "") }
        default: break
        }
    }

    /// Step 4.
    mutating func removeSuffix() {
        guard count > 2 else { return }
        let suffix: Int
        switch word[count - 2] {
        case UInt8(ascii: "a"): suffix = ends("al") ? 2 : 0
        case UInt8(ascii: "c"): suffix = ends("ance") || ends("ence") ? 4 : 0
        case UInt8(ascii: "e"): suffix = ends("er") ? 2 : 0
        case UInt8(ascii: "i"): suffix = ends("ic") ? 2 : 0
        case UInt8(ascii: "l"): suffix = ends("able") || ends("ible") ? 4 : 0
        case UInt8(ascii: "n"): suffix = ends("ement") ? 5 : ends("ment") ? 4 : ends("ent") || ends("ant") ? 3 : 0
        case UInt8(ascii: "o"):
            let follows = count > 3 && (word[count - 4] == UInt8(ascii: "s") || word[count - 4] == UInt8(ascii: "t"))
            suffix = follows && ends("ion") ? 3 : 0
        case UInt8(ascii: "s"): suffix = ends("ism") ? 3 : 0
        case UInt8(ascii: "t"): suffix = ends("ate") || ends("iti") ? 3 : 0
        case UInt8(ascii: "u"): suffix = ends("ous") ? 3 : 0
        case UInt8(ascii: "v"): suffix = ends("ive") ? 3 : 0
        case UInt8(ascii: "z"): suffix = ends("ize") ? 3 : 0
        default: suffix = 0
        }
        if suffix > 0, inRegion2(suffix) { count -= suffix }
    }

    /// Step 5.
    mutating func removeFinal() {
        guard count > 1 else { return }
        if ends("e") {
            if inRegion2(1) || (inRegion1(1) && !endsShort(count - 1)) { count -= 1 }
        } else if ends("ll"), inRegion2(1) {
            count -= 1
        }
    }

    private mutating func shorten(_ suffix: Int, to ending: StaticString) {
        if inRegion1(suffix) { replace(suffix, by: ending) }
    }
}
