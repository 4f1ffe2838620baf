/// What the dictionary says of a term.
struct DictionaryEntry: Sendable, Hashable {
    /// Passages that have it, deleted ones among them.
    var frequency: Int
    var place: Place

    /// Where its postings are.
    enum Place: Sendable, Hashable {
        /// Here: most terms stand in one passage.
        case inline([UInt8])
        /// In the stream of postings.
        case stream(Range<Int>)
    }

    /// Longer lists are in the stream.
    static let mostInline = 16
}

/// Writes blocks of terms in the order of their bytes: of each the bytes that it shares with the term before, the others, how many
/// passages have it, twice the length of its postings (and one more when they follow at once), else where they begin.
struct DictionaryWriter {
    private var blocks: [[UInt8]] = []
    private var firstTerms: [[UInt8]] = []
    private var block: [UInt8] = []
    private var last: [UInt8] = []

    mutating func add(_ term: ArraySlice<UInt8>, frequency: Int, _ place: DictionaryEntry.Place) {
        if block.isEmpty || block.count >= SegmentHeader.dictionaryBlockBytes {
            close()
            firstTerms.append(Array(term))
        }
        var shared = 0
        for (old, new) in zip(last, term) {
            guard old == new else { break }
            shared += 1
        }
        Varint.append(shared, to: &block)
        Varint.append(term.count - shared, to: &block)
        block += term.dropFirst(shared)
        Varint.append(frequency, to: &block)
        switch place {
        case .inline(let list):
            Varint.append(list.count << 1 | 1, to: &block)
            block += list
        case .stream(let range):
            Varint.append(range.count << 1, to: &block)
            Varint.append(range.lowerBound, to: &block)
        }
        last = Array(term)
    }

    private mutating func close() {
        if !block.isEmpty { blocks.append(block) }
        block.removeAll()
        last.removeAll()
    }

    func finished() -> (blocks: [[UInt8]], firstTerms: [[UInt8]]) {
        (block.isEmpty ? blocks : blocks + [block], firstTerms)
    }
}

/// Reads one block of a dictionary.
struct DictionaryReader {
    private var reader: ByteReader
    private(set) var term: [UInt8] = []
    private let postingsBytes: Int
    private let mostFrequent: Int

    init(_ block: [UInt8], _ header: SegmentHeader) {
        reader = ByteReader(block) { "a block of a lexical dictionary" }
        postingsBytes = header.postingsBytes
        mostFrequent = header.passages
    }

    /// Goes to the next term, which is then ``term``.
    ///
    /// - Returns: nil behind the last.
    /// - Throws: ``DamagedRow``
    mutating func next() throws -> DictionaryEntry? {
        guard !reader.isAtEnd else { return nil }
        let shared = try reader.number(atMost: term.count)
        let added = try reader.slice(try reader.number())
        term.removeSubrange(shared...)
        term += added
        let frequency = try reader.number(atMost: mostFrequent)
        let form = try reader.number()
        let count = form >> 1
        if form & 1 == 1 {
            return DictionaryEntry(frequency: frequency, place: .inline(Array(try reader.slice(count))))
        }
        guard count <= postingsBytes else { throw reader.damaged("postings are out of range") }
        let start = try reader.number(atMost: postingsBytes - count)
        return DictionaryEntry(frequency: frequency, place: .stream(start..<start + count))
    }
}
