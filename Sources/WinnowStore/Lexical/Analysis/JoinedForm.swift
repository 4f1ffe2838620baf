/// What joiners make of several words: `e-4012`, `src/main.c:42`.
struct JoinedForm {
    /// Longer ones have no form of their own, only words: what long paths and addresses add to an index is bounded.
    static let maximumBytes = 64

    let bytes: UnsafeMutablePointer<UInt8>
    private var count = 0
    private var words = 0
    private var fits = true
    /// A digit, `_`, `@` or an inner change of case was seen: the words are a name for something.
    private var isName = false

    init(bytes: UnsafeMutablePointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func begin() {
        (count, words, fits, isName) = (0, 0, true, false)
    }

    mutating func add(_ word: ScannedWord) {
        words += 1
        if word.hasDigit || word.hasParts { isName = true }
        if word.wasCut { fits = false }
        add(word.contents)
    }

    mutating func add(joiner: UInt8) {
        if joiner == UInt8(ascii: "_") || joiner == UInt8(ascii: "@") { isName = true }
        withUnsafePointer(to: joiner) { add(UnsafeBufferPointer(start: $0, count: 1)) }
    }

    private mutating func add(_ more: UnsafeBufferPointer<UInt8>) {
        guard fits, count + more.count <= Self.maximumBytes else {
            fits = false
            return
        }
        for place in more.indices { bytes[count + place] = more[place] }
        count += more.count
    }

    /// The term; nil for a single word, plain words, and what is too long.
    var term: UnsafeBufferPointer<UInt8>? {
        words > 1 && isName && fits ? UnsafeBufferPointer(start: bytes, count: count) : nil
    }
}
