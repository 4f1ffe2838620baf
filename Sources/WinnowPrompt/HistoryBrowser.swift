/// Earlier lines, and where among them the editor stands. What was begun is kept while one looks through them.
public struct HistoryBrowser: Sendable {
    /// Oldest first.
    public private(set) var entries: [String]
    /// `entries.count`: at the line that is being written.
    private var position: Int
    /// What was made of entries, and of the line that is being written, until a line is submitted.
    private var drafts: [Int: EditedLine] = [:]

    public init(_ entries: [String] = []) {
        self.entries = entries
        position = entries.count
    }

    /// Adds a line, and goes behind it.
    public mutating func add(_ line: String) {
        if HistoryRules.isKept(line, after: entries.last) { entries.append(line) }
        if entries.count > HistoryRules.most { entries.removeFirst(entries.count - HistoryRules.most) }
        leave()
    }

    /// Forgets drafts, and goes behind the last line.
    public mutating func leave() {
        drafts = [:]
        position = entries.count
    }

    /// The line at `offset` from here; nil where there is none.
    public mutating func line(at offset: Int, leaving line: EditedLine) -> EditedLine? {
        go(to: position + offset, leaving: line)
    }

    /// - Parameter target: an index of an entry, or their count for the line that is being written.
    public mutating func go(to target: Int, leaving line: EditedLine) -> EditedLine? {
        guard (0...entries.count).contains(target), target != position else { return nil }
        drafts[position] = line
        position = target
        return drafts[target] ?? EditedLine(target < entries.count ? entries[target] : "")
    }

    /// Where a search begins.
    var current: Int { position }

    /// The nearest entry before, or behind, `index` that holds `term`, whatever the case of letters.
    func match(_ term: String, from index: Int, backwards: Bool) -> Int? {
        guard !term.isEmpty else { return nil }
        let term = term.lowercased()
        var index = index
        while entries.indices.contains(index) {
            if entries[index].lowercased().contains(term) { return index }
            index += backwards ? -1 : 1
        }
        return nil
    }
}

/// What a history keeps.
public enum HistoryRules {
    /// Lines at most.
    public static let most = 1000

    /// Lines that are blank, begin with a space, or say again what the last one says are not kept.
    public static func isKept(_ line: String, after last: String?) -> Bool {
        guard let first = line.unicodeScalars.first, first != " ", !line.allSatisfy(\.isWhitespace) else {
            return false
        }
        // By bytes: to Swift two spellings of one accent are equal.
        return last.map { !$0.utf8.elementsEqual(line.utf8) } ?? true
    }
}
