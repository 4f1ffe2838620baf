import WinnowCore

/// Ids within the columns of TREC's formats, which are divided by white space.
enum TRECText {
    /// The columns of a line, between spaces and tabs.
    static func columns(_ line: ArraySlice<UInt8>) -> [String] {
        line.split { $0 == 0x20 || (0x09...0x0D).contains($0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// `%` and two hexadecimal digits for each byte of what would break a column: `%` itself, a `#` at the start (a comment to
    /// trec_eval 10), a byte order mark, controls, and all white space of Unicode, at which readers in Python split.
    static func encoded(_ id: String) -> String {
        var text = String.UnicodeScalarView()
        var isFirst = true
        for scalar in id.unicodeScalars {
            let properties = scalar.properties
            let isSpecial =
                scalar == "%" || isFirst && scalar == "#" || scalar == "\u{FEFF}" || properties.isWhitespace
                || properties.generalCategory == .control
            if isSpecial {
                for byte in String(Character(scalar)).utf8 {
                    let digits = String(byte, radix: 16, uppercase: true)
                    text.append(contentsOf: ("%" + (byte < 16 ? "0" : "") + digits).unicodeScalars)
                }
            } else {
                text.append(scalar)
            }
            isFirst = false
        }
        return String(text)
    }

    /// What ``encoded(_:)`` was made of.
    ///
    /// - Returns: nil when a `%` is not followed by two hexadecimal digits, or the bytes are no UTF-8.
    static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
