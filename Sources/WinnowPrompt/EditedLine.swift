/// One line of text with a cursor between two of its grapheme clusters.
public struct EditedLine: Sendable, Hashable {
    public private(set) var characters: [Character]
    /// How many characters stand before the cursor.
    public private(set) var cursor: Int

    /// UTF-8 bytes at most: far more than a question has.
    public static let most = 1 << 16

    /// - Parameter text: what cannot stand in a line is made to, see ``shown(_:)``; the cursor is behind it.
    public init(_ text: String = "") {
        characters = Array(Self.shown(text))
        cursor = characters.count
    }

    public var text: String { String(characters) }
    public var isEmpty: Bool { characters.isEmpty }
    public var beforeCursor: String { String(characters[..<cursor]) }

    /// Text as one line of a terminal: every line end and every tab a space, line ends at its end none, and without controls and marks
    /// that turn the direction of writing, which would show something else than what is there.
    public static func shown(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in text.unicodeScalars {
            defer { afterReturn = scalar == "\r" }
            switch scalar {
            case "\n" where afterReturn: continue
            case "\n", "\r", "\t", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}": line.append(" ")
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": continue
            default: if scalar.properties.generalCategory != .control { line.append(scalar) }
            }
        }
        guard let last = text.unicodeScalars.last, last == "\n" || last == "\r" else { return String(line) }
        while line.last == " " { line.removeLast() }
        return String(line)
    }

    /// - Returns: false, and nothing changes, where the line would be too long.
    public mutating func insert(_ text: String) -> Bool {
        let before = beforeCursor + Self.shown(text)
        let whole = before + String(characters[cursor...])
        guard whole.utf8.count <= Self.most else { return false }
        // A mark joins the character before it, a joiner the one behind it too: the cursor goes to the next boundary.
        characters = Array(whole)
        let bytes = before.utf8.count
        var (count, passed) = (0, 0)
        while passed < bytes, count < characters.count {
            passed += characters[count].utf8.count
            count += 1
        }
        cursor = count
        return true
    }

    /// Takes away `range`, to which the cursor goes, and returns it.
    @discardableResult
    public mutating func remove(_ range: Range<Int>) -> String {
        let removed = String(characters[range])
        let before = String(characters[..<range.lowerBound])
        // What stood apart may join.
        characters = Array(before + String(characters[range.upperBound...]))
        cursor = min(Array(before).count, characters.count)
        return removed
    }

    public mutating func replace(_ range: Range<Int>, with text: String) -> Bool {
        var changed = self
        changed.remove(range)
        guard changed.insert(text) else { return false }
        self = changed
        return true
    }

    public mutating func move(to position: Int) { cursor = min(max(0, position), characters.count) }

    /// Where the word before the cursor begins: behind blanks and signs, letters and digits.
    public var wordStart: Int {
        var position = cursor
        while position > 0, !Self.isWord(characters[position - 1]) { position -= 1 }
        while position > 0, Self.isWord(characters[position - 1]) { position -= 1 }
        return position
    }

    /// Where the word behind the cursor ends.
    public var wordEnd: Int {
        var position = cursor
        while position < characters.count, !Self.isWord(characters[position]) { position += 1 }
        while position < characters.count, Self.isWord(characters[position]) { position += 1 }
        return position
    }

    /// Where what stands before the cursor up to white space begins.
    public var blankStart: Int {
        var position = cursor
        while position > 0, characters[position - 1].isWhitespace { position -= 1 }
        while position > 0, !characters[position - 1].isWhitespace { position -= 1 }
        return position
    }

    /// Swaps the characters on both sides of the cursor, at the end the last two, and goes behind them.
    ///
    /// - Returns: false where there are no two.
    public mutating func transpose() -> Bool {
        let right = cursor == characters.count ? cursor - 1 : cursor
        guard right >= 1 else { return false }
        let swapped = [characters[right], characters[right - 1]]
        return replace(right - 1..<right + 1, with: String(swapped))
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}
