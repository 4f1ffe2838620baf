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

    package init() {}

    package init(_ text: String) {
        var word = ""
        func end(_ system: inout WritingSystem) {
            if !word.isEmpty {
                system.words += 1
                if Self.english.contains(word) { system.functionWords += 1 }
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
            } else if word.utf8.count < 24 {
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

    package mutating func add(_ other: WritingSystem) {
        letters += other.letters
        words += other.words
        functionWords += other.functionWords
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
}
