import Winnow

/// What the words and pieces of a vocabulary are written with: whether a model can have been made for English.
struct VocabularyProfile {
    /// Words and pieces, special tokens aside.
    private(set) var entries = 0
    /// With a letter that has an upper or a lower case, and those of them with a capital.
    private(set) var cased = 0
    private(set) var capitals = 0
    /// Most of whose letters are not Latin, and others with a Latin letter that is not ASCII, as "ü".
    private(set) var otherScripts = 0
    private(set) var accented = 0
    /// The id that stands for what the vocabulary lacks.
    let unknown: Int32?

    init(_ tokenizer: WordPieceTokenizer) {
        unknown = tokenizer.id(for: "[UNK]")
        for id in 0..<tokenizer.vocabularySize {
            guard let token = tokenizer.token(for: Int32(id)), !token.hasPrefix("[") else { continue }
            entries += 1
            let isUpper = token.unicodeScalars.contains(where: \.properties.isUppercase)
            if isUpper { capitals += 1 }
            if isUpper || token.unicodeScalars.contains(where: \.properties.isLowercase) { cased += 1 }
            let writing = WritingSystem(token)
            if writing.shareOfOtherLetters > 0.5 {
                otherScripts += 1
            } else if writing.accented > 0 {
                accented += 1
            }
        }
    }

    /// bert-base-uncased has 5 % of other scripts and 0.5 % with such letters; a model for Chinese has over half of the first, one for
    /// German a tenth of the second.
    private static let mostOtherScripts = 0.2
    private static let mostAccented = 0.04
    private static let multilingual = 60_000

    /// Many entries are those of a model for several languages.
    var isMultilingual: Bool { entries >= Self.multilingual }

    /// It can be that of a model for English alone.
    var isEnglish: Bool {
        !isMultilingual && Double(otherScripts) <= Self.mostOtherScripts * Double(entries)
            && Double(accented) <= Self.mostAccented * Double(entries)
    }
}

/// How well a tokenizer knows the texts that a model is asked about.
struct KnownTextCoverage {
    /// 0…1, of the tokens.
    let unknown: Double
    let tokensPerWord: Double

    init(_ tokenizer: any TextTokenizer, unknown unknownID: Int32?, _ texts: [String]) {
        var (tokens, unknown, words) = (0, 0, 0)
        for text in texts {
            let ids = tokenizer.tokenIDs(for: text)
            tokens += ids.count
            unknown += ids.count { $0 == unknownID }
            words += TextShingles.wordCount(text)
        }
        self.unknown = tokens == 0 ? 1 : Double(unknown) / Double(tokens)
        tokensPerWord = words == 0 ? 0 : Double(tokens) / Double(words)
    }

    private static let mostUnknown = 0.05
    /// A vocabulary for English has 1.2.
    private static let mostTokensPerWord = 2.0

    var isEnough: Bool { unknown <= Self.mostUnknown && tokensPerWord <= Self.mostTokensPerWord }
}
