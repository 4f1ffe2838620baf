/// Reading and writing UTF-8, scalar by scalar.
enum UTF8Scalars {
    /// Reads the scalar at `text[place]`, by table 3-7 of the Unicode Standard; `place < count`.
    ///
    /// - Returns: the scalar and its bytes; of a maximal ill-formed subsequence no scalar and its bytes, 1 to 3.
    @inline(__always)
    static func read(_ text: UnsafePointer<UInt8>, _ place: Int, _ count: Int) -> (scalar: UInt32?, length: Int) {
        let lead = UInt32(text[place])
        if lead < 0x80 { return (lead, 1) }
        let low: UInt32 = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80
        let high: UInt32 = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF
        guard lead >= 0xC2, lead <= 0xF4, place + 1 < count else { return (nil, 1) }
        let second = UInt32(text[place + 1])
        guard second >= low, second <= high else { return (nil, 1) }
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | second & 0x3F, 2) }
        guard place + 2 < count, case let third = UInt32(text[place + 2]), third & 0xC0 == 0x80 else { return (nil, 2) }
        if lead < 0xF0 { return ((lead & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F, 3) }
        guard place + 3 < count, case let fourth = UInt32(text[place + 3]), fourth & 0xC0 == 0x80 else {
            return (nil, 3)
        }
        return ((lead & 0x07) << 18 | (second & 0x3F) << 12 | (third & 0x3F) << 6 | fourth & 0x3F, 4)
    }

    /// Writes the scalar at `target`, which has room for four bytes.
    /// - Returns: bytes written.
    @inline(__always)
    static func write(_ scalar: UInt32, to target: UnsafeMutablePointer<UInt8>) -> Int {
        @inline(__always)
        func trail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift & 0x3F)) }
        switch scalar {
        case 0..<0x80:
            target[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        case 0x80..<0x800:
            target[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
            target[1] = trail(0)
            return 2
        case 0x800..<0x10000:
            target[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
            target[1] = trail(6)
            target[2] = trail(0)
            return 3
        default:
            target[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
            target[1] = trail(12)
            target[2] = trail(6)
            target[3] = trail(0)
            return 4
        }
    }
}
