/// The hot path: normalises, splits into words and looks them up in one pass over the bytes, without places.
///
/// A word of ASCII letters and digits is classified, folded and hashed in registers, eight bytes at a time; whatever
/// else goes scalar by scalar through ``UnicodeTables``. Two things it leaves to the exact path, and says so: bytes
/// that are not UTF-8, and marks that survive the stripping of accents and may change places (rare scripts).
struct WordPieceScanner {
    /// What to do at a byte of the text.
    enum Kind {
        static let word: UInt8 = 0
        static let space: UInt8 = 1
        static let punctuation: UInt8 = 2
        static let delete: UInt8 = 3
        static let beyondASCII: UInt8 = 4
    }

    let vocabulary: WordPieceVocabulary
    let alphabet: WordPieceAlphabet
    let text: UnsafePointer<UInt8>
    /// Room for ``maximumCharacters`` scalars and the padding of ``TokenHash``.
    let word: UnsafeMutablePointer<UInt8>
    /// Room for as many pieces as the word has characters.
    let pieces: UnsafeMutablePointer<WordPiece>

    private let tables = UnicodeTables.shared
    private let maximumCharacters: Int
    /// Of the open word, in ``word``.
    private var length = 0
    /// Of the open word; counts on when the word is already too long to be kept.
    private var characters = 0

    init(
        _ vocabulary: WordPieceVocabulary, _ alphabet: WordPieceAlphabet, text: UnsafePointer<UInt8>,
        word: UnsafeMutablePointer<UInt8>, pieces: UnsafeMutablePointer<WordPiece>
    ) {
        self.vocabulary = vocabulary
        self.alphabet = alphabet
        self.text = text
        self.word = word
        self.pieces = pieces
        maximumCharacters = vocabulary.maximumCharacters
    }

    /// Appends the ids of `text[range]`.
    /// - Returns: false when the text needs the exact path; some ids may have been appended then.
    mutating func append(_ range: Range<Int>, to ids: inout [Int32]) -> Bool {
        let end = range.upperBound
        let kinds = alphabet.kinds
        let caseMask: UInt64 = alphabet.lowercase ? ~0 : 0
        var place = range.lowerBound
        while place < end {
            let first = Self.fold(load(place, end), caseMask)
            var count = first.count
            if count == 0 {
                let byte = Int(text[place])
                switch kinds[byte] {
                case Kind.punctuation:
                    ids.append(alphabet.punctuation[byte])
                    place &+= 1
                case Kind.space, Kind.delete:
                    place &+= 1
                default:
                    place = appendWord(from: place, to: end, &ids)
                    if place < 0 { return false }
                }
                continue
            }
            var (low, high): (UInt64, UInt64) = (first.bytes, 0)
            if count < 8 {
                low &= (1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1
            } else if place &+ 8 < end {
                let second = Self.fold(load(place &+ 8, end), caseMask)
                count &+= second.count
                high =
                    second.count == 8
                    ? second.bytes : second.bytes & ((1 &<< UInt64(truncatingIfNeeded: second.count &* 8)) &- 1)
            }
            let next = place &+ count
            let after = next < end ? Int(text[next]) : 0x20
            let kind = kinds[after]
            if kind != Kind.space && kind != Kind.punctuation || count == 16 {
                // The word goes on with something else.
                place = appendWord(from: place, to: end, &ids)
                if place < 0 { return false }
                continue
            }
            if count <= maximumCharacters, let id = vocabulary.find(low: low, high: high, count) {
                ids.append(id)
            } else {
                UnsafeMutableRawPointer(word).storeBytes(of: low.littleEndian, as: UInt64.self)
                UnsafeMutableRawPointer(word + 8).storeBytes(of: high.littleEndian, as: UInt64.self)
                (length, characters) = (count, count)
                closeWord(&ids, wholeIsUnknown: true)
            }
            place = next &+ 1  // a separator: white space is passed, punctuation too once it is written
            if kind == Kind.punctuation { ids.append(alphabet.punctuation[after]) }
        }
        return true
    }

    // MARK: Scalar by scalar

    /// Reads up to the end of a word, and writes it and the separator that ends it.
    /// - Returns: where to go on; −1 when the text needs the exact path.
    private mutating func appendWord(from start: Int, to end: Int, _ ids: inout [Int32]) -> Int {
        let relevant = alphabet.relevant
        (length, characters) = (0, 0)
        var place = start
        while place < end {
            let byte = Int(text[place])
            if byte < 0x80 {
                place &+= 1
                switch alphabet.kinds[byte] {
                case Kind.word:
                    if characters < maximumCharacters {
                        word[length] = alphabet.folded[byte]
                        length &+= 1
                    }
                    characters &+= 1
                case Kind.space:
                    closeWord(&ids)
                    return place
                case Kind.punctuation:
                    closeWord(&ids)
                    ids.append(alphabet.punctuation[byte])
                    return place
                default:
                    break
                }
                continue
            }
            let scalar = UTF8Decoding.decode(text, place, end)
            guard scalar.isValid else { return -1 }
            let property = tables.property(scalar.value)
            place &+= scalar.length
            if property.isDisjoint(with: relevant) {
                push(scalar.value)
                continue
            }
            let change = property.intersection(alphabet.changes)
            if change.contains(.cleanDelete) { continue }
            if change.contains(.cleanSpace) {
                closeWord(&ids)
                return place
            }
            if change.contains(.reorders) { return -1 }
            if change.contains(.mark) { continue }
            if change.contains(.cjk) {
                closeWord(&ids)
                pushMapped(scalar.value, change, &ids)
                closeWord(&ids)
                return place
            }
            pushMapped(scalar.value, change, &ids)
        }
        closeWord(&ids)
        return place
    }

    private mutating func pushMapped(_ scalar: UInt32, _ change: UnicodeTables.Property, _ ids: inout [Int32]) {
        if change.contains(.decomposes) {
            let tables = tables
            tables.decompose(scalar) { part, _ in
                if !tables.property(part).contains(.mark) { pushLowercase(part, &ids) }
            }
        } else {
            pushLowercase(scalar, &ids)
        }
    }

    private mutating func pushLowercase(_ scalar: UInt32, _ ids: inout [Int32]) {
        if alphabet.lowercase, tables.property(scalar).contains(.hasLowercase) {
            for lower in tables.lowercase(scalar) { pushSplitting(lower, &ids) }
        } else {
            pushSplitting(scalar, &ids)
        }
    }

    private mutating func pushSplitting(_ scalar: UInt32, _ ids: inout [Int32]) {
        let property = tables.property(scalar)
        if property.contains(.whitespace) {
            closeWord(&ids)
        } else if property.contains(.punctuation) {
            closeWord(&ids)
            push(scalar)
            closeWord(&ids)
        } else {
            push(scalar)
        }
    }

    @inline(__always)
    private mutating func push(_ scalar: UInt32) {
        if characters < maximumCharacters { length &+= UTF8Decoding.encode(scalar, to: word + length) }
        characters &+= 1
    }

    /// Writes the pieces of the open word, if there is one.
    private mutating func closeWord(_ ids: inout [Int32], wholeIsUnknown: Bool = false) {
        guard characters > 0 else { return }
        if characters > maximumCharacters {
            ids.append(vocabulary.unknown)
        } else if !wholeIsUnknown, let id = vocabulary.find(word, length, continuing: false) {
            ids.append(id)
        } else {
            let count = vocabulary.split(word, length, into: pieces)
            for piece in 0..<count { ids.append(pieces[piece].id) }
            if count == 0 { ids.append(vocabulary.unknown) }
        }
        (length, characters) = (0, 0)
    }

    // MARK: Eight bytes at a time

    /// Up to eight bytes from `place`, zeros beyond `end`; `place < end`.
    @inline(__always)
    private func load(_ place: Int, _ end: Int) -> UInt64 {
        let rest = end &- place
        if rest >= 8 { return UInt64(littleEndian: UnsafeRawPointer(text + place).loadUnaligned(as: UInt64.self)) }
        if end >= 8 {
            let tail = UInt64(littleEndian: UnsafeRawPointer(text + end - 8).loadUnaligned(as: UInt64.self))
            return tail &>> UInt64(truncatingIfNeeded: (8 &- rest) &* 8)
        }
        var bytes: UInt64 = 0
        for distance in 0..<rest {
            bytes |= UInt64(text[place + distance]) &<< UInt64(truncatingIfNeeded: distance &* 8)
        }
        return bytes
    }

    /// Lower case of the ASCII letters where `caseMask` is set, and how many bytes from the first are letters or
    /// digits.
    @inline(__always)
    private static func fold(_ bytes: UInt64, _ caseMask: UInt64) -> (bytes: UInt64, count: Int) {
        let highBits: UInt64 = 0x8080_8080_8080_8080
        let seven = bytes & ~highBits
        let small = seven | 0x2020_2020_2020_2020
        let letters = (small &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(small &+ 0x0505_0505_0505_0505) & ~bytes & highBits
        let digits = (seven &+ 0x5050_5050_5050_5050) & ~(seven &+ 0x4646_4646_4646_4646) & ~bytes & highBits
        let capitals = letters & ~(seven &<< 2) & caseMask
        let others = ~(letters | digits) & highBits
        return (bytes | capitals &>> 2, others.trailingZeroBitCount &>> 3)
    }
}
