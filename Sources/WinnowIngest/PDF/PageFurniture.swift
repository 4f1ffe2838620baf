import WinnowCore

/// Lines at the heads and feet of pages that say the same on most of them: running titles and page numbers.
struct PageFurniture {
    /// Lines at each edge of a page that are looked at.
    private static let depth = 3
    /// The least number of pages that say it, and their least share of the pages with text.
    private static let leastPages = 3
    private static let leastShare = 0.4

    /// For each page, how many of its lines to leave out at its head and foot.
    let heads: [Int]
    let feet: [Int]

    /// - Parameter pages: their lines that are not blank, in order.
    init(_ pages: [[ArraySlice<UInt8>]]) {
        let filled = pages.count { !$0.isEmpty }
        func lengths(_ edge: (([ArraySlice<UInt8>]) -> [ArraySlice<UInt8>])) -> [Int] {
            var counts: [String: Int] = [:]
            let keys = pages.enumerated().map { number, lines in edge(lines).map { Self.keys($0, page: number) } }
            for page in keys {
                for key in Set(page.joined()) { counts[key, default: 0] += 1 }
            }
            let least = max(Self.leastPages, Int((Double(filled) * Self.leastShare).rounded(.up)))
            return keys.map { lines in lines.prefix { $0.contains { counts[$0, default: 0] >= least } }.count }
        }
        heads = lengths { Array($0.prefix(Self.depth)) }
        // A page of few lines has its head and its foot in the same ones.
        let above = heads
        feet = zip(lengths { Array($0.suffix(Self.depth).reversed()) }, zip(pages, above)).map { foot, page in
            min(foot, max(0, page.0.count - page.1))
        }
    }

    /// What a line says: as it is, and with each of its numbers less the page's, so that page numbers are alike on all pages.
    private static func keys(_ line: ArraySlice<UInt8>, page: Int) -> [String] {
        guard line.count <= 200 else { return [] }
        var words: [ArraySlice<UInt8>] = []
        var numbers: [Int] = []
        var start = line.startIndex
        while start < line.endIndex {
            let isDigit = (0x30...0x39).contains(line[start])
            let isSpace = ByteText.isSpace(line[start])
            var end = start + 1
            while end < line.endIndex, (0x30...0x39).contains(line[end]) == isDigit,
                ByteText.isSpace(line[end]) == isSpace
            {
                end += 1
            }
            if isDigit, end - start <= 6, numbers.count < 4 { numbers.append(words.count) }
            words.append(isSpace ? [0x20] : line[start..<end])
            start = end
        }
        func joined(_ words: [ArraySlice<UInt8>]) -> String { String(decoding: words.joined(), as: UTF8.self) }
        return [joined(words)]
            + numbers.map { index in
                var words = words
                let value = words[index].reduce(0) { $0 * 10 + Int($1) - 0x30 }
                words[index] = Array("\u{0}\(value - page)\u{0}".utf8)[...]
                return joined(words)
            }
    }
}
