/// How texts and queries become terms: one choice per index, for both sides.
///
/// `Documentation/lexical-analysis.md` has the rules with examples.
public struct LexicalAnalysis: Sendable, Hashable {
    /// What a word is.
    public enum Words: String, Sendable, CaseIterable {
        /// Words of all scripts, folded (compatibility, accents, case); bigrams where a script has no spaces; identifiers whole
        /// and in parts. No stop list.
        case unicode
        /// Runs of `[a-z0-9]`, lower-cased, less Lucene's 33 English stop words: for comparison with other systems.
        case ascii
    }

    public enum Stemming: String, Sendable, CaseIterable {
        /// Snowball's English stemmer ("Porter2"), for words of ASCII letters.
        case english
        case none
    }

    public var words: Words
    public var stemming: Stemming

    public init(words: Words = .unicode, stemming: Stemming = .english) {
        self.words = words
        self.stemming = stemming
    }

    /// Everything that a term depends on, with versions, such as `unicode 16.0.0/1, english porter2 3.1.1`: stored with an index;
    /// another one means that the index is made again.
    public var identity: String {
        // The number after the slash is ours: one more with every change of a rule that changes a term.
        let words =
            switch words {
            case .unicode: "unicode \(LexicalTables.unicodeVersion)/1"
            case .ascii: "ascii/1"
            }
        let stemming =
            switch stemming {
            case .english: "english porter2 \(EnglishStemmer.version)"
            case .none: "unstemmed"
            }
        return "\(words), \(stemming)"
    }
}
