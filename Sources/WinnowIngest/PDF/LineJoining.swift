import WinnowCore

/// Decides how the lines of a printed page go together again.
struct LineJoining {
    /// Words of the whole text in lower case, those with hyphens in them too.
    private var words: Set<ArraySlice<UInt8>> = []

    /// More text than this is no sample any more, but memory.
    private static let sample = 1 << 24
    private static let longestWord = 40

    /// First parts of compounds that keep their hyphen though the text may not have them elsewhere.
    private static let prefixes: Set<String> = [
        "all", "cross", "ex", "full", "half", "high", "long", "low", "mid", "multi", "non", "one", "part", "post",
        "pre", "self",
        "short", "single", "third", "two", "well", "year",
    ]

    init(_ pages: [[[ArraySlice<UInt8>]]]) {
        var size = 0
        for lines in pages.joined() {
            for line in lines {
                size += line.count
                guard size <= Self.sample else { return }
                for word in line.split(whereSeparator: { ByteText.isSpace($0) }) where word.count <= Self.longestWord {
                    let word = Self.trimmed(word)
                    // The last word of a line is what is in question.
                    if word.last != UInt8(ascii: "-"), !word.isEmpty { words.insert(Self.lowercased(word)) }
                }
            }
        }
    }

    /// What becomes of the hyphen at a line's end.
    enum Hyphen {
        case none
        /// The bytes of the hyphen, which go.
        case goes(Int)
        case stays
    }

    /// - Parameters:
    ///   - line: without white space at its ends, as `next`.
    func hyphen(_ line: ArraySlice<UInt8>, before next: ArraySlice<UInt8>) -> Hyphen {
        if line.ends(with: [0xC2, 0xAD]) { return .goes(2) }
        let length: Int
        if line.last == UInt8(ascii: "-") {
            length = 1
        } else if line.ends(with: [0xE2, 0x80, 0x90]) {
            length = 3
        } else {
            return .none
        }
        if let last = line.dropLast(length).last, (0x30...0x39).contains(last) { return .stays }
        let head = Self.lastWord(line.dropLast(length))
        let tail = Self.trimmed(next.prefix { !ByteText.isSpace($0) })
        guard let last = head.last, Self.isLetter(last), let first = tail.first else { return .none }
        // A capital or a digit after a hyphen: the writer's own.
        guard Self.isLetter(first), !(0x41...0x5A).contains(first) else { return .stays }
        let (left, right) = (Self.lowercased(head), Self.lowercased(tail))
        if left.contains(UInt8(ascii: "-")) || words.contains(Self.joined(left, "-", right)) { return .stays }
        if words.contains(Self.joined(left, "", right)) { return .goes(length) }
        if Self.prefixes.contains(String(decoding: left, as: UTF8.self)) { return .stays }
        return left.count > 2 && right.count > 2 && words.contains(left) && words.contains(right)
            ? .stays : .goes(length)
    }

    /// A line that is followed by another of the same paragraph: it is about as long as the longest line around it.
    ///
    /// - Parameter width: of the longest line of its block, in bytes.
    static func isFull(_ line: ArraySlice<UInt8>, width: Int) -> Bool { line.count * 10 >= width * 7 }

    /// A bullet, a dash, a number or a letter in front of an item.
    static func beginsItem(_ line: ArraySlice<UInt8>) -> Bool {
        guard let first = line.first else { return false }
        func isFollowed(_ length: Int) -> Bool {
            line.count > length && ByteText.isSpace(line[line.startIndex + length])
        }
        switch first {
        case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"): return isFollowed(1)
        case 0xE2:
            // • ‣ ● ■ – — and the like.
            return isFollowed(3)
        case UInt8(ascii: "("):
            return line.prefix(6).dropFirst(2).contains(UInt8(ascii: ")"))
        default:
            let digits = line.prefix { (0x30...0x39).contains($0) }.count
            if (1...3).contains(digits), line.count > digits {
                let mark = line[line.startIndex + digits]
                return (mark == UInt8(ascii: ".") || mark == UInt8(ascii: ")")) && isFollowed(digits + 1)
            }
            return isLetter(first) && line.count > 2 && line[line.startIndex + 1] == UInt8(ascii: ")") && isFollowed(2)
        }
    }

    // MARK: - Words

    private static func isLetter(_ byte: UInt8) -> Bool { byte >= 0x80 || (0x61...0x7A).contains(byte | 0x20) }

    private static func lastWord(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = line.lastIndex { ByteText.isSpace($0) }.map { $0 + 1 } ?? line.startIndex
        return trimmed(line[start...])
    }

    /// Without the punctuation around it.
    private static func trimmed(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var word = word
        while let first = word.first, !isLetter(first) { word.removeFirst() }
        while let last = word.last, !isLetter(last), last != UInt8(ascii: "-") { word.removeLast() }
        return word
    }

    private static func lowercased(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        Array(word.lazy.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })[...]
    }

    private static func joined(_ left: ArraySlice<UInt8>, _ mark: String, _ right: ArraySlice<UInt8>) -> ArraySlice<
        UInt8
    > {
        Array(left + Array(mark.utf8) + right)[...]
    }
}

extension ArraySlice<UInt8> {
    func ends(with bytes: [UInt8]) -> Bool { suffix(bytes.count).elementsEqual(bytes) }
}
