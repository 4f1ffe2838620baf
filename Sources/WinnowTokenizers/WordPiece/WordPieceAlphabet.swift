/// What a tokenizer's settings make of the bytes of a text.
// Sendable: the memory is written in `init` only.
final class WordPieceAlphabet: @unchecked Sendable {
    /// ``WordPieceScanner/Kind`` by byte, 256.
    let kinds: UnsafePointer<UInt8>
    /// ASCII after normalisation, 128.
    let folded: UnsafePointer<UInt8>
    /// Ids of ASCII punctuation, 128.
    let punctuation: UnsafePointer<Int32>
    let lowercase: Bool
    /// Properties by which the normalizer changes a scalar.
    let changes: UnicodeTables.Property
    /// Those, and the ones that split.
    let relevant: UnicodeTables.Property

    init(_ normalizer: BertNormalizer, _ vocabulary: WordPieceVocabulary) {
        let kinds = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        let folded = UnsafeMutablePointer<UInt8>.allocate(capacity: 128)
        let punctuation = UnsafeMutablePointer<Int32>.allocate(capacity: 128)
        kinds.initialize(repeating: WordPieceScanner.Kind.beyondASCII, count: 256)
        punctuation.initialize(repeating: vocabulary.unknown, count: 128)
        for byte in 0..<128 {
            let property = UnicodeTables.shared.property(UInt32(byte))
            folded[byte] = UInt8(byte)
            if normalizer.lowercase, let lower = UnicodeTables.shared.lowercase(UInt32(byte)).first {
                folded[byte] = UInt8(truncatingIfNeeded: lower)
            }
            if normalizer.cleanText, property.contains(.cleanDelete) {
                kinds[byte] = WordPieceScanner.Kind.delete
            } else if property.contains(.whitespace) || normalizer.cleanText && property.contains(.cleanSpace) {
                kinds[byte] = WordPieceScanner.Kind.space
            } else if property.contains(.punctuation) {
                kinds[byte] = WordPieceScanner.Kind.punctuation
                if vocabulary.maximumCharacters >= 1 {
                    punctuation[byte] = vocabulary.id(String(UnicodeScalar(UInt8(byte)))) ?? vocabulary.unknown
                }
            } else {
                kinds[byte] = WordPieceScanner.Kind.word
            }
        }
        self.kinds = UnsafePointer(kinds)
        self.folded = UnsafePointer(folded)
        self.punctuation = UnsafePointer(punctuation)
        lowercase = normalizer.lowercase
        changes = normalizer.relevant
        relevant = changes.union([.whitespace, .punctuation])
    }

    deinit {
        kinds.deallocate()
        folded.deallocate()
        punctuation.deallocate()
    }
}
