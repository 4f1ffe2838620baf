/// The word that a scanner stands on, folded, in scratch memory: its bytes, what they are, and where its case changes.
struct ScannedWord {
    /// A longer word is cut into pieces of this many bytes, the last one shorter: the same on both sides of a search.
    static let maximumBytes = 128
    /// A word with more parts is no name but noise (base64, say), and is left whole.
    static let maximumParts = 12
    /// Room for a suffix such as `++` and a whole scalar after the last byte.
    static let scratchBytes = maximumBytes + 8

    private enum Case { case none, lower, upper }

    let bytes: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private(set) var hasDigit = false
    private(set) var hasOnlyDigits = true
    private(set) var isASCII = true
    /// Pieces were cut off before what is here.
    private(set) var wasCut = false
    /// Where parts begin, the first one excepted: `getHTTPResponse` has 3 and 7.
    private let boundaries: UnsafeMutablePointer<UInt8>
    private(set) var boundaryCount = 0
    private var lastCase = Case.none
    /// Capitals in a row (with digits between them), where the last one is, and whether it is also the last letter or digit.
    private var (capitals, lastCapital, endsInCapital) = (0, 0, false)
    /// The last boundary stands before the last of several capitals.
    private var endsCapitals = false

    init(bytes: UnsafeMutablePointer<UInt8>, boundaries: UnsafeMutablePointer<UInt8>) {
        self.bytes = bytes
        self.boundaries = boundaries
    }

    var hasRoom: Bool { count < Self.maximumBytes }
    var hasParts: Bool { boundaryCount > 0 && boundaryCount < Self.maximumParts }
    var contents: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: count) }

    @inline(__always)
    mutating func begin(cut: Bool = false) {
        (count, boundaryCount) = (0, 0)
        (hasDigit, hasOnlyDigits, isASCII, wasCut) = (false, !cut, true, cut)
        (lastCase, capitals, endsCapitals) = (.none, 0, false)
    }

    @inline(__always)
    mutating func addLower(_ byte: UInt8) {
        noteLower()
        bytes[count] = byte
        count += 1
    }

    /// Adds small letters from `text`, the first of which is known to be one, as long as there are more and room.
    /// - Returns: their number.
    @inline(__always)
    mutating func addLowers(_ text: UnsafePointer<UInt8>, _ limit: Int, _ classes: UnsafePointer<UInt8>) -> Int {
        noteLower()
        let room = min(limit, Self.maximumBytes - count)
        let target = bytes + count
        var added = 0
        repeat {
            target[added] = text[added]
            added += 1
        } while added < room && classes[Int(text[added])] == ByteClass.lower
        count += added
        return added
    }

    @inline(__always)
    mutating func addUpper(_ byte: UInt8) {
        noteUpper()
        bytes[count] = byte | 0x20
        count += 1
    }

    /// A digit belongs to the letters before it: `B2B` and `3D` are whole, `iPhone15Pro` has three parts.
    @inline(__always)
    mutating func addDigit(_ byte: UInt8) {
        hasDigit = true
        endsInCapital = false
        bytes[count] = byte
        count += 1
    }

    /// An apostrophe or its like, after which case begins anew: `O'Reilly` is whole.
    @inline(__always)
    mutating func addByte(_ byte: UInt8) {
        (lastCase, capitals, hasOnlyDigits) = (.none, 0, false)
        bytes[count] = byte
        count += 1
    }

    mutating func addScalar(_ scalar: UInt32, _ kind: LexicalTables.Class) {
        isASCII = false
        hasOnlyDigits = false
        switch kind {
        case .lower: noteLower()
        case .upper: noteUpper()
        case .mark: break
        case _: (lastCase, capitals) = (.none, 0)
        }
        count += UTF8Scalars.write(scalar, to: bytes + count)
    }

    @inline(__always)
    private mutating func noteLower() {
        hasOnlyDigits = false
        if capitals > 1, endsInCapital {
            addBoundary(lastCapital)
            endsCapitals = true
        }
        (lastCase, capitals) = (.lower, 0)
    }

    @inline(__always)
    private mutating func noteUpper() {
        hasOnlyDigits = false
        if lastCase == .lower {
            addBoundary(count)
            endsCapitals = false
        }
        (lastCase, capitals, lastCapital, endsInCapital) = (.upper, capitals + 1, count, true)
    }

    private mutating func addBoundary(_ place: Int) {
        if boundaryCount < Self.maximumParts {
            boundaries[boundaryCount] = UInt8(truncatingIfNeeded: place)
            boundaryCount += 1
        }
    }

    /// What can only be told at a word's end.
    @inline(__always)
    mutating func end() {
        guard count > 1, bytes[count - 1] == UInt8(ascii: "s") else { return }
        if bytes[count - 2] == UInt8(ascii: "'") {
            count -= 2  // the possessive
        } else if endsCapitals, boundaryCount > 0, Int(boundaries[boundaryCount - 1]) == count - 2 {
            boundaryCount -= 1  // the plural of an abbreviation: `URLs`
        }
    }

    /// Parts of a word that ``hasParts``, in order.
    func forEachPart(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var start = 0
        for number in 0...boundaryCount {
            let end = number < boundaryCount ? min(Int(boundaries[number]), count) : count
            if end > start { body(UnsafeBufferPointer(start: bytes + start, count: end - start)) }
            start = max(start, end)
        }
    }
}
