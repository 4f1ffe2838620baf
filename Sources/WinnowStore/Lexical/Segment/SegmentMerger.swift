/// Makes one segment of several that follow each other, without the passages that were deleted.
struct SegmentMerger {
    /// In the order of their rows.
    let segments: [LexicalSegment]
    /// Sees the rows that are to stay.
    let visible: VisibleRows

    /// - Returns: nil when no passage is left.
    /// - Throws: ``DamagedRow``
    func merge(_ blocks: SegmentBlocks) throws -> EncodedSegment? {
        guard let (rows, lengths) = try passages(blocks), let first = rows.first, let last = rows.last else {
            return nil
        }
        var writer = SegmentWriter(firstRow: first, lastRow: last)
        for (row, length) in zip(rows, lengths) { writer.addPassage(place: UInt32(row - first), length: length) }

        var cursors: [TermCursor] = []
        for segment in segments {
            var cursor = TermCursor(segment, blocks)
            if try cursor.advance() { cursors.append(cursor) }
        }
        var postings: [Posting] = []
        while let term = cursors.min(by: { $0.term.lexicographicallyPrecedes($1.term) })?.term {
            postings.removeAll(keepingCapacity: true)
            var ended = false
            for index in cursors.indices where cursors[index].term == term {
                let base = cursors[index].segment.header.firstRow
                for posting in try cursors[index].postings() where visible.contains(base + Int64(posting.place)) {
                    postings.append(Posting(place: UInt32(base + Int64(posting.place) - first), count: posting.count))
                }
                if try !cursors[index].advance() { ended = true }
            }
            if ended { cursors.removeAll { $0.isAtEnd } }
            if !postings.isEmpty { writer.addTerm(term[...], postings) }
        }
        return writer.finish()
    }

    private func passages(_ blocks: SegmentBlocks) throws -> (rows: [Int64], lengths: [UInt32])? {
        var rows: [Int64] = []
        var lengths: [UInt32] = []
        for segment in segments {
            for window in 0..<segment.header.windows {
                let begin = segment.header.firstRow + Int64(window << Window.bits)
                for (place, length) in try segment.lengths(window: window, blocks).enumerated()
                where length != LengthTable.absent && visible.contains(begin + Int64(place)) {
                    rows.append(begin + Int64(place))
                    lengths.append(length)
                }
            }
        }
        return rows.isEmpty ? nil : (rows, lengths)
    }
}
