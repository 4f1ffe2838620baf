/// The tags and text of XML that a program wrote, in order. Nothing is looked up: declarations and the entities that they could define
/// are passed over, so that no document can grow by expansion.
///
/// Names come without their prefix: in the parts of an office document they do not collide.
struct XMLScanner {
    enum Token {
        case start(name: String, attributes: [String: String], isEmpty: Bool)
        case end(name: String)
        case text([UInt8])
    }

    private let bytes: [UInt8]
    private var position = 0

    /// - Parameter bytes: UTF-8.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Returns: nil at the end.
    /// - Throws: `ReadFailure` for what is cut off.
    mutating func next() throws(ReadFailure) -> Token? {
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
                defer { position = end }
                return .text(decoded(position..<end))
            }
            let rest = bytes[position...]
            if rest.starts(with: "<!--".utf8) {
                try skip(past: "-->")
            } else if rest.starts(with: "<![CDATA[".utf8) {
                let start = position + 9
                try skip(past: "]]>")
                return .text(Array(bytes[start..<position - 3]))
            } else if rest.starts(with: "<?".utf8) {
                try skip(past: "?>")
            } else if rest.starts(with: "<!".utf8) {
                try skip(past: ">")
            } else {
                return try tag()
            }
        }
        return nil
    }

    private mutating func skip(past mark: String) throws(ReadFailure) {
        let wanted = Array(mark.utf8)
        var place = position
        while place + wanted.count <= bytes.count {
            if bytes[place] == wanted[0], bytes[place..<place + wanted.count].elementsEqual(wanted) {
                position = place + wanted.count
                return
            }
            place += 1
        }
        throw Self.cutOff
    }

    private static let cutOff = ReadFailure(description: "its XML is cut off")

    private mutating func tag() throws(ReadFailure) -> Token {
        position += 1
        let isEnd = position < bytes.count && bytes[position] == UInt8(ascii: "/")
        if isEnd { position += 1 }
        let name = word()
        var attributes: [String: String] = [:]
        var isEmpty = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ">"):
                position += 1
                return isEnd ? .end(name: name) : .start(name: name, attributes: attributes, isEmpty: isEmpty)
            case UInt8(ascii: "/"):
                isEmpty = true
                position += 1
            case 0x20, 0x09, 0x0A, 0x0D:
                position += 1
            default:
                let key = word()
                skipSpace()
                guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else {
                    if key.isEmpty { position += 1 }
                    continue
                }
                position += 1
                skipSpace()
                guard position < bytes.count else { throw Self.cutOff }
                let mark = bytes[position]
                guard mark == UInt8(ascii: "\"") || mark == UInt8(ascii: "'") else { continue }
                guard let end = bytes[(position + 1)...].firstIndex(of: mark) else { throw Self.cutOff }
                attributes[key] = String(decoding: decoded(position + 1..<end), as: UTF8.self)
                position = end + 1
            }
        }
        throw Self.cutOff
    }

    private mutating func skipSpace() {
        while position < bytes.count, HTMLTokenizer.isSpace(bytes[position]) { position += 1 }
    }

    /// A name without its prefix.
    private mutating func word() -> String {
        var start = position
        while position < bytes.count, !HTMLTokenizer.isSpace(bytes[position]), !"=/>\"'<".utf8.contains(bytes[position])
        {
            if bytes[position] == UInt8(ascii: ":") { start = position + 1 }
            position += 1
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private func decoded(_ range: Range<Int>) -> [UInt8] {
        guard bytes[range].contains(UInt8(ascii: "&")) else { return Array(bytes[range]) }
        var text: [UInt8] = []
        var place = range.lowerBound
        while place < range.upperBound {
            if bytes[place] == UInt8(ascii: "&") {
                place = CharacterReference.append(
                    bytes, at: place, end: range.upperBound, inAttribute: false, to: &text)
            } else {
                text.append(bytes[place])
                place += 1
            }
        }
        return text
    }
}
