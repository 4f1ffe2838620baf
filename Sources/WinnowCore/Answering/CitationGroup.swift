/// One bracket with numbers in it.
struct CitationGroup {
    let bytes: [UInt8]
    /// Where the group begins; where it ends once it was parsed.
    var position: Int
    let end: Int

    /// The numbers; nil when there is no citation at `position`.
    mutating func parse() -> [Int]? {
        let start = position
        let needsWord: Bool
        let closers: [String]
        if eat("[") {
            guard start == 0 || bytes[start - 1] != UInt8(ascii: "\\") else { return nil }
            (needsWord, closers) = (false, ["]"])
        } else if eat("【") {
            (needsWord, closers) = (false, ["】"])
        } else if eat("(") {
            (needsWord, closers) = (true, [")"])
        } else {
            return nil
        }
        _ = eat("^")
        guard let (numbers, hasWord) = list(), !numbers.isEmpty, hasWord || !needsWord else { return nil }
        skipSpaces()
        if (hasWord && eat("|")) || eat("†") { skipLine(to: closers) }
        guard closers.contains(where: { eat($0) }) else { return nil }
        // A link's text.
        if closers == ["]"], position < end, bytes[position] == UInt8(ascii: "(") { return nil }
        if numbers.contains(0) {
            guard numbers.count == 1, start == 0 || !isWord(bytes[start - 1]) else { return nil }
        }
        return numbers
    }

    private mutating func list() -> (numbers: [Int], hasWord: Bool)? {
        var numbers: [Int] = []
        var hasWord = false
        repeat {
            skipSpaces()
            if numbers.isEmpty || peekIsLetter { hasWord = word() || hasWord }
            guard let first = number() else { return nil }
            let here = position
            skipSpaces()
            if ["-", "–", "—", "‑"].contains(where: { eat($0) }) {
                skipSpaces()
                _ = word()
                guard let last = number() else { return nil }
                // As many as a context may hold; a longer span is two numbers.
                numbers += last >= first && last - first <= 100 && first > 0 ? Array(first...last) : [first, last]
            } else {
                position = here
                numbers.append(first)
            }
        } while separator()
        return (numbers, hasWord)
    }

    private mutating func separator() -> Bool {
        let here = position
        skipSpaces()
        var found = false
        for mark in [",", ";", "、", "，", "&", "and ", "or ", "und ", "et ", "y "] where eat(mark) {
            found = true
            skipSpaces()
        }
        if !found { position = here }
        return found
    }

    /// A word for a numbered passage, and a sign for "number" behind it.
    private mutating func word() -> Bool {
        let here = position
        for name in Self.words where eat(name, ignoringCase: true) {
            _ = eat("s", ignoringCase: true)
            _ = eat(".")
            skipSpaces()
            _ = eat("#")
            if position < end, isDigit(bytes[position]) { return true }
            position = here
        }
        _ = eat("#")
        return false
    }

    private static let words = [
        "document", "doc", "source", "passage", "reference", "ref", "context", "dokument", "quelle",
    ]

    private mutating func number() -> Int? {
        let start = position
        while position < end, isDigit(bytes[position]) { position += 1 }
        guard (1...3).contains(position - start) else { return nil }
        return bytes[start..<position].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private mutating func skipSpaces() {
        while position < end, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    }

    /// To the first closer in this line, if it is near.
    private mutating func skipLine(to closers: [String]) {
        let limit = min(end, position + 1000)
        var next = position
        while next < limit, bytes[next] != UInt8(ascii: "\n") {
            if closers.contains(where: { starts(with: $0, at: next) }) {
                position = next
                return
            }
            next += 1
        }
    }

    private func starts(with text: String, at place: Int) -> Bool {
        place + text.utf8.count <= end && bytes[place..<place + text.utf8.count].elementsEqual(text.utf8)
    }

    private mutating func eat(_ text: String, ignoringCase: Bool = false) -> Bool {
        let utf8 = text.utf8
        guard position + utf8.count <= end else { return false }
        for (offset, byte) in utf8.enumerated() {
            let here = bytes[position + offset]
            guard here == byte || (ignoringCase && here | 0x20 == byte && (0x41...0x5A).contains(here)) else {
                return false
            }
        }
        position += utf8.count
        return true
    }

    private var peekIsLetter: Bool { position < end && (0x61...0x7A).contains(bytes[position] | 0x20) }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ")")
            || byte == UInt8(ascii: "]") || byte >= 0x80
    }
}
