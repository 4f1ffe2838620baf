import TestSupport
import Testing
import WinnowCore
import WinnowStore

private func passage(_ id: String) -> Passage { Passage(id: id, documentID: id, text: id) }

@Suite struct ExactVectorIndexTests {
    /// Cosine of float32 vectors over sums of up to 400 products, against doubles.
    static let cosineTolerance = 2e-6

    @Test(arguments: [1, 2, 15, 16, 17, 31, 48, 63, 384], [0, 1, 5, 1023, 1024, 1025])
    func equalsBruteForce(dimension: Int, count: Int) throws {
        var random = SeededGenerator(seed: UInt64(dimension * 10_000 + count))
        let rows = (0..<count).map { _ in (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) } }
        var index = ExactVectorIndex(dimension: dimension)
        // In two parts, so that appending to rows that are there is covered.
        let half = count / 2
        for part in [0..<half, half..<count] {
            try index.append(
                part.map { passage("p\($0)") },
                vectors: Vectors(dimension: dimension, values: part.flatMap { rows[$0] }))
        }
        let query = (0..<dimension).map { _ in Float.random(in: -3...3, using: &random) }
        let expected = rows.indices.map { (row: $0, cosine: cosine(rows[$0], query)) }
            .sorted { $0.cosine == $1.cosine ? "p\($0.row)" < "p\($1.row)" : $0.cosine > $1.cosine }
        for limit in [1, 3, 20, count + 1] {
            let found = try index.search(query, limit: limit)
            #expect(found.count == min(limit, count))
            for (match, expected) in zip(found, expected) {
                #expect(abs(Double(match.score) - expected.cosine) < Self.cosineTolerance)
            }
            for (left, right) in zip(found, found.dropFirst()) {
                #expect(left.score > right.score || (left.score == right.score && left.passage.id < right.passage.id))
            }
            #expect(Set(found.map(\.passage.id)).count == found.count)
        }
    }

    private func cosine(_ left: [Float], _ right: [Float]) -> Double {
        var dot = 0.0
        var leftSquares = 0.0
        var rightSquares = 0.0
        for (a, b) in zip(left, right) {
            dot += Double(a) * Double(b)
            leftSquares += Double(a) * Double(a)
            rightSquares += Double(b) * Double(b)
        }
        return dot / (leftSquares * rightSquares).squareRoot()
    }

    @Test func equalScoresComeInTheOrderOfIDs() throws {
        var index = ExactVectorIndex(dimension: 2)
        let ids = ["d", "b", "e", "a", "c"]
        try index.append(
            ids.map(passage), vectors: Vectors(dimension: 2, values: ids.flatMap { _ in [3, 4] as [Float] }))
        for limit in 1...5 {
            #expect(try index.search([1, 0], limit: limit).map(\.passage.id) == Array(ids.sorted().prefix(limit)))
        }
    }

    @Test func aFilterStandsInsideTheSearch() throws {
        var index = ExactVectorIndex(dimension: 1)
        try index.append(
            (0..<100).map { passage("p\($0)") },
            vectors: Vectors(dimension: 1, values: [Float](repeating: 1, count: 100)))
        let found = try index.search([1], limit: 7) { $0.id.hasSuffix("5") }
        #expect(found.count == 7)
        #expect(found.allSatisfy { $0.passage.id.hasSuffix("5") })
        #expect(try index.search([1], limit: 7) { _ in false }.isEmpty)
    }

    @Test func vectorsOfAnyLength() throws {
        var index = ExactVectorIndex(dimension: 2)
        try index.append(
            ["huge", "tiny", "zero"].map(passage),
            vectors: Vectors(dimension: 2, values: [3e38, 3e38, .leastNonzeroMagnitude, 0, 0, 0]))
        let found = try index.search([1, 0], limit: 3)
        #expect(found.map(\.passage.id) == ["tiny", "huge", "zero"])
        #expect(abs(found[0].score - 1) < 1e-6 && found[2].score == 0)
    }

    @Test func badInputChangesNothing() throws {
        var index = ExactVectorIndex(dimension: 2)
        try index.append([passage("a")], vectors: Vectors(dimension: 2, values: [1, 0]))
        #expect(throws: StoreError.vectorCount(passages: 2, vectors: 1)) {
            try index.append([passage("b"), passage("c")], vectors: Vectors(dimension: 2, values: [1, 0]))
        }
        #expect(throws: StoreError.dimension(expected: 2, found: 3)) {
            try index.append([passage("b")], vectors: Vectors(dimension: 3, values: [1, 0, 0]))
        }
        #expect(throws: StoreError.vectorNotFinite(of: "passage 'c'")) {
            try index.append([passage("b"), passage("c")], vectors: Vectors(dimension: 2, values: [1, 0, .nan, 1]))
        }
        #expect(throws: StoreError.duplicatePassage(id: "a", firstDocument: "a", secondDocument: "a")) {
            try index.append([passage("a")], vectors: Vectors(dimension: 2, values: [1, 0]))
        }
        #expect(throws: StoreError.duplicatePassage(id: "b", firstDocument: "b", secondDocument: "b")) {
            try index.append([passage("b"), passage("b")], vectors: Vectors(dimension: 2, values: [1, 0, 1, 0]))
        }
        #expect(index.count == 1)
        #expect(throws: StoreError.dimension(expected: 2, found: 1)) { try index.search([1], limit: 1) }
        #expect(throws: StoreError.vectorNotFinite(of: "the query")) { try index.search([.infinity, 1], limit: 1) }
        #expect(throws: StoreError.notPositive(limit: 0)) { try index.search([1, 1], limit: 0) }
    }
}

/// A vector from the letters of the text.
private struct LetterEmbedder: Embedder {
    var dimension: Int { 26 }
    var identity: ModelIdentity {
        get throws {
            let fingerprint = try #require(Fingerprint(hexadecimal: String(repeating: "0", count: 64)))
            return ModelIdentity(
                name: "letters", fingerprint: fingerprint, precision: "float32", kernels: "none", truncation: "none")
        }
    }

    func embed(_ texts: [String], as side: EmbeddingSide) async throws -> Vectors {
        var values: [Float] = []
        for text in texts {
            var row = [Float](repeating: 0, count: 26)
            for byte in text.utf8 where (97...122).contains(byte) { row[Int(byte) - 97] += 1 }
            values += row
        }
        return Vectors(dimension: 26, values: values)
    }
}

@Suite struct DenseRetrieverTests {
    @Test func ranksByCosine() async throws {
        let embedder = LetterEmbedder()
        let passages = ["zzz", "abc", "abz", "ab"].map(passage)
        var index = ExactVectorIndex(dimension: embedder.dimension)
        try index.append(passages, vectors: try await embedder.embed(passages.map(\.content), as: .passage))
        let retriever = try DenseRetriever(embedder: embedder, index: index)
        let list = try await retriever.retrieve(Query("ab"), limit: 3, filter: nil)
        #expect(list.candidates.map(\.passage.id) == ["ab", "abc", "abz"])
        #expect(list.candidates.map(\.rank) == [1, 2, 3])
        #expect(try retriever.models["embedder"]?.name == "letters")
    }

    @Test func anEmptyIndexFindsNothing() async throws {
        let retriever = try DenseRetriever(embedder: LetterEmbedder(), index: ExactVectorIndex(dimension: 26))
        #expect(try await retriever.retrieve(Query("ab"), limit: 3, filter: nil).candidates.isEmpty)
        #expect(throws: StoreError.self) {
            try DenseRetriever(embedder: LetterEmbedder(), index: ExactVectorIndex(dimension: 3))
        }
    }
}
