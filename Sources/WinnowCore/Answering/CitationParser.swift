/// Finds citations in answers, as language models write them.
///
/// Counted: `[1]`, `[1][2]`, `[1, 3]`, `[1; 3]`, `[1 and 3]`, ranges (`[1-3]`, also with a dash), `[^1]`, the same with a word
/// (`[Document 2]`, `[Documents 1 and 3]`, `[Source 2]`, a whole header as the context shows it), `【1】` and `【1†source】`, and
/// with the word also in parentheses (`(Document 2)`). Numbers have up to three digits.
///
/// Not counted: anything in code spans and fenced code (`a[0]`), links (`[1](https://…)`), an escaped bracket, `a[0]` outside of
/// code too, a group with a 0 such as the interval `[0, 1]`, years.
public enum CitationParser {
    /// The citations in an answer, in the order of its text, checked against the numbers of `context`.
    ///
    /// Of an answer that was put together from sentences only what stands between them is read: a `[3]` in a sentence is its
    /// author's footnote.
    public static func citations(in answer: GeneratedAnswer, context: Context) -> [Answer.Citation] {
        guard let extracts = answer.extracts else { return citations(in: answer.text, context: context) }
        let bytes = Array(answer.text.utf8)
        var numbers: [(number: Int, range: Range<Int>)] = []
        var position = 0
        for extract in extracts {
            let shown = extract.displayText.utf8
            guard let found = firstRange(of: Array(shown), in: bytes, from: position) else { continue }
            numbers += scan(bytes, position..<found.lowerBound, skipsCode: false)
            position = found.upperBound
        }
        numbers += scan(bytes, position..<bytes.count, skipsCode: false)
        return checked(numbers, context)
    }

    /// The citations in a text that a language model wrote. Linear in its length.
    public static func citations(in text: String, context: Context) -> [Answer.Citation] {
        let bytes = Array(text.utf8)
        return checked(scan(bytes, bytes.indices, skipsCode: true), context)
    }

    private static func checked(_ numbers: [(number: Int, range: Range<Int>)], _ context: Context) -> [Answer.Citation]
    {
        let known = Set(context.items.map(\.number))
        return numbers.map { Answer.Citation(number: $0.number, range: $0.range, exists: known.contains($0.number)) }
    }

    private static func firstRange(of part: [UInt8], in bytes: [UInt8], from start: Int) -> Range<Int>? {
        guard let first = part.first else { return nil }
        var position = start
        while position + part.count <= bytes.count {
            if bytes[position] == first, bytes[position..<position + part.count].elementsEqual(part) {
                return position..<position + part.count
            }
            position += 1
        }
        return nil
    }

    private static func scan(
        _ bytes: [UInt8], _ range: Range<Int>, skipsCode: Bool
    ) -> [(number: Int, range: Range<Int>)] {
        var found: [(number: Int, range: Range<Int>)] = []
        var code = CodeRegions(bytes: bytes)
        var position = range.lowerBound
        while position < range.upperBound {
            if skipsCode, let end = code.end(at: position) {
                position = end
                continue
            }
            var group = CitationGroup(bytes: bytes, position: position, end: range.upperBound)
            if let numbers = group.parse() {
                found += numbers.map { ($0, position..<group.position) }
                position = group.position
            } else {
                position += 1
            }
        }
        return found
    }
}

extension GeneratedAnswer.Extract {
    /// The text as an answer shows it: a sentence on one line, a list, a table or code as it stands.
    var displayText: String {
        let bytes = Array(text.utf8)
        let blocks = TextBlock.blocks(in: bytes)
        guard blocks.count == 1, blocks[0].kind == .paragraph else { return text }
        return text.split(whereSeparator: \.isNewline).map { line in
            let bytes = Array(line.utf8)
            return ByteText.string(ByteText.trimmed(bytes.indices, in: bytes), in: bytes)
        }.joined(separator: " ")
    }
}

/// Markdown's code, where brackets are indices.
private struct CodeRegions {
    let bytes: [UInt8]
    /// Runs of backticks of these lengths have no partner any more: keeps a text of backticks linear.
    private var unclosed: Set<Int> = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The end of the fenced code or code span that begins at `position`; nil when none does.
    mutating func end(at position: Int) -> Int? {
        let mark = bytes[position]
        guard mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else { return nil }
        let length = run(of: mark, from: position)
        if length >= 3, opensLine(position), let end = endOfFence(mark, length, from: position + length) { return end }
        guard mark == UInt8(ascii: "`") else { return position + length }
        if unclosed.contains(length) { return position + length }
        var next = position + length
        while next < bytes.count {
            guard bytes[next] == mark else {
                next += 1
                continue
            }
            let closing = run(of: mark, from: next)
            next += closing
            if closing == length { return next }
        }
        unclosed.insert(length)
        return position + length
    }

    private func run(of mark: UInt8, from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] == mark { end += 1 }
        return end - start
    }

    /// Only white space, or the marks of a list or a quotation, before `position` in its line.
    private func opensLine(_ position: Int) -> Bool {
        var start = position
        while start > 0, bytes[start - 1] != UInt8(ascii: "\n") {
            let byte = bytes[start - 1]
            guard byte == 0x20 || byte == 0x09 || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "-") else {
                return false
            }
            start -= 1
        }
        return true
    }

    /// Behind the closing line, or the text's end: an answer that breaks off in code is code to its end. nil when it is a span.
    private func endOfFence(_ mark: UInt8, _ length: Int, from start: Int) -> Int? {
        var line = start
        while line < bytes.count, bytes[line] != UInt8(ascii: "\n") {
            if mark == UInt8(ascii: "`"), bytes[line] == mark { return nil }
            line += 1
        }
        while line < bytes.count {
            line += 1
            var end = line
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            let text = ByteText.trimmed(line..<end, in: bytes)
            if text.count >= length, bytes[text].allSatisfy({ $0 == mark }) { return end }
            line = end
        }
        return bytes.count
    }
}

/// One bracket with numbers in it.
private struct CitationGroup {
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
