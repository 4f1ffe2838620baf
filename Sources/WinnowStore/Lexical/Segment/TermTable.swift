/// Numbers terms in the order in which they come: a hash table over one piece of memory, without an allocation per term.
struct TermTable {
    private var bytes: [UInt8] = []
    /// Where each term begins; one more than there are terms.
    private var starts: [Int] = [0]
    private var hashes: [UInt64] = []
    /// Number of a term plus one, 0 where nothing is; a power of two of them, at most half used.
    private var slots = [UInt32](repeating: 0, count: 1024)

    var count: Int { hashes.count }

    /// What it takes in memory, about.
    var byteCount: Int { bytes.count + count * 24 + slots.count * 4 }

    subscript(number: Int) -> ArraySlice<UInt8> { bytes[starts[number]..<starts[number + 1]] }

    /// The term's number; a new one when it was not there.
    mutating func number(of term: UnsafeBufferPointer<UInt8>) -> Int {
        let hash = Self.hash(term)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if hashes[number] == hash, self[number].elementsEqual(term) { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        let number = count
        bytes += term
        starts.append(bytes.count)
        hashes.append(hash)
        slots[slot] = UInt32(number + 1)
        if count * 2 > slots.count { grow() }
        return number
    }

    /// Numbers in the order of their terms' bytes.
    func sortedNumbers() -> [Int] {
        bytes.withUnsafeBufferPointer { bytes in
            (0..<count).sorted { left, right in
                let left = UnsafeBufferPointer(rebasing: bytes[starts[left]..<starts[left + 1]])
                let right = UnsafeBufferPointer(rebasing: bytes[starts[right]..<starts[right + 1]])
                return left.lexicographicallyPrecedes(right)
            }
        }
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for number in hashes.indices {
            var slot = Int(truncatingIfNeeded: hashes[number]) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(number + 1)
        }
    }

    /// Eight bytes at a time, mixed as in wyhash's inner step; not against attackers: a text of them would have to make 2³²
    /// passages to be noticed.
    static func hash(_ term: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash = UInt64(term.count) &* 0x9E37_79B9_7F4A_7C15
        var index = 0
        while index < term.count {
            var word: UInt64 = 0
            let end = min(index + 8, term.count)
            while index < end {
                word = word << 8 | UInt64(term[index])
                index += 1
            }
            let (high, low) = (hash ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
            hash = high ^ low ^ 0xA076_1D64_78BD_642F
        }
        return hash ^ hash >> 29
    }
}
