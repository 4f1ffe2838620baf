/// How the characters of a text file were written as bytes.
enum TextEncoding: Sendable, Hashable {
    case utf8
    case utf16(isBigEndian: Bool)
    case utf32(isBigEndian: Bool)
    /// What Windows wrote in Western Europe and America, and a superset of the printable ISO-8859-1.
    case windows1252

    /// As it is said to people.
    var name: String {
        switch self {
        case .utf8: "UTF-8"
        case .utf16: "UTF-16"
        case .utf32: "UTF-32"
        case .windows1252: "Windows-1252"
        }
    }

    /// The encoding that a byte order mark names, and the mark's length.
    static func marked<Bytes: Collection>(_ bytes: Bytes) -> (encoding: TextEncoding, length: Int)?
    where Bytes.Element == UInt8 {
        let head = Array(bytes.prefix(4))
        if head.starts(with: TextDecoding.byteOrderMark) { return (.utf8, 3) }
        if head == [0xFF, 0xFE, 0, 0] { return (.utf32(isBigEndian: false), 4) }
        if head == [0, 0, 0xFE, 0xFF] { return (.utf32(isBigEndian: true), 4) }
        if head.starts(with: [0xFF, 0xFE]) { return (.utf16(isBigEndian: false), 2) }
        if head.starts(with: [0xFE, 0xFF]) { return (.utf16(isBigEndian: true), 2) }
        return nil
    }

    /// UTF-16 without a mark: of most of its first 2,048 units one byte, always the same, is zero, and of few the other.
    static func unmarkedUTF16<Bytes: RandomAccessCollection>(_ bytes: Bytes) -> TextEncoding?
    where Bytes.Element == UInt8 {
        var zeros = [0, 0]
        var count = 0
        for byte in bytes.prefix(4096) {
            if byte == 0 { zeros[count & 1] += 1 }
            count += 1
        }
        guard count >= 4, bytes.count.isMultiple(of: 2) || count == 4096 else { return nil }
        let units = count / 2
        for isBigEndian in [false, true] {
            let (high, low) = isBigEndian ? (zeros[0], zeros[1]) : (zeros[1], zeros[0])
            if high * 5 >= units * 3, low * 20 <= units { return .utf16(isBigEndian: isBigEndian) }
        }
        return nil
    }

    /// The encoding that a page or an XML file says it has (the WHATWG's labels for the ones that are read); nil for others.
    init?(label: String) {
        switch label.trimmingWhiteSpace().lowercased() {
        case "utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8", "unicode11utf8", "unicode20utf8": self = .utf8
        case "windows-1252", "cp1252", "x-cp1252", "iso-8859-1", "iso8859-1", "iso88591", "iso_8859-1", "latin1", "l1",
            "us-ascii", "ascii", "ansi_x3.4-1968", "cp819", "ibm819", "iso-ir-100", "csisolatin1",
            "iso_8859-1:1987":
            self = .windows1252
        // A page that says so in ASCII cannot be: the HTML standard takes it for UTF-8.
        case "utf-16", "utf-16le", "utf-16be": self = .utf8
        default: return nil
        }
    }
}
