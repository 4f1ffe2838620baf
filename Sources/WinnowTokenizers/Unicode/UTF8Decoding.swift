/// One scalar read from UTF-8, or one maximal ill-formed subsequence.
struct DecodedScalar {
    /// U+FFFD where ``isValid`` is false.
    var value: UInt32
    /// Bytes read, 1…4.
    var length: Int
    var isValid: Bool
}

enum UTF8Decoding {
    /// Reads the scalar at `text[place]`, by table 3-7 of the Unicode Standard; `place < count`.
    @inline(__always)
    static func decode(_ text: UnsafePointer<UInt8>, _ place: Int, _ count: Int) -> DecodedScalar {
        let lead = UInt32(text[place])
        if lead < 0x80 { return DecodedScalar(value: lead, length: 1, isValid: true) }
        @inline(__always)
        func trail(_ distance: Int, _ low: UInt32 = 0x80, _ high: UInt32 = 0xBF) -> UInt32? {
            guard place + distance < count else { return nil }
            let byte = UInt32(text[place + distance])
            return byte >= low && byte <= high ? byte & 0x3F : nil
        }
        func invalid(_ length: Int) -> DecodedScalar { DecodedScalar(value: 0xFFFD, length: length, isValid: false) }

        switch lead {
        case 0xC2...0xDF:
            guard let second = trail(1) else { return invalid(1) }
            return DecodedScalar(value: (lead & 0x1F) << 6 | second, length: 2, isValid: true)
        case 0xE0...0xEF:
            guard let second = trail(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) else {
                return invalid(1)
            }
            guard let third = trail(2) else { return invalid(2) }
            return DecodedScalar(value: (lead & 0x0F) << 12 | second << 6 | third, length: 3, isValid: true)
        case 0xF0...0xF4:
            guard let second = trail(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) else {
                return invalid(1)
            }
            guard let third = trail(2) else { return invalid(2) }
            guard let fourth = trail(3) else { return invalid(3) }
            let value = (lead & 0x07) << 18 | second << 12 | third << 6 | fourth
            return DecodedScalar(value: value, length: 4, isValid: true)
        default:
            return invalid(1)
        }
    }

    /// The scalar that ends just before `place`; `place > 0`, text valid.
    static func decode(_ text: UnsafePointer<UInt8>, endingAt place: Int) -> DecodedScalar {
        var start = place - 1
        while start > 0, place - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
        return decode(text, start, place)
    }

    /// Where the first ill-formed subsequence starts; nil when all is UTF-8.
    static func firstInvalid(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let base = text.baseAddress else { return nil }
        var place = 0
        while place < text.count {
            if place + 8 <= text.count {
                let chunk = UnsafeRawPointer(base + place).loadUnaligned(as: UInt64.self)
                if chunk & 0x8080_8080_8080_8080 == 0 {
                    place += 8
                    continue
                }
            }
            let scalar = decode(base, place, text.count)
            guard scalar.isValid else { return place }
            place += scalar.length
        }
        return nil
    }

    /// Writes the scalar's UTF-8 at `target`, which has room for four bytes.
    /// - Returns: bytes written.
    @inline(__always)
    static func encode(_ scalar: UInt32, to target: UnsafeMutablePointer<UInt8>) -> Int {
        if scalar < 0x80 {
            target[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        }
        @inline(__always)
        func trail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift & 0x3F)) }
        if scalar < 0x800 {
            target[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
            target[1] = trail(0)
            return 2
        }
        if scalar < 0x10000 {
            target[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
            target[1] = trail(6)
            target[2] = trail(0)
            return 3
        }
        target[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
        target[1] = trail(12)
        target[2] = trail(6)
        target[3] = trail(0)
        return 4
    }
}
