/// One piece of a split word.
struct WordPiece: BitwiseCopyable {
    var id: Int32
    /// Where the piece ends in the word, in bytes.
    var end: Int32
}

extension WordPieceVocabulary {
    /// Splits a word greedily, the longest piece first (Schuster and Nakajima 2012, as BERT applies it).
    ///
    /// - Parameters:
    ///   - word: UTF-8, readable for ``TokenHash/padding`` bytes beyond `length`.
    ///   - pieces: room for as many as the word has characters.
    /// - Returns: the number of pieces; 0 when the word cannot be spelled and is unknown as a whole.
    func split(_ word: UnsafePointer<UInt8>, _ length: Int, into pieces: UnsafeMutablePointer<WordPiece>) -> Int {
        var (start, count) = (0, 0)
        while start < length {
            let inside = start > 0
            var end = min(length, start &+ (inside ? longestContinuing : longestInitial))
            var found: Int32?
            while end > start {
                // Only whole scalars.
                if end == length || word[end] & 0xC0 != 0x80 {
                    found = find(word + start, end &- start, continuing: inside)
                    if found != nil { break }
                }
                end &-= 1
            }
            guard let id = found else { return 0 }
            pieces[count] = WordPiece(id: id, end: Int32(truncatingIfNeeded: end))
            count &+= 1
            start = end
        }
        return count
    }
}
