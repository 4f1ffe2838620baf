/// The text that scanners read: compatibility forms decomposed, accents and invisible scalars gone, digits made ASCII, case kept.
///
/// Canonically equivalent texts become the same bytes (up to ``maximumMarks`` on a letter), prepared text stays as it is, ASCII
/// stays as it is, and ill-formed bytes become spaces. White space of ASCII is a border that nothing crosses.
struct TextPreparation {
    /// Of the marks that are kept, this many on one letter; no writing has more, and it bounds a bigram.
    static let maximumMarks = 12

    private let tables = LexicalTables.shared
    private(set) var bytes: [UInt8] = []
    /// Marks since the last scalar that may not change places with them, by combining class.
    private var waiting: [(mark: UInt32, combiningClass: UInt16)] = []
    private var marks = 0
    /// The scalar written last, where it can grow: a part of a Hangul syllable.
    private var jamo: UInt32?

    mutating func prepare(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.removeAll(keepingCapacity: true)
        guard let base = text.baseAddress else { return }
        bytes.reserveCapacity(text.count)
        (marks, jamo) = (0, nil)
        // Most scalars stay as they are: they are copied run by run.
        var (place, run) = (0, 0)
        func copyRun(_ end: Int) {
            if run < end { bytes.append(contentsOf: UnsafeBufferPointer(start: base + run, count: end - run)) }
        }
        while place < text.count {
            if base[place] < 0x80 {
                if marks > 0 { breakMarks() }
                while place < text.count, base[place] < 0x80 { place += 1 }
                jamo = nil
                continue
            }
            let (read, length) = UTF8Scalars.read(base, place, text.count)
            let scalar = read ?? 0xFFFF_FFFF
            if staysAsItIs(scalar) {
                if marks > 0 { breakMarks() }
                jamo = nil
            } else {
                copyRun(place)
                add(read ?? 0x20)
                run = place + length
            }
            place += length
        }
        copyRun(place)
        breakMarks()
    }

    /// Gives memory back that one large text took.
    mutating func shrink(to capacity: Int) {
        if bytes.capacity > capacity { bytes = [] }
    }

    @inline(__always)
    private func staysAsItIs(_ scalar: UInt32) -> Bool {
        if scalar > 0x10FFFF || scalar >= 0x1100 && scalar < 0x1200 || scalar >= 0xAC00 && scalar < 0xD7A4 {
            return false
        }
        return switch tables.classOf(scalar) {
        case .separator, .caseless, .lower, .upper, .unspaced, .middle: true
        case .mark, .mapped, .vanishing: false
        }
    }

    private mutating func add(_ scalar: UInt32) {
        switch tables.classOf(scalar) {
        case .vanishing: break
        case .mapped: for part in tables.replacement(scalar) { addPrepared(part) }
        case _: addPrepared(scalar)
        }
    }

    private mutating func addPrepared(_ scalar: UInt32) {
        guard scalar >= 0x80, tables.classOf(scalar) == .mark else {
            breakMarks()
            if compose(scalar) { return }
            append(scalar)
            return
        }
        jamo = nil
        marks += 1
        if marks > Self.maximumMarks { return }
        let combiningClass = tables.combiningClass(scalar)
        if combiningClass == 0 {
            flush()
            append(scalar)
            return
        }
        // The canonical ordering algorithm: The Unicode Standard, 3.11.
        var place = waiting.count
        while place > 0, waiting[place - 1].combiningClass > combiningClass { place -= 1 }
        waiting.insert((scalar, combiningClass), at: place)
    }

    private mutating func breakMarks() {
        marks = 0
        if !waiting.isEmpty { flush() }
    }

    private mutating func flush() {
        for (mark, _) in waiting { append(mark) }
        waiting.removeAll(keepingCapacity: true)
    }

    /// Hangul syllables of their parts: The Unicode Standard, 3.12.
    /// - Returns: whether the scalar went into the one before it.
    private mutating func compose(_ scalar: UInt32) -> Bool {
        let before = jamo
        jamo = scalar >= 0x1100 && scalar < 0xD7A4 ? scalar : nil
        guard let before else { return false }
        let syllable: UInt32
        if before >= 0x1100, before < 0x1113, scalar >= 0x1161, scalar < 0x1176 {
            syllable = 0xAC00 + ((before - 0x1100) * 21 + scalar - 0x1161) * 28
        } else if before >= 0xAC00, before < 0xD7A4, (before - 0xAC00) % 28 == 0, scalar > 0x11A7, scalar < 0x11C3 {
            syllable = before + scalar - 0x11A7
        } else {
            return false
        }
        bytes.removeLast(3)  // what stood there and the syllable are of three bytes
        append(syllable)
        jamo = syllable
        return true
    }

    private mutating func append(_ scalar: UInt32) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { buffer in
            guard let target = buffer.baseAddress else { return }
            let length = UTF8Scalars.write(scalar, to: target)
            bytes.append(contentsOf: UnsafeBufferPointer(start: target, count: length))
        }
    }
}
