import CWinnowKernels

/// A term's stored postings with their directory read: what ``PostingList`` wrote.
package final class StoredPostings: Sendable {
    struct Chunk: Sendable {
        var window: UInt32
        var count: UInt32
        /// Where its data begin, and how long they are.
        var offset: UInt32
        var byteCount: UInt32
        /// Of ``bounds``; empty where there are none.
        var bounds: Range<Int32>
    }

    struct Bound: Sendable {
        var count: UInt32
        var length: UInt32
    }

    /// Passages that have the term, deleted ones among them.
    package let count: Int
    let chunks: [Chunk]
    let bounds: [Bound]
    /// With 8 readable bytes behind the last.
    private let bytes: [UInt8]

    /// What it takes in memory, about.
    var byteCount: Int {
        bytes.count + chunks.count * MemoryLayout<Chunk>.stride + bounds.count * MemoryLayout<Bound>.stride
    }

    /// - Parameter frequency: as the dictionary says.
    /// - Throws: ``DamagedRow``
    package init(_ stored: [UInt8], frequency: Int) throws {
        var reader = ByteReader(stored) { "a posting list" }
        let chunkCount = try reader.number(atMost: min(frequency, stored.count))
        var chunks: [Chunk] = []
        var bounds: [Bound] = []
        chunks.reserveCapacity(chunkCount)
        var window = 0
        var offset = 0
        var total = 0
        for _ in 0..<chunkCount {
            window += try reader.number(atMost: Window.mostRows >> Window.bits)
            guard window < Window.mostRows >> Window.bits else { throw reader.damaged("a window is out of range") }
            let count = try reader.number(atMost: Window.size - 1) + 1
            let byteCount = try reader.number(atMost: stored.count)
            let firstBound = bounds.count
            if count > PostingList.mostUnbounded {
                let pairs = try reader.number(atMost: count)
                for _ in 0..<pairs {
                    bounds.append(
                        Bound(
                            count: UInt32(try reader.number(atMost: Int(UInt32.max))),
                            length: UInt32(try reader.number(atMost: Int(UInt32.max)))))
                }
            }
            chunks.append(
                Chunk(
                    window: UInt32(window), count: UInt32(count), offset: UInt32(offset), byteCount: UInt32(byteCount),
                    bounds: Int32(firstBound)..<Int32(bounds.count)))
            offset += byteCount
            total += count
            window += 1
        }
        guard offset == stored.count - reader.position else { throw reader.damaged("its chunks have another length") }
        guard total == frequency else { throw reader.damaged("it has another number of postings") }
        for index in chunks.indices { chunks[index].offset += UInt32(reader.position) }
        self.chunks = chunks
        self.bounds = bounds
        count = total
        bytes = stored + [UInt8](repeating: 0, count: 8)
    }

    /// Unpacks a chunk.
    ///
    /// - Parameters:
    ///   - places: gets the places within the window, ascending.
    ///   - counts: gets how often the term stands in each.
    ///   - scratch: memory to be used again.
    /// - Throws: ``DamagedRow``
    func read(
        chunk index: Int, places: inout [UInt16], counts: inout [UInt32], scratch: inout [UInt32]
    ) throws {
        let chunk = chunks[index]
        let count = Int(chunk.count)
        let first = Int(chunk.offset)
        let widths = chunk.byteCount > 0 ? Int(bytes[first]) : 0
        let gapWidth = PostingList.width(widths & 15)
        let countWidth = PostingList.width(widths >> 4)
        let gapBytes = PostingList.packedBytes(count, gapWidth)
        guard Int(chunk.byteCount) == 1 + gapBytes + PostingList.packedBytes(count, countWidth) else {
            throw DamagedRow("a chunk of postings has another length than its widths say")
        }
        if scratch.count < count { scratch = [UInt32](repeating: 0, count: Window.size) }
        unpack(at: first + 1, width: gapWidth, count: count, into: &scratch)
        places.reserveCapacity(places.count + count)
        var next: UInt64 = 0
        for gap in scratch[..<count] {
            let place = next + UInt64(gap)
            guard place < UInt64(Window.size) else { throw DamagedRow("a posting lies outside its window") }
            places.append(UInt16(place))
            next = place + 1
        }
        unpack(at: first + 1 + gapBytes, width: countWidth, count: count, into: &scratch)
        counts.reserveCapacity(counts.count + count)
        for less in scratch[..<count] { counts.append(less &+ 1) }
    }

    private func unpack(at offset: Int, width: Int, count: Int, into values: inout [UInt32]) {
        bytes.withUnsafeBufferPointer { bytes in
            values.withUnsafeMutableBufferPointer { values in
                // The lengths were checked, and 8 bytes behind the last are there to be read.
                guard let bytes = bytes.baseAddress, let values = values.baseAddress else { return }
                winnow_unpack_bits(bytes + offset, UInt32(width), count, values)
            }
        }
    }

    /// All postings.
    package func postings() throws -> [Posting] {
        var all: [Posting] = []
        all.reserveCapacity(count)
        var places: [UInt16] = []
        var counts: [UInt32] = []
        var scratch: [UInt32] = []
        for index in chunks.indices {
            places.removeAll(keepingCapacity: true)
            counts.removeAll(keepingCapacity: true)
            try read(chunk: index, places: &places, counts: &counts, scratch: &scratch)
            let begin = chunks[index].window << UInt32(Window.bits)
            for (place, count) in zip(places, counts) {
                all.append(Posting(place: begin + UInt32(place), count: count))
            }
        }
        return all
    }
}
