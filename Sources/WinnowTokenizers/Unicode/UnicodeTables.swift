/// What the reference tokenizer does with each Unicode scalar, in constant-time tables.
///
/// The data is generated (UnicodeTables+Data.swift) by probing Hugging Face `tokenizers`, whose answers come from
/// several versions of Unicode. Unfolded once a process, on the first use: about 0.3 MB, well under a millisecond.
// Sendable: the memory is written in `init` only and never freed.
struct UnicodeTables: @unchecked Sendable {
    /// What can be said of a scalar; the bits that Scripts/generate-unicode-tables writes.
    struct Property: OptionSet, Sendable {
        let rawValue: UInt16

        /// `clean_text` removes it.
        static let cleanDelete = Property(rawValue: 1 << 0)
        /// `clean_text` makes it U+0020.
        static let cleanSpace = Property(rawValue: 1 << 1)
        /// `handle_chinese_chars` puts spaces around it.
        static let cjk = Property(rawValue: 1 << 2)
        /// Separates words; also `\s` of the rules for added tokens.
        static let whitespace = Property(rawValue: 1 << 3)
        /// Is a word of its own.
        static let punctuation = Property(rawValue: 1 << 4)
        /// Stripped with the accents (category Mn); of a scalar that decomposes: all of it.
        static let mark = Property(rawValue: 1 << 5)
        /// NFD changes it.
        static let decomposes = Property(rawValue: 1 << 6)
        /// `lowercase` changes it.
        static let hasLowercase = Property(rawValue: 1 << 7)
        /// `\w` of the rules for added tokens.
        static let word = Property(rawValue: 1 << 8)
        /// Something of it survives stripping and has a combining class, so that NFD may move it.
        static let reorders = Property(rawValue: 1 << 9)
    }

    static let shared = UnicodeTables()

    private let properties: PagedTable
    private let decompositionIndex: PagedTable
    private let lowercaseIndex: PagedTable
    private let classes: PagedTable
    /// Count, then that many scalars, for each mapping.
    private let pool: UnsafePointer<UInt32>

    @inline(__always)
    func property(_ scalar: UInt32) -> Property { Property(rawValue: properties[scalar]) }

    /// Canonical combining class; 0 for starters.
    func combiningClass(_ scalar: UInt32) -> UInt16 { classes[scalar] }

    /// Lower case of a scalar that has ``Property/hasLowercase``.
    @inline(__always)
    func lowercase(_ scalar: UInt32) -> UnsafeBufferPointer<UInt32> { mapped(lowercaseIndex[scalar]) }

    /// Calls `body` with each scalar of the full canonical decomposition, and whether it is the first of them.
    @inline(__always)
    func decompose(_ scalar: UInt32, _ body: (UInt32, Bool) -> Void) {
        let syllable = scalar &- 0xAC00
        if syllable < 11172 {  // Hangul, by arithmetic: The Unicode Standard, 3.12
            body(0x1100 + syllable / 588, true)
            body(0x1161 + syllable % 588 / 28, false)
            if syllable % 28 != 0 { body(0x11A7 + syllable % 28, false) }
            return
        }
        let scalars = mapped(decompositionIndex[scalar])
        for place in scalars.indices { body(scalars[place], place == 0) }
    }

    @inline(__always)
    private func mapped(_ place: UInt16) -> UnsafeBufferPointer<UInt32> {
        let start = pool + Int(place)
        return UnsafeBufferPointer(start: start + 1, count: Int(start.pointee))
    }

    private init() {
        var properties = PagedTable.Builder()
        var runs = NumberStream(Self.propertyRuns)
        var scalar: UInt32 = 0
        while let length = runs.next(), let index = runs.next() {
            properties.fill(scalar..<scalar + length, with: Self.propertySets[Int(index)])
            scalar += length
        }

        var pool: [UInt32] = [0]  // place 0: no mapping, no scalars
        func mapping(_ text: StaticString) -> PagedTable {
            var table = PagedTable.Builder()
            var stream = NumberStream(text)
            var scalar: UInt32 = 0
            while let delta = stream.next(), let count = stream.next() {
                scalar += delta
                table.fill(scalar..<scalar + 1, with: UInt16(pool.count))
                pool.append(count)
                for _ in 0..<count { pool.append(stream.next() ?? 0) }
            }
            return table.finish()
        }
        decompositionIndex = mapping(Self.decompositions)
        lowercaseIndex = mapping(Self.lowercases)

        var classes = PagedTable.Builder()
        var stream = NumberStream(Self.combiningClasses)
        scalar = 0
        while let delta = stream.next(), let value = stream.next() {
            scalar += delta
            classes.fill(scalar..<scalar + 1, with: UInt16(value))
        }
        self.properties = properties.finish()
        self.classes = classes.finish()
        self.pool = pool.withUnsafeBufferPointer { source in
            let copy = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: source.count)
            _ = copy.initialize(from: source)
            return UnsafePointer(copy.baseAddress.unsafelyUnwrapped)  // not empty: it holds place 0
        }
    }
}

/// A two-stage table from scalar to a 16-bit value, 0 where nothing was set. Lives as long as the process.
struct PagedTable: @unchecked Sendable {  // written by Builder.finish only
    private static let pageBits: UInt32 = 7
    private static let pageCount = 0x110000 >> Int(pageBits)

    private let pages: UnsafePointer<UInt16>
    private let cells: UnsafePointer<UInt16>

    /// - Parameter scalar: at most 0x10FFFF.
    @inline(__always)
    subscript(scalar: UInt32) -> UInt16 {
        let page = Int(pages[Int(scalar >> Self.pageBits)])
        return cells[page << Int(Self.pageBits) | Int(scalar & 127)]
    }

    struct Builder {
        private var pages = [UInt16](repeating: 0, count: PagedTable.pageCount)
        private var cells = [UInt16](repeating: 0, count: 1 << Int(PagedTable.pageBits))
        /// Pages of one value throughout, by the value.
        private var uniform: [UInt16: UInt16] = [0: 0]

        mutating func fill(_ scalars: Range<UInt32>, with value: UInt16) {
            var scalar = scalars.lowerBound
            while scalar < scalars.upperBound {
                let page = scalar >> PagedTable.pageBits
                let pageEnd = (page + 1) << PagedTable.pageBits
                if scalar == page << PagedTable.pageBits, scalars.upperBound >= pageEnd {
                    pages[Int(page)] = uniformPage(value)
                    scalar = pageEnd
                    continue
                }
                if uniform[cells[Int(pages[Int(page)]) << Int(PagedTable.pageBits)]] == pages[Int(page)] {
                    // Shared until now: give it cells of its own.
                    let old = Int(pages[Int(page)]) << Int(PagedTable.pageBits)
                    pages[Int(page)] = UInt16(cells.count >> Int(PagedTable.pageBits))
                    cells.append(contentsOf: cells[old..<old + 128])
                }
                let base = Int(pages[Int(page)]) << Int(PagedTable.pageBits)
                let end = min(scalars.upperBound, pageEnd)
                for cell in scalar..<end { cells[base | Int(cell & 127)] = value }
                scalar = end
            }
        }

        private mutating func uniformPage(_ value: UInt16) -> UInt16 {
            if let page = uniform[value] { return page }
            let page = UInt16(cells.count >> Int(PagedTable.pageBits))
            cells.append(contentsOf: repeatElement(value, count: 128))
            uniform[value] = page
            return page
        }

        func finish() -> PagedTable {
            func immortal(_ values: [UInt16]) -> UnsafePointer<UInt16> {
                let copy = UnsafeMutablePointer<UInt16>.allocate(capacity: values.count)
                for (place, value) in values.enumerated() { copy[place] = value }
                return UnsafePointer(copy)
            }
            return PagedTable(pages: immortal(pages), cells: immortal(cells))
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
            var (bits, filled): (UInt32, Int) = (0, 0)
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
                    bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(filled)))
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
