/// Bytes to text, without repairing anything silently.
enum TextDecoding {
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Parameter offset: of the first byte in its source, for the message.
    /// - Throws: `InvalidText` that names the offset of the first byte that is no UTF-8.
    static func string(_ bytes: ArraySlice<UInt8>, offset: Int) throws(InvalidText) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        throw bytes.withUnsafeBufferPointer { invalid($0, offset: offset) ?? .unknown }
    }

    /// What keeps the bytes of a file from being text; nil for UTF-8 without a NUL byte, which no text has and most other
    /// formats have.
    ///
    /// - Parameter offset: of the first byte in its file.
    static func fault(_ bytes: UnsafeBufferPointer<UInt8>, offset: Int) -> InvalidText? {
        if offset == 0, looksLikeUTF16(bytes) { return invalid(bytes, offset: offset) }
        if let zero = bytes.firstIndex(of: 0) { return InvalidText(kind: .zero, offset: offset + zero) }
        return invalid(bytes, offset: offset)
    }

    struct InvalidText: Error, CustomStringConvertible {
        enum Kind {
            case byte(UInt8, looksLikeUTF16: Bool)
            case zero
        }

        var kind: Kind
        var offset: Int

        /// The standard library's decoder and ours disagree, which no input is known to bring about.
        static let unknown = InvalidText(kind: .byte(0, looksLikeUTF16: false), offset: 0)

        var description: String {
            switch kind {
            case .zero:
                return "is no text: there is a NUL byte at offset \(offset); if it is text in UTF-16, convert it with "
                    + "iconv -f UTF-16 -t UTF-8"
            case .byte(let byte, let looksLikeUTF16):
                let digits = String(byte, radix: 16, uppercase: true)
                return "is not valid UTF-8: byte 0x\(byte < 16 ? "0" : "")\(digits) at offset \(offset)"
                    + (looksLikeUTF16 ? "; it looks like UTF-16" : "")
                    + "; convert it, for example with iconv -f \(looksLikeUTF16 ? "UTF-16" : "ISO-8859-1") -t UTF-8"
            }
        }
    }

    private static func invalid(_ bytes: UnsafeBufferPointer<UInt8>, offset: Int) -> InvalidText? {
        firstInvalid(bytes).map {
            InvalidText(kind: .byte(bytes[$0], looksLikeUTF16: looksLikeUTF16(bytes)), offset: offset + $0)
        }
    }

    private static func looksLikeUTF16(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    }

    /// The offset of the first byte of the first ill-formed sequence (Unicode 16, table 3-7).
    private static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var position = 0
        while position < bytes.count {
            let lead = bytes[position]
            if lead < 0x80 {
                position += 1
                continue
            }
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0xC2...0xDF: length = 2
            case 0xE0...0xEF:
                length = 3
                if lead == 0xE0 { second = 0xA0...0xBF }
                if lead == 0xED { second = 0x80...0x9F }
            case 0xF0...0xF4:
                length = 4
                if lead == 0xF0 { second = 0x90...0xBF }
                if lead == 0xF4 { second = 0x80...0x8F }
            default: return position
            }
            guard position + length <= bytes.count else { return position }
            for offset in 1..<length {
                let allowed = offset == 1 ? second : 0x80...0xBF
                guard allowed.contains(bytes[position + offset]) else { return position }
            }
            position += length
        }
        return nil
    }
}
