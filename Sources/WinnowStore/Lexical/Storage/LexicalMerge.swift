import GRDB
import WinnowCore

/// Neighbouring segments made one, and what has to be true for it to take their place.
struct LexicalMerge: Sendable {
    /// The segments' numbers.
    let inputs: [Int64]
    /// The deletions that the result has taken account of.
    let applied: [LexicalRows.Deletion]
    /// nil when nothing of them is left.
    let result: EncodedSegment?

    /// Computes the next merge that a snapshot needs.
    ///
    /// - Parameters:
    ///   - closing: the writer closes: what must not be left is written anew too.
    ///   - all: makes one segment of all, whatever their sizes; nothing where there is one without deletions.
    /// - Returns: nil when it needs none.
    static func next(
        _ database: Database, _ cache: LexicalCache, closing: Bool, all: Bool = false
    ) throws -> LexicalMerge? {
        let segments = try LexicalRows.segments(database, cache)
        let deletions = try LexicalRows.deletions(database)
        let own = segments.map { segment in deletions.filter { $0.rows.overlaps(segment.rows) } }
        let range: Range<Int>?
        if all {
            range = segments.count > 1 || !deletions.isEmpty ? segments.indices : nil
        } else {
            range = MergePolicy.next(sizes(segments, own), closing: closing)
        }
        guard let range, !range.isEmpty else { return nil }
        let applied = own[range].flatMap { $0 }
        let merger = SegmentMerger(
            segments: Array(segments[range]), visible: VisibleRows(maxRow: .max, deleted: applied.map(\.rows)))
        return LexicalMerge(
            inputs: segments[range].map(\.id), applied: applied,
            result: try merger.merge(LexicalRows.blocks(database)))
    }

    /// Of the segments with their deletions, as ``MergePolicy`` wants them.
    static func sizes(_ segments: [LexicalSegment], _ deletions: [[LexicalRows.Deletion]]) -> [MergePolicy.Size] {
        zip(segments, deletions).map { segment, deletions in
            MergePolicy.Size(
                passages: segment.header.passages, deleted: deletions.reduce(0) { $0 + $1.passages },
                deletions: deletions.count, mustScrub: deletions.contains(where: \.scrub))
        }
    }

    /// Puts the result in the inputs' place, inside a transaction. Rows that were deleted since stay noted.
    func apply(_ database: Database) throws {
        for id in inputs { try LexicalRows.delete(segment: id, database) }
        for deletion in applied { try LexicalRows.delete(deletion, database) }
        if let result { try LexicalRows.insert(result, database) }
    }
}
