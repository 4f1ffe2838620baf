/// Terms of ``LexicalAnalysis/Words/ascii``: lower-cased runs of `[a-z0-9]` that are no stop words. All other bytes separate.
struct ASCIIScanner {
    /// Of the scratch memory that ``init(_:stemming:scratch:)`` takes.
    static let scratchBytes = ScannedWord.maximumBytes

    let text: UnsafeBufferPointer<UInt8>
    let stems: Bool
    let scratch: UnsafeMutablePointer<UInt8>

    init(_ text: UnsafeBufferPointer<UInt8>, stemming: LexicalAnalysis.Stemming, scratch: UnsafeMutablePointer<UInt8>) {
        self.text = text
        stems = stemming == .english
        self.scratch = scratch
    }

    func forEachTerm(_ emit: (UnsafeBufferPointer<UInt8>) -> Void) {
        let classes = ByteClass.table
        var (count, hasDigit) = (0, false)
        func end() {
            defer { (count, hasDigit) = (0, false) }
            if EnglishStopWords.contains(UnsafeBufferPointer(start: scratch, count: count)) { return }
            let length = stems && !hasDigit ? EnglishStemmer.stem(scratch, count: count) : count
            emit(UnsafeBufferPointer(start: scratch, count: length))
        }
        for byte in text {
            switch classes[Int(byte)] {
            case ByteClass.lower, ByteClass.upper: scratch[count] = byte | 0x20
            case ByteClass.digit:
                scratch[count] = byte
                hasDigit = true
            default:
                if count > 0 { end() }
                continue
            }
            count += 1
            if count == ScannedWord.maximumBytes { end() }
        }
        if count > 0 { end() }
    }
}

/// Lucene's 33 (`EnglishAnalyzer`), which bm25s has too.
enum EnglishStopWords {
    private static let words: [StaticString] = [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not",
        "of", "on", "or",
        "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
    ]

    /// The words as big-endian numbers, shifted to the left: none is of more than five bytes.
    private static let keys: Set<UInt64> = Set(words.map { $0.withUTF8Buffer(key) })

    private static func key(_ word: UnsafeBufferPointer<UInt8>) -> UInt64 {
        word.reduce(0) { $0 << 8 | UInt64($1) }
    }

    static func contains(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
        word.count < 6 && keys.contains(key(word))
    }
}
