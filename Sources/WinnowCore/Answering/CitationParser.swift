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

    /// The citations in a text that a language model wrote.
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
