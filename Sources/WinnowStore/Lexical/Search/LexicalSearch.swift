import CWinnowKernels

/// A passage's row with its BM25 score.
struct LexicalHit: Sendable, Hashable {
    var row: Int64
    var score: Double
}

/// What a search sees: the segments of one moment.
struct LexicalSnapshot {
    /// In the order of their rows.
    var segments: [LexicalSegment]
    /// Passages that are there, and the sum of their lengths.
    var passages: Int
    var tokens: Int
    var visible: VisibleRows
    /// Names the set of deleted rows: another number, another set.
    var deletions: Int
    var blocks: SegmentBlocks
    var cache: LexicalCache

    var meanLength: Double { passages > 0 ? Double(tokens) / Double(passages) : 0 }
}

/// Finds the best passages by BM25, exactly.
///
/// A first pass adds up 16-bit weights in float32, one window of rows at a time, and skips what cannot matter: windows whose
/// bounds do not reach the score of the k-th best so far, and within a window the terms that together cannot lift a passage there (MaxScore,
/// Turtle and Flood 1995, in windows as Lucene's MaxScoreBulkScorer has it): those are looked up for the few passages that
/// the others brought close. What the first pass may be off by is bounded, so every passage that can be among the best is scored again in
/// double precision, term after term in the order of the query. Bits of a score depend on the passage, the query, and the
/// passages that are there: not on segments, cache, `limit` or what was skipped.
struct LexicalSearch {
    private let snapshot: LexicalSnapshot
    private let terms: [Term]
    private let limit: Int
    private let admits: ((Int64) throws -> Bool)?
    private let allowed: AllowedRows?
    private let skips: Bool
    private let weights: BM25Weights
    /// The first pass is off by at most so much.
    private let error: Double
    private let kernels = winnow_kernels_active().pointee

    /// What a search did.
    private(set) var work = Work()

    struct Work: Sendable, Hashable {
        /// Postings of the query's terms, and how many of them were added up.
        var postings = 0
        var added = 0
        /// Passages looked up in terms that were not added up.
        var lookups = 0
        /// Passages scored in double precision.
        var rescored = 0
    }

    /// Of one passage in one term, in the unit of ``ScoredPostings/Cursor/costOfAdding``.
    private static let costOfLookup = 4

    private struct Term {
        /// idf, as often as the query has the term.
        var weight: Double
        /// One a segment; nil where no passage has it.
        var postings: [ScoredPostings?]
    }

    private struct Found {
        var sum: Float
        var segment: Int32
        var place: UInt32
    }

    /// - Parameters:
    ///   - limit: at least 1.
    ///   - admits: asked only of rows that would be among the best.
    ///   - allowed: only these rows are found; nil: all. What is counted (passages, their terms and lengths) is that of all.
    ///   - skips: whether what cannot matter is left out; false adds up every posting, with the same result.
    init(
        _ query: LexicalQuery, _ bm25: BM25, _ snapshot: LexicalSnapshot, limit: Int,
        admits: ((Int64) throws -> Bool)? = nil, allowed: AllowedRows? = nil, skips: Bool = true
    ) throws {
        let weights = BM25Weights(bm25: bm25, meanLength: snapshot.meanLength)
        self.snapshot = snapshot
        // No more than there are, so that nothing is computed with a limit like Int.max.
        self.limit = min(limit, max(1, snapshot.passages))
        self.admits = admits
        self.allowed = allowed
        self.skips = skips
        self.weights = weights
        var terms: [Term] = []
        for term in query.terms {
            var frequency = 0
            let postings = try snapshot.segments.map { segment -> ScoredPostings? in
                guard let stored = try snapshot.cache.postings(of: term, in: segment, snapshot.blocks) else {
                    return nil
                }
                frequency += stored.count - (try Self.deadCount(of: term, stored, in: segment, snapshot))
                return snapshot.cache.scored(stored, of: term, in: segment, weights)
            }
            guard frequency > 0, frequency <= snapshot.passages else {
                if frequency == 0 { continue }
                throw DamagedRow("a term is in \(frequency) passages of \(snapshot.passages)")
            }
            let idf = BM25.idf(passages: snapshot.passages, frequency: frequency)
            terms.append(Term(weight: Double(term.count) * idf, postings: postings))
        }
        self.terms = terms
        // Of each weight by what it was rounded, and of each of the sums by float32's last bit.
        let most = terms.reduce(0) { $0 + $1.weight }
        error = most * (ScoredPostings.weightError + Double(terms.count + 4) * 0x1p-23)
        work.postings = terms.reduce(0) { $0 + $1.postings.reduce(0) { $0 + ($1?.stored.count ?? 0) } }
    }

    private static func deadCount(
        of term: LexicalQuery.Term, _ stored: StoredPostings, in segment: LexicalSegment, _ snapshot: LexicalSnapshot
    ) throws -> Int {
        let gone = snapshot.visible.deleted.filter { $0.overlaps(segment.rows) }
        guard !gone.isEmpty else { return 0 }
        return try snapshot.cache.deadCount(of: term, in: segment, deletions: snapshot.deletions) {
            var dead = 0
            var places: [UInt16] = []
            var counts: [UInt32] = []
            var scratch: [UInt32] = []
            for (index, chunk) in stored.chunks.enumerated() {
                let begin = segment.header.firstRow + Int64(chunk.window) << Int64(Window.bits)
                let rows = begin...begin + Int64(Window.size) - 1
                guard gone.contains(where: { $0.overlaps(rows) }) else { continue }
                places.removeAll(keepingCapacity: true)
                counts.removeAll(keepingCapacity: true)
                try stored.read(chunk: index, places: &places, counts: &counts, scratch: &scratch)
                dead += places.reduce(0) { $0 + (snapshot.visible.contains(begin + Int64($1)) ? 0 : 1) }
            }
            return dead
        }
    }

    /// All passages whose score is at least the `limit`-th best one's, best first, equal scores by row: more than `limit` where
    /// several tie for the last place. Passages without any of the terms are not among them.
    ///
    /// - Throws: ``DamagedRow``, what `admits` and reading blocks throw, `CancellationError`.
    mutating func best() throws -> [LexicalHit] {
        if let allowed, admits == nil, skips, allowed.isFew(of: snapshot.passages) {
            return ranked(try scores(of: allowed.rows.ranges.flatMap { Array($0) }))
        }
        var pool = Pool(limit: limit, slack: Float(2 * error).nextUp)
        var sums = [Float](repeating: 0, count: Window.size)
        var places = [UInt16](repeating: 0, count: Window.size)
        for index in snapshot.segments.indices {
            try Task.checkCancellation()
            guard allowed?.overlaps(snapshot.segments[index].rows) ?? true else { continue }
            try search(segment: index, &pool, &sums, &places)
        }
        let found = pool.finished()
        var hits: [LexicalHit] = []
        for index in snapshot.segments.indices {
            hits += try rescored(found.filter { $0.segment == index }.map(\.place).sorted(), segment: index)
        }
        return ranked(hits)
    }

    /// The best `limit` of them and all that tie with the last.
    private func ranked(_ hits: [LexicalHit]) -> [LexicalHit] {
        let hits = hits.sorted { $0.score == $1.score ? $0.row < $1.row : $0.score > $1.score }
        guard hits.count > limit else { return hits }
        let last = hits[limit - 1].score
        return Array(hits.prefix { $0.score >= last })
    }

    // MARK: - The first pass

    private mutating func search(
        segment index: Int, _ pool: inout Pool, _ sums: inout [Float], _ places: inout [UInt16]
    ) throws {
        let segment = snapshot.segments[index]
        let blocks = snapshot.blocks
        let lengths = { (window: Int) in try segment.lengths(window: window, blocks) }
        var cursors: [ScoredPostings.Cursor] = []
        var termWeights: [Double] = []
        for term in terms {
            guard let postings = term.postings[index] else { continue }
            cursors.append(ScoredPostings.Cursor(postings))
            termWeights.append(term.weight)
        }
        // Where looking up was dearer than adding up would have been, it is not tried again for some windows, and then for more.
        var tries = (next: 0, pause: 1)
        // Cursors of the window, by rising bound.
        var active: [(cursor: Int, bound: Double)] = []
        while true {
            var window = ScoredPostings.Cursor.end
            for cursor in cursors.indices { window = min(window, cursors[cursor].window) }
            guard window < ScoredPostings.Cursor.end else { break }
            active.removeAll(keepingCapacity: true)
            var most = 0.0
            for cursor in cursors.indices where cursors[cursor].window == window {
                let bound = cursors[cursor].bound * termWeights[cursor]
                active.append((cursor, bound))
                most += bound
            }
            defer { for entry in active { cursors[entry.cursor].skip() } }
            if let allowed, !allowed.overlaps(Self.rows(of: window, segment)) { continue }
            let least = skips ? Double(pool.least) : 0
            // A sum of float32 may lie above that of its bounds by its own error.
            guard most + error >= least else { continue }

            // Terms that together cannot lift a passage to what is needed.
            var lookedUp = 0
            var liftable = error
            if least > 0, window >= tries.next {
                active.sort { $0.bound < $1.bound }
                while lookedUp < active.count, liftable + active[lookedUp].bound < least {
                    liftable += active[lookedUp].bound
                    lookedUp += 1
                }
            }
            for entry in active[lookedUp...] {
                try add(
                    &cursors[entry.cursor], Float(termWeights[entry.cursor] / ScoredPostings.weightUnit), lengths, &sums
                )
            }
            var count = 0
            if lookedUp > 0 {
                let needed = Float(least - liftable).nextDown
                count = collect(sums, atLeast: needed, &places)
                let spared = active[..<lookedUp].reduce(0) { $0 + cursors[$1.cursor].costOfAdding }
                if count * lookedUp * Self.costOfLookup > spared {
                    tries = (window + 1 + tries.pause, tries.pause * 2)
                    for entry in active[..<lookedUp] {
                        try add(
                            &cursors[entry.cursor], Float(termWeights[entry.cursor] / ScoredPostings.weightUnit),
                            lengths,
                            &sums)
                    }
                    count = collect(sums, atLeast: Float(least), &places)
                } else {
                    try lookUp(active[..<lookedUp], &cursors, termWeights, least, lengths, &sums, &places, &count)
                }
            } else {
                var needed = Float(least)
                if least == 0, admits == nil, allowed == nil, !hasDeleted(window, segment) {
                    // The first full window: what its own `limit`-th best sum says.
                    needed = max(0, winnow_reached_by(sums, Window.size, limit) - pool.slack)
                }
                count = collect(sums, atLeast: needed, &places)
            }
            try offer(places[..<count], sums, window: window, segment: index, &pool)
            sums.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        }
    }

    private func collect(_ sums: [Float], atLeast least: Float, _ places: inout [UInt16]) -> Int {
        places.withUnsafeMutableBufferPointer { places in
            guard let base = places.baseAddress else { return 0 }
            // A row with any of the terms has a sum over 0.
            return kernels.places_at_least(sums, Window.size, max(least, .leastNonzeroMagnitude), base)
        }
    }

    private mutating func add(
        _ cursor: inout ScoredPostings.Cursor, _ weight: Float, _ lengths: (Int) throws -> [UInt32],
        _ sums: inout [Float]
    ) throws {
        work.added += cursor.count
        let (group, chunk) = try cursor.unpacked(lengths)
        sums.withUnsafeMutableBufferPointer { sums in
            guard let sums = sums.baseAddress else { return }
            group.weights.withUnsafeBufferPointer { weights in
                guard let weights = weights.baseAddress else { return }
                if group.isDense { return kernels.add_scaled_u16(sums, weights, Window.size, weight) }
                let start = group.starts[chunk]
                group.places.withUnsafeBufferPointer { places in
                    guard let places = places.baseAddress else { return }
                    winnow_add_scaled_at(sums, places + start, weights + start, group.starts[chunk + 1] - start, weight)
                }
            }
        }
    }

    /// Adds the terms that were left out to the passages that the others brought close, highest bound first, and drops
    /// a passage as soon as it cannot get there.
    private mutating func lookUp(
        _ terms: ArraySlice<(cursor: Int, bound: Double)>, _ cursors: inout [ScoredPostings.Cursor],
        _ weights: [Double],
        _ least: Double, _ lengths: (Int) throws -> [UInt32], _ sums: inout [Float], _ places: inout [UInt16],
        _ count: inout Int
    ) throws {
        var liftable = error + terms.reduce(0) { $0 + $1.bound }
        for entry in terms.reversed() where count > 0 {
            liftable -= entry.bound
            let (group, chunk) = try cursors[entry.cursor].unpacked(lengths)
            let weight = Float(weights[entry.cursor] / ScoredPostings.weightUnit)
            let needed = Float(least - liftable).nextDown
            work.lookups += count
            var position = group.isDense ? 0 : group.starts[chunk]
            var kept = 0
            for index in 0..<count {
                let place = places[index]
                if let posting = group.find(place, chunk: chunk, from: &position) {
                    sums[Int(place)] += weight * Float(group.weights[posting])
                }
                if sums[Int(place)] >= needed {
                    places[kept] = place
                    kept += 1
                }
            }
            count = kept
        }
    }

    private func offer(
        _ places: ArraySlice<UInt16>, _ sums: [Float], window: Int, segment: Int, _ pool: inout Pool
    ) throws {
        let begin = UInt32(window) << UInt32(Window.bits)
        let firstRow = snapshot.segments[segment].header.firstRow
        let hasDeleted = hasDeleted(window, snapshot.segments[segment])
        for place in places where sums[Int(place)] >= pool.least {
            let row = firstRow + Int64(begin) + Int64(place)
            if hasDeleted, !snapshot.visible.contains(row) { continue }
            guard allowed?.contains(row) ?? true, try admits?(row) ?? true else { continue }
            pool.offer(Found(sum: sums[Int(place)], segment: Int32(segment), place: begin + UInt32(place)))
        }
    }

    private func hasDeleted(_ window: Int, _ segment: LexicalSegment) -> Bool {
        snapshot.visible.overlapsDeleted(Self.rows(of: window, segment))
    }

    private static func rows(of window: Int, _ segment: LexicalSegment) -> ClosedRange<Int64> {
        let first = segment.header.firstRow + Int64(window) << Int64(Window.bits)
        return first...first + Int64(Window.size) - 1
    }

    /// The passages that may be among the best.
    private struct Pool {
        let limit: Int
        let slack: Float
        private var found: [Found] = []
        /// The `limit`-th best sum so far; 0 before there are so many.
        private var best: Float = 0
        /// When it is looked for again.
        private var fullAt: Int

        init(limit: Int, slack: Float) {
            self.limit = limit
            self.slack = slack
            fullAt = max(2 * limit, limit + 64)
        }

        /// A passage with less cannot be among the best.
        var least: Float { best > 0 ? max(0, best - slack) : 0 }

        mutating func offer(_ candidate: Found) {
            found.append(candidate)
            if found.count >= fullAt { shrink() }
        }

        private mutating func shrink() {
            guard found.count >= limit else { return }
            best = Self.largest(limit, of: found.map(\.sum))
            let least = least
            found.removeAll { $0.sum < least }
            fullAt = max(2 * limit, limit + 64, found.count * 2)
        }

        /// The `rank`-th largest of at least as many values: Hoare's selection.
        private static func largest(_ rank: Int, of values: [Float]) -> Float {
            var values = values
            var low = 0
            var high = values.count - 1
            let target = rank - 1
            while low < high {
                let pivot = values[(low + high) / 2]
                var left = low
                var right = high
                while left <= right {
                    while values[left] > pivot { left += 1 }
                    while values[right] < pivot { right -= 1 }
                    if left <= right {
                        values.swapAt(left, right)
                        left += 1
                        right -= 1
                    }
                }
                if target <= right { high = right } else if target >= left { low = left } else { break }
            }
            return values[target]
        }

        /// What is left of them.
        mutating func finished() -> [Found] {
            shrink()
            return found
        }
    }

    // MARK: - The scores

    /// The scores of some rows, whatever the limit: of those that are there and have a term of the query.
    mutating func scores(of rows: [Int64]) throws -> [LexicalHit] {
        var hits: [LexicalHit] = []
        for (index, segment) in snapshot.segments.enumerated() {
            let blocks = snapshot.blocks
            let places = try rows.filter { segment.rows.contains($0) && snapshot.visible.contains($0) }
                .map { UInt32($0 - segment.header.firstRow) }.sorted()
                .filter { place in
                    let lengths = try segment.lengths(window: Int(place) >> Window.bits, blocks)
                    return lengths[Int(place) & (Window.size - 1)] != LengthTable.absent
                }
            hits += try rescored(places, segment: index).filter { $0.score > 0 }
        }
        return hits
    }

    /// - Parameter places: ascending.
    private mutating func rescored(_ places: [UInt32], segment index: Int) throws -> [LexicalHit] {
        guard !places.isEmpty else { return [] }
        let segment = snapshot.segments[index]
        let blocks = snapshot.blocks
        let lengths = { (window: Int) in try segment.lengths(window: window, blocks) }
        // Places of one window.
        var runs: [(window: Int, places: Range<Int>)] = []
        for (number, place) in places.enumerated() {
            let window = Int(place) >> Window.bits
            if runs.last?.window == window {
                runs[runs.count - 1].places = runs[runs.count - 1].places.lowerBound..<number + 1
            } else {
                runs.append((window, number..<number + 1))
            }
        }
        let inWindow = places.map { UInt16(Int($0) & (Window.size - 1)) }
        var saturations: [Double] = []
        saturations.reserveCapacity(places.count)
        for run in runs {
            let lengths = try lengths(run.window)
            for number in run.places {
                saturations.append(weights.saturation(length: lengths[Int(inWindow[number])]))
            }
        }
        var scores = [Double](repeating: 0, count: places.count)
        var postings = [Int32](repeating: -1, count: places.count)
        try inWindow.withUnsafeBufferPointer { inWindow in
            try postings.withUnsafeMutableBufferPointer { postings in
                for term in terms {
                    guard let scored = term.postings[index] else { continue }
                    var cursor = ScoredPostings.Cursor(scored)
                    for run in runs {
                        cursor.seek(run.window)
                        guard cursor.window == run.window else { continue }
                        let (group, chunk) = try cursor.unpacked(lengths)
                        group.find(
                            UnsafeBufferPointer(rebasing: inWindow[run.places]), chunk: chunk,
                            into: UnsafeMutableBufferPointer(rebasing: postings[run.places]))
                        for number in run.places where postings[number] >= 0 {
                            let count = Double(group.count(Int(postings[number])))
                            scores[number] += term.weight * (count / (count + saturations[number]))
                        }
                    }
                }
            }
        }
        work.rescored += places.count
        return zip(places, scores).map { place, score in
            LexicalHit(row: segment.header.firstRow + Int64(place), score: score)
        }
    }
}
