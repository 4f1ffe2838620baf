import WinnowCore

/// Ids within the columns of TREC's formats, which are divided by white space, and the order that trec_eval gives them
/// there.
enum TRECText {
    /// The columns of a line, between spaces and tabs.
    static func columns(_ line: ArraySlice<UInt8>) -> [String] {
        line.split { $0 == 0x20 || (0x09...0x0D).contains($0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// `%` and two hexadecimal digits for each byte of what would break a column: `%` itself, controls, and all white
    /// space of Unicode, at which readers in Python split.
    ///
    /// - Parameter startsLine: of an id that stands first in its line, also a `#` (a comment to trec_eval 10) and a
    ///   byte order mark at its start.
    static func encoded(_ id: String, startsLine: Bool) -> String {
        guard needsEncoding(id, startsLine: startsLine) || id.utf8.contains(UInt8(ascii: "%")) else { return id }
        var text = String.UnicodeScalarView()
        var isFirst = startsLine
        for scalar in id.unicodeScalars {
            if scalar == "%" || breaks(scalar) || isFirst && (scalar == "#" || scalar == "\u{FEFF}") {
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

    /// What ``encoded(_:startsLine:)`` was made of.
    ///
    /// - Returns: nil for a text that it does not make: a `%` without two hexadecimal digits behind it, bytes that are no
    ///   UTF-8, or an escape of what it leaves as it is, such as the `%2F` of other programs.
    static func decoded(_ text: String, startsLine: Bool) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        guard let id = unescaped(text), ExactText(encoded(id, startsLine: startsLine)) == ExactText(text) else {
            return nil
        }
        return id
    }

    private static func unescaped(_ text: String) -> String? {
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

    /// By what trec_eval orders these ids: their bytes as they stand in a file.
    ///
    /// The bytes themselves, unless one of the ids must be encoded: `%` alone does not change the order of ids when it
    /// is encoded in all of them, for what follows it does so in each.
    static func keys(_ ids: [ExactText], startLines: Bool) -> [ExactText] {
        guard ids.contains(where: { needsEncoding($0.text, bytes: $0.bytes, startsLine: startLines) }) else {
            return ids
        }
        return ids.map { ExactText(encoded($0.text, startsLine: startLines)) }
    }

    /// Queries in the order in which trec_eval sums over them.
    static func sortedQueries(_ ids: some Collection<ExactText>) -> [ExactText] {
        let ids = Array(ids)
        return zip(keys(ids, startLines: true), ids).sorted { $0.0.precedes($1.0) }.map(\.1)
    }

    private static func needsEncoding(_ id: String, startsLine: Bool) -> Bool {
        needsEncoding(id, bytes: Array(id.utf8), startsLine: startsLine)
    }

    private static func needsEncoding(_ id: @autoclosure () -> String, bytes: [UInt8], startsLine: Bool) -> Bool {
        var isPlain = true
        for byte in bytes {
            if byte <= 0x20 || byte == 0x7F { return true }
            // The first bytes of what is white space or control beyond ASCII, and of the byte order mark.
            if byte == 0xC2 || byte == 0xE1 || byte == 0xE2 || byte == 0xE3 || byte == 0xEF { isPlain = false }
        }
        if startsLine, bytes.first == UInt8(ascii: "#") { return true }
        if isPlain { return false }
        let id = id()
        return startsLine && id.unicodeScalars.first == "\u{FEFF}" || id.unicodeScalars.contains(where: breaks)
    }

    private static func breaks(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
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
