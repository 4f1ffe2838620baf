/// Markdown's code, where brackets are indices.
struct CodeRegions {
    let bytes: [UInt8]
    /// Up to where runs of backticks of a length are known to have no partner: keeps a text of backticks from taking
    /// quadratic time.
    private var unclosed: [Int: Int] = [:]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The end of the fenced code or code span that begins at `position`; nil when none does.
    mutating func end(at position: Int) -> Int? {
        let mark = bytes[position]
        guard mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else { return nil }
        let length = run(of: mark, from: position)
        if length >= 3, opensLine(position), let end = endOfFence(mark, length, from: position + length) { return end }
        guard mark == UInt8(ascii: "`") else { return position + length }
        if let known = unclosed[length], position < known { return position + length }
        var next = position + length
        while next < bytes.count, !endsParagraph(next) {
            guard bytes[next] == mark else {
                next += 1
                continue
            }
            let closing = run(of: mark, from: next)
            next += closing
            if closing == length { return next }
        }
        unclosed[length] = next
        return position + length
    }

    /// A blank line begins here: spans do not reach beyond a paragraph, and a stray backtick hides nothing in the next one.
    private func endsParagraph(_ position: Int) -> Bool {
        guard bytes[position] == UInt8(ascii: "\n") else { return false }
        var next = position + 1
        while next < bytes.count, bytes[next] != UInt8(ascii: "\n"), ByteText.isSpace(bytes[next]) { next += 1 }
        return next < bytes.count && bytes[next] == UInt8(ascii: "\n")
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
