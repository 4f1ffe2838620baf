/// What a text is written in, as far as letters and the commonest words tell: whether a model for English can be expected to read it.
package struct WritingSystem: Sendable, Hashable {
    /// Letters of the text, by Unicode's property Alphabetic.
    package private(set) var letters = 0
    /// Letters that are not Latin, by the name of their block.
    package private(set) var others: [String: Int] = [:]
    /// Words of Latin letters.
    package private(set) var words = 0
    /// Those of them that are among English's commonest.
    package private(set) var functionWords = 0
    /// And those that are among the commonest of other languages, in three letters and more: two are also codes of countries.
    package private(set) var otherFunctionWords = 0
    /// Latin letters that are not ASCII, as "ü": of them English has hardly any.
    package private(set) var accented = 0

    package init() {}

    package init(_ text: String) {
        var word = ""
        func end(_ system: inout WritingSystem) {
            if !word.isEmpty {
                system.words += 1
                if Self.english.contains(word) {
                    system.functionWords += 1
                } else if Self.others.contains(word) {
                    system.otherFunctionWords += 1
                }
            }
            word = ""
        }
        for scalar in text.unicodeScalars {
            guard scalar.properties.isAlphabetic else {
                if scalar != "'", scalar != "’" { end(&self) }
                continue
            }
            letters += 1
            if let block = Self.block(of: scalar) {
                others[block, default: 0] += 1
                end(&self)
            } else {
                switch scalar.value {
                case 0xC0...0x24F, 0x1E00...0x1EFF: accented += 1
                default: break
                }
                guard word.utf8.count < 24 else { continue }
                word.unicodeScalars.append(scalar.isASCII ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar)
            }
        }
        end(&self)
    }

    /// 0…1; 0 without letters.
    package var shareOfOtherLetters: Double {
        letters == 0 ? 0 : Double(others.values.reduce(0, +)) / Double(letters)
    }

    /// 0…1; 0 without words. Running English has about 0.4; German, French and Spanish have under 0.1.
    package var shareOfFunctionWords: Double { words == 0 ? 0 : Double(functionWords) / Double(words) }

    /// 0…1; 0 without words. Running German, French, Spanish, Italian and Dutch have about 0.2.
    package var shareOfOtherFunctionWords: Double { words == 0 ? 0 : Double(otherFunctionWords) / Double(words) }

    /// 0…1; 0 without letters.
    package var shareOfAccented: Double { letters == 0 ? 0 : Double(accented) / Double(letters) }

    package mutating func add(_ other: WritingSystem) {
        letters += other.letters
        words += other.words
        functionWords += other.functionWords
        otherFunctionWords += other.otherFunctionWords
        accented += other.accented
        others.merge(other.others) { $0 + $1 }
    }

    /// - Returns: nil for Latin letters, and for those that belong to no script alone.
    private static func block(of scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x0370...0x03FF, 0x1F00...0x1FFF: "Greek"
        case 0x0400...0x052F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF, 0xA640...0xA69F: "Cyrillic"
        case 0x0530...0x058F: "Armenian"
        case 0x0590...0x05FF, 0xFB1D...0xFB4F: "Hebrew"
        case 0x0600...0x06FF, 0x0750...0x077F, 0x0870...0x08FF, 0xFB50...0xFDFF, 0xFE70...0xFEFF: "Arabic"
        case 0x0900...0x0DFF: "Indic"
        case 0x0E00...0x0EFF: "Thai or Lao"
        case 0x10A0...0x10FF, 0x1C90...0x1CBF: "Georgian"
        case 0x1100...0x11FF, 0x3130...0x318F, 0xA960...0xA97F, 0xAC00...0xD7FF: "Hangul"
        case 0x3040...0x30FF, 0x31F0...0x31FF: "Kana"
        case 0x2E80...0x2FDF, 0x3005...0x3007, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
            "Han"
        case 0x0250...0x036F, 0x1D00...0x1DBF, 0x1E00...0x1EFF, 0x2000...0x2DDF, 0xA720...0xA7FF, 0xAB30...0xAB6F,
            0xFB00...0xFB06, 0xFF21...0xFF5A, 0x1D400...0x1D7FF, 0x0000...0x024F:
            nil
        default: "other scripts"
        }
    }

    /// Words with no meaning of their own, which every English text of some length has and few other languages spell so. Words that
    /// others have too ("in", "die", "a", "no", "me", "on", "an") are not among them.
    private static let english: Set<String> = [
        "the", "of", "and", "to", "is", "that", "it", "for", "with", "are", "this", "be", "by", "or", "from", "not",
        "you", "your",
        "which", "when", "what", "how", "who", "where", "can", "has", "have", "was", "were", "will", "if", "at", "as",
        "its", "do",
        "does", "they", "their", "there", "than", "then", "these", "those", "been", "would", "should", "may", "must",
        "any", "all",
        "into", "only", "we", "our", "he", "she", "his", "her", "i", "my", "after", "before", "why", "but", "out", "up",
        "more",
    ]
    /// The same of other languages in Latin letters, without what is English too ("die", "plus").
    private static let others: Set<String> = [
        // German
        "der", "und", "das", "ist", "nicht", "mit", "von", "den", "dem", "des", "ein", "eine", "einen", "auf", "für",
        "sich", "auch",
        "werden", "wird", "sind", "oder", "bei", "zum", "zur", "nach", "wie", "aus", "sie",
        // French
        "les", "des", "est", "une", "dans", "que", "qui", "pour", "pas", "sur", "avec", "sont", "vous", "par", "nous",
        "aux",
        // Spanish, Portuguese, Italian
        "los", "las", "una", "por", "con", "para", "del", "como", "más", "esta", "não", "uma", "dos", "com", "mais",
        "che", "non", "per",
        "sono", "della", "gli", "nel", "più", "alla", "viene", "cui",
        // Dutch, Swedish, Danish, Norwegian
        "het", "een", "van", "dat", "niet", "voor", "met", "zijn", "ook", "aan", "worden", "och", "att", "det", "som",
        "för", "til",
        "ikke", "med",
        // Polish, Turkish, Romanian, Finnish, Indonesian
        "się", "nie", "jest", "oraz", "bir", "için", "ile", "este", "että", "yang", "dan", "dengan", "untuk", "ini",
        "itu", "dari", "pada",
        "adalah", "tidak", "dalam",
    ]
}
