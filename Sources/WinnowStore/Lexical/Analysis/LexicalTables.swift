/// What the analysis does with each scalar beyond ASCII: generated and pinned, since Swift's own Unicode data moves with toolchain
/// and system, and an index would then miss what it holds.
///
/// Unfolded once a process, on the first text that is not ASCII: about 0.4 MB.
// Sendable: the memory is written in `init` only and never freed.
struct LexicalTables: @unchecked Sendable {
    /// In the order of Scripts/generate-lexical-tables.
    enum Class: UInt8 {
        case separator
        /// A letter of a script without case, or one without a counterpart.
        case caseless
        case lower
        /// Has a ``fold(_:)``.
        case upper
        /// A letter of a script that puts no spaces between words.
        case unspaced
        /// Belongs to the letter before it.
        case mark
        /// Joins two letters to one word, as an apostrophe does.
        case middle
        /// ``TextPreparation`` puts its ``replacement(_:)`` in its place; scanners never see it.
        case mapped
        /// As ``mapped``, with nothing.
        case vanishing
    }

    static let shared = LexicalTables()

    private let classes: ScalarTable
    /// By class: place of the folded scalar or of the replacement in ``pool``; of a mark its combining class.
    private let values: ScalarTable
    private let pool: UnsafePointer<UInt32>

    @inline(__always)
    func classOf(_ scalar: UInt32) -> Class {
        Class(rawValue: UInt8(truncatingIfNeeded: classes[scalar])) ?? .separator
    }

    /// Simple case folding of a scalar of class ``Class/upper``.
    @inline(__always)
    func fold(_ scalar: UInt32) -> UInt32 { pool[Int(values[scalar])] }

    /// Canonical combining class of a scalar of class ``Class/mark``.
    func combiningClass(_ mark: UInt32) -> UInt16 { values[mark] }

    /// Of a scalar of class ``Class/mapped``.
    func replacement(_ scalar: UInt32) -> UnsafeBufferPointer<UInt32> {
        let start = pool + Int(values[scalar])
        return UnsafeBufferPointer(start: start + 1, count: Int(start.pointee))
    }

    private init() {
        var classes = ScalarTable.Builder()
        var stream = NumberStream(Self.classRuns)
        var scalar: UInt32 = 0
        while let length = stream.next(), let number = stream.next() {
            if number != 0 { classes.fill(scalar..<scalar + length, with: UInt16(number)) }
            scalar += length
        }

        var values = ScalarTable.Builder()
        var pool: [UInt32] = []
        stream = NumberStream(Self.mappings)
        scalar = 0
        while let delta = stream.next(), let count = stream.next() {
            scalar += delta
            values.fill(scalar..<scalar + 1, with: UInt16(pool.count))
            pool.append(count)
            for _ in 0..<count { pool.append(stream.next() ?? 0) }
        }
        stream = NumberStream(Self.folds)
        scalar = 0
        while let delta = stream.next(), let folded = stream.next() {
            scalar += delta
            values.fill(scalar..<scalar + 1, with: UInt16(pool.count))
            pool.append(folded)
        }
        stream = NumberStream(Self.combiningClasses)
        scalar = 0
        while let delta = stream.next(), let number = stream.next() {
            scalar += delta
            values.fill(scalar..<scalar + 1, with: UInt16(number))
        }

        self.classes = classes.finish()
        self.values = values.finish()
        let copy = UnsafeMutablePointer<UInt32>.allocate(capacity: pool.count)
        for (place, value) in pool.enumerated() { copy[place] = value }
        self.pool = UnsafePointer(copy)
    }
}

/// A two-stage table from scalar to a number, 0 where nothing was set. Lives as long as the process.
// Sendable: what the pointers name is written by Builder.finish, before there is a table, and never again nor freed.
private struct ScalarTable: @unchecked Sendable {
    private static let pageBits: UInt32 = 7

    private let pages: UnsafePointer<UInt16>
    private let cells: UnsafePointer<UInt16>

    /// - Parameter scalar: at most 0x10FFFF.
    @inline(__always)
    subscript(scalar: UInt32) -> UInt16 {
        cells[Int(pages[Int(scalar >> Self.pageBits)]) << Int(Self.pageBits) | Int(scalar & 127)]
    }

    struct Builder {
        private var pages = [[UInt16]?](repeating: nil, count: 0x110000 >> Int(ScalarTable.pageBits))

        mutating func fill(_ scalars: Range<UInt32>, with value: UInt16) {
            var scalar = scalars.lowerBound
            while scalar < scalars.upperBound {
                let page = Int(scalar >> ScalarTable.pageBits)
                let end = min(scalars.upperBound, (scalar | 127) + 1)
                var cells = pages[page] ?? [UInt16](repeating: 0, count: 128)
                pages[page] = nil
                for cell in scalar..<end { cells[Int(cell & 127)] = value }
                pages[page] = cells
                scalar = end
            }
        }

        /// Equal pages share their cells.
        func finish() -> ScalarTable {
            var places: [[UInt16]: UInt16] = [:]
            var cells: [UInt16] = []
            let blank = [UInt16](repeating: 0, count: 128)
            let firsts = UnsafeMutablePointer<UInt16>.allocate(capacity: pages.count)
            for (page, filled) in pages.enumerated() {
                let content = filled ?? blank
                let place = places[content] ?? UInt16(cells.count >> Int(ScalarTable.pageBits))
                if places.updateValue(place, forKey: content) == nil { cells += content }
                firsts[page] = place
            }
            let copy = UnsafeMutablePointer<UInt16>.allocate(capacity: cells.count)
            for (place, value) in cells.enumerated() { copy[place] = value }
            return ScalarTable(pages: firsts, cells: copy)
        }
    }
}

/// LEB128 numbers in base64: how the generated data is spelled.
private struct NumberStream {
    private var bytes: [UInt8] = []
    private var place = 0

    init(_ text: StaticString) {
        text.withUTF8Buffer { text in
            bytes.reserveCapacity(text.count * 3 / 4)
            var (bits, filled): (UInt32, UInt32) = (0, 0)
            for character in text {
                let digit: UInt8
                switch character {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = character - UInt8(ascii: "A")
                case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = character - UInt8(ascii: "a") + 26
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0") + 52
                case UInt8(ascii: "+"): digit = 62
                case UInt8(ascii: "/"): digit = 63
                default: continue  // padding
                }
                bits = bits << 6 | UInt32(digit)
                filled += 6
                if filled >= 8 {
                    filled -= 8
                    bytes.append(UInt8(truncatingIfNeeded: bits >> filled))
                }
            }
        }
    }

    mutating func next() -> UInt32? {
        guard place < bytes.count else { return nil }
        var (value, shift): (UInt32, UInt32) = (0, 0)
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            value |= UInt32(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return value
    }
}
