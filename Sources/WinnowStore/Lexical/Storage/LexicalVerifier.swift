import GRDB
import WinnowCore

/// Compares a lexical segment with the passages that it is of, without making a second segment of them.
///
/// What an index says is a set of (term, row, count), and what passages say is a set of (term, row), one for each occurrence. Each
/// side becomes sums of keyed hashes, one sum for ``Window/size`` rows: 128 bits, under a key that is drawn anew each time, so sets that
/// differ have the same sum about once in 2¹²⁸. Memory is that of the lengths and of the longest posting list.
struct LexicalVerifier {
    private let segment: LexicalSegment
    private let visible: VisibleRows
    private let blocks: SegmentBlocks
    private let hash = OccurrenceHash()

    init(_ segment: LexicalSegment, visible: VisibleRows, _ blocks: SegmentBlocks) {
        self.segment = segment
        self.visible = visible
        self.blocks = blocks
    }

    /// Rows of which the index says something else than their passages do, a window each.
    ///
    /// - Throws: ``DamagedRow`` when the segment contradicts itself.
    func differences(_ analysis: LexicalAnalysis, _ database: Database) throws -> [ClosedRange<Int64>] {
        let lengths = try lengths()
        let held = try heldSums(lengths)
        var expected = [OccurrenceHash.Sum](repeating: .init(), count: held.count)
        var isRight = [Bool](repeating: true, count: held.count)
        var unseen = lengths
        var analyzer = LexicalAnalyzer(analysis)
        try LexicalRebuild.forEachPassage(of: segment.rows, database) { content, row in
            let place = Int(row - segment.header.firstRow)
            let window = place >> Window.bits
            var length: UInt32 = 0
            analyzer.forEachTerm(in: content) { term in
                length += 1
                expected[window].add(hash(hash.term(term), row), times: 1)
            }
            if !visible.contains(row) || lengths[place] != length { isRight[window] = false }
            unseen[place] = LengthTable.absent
        }
        // What is left has no passage, and may have none only where it was deleted.
        for (place, length) in unseen.enumerated()
        where length != LengthTable.absent && visible.contains(segment.header.firstRow + Int64(place)) {
            isRight[place >> Window.bits] = false
        }
        return held.indices.compactMap { window in
            guard !isRight[window] || held[window] != expected[window] else { return nil }
            let first = segment.header.firstRow + Int64(window << Window.bits)
            return first...min(first + Int64(Window.size) - 1, segment.header.lastRow)
        }
    }

    private func lengths() throws -> [UInt32] {
        var lengths: [UInt32] = []
        lengths.reserveCapacity(segment.header.rowCount)
        for window in 0..<segment.header.windows { lengths += try segment.lengths(window: window, blocks) }
        let present = lengths.lazy.filter { $0 != LengthTable.absent }
        guard lengths.count == segment.header.rowCount, present.count == segment.header.passages,
            present.reduce(0, { $0 + Int($1) }) == segment.header.tokens
        else { throw damaged("its passages are not those that it counts") }
        return lengths
    }

    /// Of the rows that are there, with a look at what searches rely on: the order of the terms, and the bounds of the postings.
    private func heldSums(_ lengths: [UInt32]) throws -> [OccurrenceHash.Sum] {
        var sums = [OccurrenceHash.Sum](repeating: .init(), count: segment.header.windows)
        var cursor = TermCursor(segment, blocks)
        var last: [UInt8]?
        var terms = 0
        while try cursor.advance() {
            if let last, !last.lexicographicallyPrecedes(cursor.term) { throw damaged("its terms are out of order") }
            last = cursor.term
            terms += 1
            let postings = try cursor.postings()
            guard postings.allSatisfy({ lengths.indices.contains(Int($0.place)) }) else {
                throw damaged("a posting is of no row of it")
            }
            let stored = try cursor.storedPostings()
            let again = PostingList.encode(postings[...]) { place in
                let length = lengths[Int(place)]
                return length == LengthTable.absent ? 0 : length
            }
            guard stored == again else { throw damaged("the bounds of a term's postings are wrong") }
            let term = cursor.term.withUnsafeBufferPointer { hash.term($0) }
            for posting in postings {
                let row = segment.header.firstRow + Int64(posting.place)
                guard visible.contains(row) else { continue }
                sums[Int(posting.place) >> Window.bits].add(hash(term, row), times: UInt64(posting.count))
            }
        }
        guard terms == segment.header.terms else { throw damaged("its terms are not as many as it counts") }
        return sums
    }

    private func damaged(_ what: String) -> DamagedRow {
        DamagedRow("lexical segment \(segment.id): \(what): 'winnow store compact' makes it again")
    }
}

/// Hashes of a term in a row, 128 bits, under a key of its own.
private struct OccurrenceHash {
    struct Sum: Hashable {
        private var low: UInt64 = 0
        private var high: UInt64 = 0

        mutating func add(_ value: (low: UInt64, high: UInt64), times: UInt64) {
            low &+= value.low &* times
            high &+= value.high &* times
        }
    }

    private let keys: (UInt64, UInt64, UInt64, UInt64)

    init() {
        var random = SystemRandomNumberGenerator()
        // Odd, so that a product loses nothing.
        keys = (random.next() | 1, random.next() | 1, random.next() | 1, random.next() | 1)
    }

    func term(_ term: UnsafeBufferPointer<UInt8>) -> (low: UInt64, high: UInt64) {
        var (low, high) = (keys.0 ^ UInt64(term.count), keys.1 &+ UInt64(term.count))
        var index = 0
        while index < term.count {
            var word: UInt64 = 0
            let end = min(index + 8, term.count)
            while index < end {
                word = word << 8 | UInt64(term[index])
                index += 1
            }
            low = Self.mixed(low ^ word, keys.2)
            high = Self.mixed(high &+ word, keys.3)
        }
        return (low, high)
    }

    func callAsFunction(_ term: (low: UInt64, high: UInt64), _ row: Int64) -> (low: UInt64, high: UInt64) {
        let row = UInt64(bitPattern: row)
        return (
            Self.mixed(Self.mixed(term.low ^ row, keys.1), keys.3),
            Self.mixed(Self.mixed(term.high &+ row, keys.0), keys.2)
        )
    }

    /// A bijection of 64 bits: MurmurHash3's finisher, with a keyed product ahead of it.
    private static func mixed(_ value: UInt64, _ key: UInt64) -> UInt64 {
        var value = value &* key
        value ^= value >> 33
        value &*= 0xFF51_AFD7_ED55_8CCD
        value ^= value >> 33
        value &*= 0xC4CE_B9FE_1A85_EC53
        return value ^ value >> 33
    }
}
