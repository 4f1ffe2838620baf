import WinnowCore

/// Passages and their vectors in memory, searched exactly: every row is looked at.
///
/// Vectors are normalised when they come in, so the score of a row is its cosine with the query, in −1…1 up to rounding.
public struct ExactVectorIndex: Sendable {
    /// The length of a vector.
    public let dimension: Int
    /// In the order in which they were appended.
    public private(set) var passages: [Passage] = []
    /// One normalised row a passage.
    private var values: [Float] = []
    private var rowsByID: [ExactText: Int] = [:]

    /// Rows whose scores are computed before any is compared: their 4 KB stay in the first-level cache.
    private static let blockRows = 1024

    /// - Precondition: `dimension` is at least 1.
    public init(dimension: Int) {
        precondition(dimension > 0, "an index of \(dimension) dimensions")
        self.dimension = dimension
    }

    public var count: Int { passages.count }

    /// A row that a search found.
    public struct Match: Sendable, Hashable {
        public var passage: Passage
        /// The cosine with the query.
        public var score: Float
    }

    /// Takes in passages with their vectors, or nothing at all when it throws.
    ///
    /// - Parameter vectors: one a passage, in order, of any length but zero's; a zero vector scores 0 with every query.
    /// - Throws: ``StoreError`` when counts or dimensions differ, a value is not finite, or an id is there already.
    public mutating func append(_ new: [Passage], vectors: Vectors) throws {
        guard vectors.count == new.count else {
            throw StoreError.vectorCount(passages: new.count, vectors: vectors.count)
        }
        guard new.isEmpty || vectors.dimension == dimension else {
            throw StoreError.dimension(expected: dimension, found: vectors.dimension)
        }
        var rows = rowsByID
        var normalised: [Float] = []
        normalised.reserveCapacity(new.count * dimension)
        for (index, passage) in new.enumerated() {
            if let other = rows.updateValue(passages.count + index, forKey: ExactText(passage.id)) {
                let first = other < passages.count ? passages[other] : new[other - passages.count]
                throw StoreError.duplicatePassage(
                    id: passage.id, firstDocument: first.documentID, secondDocument: passage.documentID)
            }
            normalised += try Self.normalised(vectors[index], of: "passage \(PathText.inQuotes(passage.id))")
        }
        passages += new
        values += normalised
        rowsByID = rows
    }

    /// The passages nearest to a vector.
    ///
    /// - Parameters:
    ///   - query: `dimension` values; need not be normalised.
    ///   - limit: how many at most, at least 1.
    ///   - admits: asked only of passages that would be among the best, so a costly filter is asked rarely.
    /// - Returns: best first, equal scores in the order of passage ids.
    /// - Throws: ``StoreError`` when the query has another dimension or a value that is not finite.
    public func search(
        _ query: some Collection<Float>, limit: Int, admits: ((Passage) -> Bool)? = nil
    ) throws -> [Match] {
        guard limit >= 1 else { throw StoreError.notPositive(limit: limit) }
        guard query.count == dimension else {
            throw StoreError.dimension(expected: dimension, found: query.count)
        }
        let query = try Self.normalised(query, of: "the query")
        let isWorse: BestRows.IsWorse = { left, right in
            left.score == right.score
                ? passages[left.index].id > passages[right.index].id : left.score < right.score
        }
        let isAdmitted: (BestRows.Row) -> Bool = { row in admits?(passages[row.index]) ?? true }
        var best = BestRows(limit: limit)
        var scores = [Float](repeating: 0, count: min(Self.blockRows, count))
        for start in stride(from: 0, to: count, by: Self.blockRows) {
            let end = min(start + Self.blockRows, count)
            dot(query, rows: start..<end, into: &scores)
            for row in start..<end {
                let score = scores[row - start]
                if let threshold = best.threshold, score < threshold { continue }
                best.offer(.init(index: row, score: score), isWorse: isWorse, admits: isAdmitted)
            }
        }
        return best.sorted(isWorse: isWorse).map { Match(passage: passages[$0.index], score: $0.score) }
    }

    /// The cosines of the passages of these ids with a vector; ids that are not there have none.
    func scores(_ query: some Collection<Float>, of ids: [String]) throws -> [ExactText: Double] {
        let query = try Self.normalised(query, of: "the query")
        var scores: [ExactText: Double] = [:]
        var score: [Float] = [0]
        for id in ids {
            guard let row = rowsByID[ExactText(id)] else { continue }
            dot(query, rows: row..<row + 1, into: &score)
            scores[ExactText(id)] = Double(score[0])
        }
        return scores
    }

    private func dot(_ query: [Float], rows: Range<Int>, into scores: inout [Float]) {
        let product = InnerProduct()
        query.withUnsafeBufferPointer { query in
            values.withUnsafeBufferPointer { values in
                guard let query = query.baseAddress, let values = values.baseAddress else { return }
                for row in rows {
                    scores[row - rows.lowerBound] = product(values + row * dimension, query, dimension)
                }
            }
        }
    }

    static func normalised(_ vector: some Collection<Float>, of name: @autoclosure () -> String) throws
        -> [Float]
    {
        // Doubles: the squares of float32 values neither overflow nor vanish in them.
        var squares = 0.0
        for value in vector { squares += Double(value) * Double(value) }
        guard squares.isFinite else { throw StoreError.vectorNotFinite(of: name()) }
        guard squares > 0 else { return Array(vector) }
        let scale = 1 / squares.squareRoot()
        return vector.map { Float(Double($0) * scale) }
    }
}
