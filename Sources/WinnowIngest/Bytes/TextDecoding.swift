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
            /// A byte that begins what is no character in the encoding of that name.
            case unit(String, UInt8)
            case zero
        }

        var kind: Kind
        var offset: Int

        /// The standard library's decoder and ours disagree, which no input is known to bring about.
        static let unknown = InvalidText(kind: .byte(0, looksLikeUTF16: false), offset: 0)

        var description: String {
            switch kind {
            case .zero:
                return "is no text: there is a NUL byte at offset \(offset)"
            case .unit(let encoding, _):
                return "is not valid \(encoding): no character begins at offset \(offset)"
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
            if bytes[position] < 0x80 {
                position += 1
            } else if let length = sequenceLength(bytes, position) {
                position += length
            } else {
                return position
            }
        }
        return nil
    }

    /// The length of the well-formed sequence that a byte over 0x7F begins; nil when it begins none.
    @inline(__always)
    private static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int? {
        let lead = bytes[position]
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
        default: return nil
        }
        guard position + length <= bytes.count else { return nil }
        for offset in 1..<length {
            let allowed = offset == 1 ? second : 0x80...0xBF
            guard allowed.contains(bytes[position + offset]) else { return nil }
        }
        return length
    }
}

extension TextDecoding {
    /// A text, and how it was written.
    struct Decoded {
        var text: String
        var encoding: TextEncoding

        /// What is to be said of the encoding; nil for those that leave no doubt.
        var note: String? { encoding == .windows1252 ? TextDecoding.windows1252Note : nil }
    }

    static let windows1252Note = "read as Windows-1252, for it is no UTF-8; convert it where letters are wrong"

    /// A file in any encoding that is known: by its byte order mark, else as it declares, else UTF-8 where all of it is, UTF-16 by
    /// its zero bytes, and else Windows-1252.
    ///
    /// Mostly valid UTF-8 is a damaged text in UTF-8, and no other encoding is made up for it.
    /// - Parameter declared: by the file itself.
    static func decode(_ bytes: [UInt8], declared: TextEncoding? = nil) throws(InvalidText) -> Decoded {
        if let mark = TextEncoding.marked(bytes), mark.encoding != .utf8 {
            return try transcode(bytes[mark.length...], mark.encoding)
        }
        let start = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
        let body = bytes[start...]
        if start == 0, declared == .windows1252 { return try transcode(body, .windows1252) }
        if start == 0, let encoding = TextEncoding.unmarkedUTF16(body) { return try transcode(body, encoding) }
        let fault = body.withUnsafeBufferPointer { Self.fault($0, offset: start) }
        guard let fault else { return Decoded(text: String(decoding: body, as: UTF8.self), encoding: .utf8) }
        guard start == 0, isWindows1252(body) else { throw fault }
        return try transcode(body, .windows1252)
    }

    private static func transcode(_ bytes: ArraySlice<UInt8>, _ encoding: TextEncoding) throws(InvalidText) -> Decoded {
        var text: [UInt8] = []
        var transcoder = Transcoder(encoding)
        if encoding == .windows1252, let zero = bytes.firstIndex(of: 0) { throw InvalidText(kind: .zero, offset: zero) }
        try transcoder.append(bytes, to: &text)
        try transcoder.finish()
        return Decoded(text: String(decoding: text, as: UTF8.self), encoding: encoding)
    }

    /// Bytes that are no UTF-8 and may be Windows-1252: none that it does not have, and fewer characters that look like UTF-8
    /// than bytes that do not.
    static func isWindows1252(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard !bytes.contains(where: Windows1252.isForeign) else { return false }
        return bytes.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) -> Bool in
            var position = 0
            var (valid, foreign) = (0, 0)
            while position < bytes.count {
                if bytes[position] < 0x80 {
                    position += 1
                } else if let length = sequenceLength(bytes, position) {
                    valid += 1
                    position += length
                } else {
                    foreign += 1
                    position += 1
                }
            }
            return valid < foreign
        }
    }
}
