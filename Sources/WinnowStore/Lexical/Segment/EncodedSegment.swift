/// An inverted index over a range of rows, as it is stored: immutable once it is written.
///
/// Its blocks are numbered through: first the dictionary's, then those of the postings (one stream, cut), then those of the
/// lengths (likewise).
struct EncodedSegment: Sendable, Hashable {
    var header: SegmentHeader
    var blocks: [[UInt8]]
}

/// What is read of a segment ahead of its blocks.
struct SegmentHeader: Sendable, Hashable {
    /// Where places count from.
    var firstRow: Int64
    var lastRow: Int64
    /// Passages, those without a term among them, and the sum of their lengths.
    var passages: Int
    var tokens: Int
    var terms: Int
    /// The first term of each block of the dictionary, ascending.
    var firstTerms: [[UInt8]]
    /// Bytes of all posting lists.
    var postingsBytes: Int
    /// Bytes of the lengths of each window; 0 where a window has no passages.
    var lengthBytes: [Int]

    /// Blocks of a stream hold so many bytes: rows of up to about 50 KB are read faster from SQLite than from files.
    static let blockBytes = 32 << 10
    /// A block of the dictionary is closed when it has so many.
    static let dictionaryBlockBytes = 8 << 10

    var rowCount: Int { Int(lastRow - firstRow) + 1 }
    var windows: Int { lengthBytes.count }
    var firstPostingsBlock: Int { firstTerms.count }
    var firstLengthsBlock: Int { firstPostingsBlock + Self.blocks(of: postingsBytes) }
    var blockCount: Int { firstLengthsBlock + Self.blocks(of: lengthBytes.reduce(0, +)) }

    private static func blocks(of bytes: Int) -> Int { (bytes + blockBytes - 1) / blockBytes }

    func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        for number in [passages, tokens, terms, postingsBytes, firstTerms.count] { Varint.append(number, to: &bytes) }
        for term in firstTerms {
            Varint.append(term.count, to: &bytes)
            bytes += term
        }
        Varint.append(lengthBytes.count, to: &bytes)
        for count in lengthBytes { Varint.append(count, to: &bytes) }
        return bytes
    }

    /// - Throws: ``DamagedRow``
    init(firstRow: Int64, lastRow: Int64, decoding bytes: [UInt8]) throws {
        var reader = ByteReader(bytes) { "the header of the lexical segment of rows \(firstRow)…\(lastRow)" }
        guard firstRow >= 1, lastRow >= firstRow, lastRow - firstRow < Int64(Window.mostRows) else {
            throw reader.damaged("its rows are out of range")
        }
        self.firstRow = firstRow
        self.lastRow = lastRow
        let rows = Int(lastRow - firstRow) + 1
        passages = try reader.number(atMost: rows)
        tokens = try reader.number()
        terms = try reader.number(atMost: tokens)
        postingsBytes = try reader.number()
        let count = try reader.number(atMost: terms)
        var firstTerms: [[UInt8]] = []
        for _ in 0..<count { firstTerms.append(Array(try reader.slice(try reader.number(atMost: bytes.count)))) }
        self.firstTerms = firstTerms
        let windows = try reader.number(atMost: bytes.count)
        guard windows == (rows + Window.size - 1) >> Window.bits else {
            throw reader.damaged("its windows do not fit its rows")
        }
        lengthBytes = []
        for _ in 0..<windows { lengthBytes.append(try reader.number(atMost: Window.size * 6)) }
        guard reader.isAtEnd else { throw reader.damaged("there is more of it than there should be") }
    }

    init(firstRow: Int64, lastRow: Int64) {
        self.firstRow = firstRow
        self.lastRow = lastRow
        passages = 0
        tokens = 0
        terms = 0
        firstTerms = []
        postingsBytes = 0
        lengthBytes = []
    }
}

/// Puts a segment together: first its passages in the order of their places, then its terms in the order of their bytes.
struct SegmentWriter {
    private var header: SegmentHeader
    private var lengths = LengthTable()
    private var dictionary = DictionaryWriter()
    private var postings: [UInt8] = []

    init(firstRow: Int64, lastRow: Int64) {
        precondition(lastRow - firstRow < Int64(Window.mostRows), "a segment of too many rows")
        header = SegmentHeader(firstRow: firstRow, lastRow: lastRow)
        lengths = LengthTable(rows: header.rowCount)
    }

    mutating func addPassage(place: UInt32, length: UInt32) {
        lengths.set(length, at: place)
        header.passages += 1
        header.tokens += Int(length)
    }

    /// - Parameter postings: at least one, by place.
    mutating func addTerm(_ term: ArraySlice<UInt8>, _ postings: [Posting]) {
        let list = PostingList.encode(postings[...]) { lengths[$0] ?? 0 }
        header.terms += 1
        if list.count <= DictionaryEntry.mostInline {
            dictionary.add(term, frequency: postings.count, .inline(list))
        } else {
            dictionary.add(
                term, frequency: postings.count, .stream(self.postings.count..<self.postings.count + list.count))
            self.postings += list
        }
    }

    func finish() -> EncodedSegment {
        var header = header
        let (pages, firstTerms) = dictionary.finished()
        let (lengthBytes, lengthStream) = lengths.encode()
        header.firstTerms = firstTerms
        header.postingsBytes = postings.count
        header.lengthBytes = lengthBytes
        return EncodedSegment(header: header, blocks: pages + Self.cut(postings) + Self.cut(lengthStream))
    }

    private static func cut(_ stream: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: stream.count, by: SegmentHeader.blockBytes).map {
            Array(stream[$0..<min($0 + SegmentHeader.blockBytes, stream.count)])
        }
    }
}
