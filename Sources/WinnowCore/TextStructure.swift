/// What a reader knows of a document's text that does not stand in the text.
public enum TextStructure: Sendable, Hashable {
    /// Markdown or plain text: headings, lists, tables and code are seen in the text itself.
    case prose
    /// Prose on pages. Page `n`, from 1, begins at byte `starts[n − 1]` of the text; ascending, and the first is 0. An empty page
    /// begins where the next one does. Passages get `page`, and `page_end` where they reach over several.
    case pages(starts: [Int])
    /// Source code, a part after the other: nothing in it is taken for Markdown, passages end at parts where that leaves them
    /// full enough, and the name of a part is the passages' `section`. Ascending, and the first begins at 0.
    case code(parts: [CodePart])
}

/// A function, type or the like of source code, with the comments before it.
public struct CodePart: Sendable, Hashable {
    /// Its first byte in the text; it ends where the next part begins.
    public var start: Int
    /// Such as `Parser.parse(_:)`; empty where it has none.
    public var name: String

    public init(start: Int, name: String) {
        self.start = start
        self.name = name
    }
}

extension TextStructure {
    /// Puts the pages of a passage into its metadata, where there are pages.
    ///
    /// - Parameter range: bytes of the text.
    func add(to metadata: inout Metadata, for range: Range<Int>) {
        guard case .pages(let starts) = self, !starts.isEmpty else { return }
        let first = max(1, Self.count(of: starts, upTo: range.lowerBound))
        let last = max(first, Self.count(of: starts, upTo: range.upperBound - 1))
        metadata[MetadataField.page] = .integer(Int64(first))
        metadata[MetadataField.pageEnd] = last > first ? .integer(Int64(last)) : nil
    }

    /// How many of the ascending offsets are at most `offset`.
    private static func count(of starts: [Int], upTo offset: Int) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
