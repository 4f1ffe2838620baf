/// A page as tags and text, after the tokenization rules of the HTML standard (section 13.2.5): nothing is an error, and what is no
/// tag is text.
///
/// Left out are comments, declarations, processing instructions and the content of elements that hold no text of the page, such as
/// `script`. Time is linear in the page.
struct HTMLTokenizer {
    enum Token {
        /// Names of tags and attributes are in lower case.
        case start(name: String, attributes: [String: String], isSelfClosing: Bool)
        case end(name: String)
        case text([UInt8])
        /// The content of `title`.
        case title([UInt8])
    }

    private let bytes: [UInt8]
    /// XML: every element may be empty (`<p/>`), and there are CDATA sections.
    private let isXML: Bool
    private var position = 0
    private var pendingTitle: [UInt8]?
    /// Where a search for the end of a comment, CDATA section or raw element found none: it need not be made again.
    private var missing: Set<String> = []

    /// Attributes that say something about the text.
    private static let wanted: Set<String> = [
        "class", "id", "role", "href", "hidden", "aria-hidden", "style", "aria-label", "start",
    ]
    /// Elements whose content is no markup. That of `title` alone is wanted.
    private static let raw: Set<String> = [
        "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
    ]

    /// - Parameter bytes: UTF-8.
    init(_ bytes: [UInt8], isXML: Bool) {
        self.bytes = bytes
        self.isXML = isXML
    }

    mutating func next() -> Token? {
        if let title = pendingTitle {
            pendingTitle = nil
            return .title(title)
        }
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "<") {
                let isTag = beginsTag()
                // What is before a tag is a token of its own.
                if isTag, !text.isEmpty { return .text(text) }
                if isTag {
                    if let token = tag() { return token }
                } else if !skipMarkup(to: &text) {
                    text.append(byte)
                    position += 1
                }
            } else if byte == UInt8(ascii: "&") {
                position = CharacterReference.append(
                    bytes, at: position, end: bytes.count, inAttribute: false, to: &text)
            } else {
                let start = position
                while position < bytes.count, bytes[position] != UInt8(ascii: "<"), bytes[position] != UInt8(ascii: "&")
                {
                    position += 1
                }
                text += bytes[start..<position]
            }
        }
        return text.isEmpty ? nil : .text(text)
    }

    private func byte(_ offset: Int) -> UInt8 {
        position + offset < bytes.count ? bytes[position + offset] : 0
    }

    /// `<a` or `</a`.
    private func beginsTag() -> Bool {
        Self.isLetter(byte(1) == UInt8(ascii: "/") ? byte(2) : byte(1))
    }

    // MARK: - What is no tag

    /// Comments, declarations and processing instructions. Returns false for a `<` that is text.
    private mutating func skipMarkup(to text: inout [UInt8]) -> Bool {
        switch byte(1) {
        case UInt8(ascii: "!"):
            if byte(2) == UInt8(ascii: "-"), byte(3) == UInt8(ascii: "-") {
                position = commentEnd(position + 4)
            } else if isXML, bytes[position...].starts(with: "<![CDATA[".utf8) {
                let start = position + 9
                let end = find("]]>", from: start)
                text += bytes[start..<(end ?? bytes.count)]
                position = end.map { $0 + 3 } ?? bytes.count
            } else {
                skip(past: UInt8(ascii: ">"))
            }
            return true
        case UInt8(ascii: "?"):
            skip(past: UInt8(ascii: ">"))
            return true
        case UInt8(ascii: "/"):
            // `</>` is nothing, `</` at the end text, and all else a comment.
            if position + 2 >= bytes.count { return false }
            skip(past: UInt8(ascii: ">"))
            return true
        default: return false
        }
    }

    private mutating func skip(past mark: UInt8) {
        position = bytes[position...].firstIndex(of: mark).map { $0 + 1 } ?? bytes.count
    }

    /// - Parameter start: behind `<!--`.
    private mutating func commentEnd(_ start: Int) -> Int {
        if start < bytes.count, bytes[start] == UInt8(ascii: ">") { return start + 1 }
        if bytes[min(start, bytes.count)...].starts(with: "->".utf8) { return start + 2 }
        // `-->` and `--!>` end it.
        var place = start
        while let dash = find("--", from: place) {
            var after = dash + 2
            if after < bytes.count, bytes[after] == UInt8(ascii: "!") { after += 1 }
            if after < bytes.count, bytes[after] == UInt8(ascii: ">") { return after + 1 }
            place = dash + 1
        }
        return bytes.count
    }

    private mutating func find(_ mark: String, from start: Int) -> Int? {
        guard !missing.contains(mark) else { return nil }
        let wanted = Array(mark.utf8)
        var place = start
        while place + wanted.count <= bytes.count {
            if bytes[place] == wanted[0], bytes[place..<place + wanted.count].elementsEqual(wanted) { return place }
            place += 1
        }
        missing.insert(mark)
        return nil
    }

    // MARK: - Tags

    /// The tag that begins here; nil where the page ends within it, which is then no text either.
    private mutating func tag() -> Token? {
        let isEnd = byte(1) == UInt8(ascii: "/")
        position += isEnd ? 2 : 1
        let name = word { !Self.isSpace($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ">") }
        var attributes: [String: String] = [:]
        var isSelfClosing = false
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: ">") {
                position += 1
                if isEnd { return .end(name: name) }
                if Self.raw.contains(name), !(isXML && isSelfClosing) { skipContent(of: name) }
                return .start(name: name, attributes: attributes, isSelfClosing: isSelfClosing)
            }
            isSelfClosing = byte == UInt8(ascii: "/")
            if isSelfClosing || Self.isSpace(byte) {
                position += 1
            } else {
                attribute(to: &attributes)
            }
        }
        return nil
    }

    private mutating func attribute(to attributes: inout [String: String]) {
        // A `=` may begin a name, but not go on with it.
        let first = position
        position += 1
        let start = position
        while position < bytes.count, !Self.isSpace(bytes[position]), bytes[position] != UInt8(ascii: "/"),
            bytes[position] != UInt8(ascii: ">"), bytes[position] != UInt8(ascii: "=")
        { position += 1 }
        let name = start - first + (position - start) <= 32 ? lowercased(first..<position) : ""
        var place = position
        while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
        guard place < bytes.count, bytes[place] == UInt8(ascii: "=") else {
            if Self.wanted.contains(name), attributes[name] == nil { attributes[name] = "" }
            return
        }
        position = place + 1
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
        guard position < bytes.count else { return }
        let value: Range<Int>
        if bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'") {
            let mark = bytes[position]
            let end = bytes[(position + 1)...].firstIndex(of: mark) ?? bytes.count
            value = position + 1..<end
            position = min(bytes.count, end + 1)
        } else {
            let begin = position
            while position < bytes.count, !Self.isSpace(bytes[position]), bytes[position] != UInt8(ascii: ">") {
                position += 1
            }
            value = begin..<position
        }
        if Self.wanted.contains(name), attributes[name] == nil { attributes[name] = decoded(value, inAttribute: true) }
    }

    private func decoded(_ range: Range<Int>, inAttribute: Bool) -> String {
        String(decoding: decodedBytes(range, inAttribute: inAttribute), as: UTF8.self)
    }

    private func decodedBytes(_ range: Range<Int>, inAttribute: Bool) -> [UInt8] {
        var text: [UInt8] = []
        var place = range.lowerBound
        while place < range.upperBound {
            if bytes[place] == UInt8(ascii: "&") {
                place = CharacterReference.append(
                    bytes, at: place, end: range.upperBound, inAttribute: inAttribute, to: &text)
            } else {
                text.append(bytes[place])
                place += 1
            }
        }
        return text
    }

    /// Goes to the end tag of an element whose content is no markup, or to the end of the page.
    private mutating func skipContent(of name: String) {
        let start = position
        var end: Int?
        if !missing.contains("</" + name) {
            let wanted = Array(name.utf8)
            var place = start
            while end == nil, let open = bytes[place...].firstIndex(of: UInt8(ascii: "<")) {
                place = open + 1
                let after = open + 2 + wanted.count
                guard after <= bytes.count, bytes[open + 1] == UInt8(ascii: "/") else { continue }
                let matches = zip(bytes[open + 2..<after], wanted).allSatisfy { Self.lowercased($0) == $1 }
                let closes =
                    after == bytes.count || Self.isSpace(bytes[after]) || bytes[after] == UInt8(ascii: "/")
                    || bytes[after] == UInt8(ascii: ">")
                if matches, closes { end = open }
            }
            if end == nil { missing.insert("</" + name) }
        }
        position = end ?? bytes.count
        if name == "title" { pendingTitle = decodedBytes(start..<position, inAttribute: false) }
    }

    private mutating func word(while isPart: (UInt8) -> Bool) -> String {
        let start = position
        while position < bytes.count, isPart(bytes[position]) { position += 1 }
        return lowercased(start..<position)
    }

    private func lowercased(_ range: Range<Int>) -> String {
        String(decoding: bytes[range].lazy.map(Self.lowercased), as: UTF8.self)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    /// HTML's white space.
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0C || byte == 0x0D
    }
}
