/// Where a text may end, best places first.
enum TextCuts {
    /// At most so many bytes, no scalar torn.
    static func prefix(of text: String, bytes: Int) -> [UInt8] {
        let utf8 = text.utf8
        var end = utf8.index(utf8.startIndex, offsetBy: bytes, limitedBy: utf8.endIndex) ?? utf8.endIndex
        while end > utf8.startIndex, end < utf8.endIndex, !ByteText.isScalarStart(utf8[end]) {
            end = utf8.index(before: end)
        }
        return Array(utf8[..<end])
    }

    /// Ends of sentences, and of rows and lines in tables and code.
    static func sentenceEnds(in bytes: [UInt8]) -> [Int] {
        TextBlock.blocks(in: bytes).flatMap { block -> [Int] in
            switch block.kind {
            // A heading alone says nothing.
            case .heading: []
            case .paragraph, .listItem: SentenceBoundaries.sentences(in: bytes, block.range).map(\.upperBound)
            case .code, .table:
                block.range.filter { bytes[$0] == UInt8(ascii: "\n") } + [block.range.upperBound]
            }
        }
    }

    static func wordEnds(in bytes: ArraySlice<UInt8>) -> [Int] {
        var ends = bytes.indices.filter { index in
            index > bytes.startIndex && ByteText.isSpace(bytes[index]) && !ByteText.isSpace(bytes[index - 1])
        }
        if let last = bytes.last, !ByteText.isSpace(last) { ends.append(bytes.endIndex) }
        return ends
    }

    static func characterEnds(in bytes: ArraySlice<UInt8>) -> [Int] {
        var end = 0
        return String(decoding: bytes, as: UTF8.self).map { character in
            end += character.utf8.count
            return end
        }
    }
}
