/// Gathers passages that come in the order of their rows, and makes a segment of them.
struct SegmentBuilder {
    private struct Entry {
        var term: UInt32
        var passage: UInt32
        var count: UInt32
    }

    /// A place to which ``undo(to:)`` goes back.
    struct Mark: Sendable, Hashable {
        fileprivate var passages: Int
        fileprivate var entries: Int
    }

    private var terms = TermTable()
    private var rows: [Int64] = []
    private var lengths: [UInt32] = []
    private var entries: [Entry] = []
    /// The terms of the passage that is being read.
    private var current: [UInt32] = []

    var isEmpty: Bool { rows.isEmpty }
    var mark: Mark { Mark(passages: rows.count, entries: entries.count) }

    /// What it takes in memory, about.
    var byteCount: Int { entries.count * MemoryLayout<Entry>.stride + terms.byteCount + rows.count * 12 }

    /// - Parameter row: higher than every one before.
    mutating func add(_ content: String, row: Int64, analyzer: inout LexicalAnalyzer) {
        precondition(rows.last.map { $0 < row } ?? true, "rows out of order")
        current.removeAll(keepingCapacity: true)
        analyzer.forEachTerm(in: content) { current.append(UInt32(terms.number(of: $0))) }
        let passage = UInt32(rows.count)
        rows.append(row)
        lengths.append(UInt32(current.count))
        current.sort()
        var start = 0
        while start < current.count {
            var end = start + 1
            while end < current.count, current[end] == current[start] { end += 1 }
            entries.append(Entry(term: current[start], passage: passage, count: UInt32(end - start)))
            start = end
        }
    }

    /// Forgets what was added since.
    mutating func undo(to mark: Mark) {
        rows.removeSubrange(mark.passages...)
        lengths.removeSubrange(mark.passages...)
        entries.removeSubrange(mark.entries...)
    }

    /// Whether any of these rows was added.
    func holds(_ range: ClosedRange<Int64>) -> Bool {
        guard let first = rows.first, let last = rows.last else { return false }
        return range.overlaps(first...last) && rows.contains { range.contains($0) }
    }

    /// Forgets the passages of these rows; ranges that hold none of them change nothing.
    mutating func remove(_ gone: ClosedRange<Int64>) {
        guard holds(gone), let first = rows.firstIndex(where: { gone.contains($0) }) else { return }
        let end = rows[first...].firstIndex { !gone.contains($0) } ?? rows.endIndex
        let passages = UInt32(first)..<UInt32(end)
        rows.removeSubrange(first..<end)
        lengths.removeSubrange(first..<end)
        entries.removeAll { passages.contains($0.passage) }
        for index in entries.indices where entries[index].passage >= passages.upperBound {
            entries[index].passage -= UInt32(passages.count)
        }
    }

    /// Makes a segment of what was added since a mark and forgets it.
    ///
    /// - Returns: nil when that is nothing.
    mutating func take(since mark: Mark = Mark(passages: 0, entries: 0)) -> EncodedSegment? {
        guard rows.count > mark.passages, let lastRow = rows.last else { return nil }
        let base = rows[mark.passages]
        let firstPassage = mark.passages
        let sorted = entriesByTerm(since: mark)
        var writer = SegmentWriter(firstRow: base, lastRow: lastRow)
        for index in firstPassage..<rows.count {
            writer.addPassage(place: UInt32(rows[index] - base), length: lengths[index])
        }
        var postings: [Posting] = []
        for number in terms.sortedNumbers() {
            let range = sorted.starts[number]..<sorted.starts[number + 1]
            guard !range.isEmpty else { continue }
            postings.removeAll(keepingCapacity: true)
            for entry in sorted.entries[range] {
                postings.append(Posting(place: UInt32(rows[Int(entry.passage)] - base), count: entry.count))
            }
            writer.addTerm(terms[number], postings)
        }
        undo(to: mark)
        if isEmpty { terms = TermTable() }
        return writer.finish()
    }

    /// Entries in the order of their terms' numbers, and in that of their rows within one.
    private func entriesByTerm(since mark: Mark) -> (entries: [Entry], starts: [Int]) {
        var starts = [Int](repeating: 0, count: terms.count + 1)
        for entry in entries[mark.entries...] { starts[Int(entry.term) + 1] += 1 }
        for number in 0..<terms.count { starts[number + 1] += starts[number] }
        var next = starts
        var sorted = [Entry](repeating: Entry(term: 0, passage: 0, count: 0), count: entries.count - mark.entries)
        for entry in entries[mark.entries...] {
            sorted[next[Int(entry.term)]] = entry
            next[Int(entry.term)] += 1
        }
        return (sorted, starts)
    }
}
