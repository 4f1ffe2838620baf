import Synchronization

/// Reads a segment's blocks where they are kept: a store's snapshot, or memory.
struct SegmentBlocks {
    /// - Returns: nil when there is no such block.
    let fetch: (_ segment: Int64, _ block: Int) throws -> [UInt8]?

    func callAsFunction(_ segment: Int64, _ block: Int) throws -> [UInt8] {
        guard let bytes = try fetch(segment, block) else {
            throw DamagedRow("block \(block) of lexical segment \(segment) is missing")
        }
        return bytes
    }

    /// The same for someone who reads on from where they are: a block with the postings of thousands of terms is fetched once.
    func keepingLast() -> SegmentBlocks {
        final class Last { var block: (segment: Int64, number: Int, bytes: [UInt8])? }
        let last = Last()
        return SegmentBlocks { segment, number in
            if let known = last.block, known.segment == segment, known.number == number { return known.bytes }
            guard let bytes = try fetch(segment, number) else { return nil }
            last.block = (segment, number, bytes)
            return bytes
        }
    }
}

/// A segment as it is searched. What was read of it is kept: it never changes.
final class LexicalSegment: Sendable {
    let id: Int64
    let header: SegmentHeader
    private let lengthOffsets: [Int]
    private let windows: Mutex<[[UInt32]?]>

    init(id: Int64, header: SegmentHeader) {
        self.id = id
        self.header = header
        var offsets = [0]
        for count in header.lengthBytes { offsets.append(offsets[offsets.count - 1] + count) }
        lengthOffsets = offsets
        windows = Mutex([[UInt32]?](repeating: nil, count: header.windows))
    }

    var rows: ClosedRange<Int64> { header.firstRow...header.lastRow }

    /// Where a term is.
    ///
    /// - Returns: nil when no passage has it.
    func entry(of term: [UInt8], _ blocks: SegmentBlocks) throws -> DictionaryEntry? {
        // The last block whose first term is not behind the term.
        var low = 0
        var high = header.firstTerms.count
        while low < high {
            let middle = (low + high) / 2
            if term.lexicographicallyPrecedes(header.firstTerms[middle]) { high = middle } else { low = middle + 1 }
        }
        guard low > 0 else { return nil }
        var reader = DictionaryReader(try blocks(id, low - 1), header)
        while let entry = try reader.next() {
            if reader.term == term { return entry }
            if term.lexicographicallyPrecedes(reader.term) { return nil }
        }
        return nil
    }

    /// The stored bytes of an entry's postings.
    func postings(of entry: DictionaryEntry, _ blocks: SegmentBlocks) throws -> [UInt8] {
        switch entry.place {
        case .inline(let list): list
        case .stream(let range): try stream(range, firstBlock: header.firstPostingsBlock, blocks)
        }
    }

    /// The lengths of a window's passages, ``LengthTable/absent`` where there is none.
    func lengths(window: Int, _ blocks: SegmentBlocks) throws -> [UInt32] {
        if let known = windows.withLock({ $0[window] }) { return known }
        let range = lengthOffsets[window]..<lengthOffsets[window + 1]
        let places = min(Window.size, header.rowCount - window << Window.bits)
        let lengths = try LengthTable.decodeWindow(
            try stream(range, firstBlock: header.firstLengthsBlock, blocks), places: places)
        windows.withLock { $0[window] = lengths }
        return lengths
    }

    private func stream(_ range: Range<Int>, firstBlock: Int, _ blocks: SegmentBlocks) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let number = position / SegmentHeader.blockBytes
            let begin = position % SegmentHeader.blockBytes
            let block = try blocks(id, firstBlock + number)
            let end = min(SegmentHeader.blockBytes, begin + range.upperBound - position)
            guard end <= block.count else {
                throw DamagedRow("block \(firstBlock + number) of lexical segment \(id) is too short")
            }
            bytes += block[begin..<end]
            position += end - begin
        }
        return bytes
    }
}

/// Goes over a segment's dictionary.
struct TermCursor {
    let segment: LexicalSegment
    private let blocks: SegmentBlocks
    /// Postings follow each other in the order of the terms.
    private let postingsBlocks: SegmentBlocks
    private var nextBlock = 0
    private var reader: DictionaryReader?
    private(set) var term: [UInt8] = []
    private(set) var entry = DictionaryEntry(frequency: 0, place: .inline([]))
    private(set) var isAtEnd = false

    init(_ segment: LexicalSegment, _ blocks: SegmentBlocks) {
        self.segment = segment
        self.blocks = blocks
        postingsBlocks = blocks.keepingLast()
    }

    /// - Returns: whether there is a further term.
    mutating func advance() throws -> Bool {
        while true {
            if let next = try reader?.next() {
                entry = next
                term = reader?.term ?? []
                return true
            }
            guard nextBlock < segment.header.firstTerms.count else {
                isAtEnd = true
                return false
            }
            reader = DictionaryReader(try blocks(segment.id, nextBlock), segment.header)
            nextBlock += 1
        }
    }

    /// All postings of the term.
    func postings() throws -> [Posting] {
        try StoredPostings(try storedPostings(), frequency: entry.frequency).postings()
    }

    func storedPostings() throws -> [UInt8] { try segment.postings(of: entry, postingsBlocks) }
}
