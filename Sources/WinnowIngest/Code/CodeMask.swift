/// Source code with blanks in place of comments and of what stands in strings, byte for byte, so that what is left can be read without
/// knowing of either. Time is linear.
struct CodeMask {
    private(set) var bytes: [UInt8]
    private let language: CodeLanguage
    private let lineComments: [[UInt8]]
    private let longQuotes: [[UInt8]]

    init(_ source: [UInt8], _ language: CodeLanguage) {
        bytes = source
        self.language = language
        lineComments = language.lineComments.map { Array($0.utf8) }
        longQuotes = language.longQuotes.map { Array($0.utf8) }
        var position = 0
        while position < bytes.count { position = next(position) }
    }

    private func begins(_ mark: [UInt8], _ position: Int) -> Bool {
        position + mark.count <= bytes.count && bytes[position..<position + mark.count].elementsEqual(mark)
    }

    private mutating func blank(_ range: Range<Int>) {
        for place in range where bytes[place] != 0x0A { bytes[place] = 0x20 }
    }

    /// Blanks what begins at `position`, if it is a comment or string. Returns where to go on.
    private mutating func next(_ position: Int) -> Int {
        let byte = bytes[position]
        if byte == UInt8(ascii: "/"), language.hasBlockComments, begins(Array("/*".utf8), position) {
            return blockComment(position)
        }
        for mark in lineComments where byte == mark[0] && begins(mark, position) {
            // `$#` and `${#name}` of a shell are none.
            if mark == [UInt8(ascii: "#")], position > 0, "${\\".utf8.contains(bytes[position - 1]) { continue }
            let end = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
            blank(position..<end)
            return end
        }
        for mark in longQuotes where byte == mark[0] && begins(mark, position) { return longString(position, mark) }
        if language.quotes.contains(byte) { return string(position, byte) }
        if byte == UInt8(ascii: "'"), language.hasCharacters { return character(position) }
        return position + 1
    }

    private mutating func blockComment(_ start: Int) -> Int {
        var depth = 1
        var place = start + 2
        while place + 1 < bytes.count, depth > 0 {
            if bytes[place] == UInt8(ascii: "*"), bytes[place + 1] == UInt8(ascii: "/") {
                depth -= 1
                place += 2
            } else if language.nestsComments, bytes[place] == UInt8(ascii: "/"), bytes[place + 1] == UInt8(ascii: "*") {
                depth += 1
                place += 2
            } else {
                place += 1
            }
        }
        let end = depth > 0 ? bytes.count : place
        blank(start..<end)
        return end
    }

    private mutating func longString(_ start: Int, _ mark: [UInt8]) -> Int {
        var place = start + mark.count
        while place < bytes.count, !begins(mark, place) {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        let end = min(bytes.count, place + mark.count)
        blank(start..<end)
        return end
    }

    /// A string ends with its line, closed or not.
    private mutating func string(_ start: Int, _ mark: UInt8) -> Int {
        var place = start + 1
        while place < bytes.count, bytes[place] != mark, bytes[place] != 0x0A {
            place += bytes[place] == UInt8(ascii: "\\") && place + 1 < bytes.count && bytes[place + 1] != 0x0A ? 2 : 1
        }
        let end = min(bytes.count, place < bytes.count && bytes[place] == mark ? place + 1 : place)
        blank(start..<end)
        return end
    }

    private mutating func character(_ start: Int) -> Int {
        let isEscape = start + 1 < bytes.count && bytes[start + 1] == UInt8(ascii: "\\")
        let limit = min(bytes.count, start + (isEscape ? 12 : 6))
        var place = start + (isEscape ? 3 : 2)
        while place < limit, bytes[place] != UInt8(ascii: "'"), bytes[place] != 0x0A { place += 1 }
        guard place < limit, bytes[place] == UInt8(ascii: "'") else { return start + 1 }
        blank(start..<place + 1)
        return place + 1
    }
}
