/// Bytes of any encoding to UTF-8, in portions that may end anywhere.
struct Transcoder {
    let encoding: TextEncoding
    /// Bytes that begin a character and wait for its rest.
    private var rest: [UInt8] = []
    /// Of the next byte in the source, for messages.
    private var offset = 0

    init(_ encoding: TextEncoding) {
        self.encoding = encoding
    }

    /// Appends the characters that are whole. UTF-8 is passed on as it is, unchecked.
    ///
    /// - Throws: `TextDecoding.InvalidText`.
    mutating func append(_ bytes: ArraySlice<UInt8>, to text: inout [UInt8]) throws(TextDecoding.InvalidText) {
        switch encoding {
        case .utf8: text += bytes
        case .windows1252:
            text.reserveCapacity(text.count + bytes.count)
            for byte in bytes { UTF8Bytes.append(Windows1252.scalar(byte), to: &text) }
            offset += bytes.count
        case .utf16(let isBigEndian): try appendUTF16(bytes, isBigEndian, to: &text)
        case .utf32(let isBigEndian): try appendUTF32(bytes, isBigEndian, to: &text)
        }
    }

    /// - Throws: when the source ends within a character.
    func finish() throws(TextDecoding.InvalidText) {
        if let first = rest.first { throw invalid(first, at: offset) }
    }

    private func invalid(_ byte: UInt8, at place: Int) -> TextDecoding.InvalidText {
        TextDecoding.InvalidText(kind: .unit(encoding.name, byte), offset: place)
    }

    private mutating func appendUTF16(
        _ bytes: ArraySlice<UInt8>, _ isBigEndian: Bool, to text: inout [UInt8]
    ) throws(TextDecoding.InvalidText) {
        let all = rest.isEmpty ? bytes : rest + bytes
        var position = all.startIndex
        func unit(_ place: Int) -> UInt32 {
            isBigEndian
                ? UInt32(all[place]) << 8 | UInt32(all[place + 1]) : UInt32(all[place + 1]) << 8 | UInt32(all[place])
        }
        text.reserveCapacity(text.count + all.count)
        while all.endIndex - position >= 2 {
            let high = unit(position)
            var value = high
            var length = 2
            if (0xD800..<0xDC00).contains(high) {
                guard all.endIndex - position >= 4 else { break }
                let low = unit(position + 2)
                guard (0xDC00..<0xE000).contains(low) else { throw invalid(all[position], at: offset) }
                value = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
                length = 4
            }
            guard value != 0, let scalar = Unicode.Scalar(value) else { throw invalid(all[position], at: offset) }
            UTF8Bytes.append(scalar, to: &text)
            position += length
            offset += length
        }
        rest = Array(all[position...])
    }

    private mutating func appendUTF32(
        _ bytes: ArraySlice<UInt8>, _ isBigEndian: Bool, to text: inout [UInt8]
    ) throws(TextDecoding.InvalidText) {
        let all = rest.isEmpty ? bytes : rest + bytes
        var position = all.startIndex
        while all.endIndex - position >= 4 {
            let unit = all[position..<position + 4]
            let value =
                isBigEndian
                ? unit.reduce(0) { $0 << 8 | UInt32($1) } : unit.reversed().reduce(0) { $0 << 8 | UInt32($1) }
            guard value != 0, let scalar = Unicode.Scalar(value) else { throw invalid(all[position], at: offset) }
            UTF8Bytes.append(scalar, to: &text)
            position += 4
            offset += 4
        }
        rest = Array(all[position...])
    }
}

/// Windows-1252 as the WHATWG's encoding standard has it.
enum Windows1252 {
    /// The characters of bytes 0x80 to 0x9F; the five that are none stand for control characters.
    private static let high: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D,
        0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153,
        0x9D,
        0x017E, 0x0178,
    ]

    static func scalar(_ byte: UInt8) -> Unicode.Scalar {
        guard (0x80...0x9F).contains(byte) else { return Unicode.Scalar(byte) }
        return Unicode.Scalar(high[Int(byte) - 0x80]) ?? Unicode.Scalar(byte)
    }

    /// A byte that no text in Windows-1252 has: one of the five without a character, or a control character.
    static func isForeign(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x81, 0x8D, 0x8F, 0x90, 0x9D, 0...8, 0x0E...0x1A, 0x1C...0x1F, 0x7F: true
        default: false
        }
    }
}

/// Characters as UTF-8.
enum UTF8Bytes {
    @inline(__always)
    static func append(_ scalar: Unicode.Scalar, to text: inout [UInt8]) {
        let value = scalar.value
        func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift & 0x3F | 0x80) }
        switch value {
        case ..<0x80: text.append(UInt8(truncatingIfNeeded: value))
        case ..<0x800:
            text.append(UInt8(truncatingIfNeeded: value >> 6 | 0xC0))
            text.append(tail(0))
        case ..<0x10000:
            text.append(UInt8(truncatingIfNeeded: value >> 12 | 0xE0))
            text.append(tail(6))
            text.append(tail(0))
        default:
            text.append(UInt8(truncatingIfNeeded: value >> 18 | 0xF0))
            text.append(tail(12))
            text.append(tail(6))
            text.append(tail(0))
        }
    }
}
