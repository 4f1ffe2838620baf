/// Terms of prepared text: words of UAX 29's letters, digits and marks, with rules of our own for names, numbers and abbreviations
/// (`Documentation/lexical-analysis.md`). Looks at most a few bytes ahead, so its time is linear.
struct WordScanner {
    typealias Emit = (UnsafeBufferPointer<UInt8>) -> Void

    /// Of the scratch memory that ``init(_:stemming:scratch:)`` takes.
    static let scratchBytes = 2 * ScannedWord.scratchBytes + ScannedWord.maximumParts + 2 * JoinedForm.maximumBytes

    let text: UnsafePointer<UInt8>
    let count: Int
    let classes = ByteClass.table
    private let tables = LexicalTables.shared
    private let stems: Bool
    var word: ScannedWord
    /// A word as it is lent: with its dot, or stemmed.
    let changed: UnsafeMutablePointer<UInt8>
    /// All words that joiners join, and those since the last of `/ : # @`.
    var (whole, segment): (JoinedForm, JoinedForm)

    init(_ text: UnsafeBufferPointer<UInt8>, stemming: LexicalAnalysis.Stemming, scratch: UnsafeMutablePointer<UInt8>) {
        count = text.count
        self.text = text.baseAddress ?? UnsafePointer(scratch)
        stems = stemming == .english
        var free = scratch
        func take(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
            defer { free += bytes }
            return free
        }
        word = ScannedWord(
            bytes: take(ScannedWord.scratchBytes), boundaries: take(ScannedWord.maximumParts))
        changed = take(ScannedWord.scratchBytes)
        whole = JoinedForm(bytes: take(JoinedForm.maximumBytes))
        segment = JoinedForm(bytes: take(JoinedForm.maximumBytes))
    }

    mutating func forEachTerm(_ emit: Emit) {
        var place = 0
        while place < count {
            switch classes[Int(text[place])] {
            case ByteClass.lower, ByteClass.upper, ByteClass.digit:
                place = scanRun(place, emit)
            case ByteClass.joiner:
                if text[place] == UInt8(ascii: "."), beginsDotName(place) {
                    place = scanRun(place + 1, dot: true, emit)
                } else {
                    place += 1
                }
            case ByteClass.wide:
                let (scalar, kind, length) = wide(place)
                switch kind {
                case .lower, .upper, .caseless: place = scanRun(place, emit)
                case .unspaced: place = scanUnspaced(place, emit)
                case _: place += scalar == 0 ? 1 : length
                }
            default: place += 1
            }
        }
    }

    // MARK: Looking

    /// 0, a separator, at the end.
    @inline(__always)
    func byte(_ place: Int) -> UInt8 { place < count ? text[place] : 0 }

    @inline(__always)
    private func wide(_ place: Int) -> (scalar: UInt32, kind: LexicalTables.Class, length: Int) {
        let (scalar, length) = UTF8Scalars.read(text, place, count)
        guard let scalar else { return (0, .separator, length) }
        return (scalar, tables.classOf(scalar), length)
    }

    /// Whether a letter or digit stands there.
    @inline(__always)
    func isWord(_ place: Int) -> Bool {
        let kind = classes[Int(byte(place))]
        if kind < ByteClass.joiner { return kind != ByteClass.separator }
        guard kind == ByteClass.wide else { return false }
        return switch wide(place).kind {
        case .lower, .upper, .caseless: true
        case _: false
        }
    }

    func isLetter(_ place: Int) -> Bool { isWord(place) && classes[Int(byte(place))] != ByteClass.digit }

    private func isDigit(_ place: Int) -> Bool { classes[Int(byte(place))] == ByteClass.digit }

    // MARK: Words

    /// Reads a word into ``word``; the pieces of a long one are emitted but for the last.
    /// - Returns: the place after the word.
    mutating func scanWord(_ start: Int, _ emit: Emit) -> Int {
        word.begin()
        var place = start
        while place < count {
            let byte = text[place]
            let kind = classes[Int(byte)]
            if !word.hasRoom, kind == ByteClass.apostrophe || kind < ByteClass.joiner && kind != ByteClass.separator {
                emitWord(emit)
                word.begin(cut: true)
            }
            switch kind {
            case ByteClass.lower:
                // The bulk of all text.
                place += word.addLowers(text + place, count - place, classes)
                continue
            case ByteClass.upper: word.addUpper(byte)
            case ByteClass.digit: word.addDigit(byte)
            case ByteClass.apostrophe:
                guard isWord(place + 1) else {
                    word.end()
                    return place
                }
                word.addByte(byte)
            case ByteClass.comma:
                guard groupsThousands(place) else {
                    word.end()
                    return place
                }
            case ByteClass.wide:
                guard let length = addWide(place, emit) else {
                    word.end()
                    return place
                }
                place += length - 1
            default:
                word.end()
                return place
            }
            place += 1
        }
        word.end()
        return place
    }

    /// - Returns: bytes of the scalar at `place`; nil where the word ends before it.
    private mutating func addWide(_ place: Int, _ emit: Emit) -> Int? {
        let (scalar, kind, length) = wide(place)
        switch kind {
        case .separator, .unspaced, .mapped, .vanishing: return nil
        case .middle: if !isLetter(place + length) { return nil }
        case .lower, .upper, .caseless, .mark: break
        }
        if word.count + 4 > ScannedWord.maximumBytes {
            if kind == .mark { return length }  // no piece begins with a mark
            emitWord(emit)
            word.begin(cut: true)
        }
        word.addScalar(kind == .upper ? tables.fold(scalar) : scalar, kind)
        return length
    }

    /// The comma of `1,000,000` and not that of `3,14` or `2024,2025`.
    private func groupsThousands(_ place: Int) -> Bool {
        word.hasOnlyDigits && (word.count <= 3 || (text[place - 4] == UInt8(ascii: ","))) && isDigit(place + 1)
            && isDigit(place + 2) && isDigit(place + 3) && !isDigit(place + 4)
    }

    // MARK: Emitting

    mutating func emitWord(_ emit: Emit) {
        if word.count == 0 { return }
        emitStemmed(word.contents, emit)
        if word.hasParts {
            word.forEachPart { emitStemmed($0, emit) }
        }
    }

    @inline(__always)
    private func emitStemmed(_ term: UnsafeBufferPointer<UInt8>, _ emit: Emit) {
        guard stems, term.count > 2 else { return emit(term) }
        if word.hasDigit || !word.isASCII {
            for byte in term where classes[Int(byte)] == ByteClass.digit || byte >= 0x80 { return emit(term) }
        }
        for place in term.indices { changed[place] = term[place] }
        emit(UnsafeBufferPointer(start: changed, count: EnglishStemmer.stem(changed, count: term.count)))
    }

    /// Overlapping pairs of letters (with their marks) where no spaces part the words; a lone letter by itself.
    private func scanUnspaced(_ start: Int, _ emit: Emit) -> Int {
        var (first, second, place) = (start, start, start)
        var letters = 0
        func emitPair() {
            emit(UnsafeBufferPointer(start: text + first, count: place - first))
        }
        while place < count, text[place] >= 0x80 {
            let (_, kind, length) = wide(place)
            if kind == .unspaced {
                if letters > 1 { emitPair() }
                (first, second) = (second, place)
                letters += 1
            } else if kind != .mark {
                break
            }
            place += length
        }
        emitPair()
        return place
    }
}
