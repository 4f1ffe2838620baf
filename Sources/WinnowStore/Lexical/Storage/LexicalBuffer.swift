import GRDB
import WinnowCore

/// What a writer's transaction adds to the lexical index and takes from it.
///
/// `@unchecked Sendable`: it lives in the state of one ``StoreWriter``, whose lock is held wherever it is reached, and in local
/// variables of functions that hold that lock.
final class LexicalBuffer: @unchecked Sendable {
    private var builder = SegmentBuilder()
    private var analyzer: LexicalAnalyzer
    private let lexicon: StoreLexicon
    /// Whether the tables were changed since the transaction began.
    private(set) var hasWritten = false

    /// What is gathered in memory before it becomes a segment.
    static let mostBytes = 64 << 20

    init(_ analysis: LexicalAnalysis, _ lexicon: StoreLexicon) {
        analyzer = LexicalAnalyzer(analysis)
        self.lexicon = lexicon
    }

    /// What a document found when it was put, for the case that it is undone.
    struct Mark {
        fileprivate var builder: SegmentBuilder.Mark
        /// The builder itself, where the document took passages from it.
        fileprivate var whole: SegmentBuilder?
    }

    /// - Parameter removing: rows of an earlier version of the document that will be removed.
    func mark(removing rows: ClosedRange<Int64>?) -> Mark {
        Mark(builder: builder.mark, whole: rows.map(builder.holds) == true ? builder : nil)
    }

    func undo(to mark: Mark) {
        if let whole = mark.whole { builder = whole } else { builder.undo(to: mark.builder) }
        // A savepoint's end gives the numbers of its segments back.
        lexicon.cache.keep([])
    }

    /// The transaction was rolled back: its segments' numbers are given again.
    func forget() { lexicon.cache.keep([]) }

    /// - Parameter mark: of the document that the passage belongs to.
    func add(_ content: String, row: Int64, since mark: Mark?, _ database: Database) throws {
        builder.add(content, row: row, analyzer: &analyzer)
        guard builder.byteCount > Self.mostBytes else { return }
        // Only what goes with the document if it is undone; the rest was flushed ahead of it or is small.
        if let mark, mark.whole == nil { try write(builder.take(since: mark.builder), database) }
    }

    /// Writes what was gathered when it has become much.
    func flushIfLarge(_ database: Database) throws {
        if builder.byteCount > Self.mostBytes { try flush(database) }
    }

    /// Writes what was gathered.
    func flush(_ database: Database) throws { try write(builder.take(), database) }

    private func write(_ segment: EncodedSegment?, _ database: Database) throws {
        guard let segment else { return }
        try LexicalRows.insert(segment, database)
        hasWritten = true
    }

    /// Takes the passages of rows away.
    ///
    /// - Parameter scrub: nothing of them is to be left when the writer closes.
    func remove(_ rows: ClosedRange<Int64>, scrub: Bool, _ database: Database) throws {
        builder.remove(rows)
        let blocks = LexicalRows.blocks(database)
        for segment in try LexicalRows.segments(database, lexicon.cache) where segment.rows.overlaps(rows) {
            let gone = rows.clamped(to: segment.rows)
            let (passages, tokens) = try segment.size(of: gone, blocks)
            guard passages > 0 else { continue }
            try LexicalRows.insert(.init(rows: gone, passages: passages, tokens: tokens, scrub: scrub), database)
            hasWritten = true
        }
    }
}

extension LexicalSegment {
    /// How many passages the segment has in a range of its rows, and the sum of their lengths.
    func size(of rows: ClosedRange<Int64>, _ blocks: SegmentBlocks) throws -> (passages: Int, tokens: Int) {
        let first = Int(rows.lowerBound - header.firstRow)
        let last = Int(rows.upperBound - header.firstRow)
        var passages = 0
        var tokens = 0
        for window in first >> Window.bits...last >> Window.bits {
            let lengths = try lengths(window: window, blocks)
            let begin = window << Window.bits
            for place in max(first, begin)...min(last, begin + lengths.count - 1) {
                let length = lengths[place - begin]
                guard length != LengthTable.absent else { continue }
                passages += 1
                tokens += Int(length)
            }
        }
        return (passages, tokens)
    }
}
