/// Character references of HTML, `&amp;` and `&#38;`, after the standard (section 13.2.5.72 and on), with the names of
/// ``NamedReferences``.
enum CharacterReference {
    private static let named: [String: Unicode.Scalar] = {
        var table: [String: Unicode.Scalar] = [:]
        var name: String?
        for word in NamedReferences.table.split(whereSeparator: \.isWhitespace) {
            if let key = name {
                table[key] = UInt32(word, radix: 16).flatMap(Unicode.Scalar.init)
                name = nil
            } else {
                name = String(word)
            }
        }
        return table
    }()
    private static let bare = Set(NamedReferences.bare.split(whereSeparator: \.isWhitespace).map(String.init))
    private static let longestName = 32
    private static let longestBare = 6

    /// Appends what the reference that begins at `position`, with its `&`, stands for; a `&` that begins none is itself.
    ///
    /// - Returns: where it ends.
    static func append(
        _ bytes: [UInt8], at position: Int, end: Int, inAttribute: Bool, to text: inout [UInt8]
    ) -> Int {
        let start = position + 1
        guard start < end else {
            text.append(UInt8(ascii: "&"))
            return start
        }
        if bytes[start] == UInt8(ascii: "#"), let (scalar, next) = numeric(bytes, start + 1, end) {
            UTF8Bytes.append(scalar, to: &text)
            return next
        }
        var limit = start
        while limit < end, limit - start < longestName, isLetterOrDigit(bytes[limit]) { limit += 1 }
        if limit > start, limit < end, bytes[limit] == UInt8(ascii: ";"),
            let scalar = named[String(decoding: bytes[start..<limit], as: UTF8.self)]
        {
            UTF8Bytes.append(scalar, to: &text)
            return limit + 1
        }
        var length = min(longestBare, limit - start)
        while length >= 2 {
            let name = String(decoding: bytes[start..<start + length], as: UTF8.self)
            if bare.contains(name), let scalar = named[name] {
                let next = start + length
                // `?a=1&copy=2` in a link is no copyright sign.
                if inAttribute, next < end, bytes[next] == UInt8(ascii: "=") || isLetterOrDigit(bytes[next]) { break }
                UTF8Bytes.append(scalar, to: &text)
                return next
            }
            length -= 1
        }
        text.append(UInt8(ascii: "&"))
        return start
    }

    /// - Parameter position: after `&#`.
    private static func numeric(_ bytes: [UInt8], _ position: Int, _ end: Int) -> (Unicode.Scalar, Int)? {
        var position = position
        var radix: UInt32 = 10
        if position < end, bytes[position] | 0x20 == UInt8(ascii: "x") {
            radix = 16
            position += 1
        }
        let digits = position
        var value: UInt32 = 0
        while position < end, let digit = digit(bytes[position], radix) {
            value = min(0x11_0000, value * radix + digit)
            position += 1
        }
        guard position > digits else { return nil }
        if position < end, bytes[position] == UInt8(ascii: ";") { position += 1 }
        switch value {
        case 0x80...0x9F: return (Windows1252.scalar(UInt8(value)), position)
        case 0: return ("\u{FFFD}", position)
        default: return (Unicode.Scalar(value) ?? "\u{FFFD}", position)
        }
    }

    private static func digit(_ byte: UInt8, _ radix: UInt32) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte) - 0x30
        case 0x41...0x46 where radix == 16: UInt32(byte) - 0x41 + 10
        case 0x61...0x66 where radix == 16: UInt32(byte) - 0x61 + 10
        default: nil
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
