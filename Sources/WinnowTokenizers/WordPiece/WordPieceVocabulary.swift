/// The tokens of a WordPiece model: one pool of bytes, and two open-addressing hash tables over it.
///
/// A token is found in two roles: from the start of a word under its whole spelling, and inside a word under what
/// follows the continuation prefix ("##"), if it starts with it. A slot holds 10 bits of the hash and 22 bits of id +
/// 1.
// Sendable: the memory is written in `init` only.
final class WordPieceVocabulary: @unchecked Sendable {
    /// One more than the highest id.
    let count: Int
    /// Distinct tokens; less than ``count`` when some ids have no token.
    let tokenCount: Int
    /// Id of the unknown token.
    let unknown: Int32
    /// A word of more characters is unknown as a whole.
    let maximumCharacters: Int
    /// In bytes; a longer piece need not be looked up.
    let longestInitial: Int
    let longestContinuing: Int

    private let pool: UnsafePointer<UInt8>
    private let entries: UnsafePointer<TokenEntry>
    private let initial: UnsafePointer<UInt32>
    private let continuing: UnsafePointer<UInt32>
    private let initialMask: Int
    private let continuingMask: Int
    private let prefixLength: Int

    /// - Throws: ``TokenizerError`` when `unknown` is no token, or a token is there twice in a JSON vocabulary.
    init(_ list: TokenList, unknown: String, prefix: String, maximumCharacters: Int) throws {
        var entries = list.entries
        let pool = list.pool + [UInt8](repeating: 0, count: TokenHash.padding)
        var (initial, continuing): ([UInt32], [UInt32]) = ([], [])
        let prefixLength = prefix.utf8.count
        var (longestInitial, longestContinuing) = (0, 0)
        var unknownID: Int32?

        try pool.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            initial = Self.slots(for: list.tokenCount)
            for id in entries.indices where !entries[id].isAbsent {
                let length = Int(entries[id].length)
                guard let earlier = Self.insert(id, &initial, entries, base, skip: 0) else {
                    longestInitial = max(longestInitial, length)
                    continue
                }
                guard list.laterWins else { throw list.error("the token \"\(list.spelling(id))\" is there twice") }
                entries[earlier] = .absent
            }
            let paddedPrefix = Array(prefix.utf8) + [UInt8](repeating: 0, count: TokenHash.padding)
            let inside = paddedPrefix.withUnsafeBufferPointer { prefix in
                guard let prefix = prefix.baseAddress else { return [Int]() }
                return entries.indices.filter { id in
                    !entries[id].isAbsent && Int(entries[id].length) > prefixLength
                        && TokenHash.equal(base + Int(entries[id].start), prefix, prefixLength)
                }
            }
            continuing = Self.slots(for: inside.count)
            for id in inside {
                longestContinuing = max(longestContinuing, Int(entries[id].length) - prefixLength)
                _ = Self.insert(id, &continuing, entries, base, skip: prefixLength)
            }
            var name = Array(unknown.utf8)
            let length = name.count
            name.append(contentsOf: repeatElement(0, count: TokenHash.padding))
            unknownID = name.withUnsafeBufferPointer { name in
                guard let word = name.baseAddress, length > 0 else { return nil }
                let hash = TokenHash.hash(word, length)
                return Self.find(word, length, hash, initial, initial.count - 1, entries, base, skip: 0)
            }
        }
        guard let unknownID else {
            throw list.error("the unknown token \"\(TokenizerError.quoted(unknown))\" is not in the vocabulary")
        }
        self.unknown = unknownID
        self.maximumCharacters = maximumCharacters
        self.longestInitial = longestInitial
        self.longestContinuing = longestContinuing
        self.prefixLength = prefixLength
        count = entries.count
        tokenCount = entries.count { !$0.isAbsent }
        initialMask = initial.count - 1
        continuingMask = continuing.count - 1
        self.pool = Self.copy(pool)
        self.entries = Self.copy(entries)
        self.initial = Self.copy(initial)
        self.continuing = Self.copy(continuing)
    }

    deinit {
        pool.deallocate()
        entries.deallocate()
        initial.deallocate()
        continuing.deallocate()
    }

    /// The spelling of a token; nil for an id without one.
    func spelling(_ id: Int) -> String? {
        guard id >= 0, id < count, !entries[id].isAbsent else { return nil }
        let bytes = UnsafeBufferPointer(start: pool + Int(entries[id].start), count: Int(entries[id].length))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The id of a token by its whole spelling.
    func id(_ token: String) -> Int32? {
        var bytes = Array(token.utf8)
        let length = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: TokenHash.padding))
        return bytes.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.flatMap { length == 0 ? nil : find($0, length, continuing: false) }
        }
    }

    /// The id of a piece. `word` is readable for ``TokenHash/padding`` bytes beyond `length`.
    @inline(__always)
    func find(_ word: UnsafePointer<UInt8>, _ length: Int, continuing inside: Bool) -> Int32? {
        let hash = TokenHash.hash(word, length)
        return inside
            ? Self.find(word, length, hash, continuing, continuingMask, entries, pool, skip: prefixLength)
            : Self.find(word, length, hash, initial, initialMask, entries, pool, skip: 0)
    }

    /// The id of a whole word of at most 16 bytes that is in registers, the bytes beyond `length` zero.
    @inline(__always)
    func find(low: UInt64, high: UInt64, _ length: Int) -> Int32? {
        let hash = TokenHash.mix(low, high, length)
        let tag = TokenHash.tag(hash)
        var slot = Int(truncatingIfNeeded: hash) & initialMask
        while true {
            let value = initial[slot]
            if value == 0 { return nil }
            if value & TokenHash.tagMask == tag {
                let id = Int(value & TokenHash.idMask) &- 1
                let entry = entries[id]
                if Int(entry.length) == length {
                    let token = pool + Int(entry.start)
                    if TokenHash.load(token, min(length, 8)) == low
                        && (length <= 8 || TokenHash.load(token + 8, length &- 8) == high)
                    {
                        return Int32(truncatingIfNeeded: id)
                    }
                }
            }
            slot = (slot &+ 1) & initialMask
        }
    }

    // MARK: The tables

    private static func slots(for tokens: Int) -> [UInt32] {
        var capacity = 64
        while capacity * 5 < tokens * 8 { capacity *= 2 }
        return [UInt32](repeating: 0, count: capacity)
    }

    /// - Returns: the id whose place `id` took, if the same bytes were there already.
    private static func insert(
        _ id: Int, _ slots: inout [UInt32], _ entries: [TokenEntry], _ pool: UnsafePointer<UInt8>, skip: Int
    ) -> Int? {
        let length = Int(entries[id].length) - skip
        guard length > 0 else { return nil }
        let word = pool + Int(entries[id].start) + skip
        let hash = TokenHash.hash(word, length)
        let tag = TokenHash.tag(hash)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let other = Int(slots[slot] & TokenHash.idMask) - 1
            if slots[slot] & TokenHash.tagMask == tag, Int(entries[other].length) - skip == length,
                TokenHash.equal(pool + Int(entries[other].start) + skip, word, length)
            {
                slots[slot] = tag | UInt32(id + 1)
                return other
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = tag | UInt32(id + 1)
        return nil
    }

    @inline(__always)
    private static func find(
        _ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64, _ slots: UnsafePointer<UInt32>, _ mask: Int,
        _ entries: UnsafePointer<TokenEntry>, _ pool: UnsafePointer<UInt8>, skip: Int
    ) -> Int32? {
        let tag = TokenHash.tag(hash)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let value = slots[slot]
            if value == 0 { return nil }
            if value & TokenHash.tagMask == tag {
                let id = Int(value & TokenHash.idMask) &- 1
                if Int(entries[id].length) &- skip == length,
                    TokenHash.equal(pool + Int(entries[id].start) + skip, word, length)
                {
                    return Int32(truncatingIfNeeded: id)
                }
            }
            slot = (slot &+ 1) & mask
        }
    }

    private static func copy<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafePointer<Element> {
        let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(values.count, 1))
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { copy.initialize(from: base, count: source.count) }
        }
        return UnsafePointer(copy)
    }
}

/// Hashing and comparing of short byte strings, eight bytes at a time.
enum TokenHash {
    /// Bytes that must be readable beyond the end of a string.
    static let padding = 16
    static let idMask: UInt32 = (1 << 22) - 1
    static let tagMask: UInt32 = ~idMask

    @inline(__always)
    static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) & tagMask }

    /// The first `count` bytes, 0…8, as a little-endian number.
    @inline(__always)
    static func load(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        let word = UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
        return count >= 8 ? word : word & ((1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1)
    }

    /// One full multiplication folded in two, after wyhash.
    @inline(__always)
    static func mix(_ low: UInt64, _ high: UInt64, _ length: Int) -> UInt64 {
        let left = low ^ 0x9E37_79B9_7F4A_7C15
        let right = (high ^ 0xD6E8_FEB8_6659_FD93) &+ UInt64(truncatingIfNeeded: length)
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    @inline(__always)
    static func hash(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
        if length <= 8 { return mix(load(bytes, length), 0, length) }
        if length <= 16 { return mix(load(bytes, 8), load(bytes + 8, length &- 8), length) }
        var (state, place): (UInt64, Int) = (0, 0)
        while place < length {
            state = mix(state ^ load(bytes + place, length &- place), state &+ 1, length)
            place += 8
        }
        return state
    }

    @inline(__always)
    static func equal(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        var place = 0
        while place < length {
            let rest = length &- place
            if load(left + place, rest) != load(right + place, rest) { return false }
            place += 8
        }
        return true
    }
}
