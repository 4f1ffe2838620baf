/// Bytes to text, without repairing anything silently.
enum TextDecoding {
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Parameter offset: of the first byte in its source, for the message.
    /// - Throws: `InvalidText` that names the offset of the first byte that is no UTF-8.
    static func string(_ bytes: ArraySlice<UInt8>, offset: Int) throws(InvalidText) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let invalid = firstInvalid(bytes)
        throw InvalidText(
            offset: offset + invalid, byte: bytes[bytes.startIndex + invalid], looksLikeUTF16: looksLikeUTF16(bytes))
    }

    struct InvalidText: Error, CustomStringConvertible {
        var offset: Int
        var byte: UInt8
        var looksLikeUTF16: Bool

        var description: String {
            let digits = String(byte, radix: 16, uppercase: true)
            return "is not valid UTF-8: byte 0x\(byte < 16 ? "0" : "")\(digits) at offset \(offset)"
                + (looksLikeUTF16 ? "; it looks like UTF-16" : "")
                + "; convert it, for example with iconv -f \(looksLikeUTF16 ? "UTF-16" : "ISO-8859-1") -t UTF-8"
        }
    }

    private static func looksLikeUTF16(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    }

    /// The offset of the first byte of the first ill-formed sequence (Unicode 16, table 3-7).
    private static func firstInvalid(_ bytes: ArraySlice<UInt8>) -> Int {
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let lead = bytes[position]
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0x00...0x7F: length = 1
            case 0xC2...0xDF: length = 2
            case 0xE0...0xEF:
                length = 3
                if lead == 0xE0 { second = 0xA0...0xBF }
                if lead == 0xED { second = 0x80...0x9F }
            case 0xF0...0xF4:
                length = 4
                if lead == 0xF0 { second = 0x90...0xBF }
                if lead == 0xF4 { second = 0x80...0x8F }
            default: return position - bytes.startIndex
            }
            guard position + length <= bytes.endIndex else { return position - bytes.startIndex }
            for offset in 1..<max(length, 1) {
                let allowed = offset == 1 ? second : 0x80...0xBF
                guard allowed.contains(bytes[position + offset]) else { return position - bytes.startIndex }
            }
            position += length
        }
        return 0
    }
}
