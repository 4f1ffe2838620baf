/// A document's text by UTF-8 offsets: stretches of it are copied out as they are needed, never the whole.
package struct SourceText: Sendable {
    private let text: String
    /// UTF-8 bytes.
    package let count: Int

    package init(_ text: String) {
        var text = text
        // Native strings are contiguous already; what Objective-C lends is copied once here, not at each access.
        text.makeContiguousUTF8()
        self.text = text
        count = text.utf8.count
    }

    /// - Parameter range: within `0..<count`.
    package func bytes(_ range: Range<Int>) -> [UInt8] {
        text.utf8.withContiguousStorageIfAvailable { Array($0[range]) } ?? Array(utf8(range))
    }

    /// - Parameter range: within `0..<count`, at scalar boundaries.
    package func string(_ range: Range<Int>) -> String {
        guard range != 0..<count else { return text }
        return text.utf8.withContiguousStorageIfAvailable {
            String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self)
        } ?? String(decoding: utf8(range), as: UTF8.self)
    }

    /// The same bytes in place.
    package func utf8(_ range: Range<Int>) -> Substring.UTF8View {
        let start = text.utf8.index(text.utf8.startIndex, offsetBy: range.lowerBound)
        return text.utf8[start..<text.utf8.index(start, offsetBy: range.count)]
    }

    /// All but the ASCII white space at both ends.
    package var trimmed: Range<Int> {
        let utf8 = text.utf8
        guard let first = utf8.firstIndex(where: { !ByteText.isSpace($0) }),
            let last = utf8.lastIndex(where: { !ByteText.isSpace($0) })
        else { return 0..<0 }
        return utf8.distance(from: utf8.startIndex, to: first)..<utf8.distance(from: utf8.startIndex, to: last) + 1
    }
}

/// Small questions about UTF-8 bytes.
package enum ByteText {
    /// ASCII white space.
    @inline(__always)
    package static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    /// The byte begins a scalar.
    @inline(__always)
    package static func isScalarStart(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

    /// `range` without the ASCII white space at both ends.
    package static func trimmed(_ range: Range<Int>, in bytes: [UInt8]) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    package static func string(_ range: Range<Int>, in bytes: [UInt8]) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// The first scalar boundary at or after `position`, at most `end`.
    package static func scalarEnd(_ position: Int, in bytes: [UInt8], end: Int) -> Int {
        var position = position
        while position < end, !isScalarStart(bytes[position]) { position += 1 }
        return position
    }

    /// The last boundary of grapheme clusters (what a reader takes for one character) that is over `start` and at most
    /// `position`; nil when there is none, because one cluster reaches from `start` beyond `position`.
    ///
    /// - Parameters:
    ///   - position: a scalar boundary over `start`.
    ///   - start: a boundary of clusters.
    ///   - end: where the text ends, at least `position`.
    package static func graphemeBoundary(
        atOrBefore position: Int, from start: Int, in bytes: [UInt8], end: Int
    ) -> Int? {
        guard position < end else { return position }
        // Whether a boundary lies at `position` is decided by what precedes it and by the one scalar that follows.
        let after = scalarEnd(position + 1, in: bytes, end: end)
        // Between two ASCII bytes there is always one, but within CR LF.
        var from = position
        while from > start {
            if from < end, bytes[from] < 0x80, bytes[from - 1] < 0x80, bytes[from] != UInt8(ascii: "\n") { break }
            from -= 1
        }
        if from == position { return position }
        var last: Int?
        var offset = from
        for character in string(from..<after, in: bytes) {
            offset += character.utf8.count
            if offset > position { break }
            last = offset
        }
        return last ?? (from > start ? from : nil)
    }
}
