import CWinnowKernels

/// One passage that has a term.
package struct Posting: Hashable {
    /// The passage's row less the segment's first.
    package var place: UInt32
    /// How often the term stands in it, at least 1.
    package var count: UInt32

    package init(place: UInt32, count: UInt32) {
        self.place = place
        self.count = count
    }
}

/// Rows are searched a window at a time.
package enum Window {
    static let bits = 12
    /// Rows of a window.
    package static let size = 1 << bits
    /// A segment spans at most so many rows.
    static let mostRows = 1 << 31
}

/// A term's postings in one segment, as they are stored.
///
/// A chunk holds the postings of one window. The directory of all chunks comes first, so that those which cannot matter are never
/// read: number of chunks; then of each the windows skipped since the last, postings − 1, bytes, and of more than
/// ``mostUnbounded`` postings the pairs (count, length) that no other posting of the chunk beats in both: the most that any scoring
/// with BM25 can give in the chunk is the most that it gives to one of them. Then the chunks: a byte with the bits of a gap and of a
/// count, gaps − 1 packed (the first from the window's begin), counts − 1 packed.
package enum PostingList {
    /// Chunks of no more postings have no bounds: reading them costs as little.
    static let mostUnbounded = 8

    /// The code of a bit width that four bits cannot say.
    private static let wideCode = 15
    private static let wideWidth = 32

    /// - Parameters:
    ///   - postings: by place, ascending, at least one.
    ///   - length: of the passage at a place, in terms.
    package static func encode(_ postings: ArraySlice<Posting>, length: (UInt32) -> UInt32) -> [UInt8] {
        var directory: [UInt8] = []
        var data: [UInt8] = []
        var chunks = 0
        var nextWindow: UInt32 = 0
        var start = postings.startIndex
        while start < postings.endIndex {
            let window = postings[start].place >> UInt32(Window.bits)
            var end = start + 1
            while end < postings.endIndex, postings[end].place >> UInt32(Window.bits) == window { end += 1 }
            let chunk = postings[start..<end]
            let before = data.count
            append(chunk, of: window, to: &data)
            Varint.append(Int(window - nextWindow), to: &directory)
            Varint.append(chunk.count - 1, to: &directory)
            Varint.append(data.count - before, to: &directory)
            if chunk.count > mostUnbounded { appendBounds(of: chunk, length, to: &directory) }
            nextWindow = window + 1
            chunks += 1
            start = end
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(directory.count + data.count + 5)
        Varint.append(chunks, to: &bytes)
        bytes += directory
        bytes += data
        return bytes
    }

    private static func append(_ chunk: ArraySlice<Posting>, of window: UInt32, to data: inout [UInt8]) {
        var gaps: [UInt32] = []
        gaps.reserveCapacity(chunk.count)
        var next = window << UInt32(Window.bits)
        for posting in chunk {
            gaps.append(posting.place - next)
            next = posting.place + 1
        }
        let gapCode = code(ofLargest: gaps.max() ?? 0)
        let countCode = code(ofLargest: (chunk.lazy.map(\.count).max() ?? 1) - 1)
        data.append(UInt8(gapCode | countCode << 4))
        appendPacked(gaps, width: width(gapCode), to: &data)
        appendPacked(chunk.map { $0.count - 1 }, width: width(countCode), to: &data)
    }

    private static func appendPacked(_ values: [UInt32], width: Int, to data: inout [UInt8]) {
        guard width > 0 else { return }
        let bytes = [UInt8](unsafeUninitializedCapacity: packedBytes(values.count, width)) { buffer, count in
            if let base = buffer.baseAddress { winnow_pack_bits(values, UInt32(width), values.count, base) }
            count = packedBytes(values.count, width)
        }
        data += bytes
    }

    static func packedBytes(_ count: Int, _ width: Int) -> Int { (count * width + 7) / 8 }

    private static func code(ofLargest value: UInt32) -> Int {
        let bits = UInt32.bitWidth - value.leadingZeroBitCount
        return bits < wideCode ? bits : wideCode
    }

    static func width(_ code: Int) -> Int { code == wideCode ? wideWidth : code }

    private static func appendBounds(
        of chunk: ArraySlice<Posting>, _ length: (UInt32) -> UInt32, to directory: inout [UInt8]
    ) {
        // Counts from here on share one entry, which has the largest of them with the least length: no lower bound, and rare.
        let most = 32
        var shortest = [UInt32](repeating: .max, count: most + 1)
        var largest: UInt32 = 0
        for posting in chunk {
            let slot = Int(min(posting.count, UInt32(most)))
            shortest[slot] = min(shortest[slot], length(posting.place))
            largest = max(largest, posting.count)
        }
        var pairs: [(count: UInt32, length: UInt32)] = []
        var least = UInt32.max
        for slot in stride(from: most, through: 1, by: -1) where shortest[slot] < least {
            least = shortest[slot]
            pairs.append((slot == most ? largest : UInt32(slot), least))
        }
        Varint.append(pairs.count, to: &directory)
        for pair in pairs {
            Varint.append(Int(pair.count), to: &directory)
            Varint.append(Int(pair.length), to: &directory)
        }
    }
}
