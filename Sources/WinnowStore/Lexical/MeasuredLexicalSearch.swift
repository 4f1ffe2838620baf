/// A lexical index as Benchmarks/ measures it: with counts of what a search did.
@_spi(Benchmarks) public struct MeasuredLexicalSearch {
    private let index: LexicalIndex
    private let bm25: BM25

    /// Tells of one search.
    public struct Found: Sendable {
        /// Best first; equal scores by row; those that tie with the last are all there.
        public var hits: [(row: Int, score: Double)]
        /// Postings of the query's terms, and how many of them were added up.
        public var postings: Int
        public var added: Int
        public var lookups: Int
        public var rescored: Int
    }

    public init(_ index: LexicalIndex, bm25: BM25) {
        self.index = index
        self.bm25 = bm25
    }

    /// - Parameter skips: whether what cannot matter is left out.
    public func search(_ text: String, limit: Int, skips: Bool = true) throws -> Found {
        let (hits, work) = try index.measured(text, bm25, limit: limit, skips: skips)
        return Found(
            hits: hits.map { (Int($0.row) - 1, $0.score) }, postings: work.postings, added: work.added,
            lookups: work.lookups, rescored: work.rescored)
    }

    /// The terms of a text.
    public func terms(_ text: String) -> [String] {
        var analyzer = LexicalAnalyzer(index.analysis)
        var terms: [String] = []
        analyzer.forEachTerm(in: text) { terms.append(String(decoding: $0, as: UTF8.self)) }
        return terms
    }

    /// Bytes of the index.
    public var byteCount: Int { index.byteCount }
}
