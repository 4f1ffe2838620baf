import WinnowCore

/// Passages in memory, searched by BM25: for corpora that are read for one question or one evaluation.
public final class LexicalIndex: Sendable {
    public let analysis: LexicalAnalysis
    /// In the order in which they were given.
    public let passages: [Passage]
    private let segments: [EncodedSegment]
    private let loaded: [LexicalSegment]
    private let cache = LexicalCache()
    private let rowsByID: [ExactText: Int64]

    /// - Parameter passages: their ids differ.
    public init(_ passages: [Passage], analysis: LexicalAnalysis = LexicalAnalysis()) {
        self.analysis = analysis
        self.passages = passages
        (segments, loaded, rowsByID) = Self.make(passages, analysis, segmentSize: .max)
    }

    /// - Parameter segmentSize: passages of a segment, at least 1: results do not depend on it.
    package init(_ passages: [Passage], analysis: LexicalAnalysis, segmentSize: Int) {
        self.analysis = analysis
        self.passages = passages
        (segments, loaded, rowsByID) = Self.make(passages, analysis, segmentSize: segmentSize)
    }

    /// Row numbers count from 1.
    private static func make(
        _ passages: [Passage], _ analysis: LexicalAnalysis, segmentSize: Int
    ) -> (segments: [EncodedSegment], loaded: [LexicalSegment], rowsByID: [ExactText: Int64]) {
        var analyzer = LexicalAnalyzer(analysis)
        var builder = SegmentBuilder()
        var segments: [EncodedSegment] = []
        for (index, passage) in passages.enumerated() {
            builder.add(passage.content, row: Int64(index) + 1, analyzer: &analyzer)
            if (index + 1) % segmentSize == 0, let segment = builder.take() { segments.append(segment) }
        }
        if let segment = builder.take() { segments.append(segment) }
        return (
            segments, segments.enumerated().map { LexicalSegment(id: Int64($0), header: $1.header) },
            Dictionary(
                passages.enumerated().map { (ExactText($1.id), Int64($0) + 1) }, uniquingKeysWith: { first, _ in first }
            )
        )
    }

    /// The passages that BM25 puts first, exactly.
    ///
    /// - Parameters:
    ///   - limit: how many at most, at least 1.
    ///   - admits: asked inside the search, only of passages that would be among the best.
    /// - Returns: best first, equal scores in the order of passage ids; passages without any term of the query are not among
    ///   them.
    /// - Throws: ``StoreError/notPositive(limit:)``, `CancellationError`.
    public func search(
        _ text: String, bm25: BM25 = .standard, limit: Int, admits: ((Passage) -> Bool)? = nil
    ) throws -> [Candidate] {
        guard limit >= 1 else { throw StoreError.notPositive(limit: limit) }
        let rows = try hits(
            text, bm25, limit: limit, admits: admits.map { admits in { admits(self.passages[Int($0) - 1]) } })
        return rows.map { (passage: passages[Int($0.row) - 1], score: $0.score) }.sorted {
            $0.score == $1.score ? PassageOrder.precedes($0.passage.id, $1.passage.id) : $0.score > $1.score
        }.prefix(limit).enumerated().map { place, hit in
            Candidate(passage: hit.passage, rank: place + 1, retrievalScore: hit.score)
        }
    }

    /// The scores of the passages of these ids that have a term of the query.
    func scores(_ text: String, _ bm25: BM25, of ids: [String]) throws -> [ExactText: Double] {
        guard let snapshot, !ids.isEmpty else { return [:] }
        var search = try LexicalSearch(LexicalQuery(text, analysis), bm25, snapshot, limit: 1)
        let rows = ids.compactMap { rowsByID[ExactText($0)] }
        return Dictionary(
            try search.scores(of: rows).map { (ExactText(passages[Int($0.row) - 1].id), $0.score) },
            uniquingKeysWith: { first, _ in first })
    }

    private func hits(
        _ text: String, _ bm25: BM25, limit: Int, admits: ((Int64) throws -> Bool)?
    ) throws -> [LexicalHit] {
        guard let snapshot else { return [] }
        var search = try LexicalSearch(LexicalQuery(text, analysis), bm25, snapshot, limit: limit, admits: admits)
        return try search.best()
    }

    /// Rows (from 1) with their scores, best first, equal scores by row, with all that tie with the last.
    ///
    /// - Parameter skips: whether what cannot matter is left out.
    package func rows(
        _ text: String, _ bm25: BM25, limit: Int, skips: Bool = true, admits: ((Int64) throws -> Bool)? = nil
    ) throws -> [(row: Int64, score: Double)] {
        guard let snapshot else { return [] }
        var search = try LexicalSearch(
            LexicalQuery(text, analysis), bm25, snapshot, limit: limit, admits: admits, skips: skips)
        return try search.best().map { ($0.row, $0.score) }
    }

    /// - Parameter skips: whether what cannot matter is left out.
    func measured(
        _ text: String, _ bm25: BM25, limit: Int, skips: Bool
    ) throws -> (hits: [LexicalHit], work: LexicalSearch.Work) {
        guard let snapshot else { return ([], .init()) }
        var search = try LexicalSearch(LexicalQuery(text, analysis), bm25, snapshot, limit: limit, skips: skips)
        return (try search.best(), search.work)
    }

    /// Bytes of the index, passages not counted.
    var byteCount: Int { segments.reduce(0) { $0 + $1.blocks.reduce(0) { $0 + $1.count } } }

    private var snapshot: LexicalSnapshot? {
        guard !loaded.isEmpty else { return nil }
        let segments = segments
        return LexicalSnapshot(
            segments: loaded, passages: loaded.reduce(0) { $0 + $1.header.passages },
            tokens: loaded.reduce(0) { $0 + $1.header.tokens }, visible: VisibleRows(maxRow: .max), deletions: 0,
            blocks: SegmentBlocks { segment, block in
                let blocks = segments[Int(segment)].blocks
                return block < blocks.count ? blocks[block] : nil
            }, cache: cache)
    }
}
