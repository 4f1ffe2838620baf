/// Passages of one document as one text, and where each byte of it stands in the document's source.
struct MergedPassages {
    /// Bytes of the text that stand side by side in the source too.
    struct Segment {
        /// Offsets in the text.
        var range: Range<Int>
        /// The first byte's offset in the source.
        var source: Int
        /// Which of the hits brought them.
        var hit: Int
    }

    /// In the order of the text.
    let hits: [Hit]
    let text: String
    /// In order; what lies between two of them is a joint of our own.
    let segments: [Segment]

    /// - Parameter hits: such as ``agree(_:)`` and ``adjoin(_:_:)`` hold together; at least one.
    init(_ hits: [Hit]) {
        self.hits = hits.sorted { Self.precedes($0.passage, $1.passage) }
        var text = ""
        var segments: [Segment] = []
        var covered = 0
        for (index, passage) in self.hits.lazy.map(\.passage).enumerated() {
            if index > 0, passage.range.lowerBound > covered {
                text += passage.range.lowerBound - covered == 1 ? "\n" : "\n\n"
            }
            let known = index == 0 ? 0 : max(0, covered - passage.range.lowerBound)
            let new = passage.text.utf8.dropFirst(known)
            guard index == 0 || !new.isEmpty else { continue }
            let start = text.utf8.count
            text += String(Substring(new))
            segments.append(
                Segment(range: start..<text.utf8.count, source: passage.range.lowerBound + known, hit: index))
            covered = max(covered, passage.range.upperBound)
        }
        self.text = text
        self.segments = segments
    }

    /// From the first byte of the first passage to the last of the last.
    var range: Range<Int> {
        let start = hits.first?.passage.range.lowerBound ?? 0
        return start..<hits.reduce(start) { max($0, $1.passage.range.upperBound) }
    }

    private static func precedes(_ left: Passage, _ right: Passage) -> Bool {
        (left.range.lowerBound, left.range.upperBound, left.id) < (
            right.range.lowerBound, right.range.upperBound, right.id
        )
    }
}

extension MergedPassages {
    /// Nothing but white space, if anything, lies between two passages of one document.
    ///
    /// Where it is not their ranges that say so, it is their numbers: between `doc#3` and `doc#4` a chunker leaves out white
    /// space only. Passages whose ranges do not measure their texts, as those that somebody made by hand, adjoin nothing.
    static func adjoin(_ left: Passage, _ right: Passage) -> Bool {
        guard left.documentID == right.documentID, isMeasured(left), isMeasured(right) else { return false }
        let gap =
            max(left.range.lowerBound, right.range.lowerBound) - min(left.range.upperBound, right.range.upperBound)
        if gap <= 0 { return true }
        // Passages that are numbered in some other way: room for the end of a line only.
        guard let first = number(of: left), let second = number(of: right) else { return gap <= 2 }
        return left.range.lowerBound < right.range.lowerBound ? first + 1 == second : second + 1 == first
    }

    /// Wherever two of the passages claim the same bytes of a source, they have the same there.
    static func agree(_ passages: [Passage]) -> Bool {
        for (index, left) in passages.enumerated() {
            for right in passages[(index + 1)...] where left.range.overlaps(right.range) {
                let shared = left.range.clamped(to: right.range)
                let leftBytes = left.text.utf8.dropFirst(shared.lowerBound - left.range.lowerBound)
                let rightBytes = right.text.utf8.dropFirst(shared.lowerBound - right.range.lowerBound)
                guard leftBytes.prefix(shared.count).elementsEqual(rightBytes.prefix(shared.count)) else {
                    return false
                }
            }
        }
        return true
    }

    private static func isMeasured(_ passage: Passage) -> Bool {
        !passage.range.isEmpty && passage.text.utf8.count == passage.range.count
    }

    /// The n of `<document>#<n>`.
    private static func number(of passage: Passage) -> Int? {
        let prefix = passage.documentID + "#"
        guard passage.id.hasPrefix(prefix) else { return nil }
        return Int(passage.id.dropFirst(prefix.count))
    }
}
