import CWinnowKernels
import Synchronization

/// A term's postings with the weight of each under one scoring, unpacked where they were needed so far.
///
/// Weights are 16 bits of a number from 0 to 1: what a first pass adds up. The passages that may be among the best are scored again
/// from the counts, in double precision.
final class ScoredPostings: Sendable {
    /// What a weight is off by at most.
    static let weightError = 1 / weightUnit
    static let weightUnit = 65_535.0
    /// Neighbouring chunks are unpacked together until they hold so many postings.
    private static let groupSize = 2048
    /// A chunk of more postings is kept as one number for each row of its window.
    private static let mostSparse = Window.size / 4

    let stored: StoredPostings
    let weights: BM25Weights
    /// The most that a posting of a chunk weighs, error included.
    let bounds: [Double]
    /// Chunks that are unpacked together.
    private let groups: [Range<Int>]
    private let decoded: Mutex<[Group?]>
    /// What was unpacked takes in memory.
    private let unpackedBytes = Atomic(0)

    init(_ stored: StoredPostings, _ weights: BM25Weights) {
        self.stored = stored
        self.weights = weights
        bounds = stored.chunks.map { chunk in
            guard !chunk.bounds.isEmpty else { return 1 + Self.weightError }
            return stored.bounds[Int(chunk.bounds.lowerBound)..<Int(chunk.bounds.upperBound)]
                .reduce(0) { max($0, weights.weight(count: $1.count, length: $1.length)) } + Self.weightError
        }
        var groups: [Range<Int>] = []
        var start = 0
        var postings = 0
        for (index, chunk) in stored.chunks.enumerated() {
            let isDense = chunk.count > Self.mostSparse
            if start < index, isDense || postings + Int(chunk.count) > Self.groupSize {
                groups.append(start..<index)
                (start, postings) = (index, 0)
            }
            postings += Int(chunk.count)
            if isDense {
                groups.append(start..<index + 1)
                (start, postings) = (index + 1, 0)
            }
        }
        if start < stored.chunks.count { groups.append(start..<stored.chunks.count) }
        self.groups = groups
        decoded = Mutex([Group?](repeating: nil, count: groups.count))
    }

    var byteCount: Int { bounds.count * 8 + unpackedBytes.load(ordering: .relaxed) }

    /// Some neighbouring chunks, unpacked.
    final class Group: Sendable {
        /// Of the postings: where each chunk's begin, and one more.
        let starts: [Int]
        /// Within the window, ascending; empty when there is a value for each row of the window.
        let places: [UInt16]
        let weights: [UInt16]
        /// How often the term stands in the passage, ``large`` where that is more; 0 only in rows without the term.
        private let counts: [UInt8]
        private let largeCounts: [Int: UInt32]

        private static let large = UInt8.max

        init(starts: [Int], places: [UInt16], weights: [UInt16], counts: [UInt32]) {
            self.starts = starts
            self.places = places
            self.weights = weights
            self.counts = counts.map { UInt8(min($0, UInt32(Self.large))) }
            var large: [Int: UInt32] = [:]
            for (index, count) in counts.enumerated() where count >= UInt32(Self.large) { large[index] = count }
            largeCounts = large
        }

        /// How often the term stands in the passage of a posting.
        func count(_ posting: Int) -> UInt32 {
            let count = counts[posting]
            return count == Self.large ? largeCounts[posting] ?? UInt32(count) : UInt32(count)
        }

        var isDense: Bool { places.isEmpty }

        /// The postings at places of the window, −1 where there is none.
        ///
        /// - Parameters:
        ///   - wanted: ascending.
        ///   - chunk: within the group.
        ///   - found: of as many elements.
        func find(
            _ wanted: UnsafeBufferPointer<UInt16>, chunk: Int, into found: UnsafeMutableBufferPointer<Int32>
        ) {
            if isDense {
                for index in wanted.indices {
                    let place = Int(wanted[index])
                    found[index] = counts[place] == 0 ? -1 : Int32(place)
                }
            } else if let base = wanted.baseAddress, let found = found.baseAddress {
                winnow_find_places(places, starts[chunk], starts[chunk + 1], base, wanted.count, found)
            }
        }

        /// The posting at a place of the window, when there is one.
        ///
        /// - Parameters:
        ///   - chunk: within the group.
        ///   - from: where to begin to look; behind the posting afterwards, for places that come ascending.
        func find(_ place: UInt16, chunk: Int, from position: inout Int) -> Int? {
            guard !isDense else { return counts[Int(place)] == 0 ? nil : Int(place) }
            // Gallop, then halve.
            let end = starts[chunk + 1]
            var low = position
            var step = 1
            while low + step < end, places[low + step] <= place {
                low += step
                step *= 2
            }
            var high = min(low + step, end)
            while low < high {
                let middle = (low + high) / 2
                if places[middle] < place { low = middle + 1 } else { high = middle }
            }
            position = low
            return low < end && places[low] == place ? low : nil
        }
    }

    /// One query's walk over the chunks, window after window.
    struct Cursor {
        let postings: ScoredPostings
        private var chunk = 0
        /// The window of the chunk that is next; ``end`` behind the last.
        private(set) var window: Int
        private var group: (index: Int, value: Group)?
        private var groupIndex = 0

        static let end = Int.max

        init(_ postings: ScoredPostings) {
            self.postings = postings
            window = postings.stored.chunks.first.map { Int($0.window) } ?? Self.end
        }

        var count: Int { Int(postings.stored.chunks[chunk].count) }

        /// Of the chunk's postings, where adding one that names its place is 1.
        var costOfAdding: Int { count > ScoredPostings.mostSparse ? Window.size / 8 : count }
        var bound: Double { postings.bounds[chunk] }

        mutating func skip() { move(to: chunk + 1) }

        private mutating func move(to chunk: Int) {
            self.chunk = chunk
            let chunks = postings.stored.chunks
            window = chunk < chunks.count ? Int(chunks[chunk].window) : Self.end
        }

        /// Goes to the first chunk of a window or behind it.
        mutating func seek(_ window: Int) {
            let chunks = postings.stored.chunks
            var step = 1
            var low = chunk
            while low + step < chunks.count, Int(chunks[low + step].window) <= window {
                low += step
                step *= 2
            }
            var high = min(low + step, chunks.count)
            while low < high {
                let middle = (low + high) / 2
                if Int(chunks[middle].window) < window { low = middle + 1 } else { high = middle }
            }
            move(to: low)
        }

        /// The chunk's postings.
        mutating func unpacked(
            _ lengths: (Int) throws -> [UInt32]
        ) throws -> (group: Group, chunk: Int) {
            while postings.groups[groupIndex].upperBound <= chunk { groupIndex += 1 }
            if let group, group.index == groupIndex {
                return (group.value, chunk - postings.groups[groupIndex].lowerBound)
            }
            let value = try postings.group(groupIndex, lengths)
            group = (groupIndex, value)
            return (value, chunk - postings.groups[groupIndex].lowerBound)
        }
    }

    /// - Parameter lengths: of a window's passages.
    private func group(_ index: Int, _ lengths: (Int) throws -> [UInt32]) throws -> Group {
        if let known = decoded.withLock({ $0[index] }) { return known }
        let group = try decode(groups[index], lengths)
        decoded.withLock { $0[index] = group }
        unpackedBytes.add(
            (group.places.count + group.weights.count) * 2 + group.weights.count + 128, ordering: .relaxed)
        return group
    }

    private func decode(_ range: Range<Int>, _ lengths: (Int) throws -> [UInt32]) throws -> Group {
        var places: [UInt16] = []
        var counts: [UInt32] = []
        var values: [UInt16] = []
        var starts = [0]
        var scratch: [UInt32] = []
        for index in range {
            try stored.read(chunk: index, places: &places, counts: &counts, scratch: &scratch)
            let lengths = try lengths(Int(stored.chunks[index].window))
            values.reserveCapacity(places.count)
            for position in starts[starts.count - 1]..<places.count {
                let place = Int(places[position])
                guard place < lengths.count, lengths[place] != LengthTable.absent else {
                    throw DamagedRow("a posting names a row that holds no passage")
                }
                values.append(Self.coded(weights.weight(count: counts[position], length: lengths[place])))
            }
            starts.append(places.count)
        }
        guard range.count == 1, places.count > Self.mostSparse else {
            return Group(starts: starts, places: places, weights: values, counts: counts)
        }
        var denseValues = [UInt16](repeating: 0, count: Window.size)
        var denseCounts = [UInt32](repeating: 0, count: Window.size)
        for position in places.indices {
            denseValues[Int(places[position])] = values[position]
            denseCounts[Int(places[position])] = counts[position]
        }
        return Group(starts: [0, Window.size], places: [], weights: denseValues, counts: denseCounts)
    }

    /// At least 1, so that a row with a term is never taken for one without.
    private static func coded(_ weight: Double) -> UInt16 {
        UInt16(max(1, min(weightUnit, (weight * weightUnit).rounded())))
    }
}
