import Synchronization

/// What searches have read of a store's segments: terms with their postings, the least recently used ones given up when it grows too
/// large. Segments never change and their numbers are never used again, so nothing of it can be stale.
final class LexicalCache: Sendable {
    private struct Key: Hashable {
        let segment: Int64
        let hash: UInt64
        let term: [UInt8]

        init(_ term: LexicalQuery.Term, _ segment: LexicalSegment) {
            self.segment = segment.id
            hash = term.hash
            self.term = term.bytes
        }

        func hash(into hasher: inout Hasher) { hasher.combine(hash ^ UInt64(bitPattern: segment) &<< 32) }
    }

    private struct Entry {
        /// nil: no passage of the segment has the term.
        var postings: StoredPostings?
        var scored: ScoredPostings?
        /// Deleted passages that have the term, as of a set of deletions.
        var dead: (deletions: Int, count: Int)?
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var segments: [Int64: LexicalSegment] = [:]
        var clock: UInt64 = 0
        /// Bytes read since it was last seen to that there are not too many.
        var unchecked = 0
    }

    private let state = Mutex(State())
    private let mostBytes: Int

    init(mostBytes: Int = 256 << 20) { self.mostBytes = mostBytes }

    /// The segment of a number, made when it is not known.
    func segment(_ id: Int64, _ make: () throws -> LexicalSegment) rethrows -> LexicalSegment {
        if let known = state.withLock({ $0.segments[id] }) { return known }
        let segment = try make()
        state.withLock { $0.segments[id] = segment }
        return segment
    }

    /// Forgets the segments that are not among these, and all that was read of them.
    func keep(_ ids: Set<Int64>) {
        state.withLock { state in
            guard state.segments.keys.contains(where: { !ids.contains($0) }) else { return }
            state.segments = state.segments.filter { ids.contains($0.key) }
            state.entries = state.entries.filter { ids.contains($0.key.segment) }
        }
    }

    /// - Returns: nil when no passage of the segment has the term.
    func postings(
        of term: LexicalQuery.Term, in segment: LexicalSegment, _ blocks: SegmentBlocks
    ) throws -> StoredPostings? {
        let key = Key(term, segment)
        let known = state.withLock { state -> StoredPostings?? in
            state.clock += 1
            guard let index = state.entries.index(forKey: key) else { return nil }
            state.entries.values[index].lastUse = state.clock
            return .some(state.entries.values[index].postings)
        }
        if let known { return known }
        let postings = try segment.entry(of: term.bytes, blocks).map {
            try StoredPostings(try segment.postings(of: $0, blocks), frequency: $0.frequency)
        }
        state.withLock { state in
            state.entries[key] = Entry(postings: postings, lastUse: state.clock)
            // Unpacked they take about four times as much.
            state.unchecked += 96 + 4 * (postings?.byteCount ?? 0)
            if state.unchecked > mostBytes / 8 { shrink(&state) }
        }
        return postings
    }

    func scored(
        _ postings: StoredPostings, of term: LexicalQuery.Term, in segment: LexicalSegment, _ weights: BM25Weights
    ) -> ScoredPostings {
        let key = Key(term, segment)
        if let known = state.withLock({ $0.entries[key]?.scored }), known.weights == weights { return known }
        let scored = ScoredPostings(postings, weights)
        state.withLock { $0.entries[key]?.scored = scored }
        return scored
    }

    /// - Parameters:
    ///   - deletions: names the set of deleted rows.
    ///   - count: counts them, when that is not known.
    func deadCount(
        of term: LexicalQuery.Term, in segment: LexicalSegment, deletions: Int, _ count: () throws -> Int
    ) rethrows -> Int {
        let key = Key(term, segment)
        if let known = state.withLock({ $0.entries[key]?.dead }), known.deletions == deletions { return known.count }
        let found = try count()
        state.withLock { $0.entries[key]?.dead = (deletions, found) }
        return found
    }

    /// Gives up the least recently used half when there is too much.
    private func shrink(_ state: inout State) {
        state.unchecked = 0
        func bytes(_ entry: Entry) -> Int { 96 + (entry.postings?.byteCount ?? 0) + (entry.scored?.byteCount ?? 0) }
        guard state.entries.values.reduce(0, { $0 + bytes($1) }) > mostBytes else { return }
        var total = 0
        for (key, entry) in state.entries.sorted(by: { $0.value.lastUse > $1.value.lastUse }) {
            total += bytes(entry)
            if total > mostBytes / 2 { state.entries[key] = nil }
        }
    }
}
