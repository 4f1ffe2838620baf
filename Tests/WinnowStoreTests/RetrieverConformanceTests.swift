import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// One suite over every first stage.
@Suite struct RetrieverConformanceTests {
    /// A vector by counts of letters: texts that share letters are near each other.
    private struct LetterEmbedder: Embedder {
        let dimension = 6
        var identity: ModelIdentity {
            get throws {
                ModelIdentity(
                    name: "tiny", fingerprint: try StoreSamples.fingerprint("a"), precision: "float32", kernels: "none",
                    truncation: "none")
            }
        }
        func embed(_ texts: [String], as side: EmbeddingSide) async throws -> Vectors {
            Vectors(
                dimension: dimension,
                values: texts.flatMap { text in
                    var counts = [Float](repeating: 0.5, count: dimension)
                    for byte in text.utf8 { counts[Int(byte) % dimension] += 1 }
                    return counts
                })
        }
    }

    private static let query = Query("shared word7 lantern")

    /// Passages that all have a term of the query, some of them twice.
    private static func passages() -> [Passage] {
        var random = SeededGenerator(seed: 8)
        return (0..<60).map { number in
            let words = (0..<Int.random(in: 1...9, using: &random)).map { _ in
                ["lantern", "copper", "word\(number % 9)", "violet"].randomElement(using: &random) ?? ""
            }
            let text = number % 10 == 3 ? "shared copper" : "shared " + words.joined(separator: " ")
            return Passage(id: "p\(number)", documentID: "p\(number)", text: text)
        }
    }

    @Test func everyRetrieverKeepsTheProtocolsPromises() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/kb.sqlite"
        let embedder = LetterEmbedder()
        let passages = Self.passages()
        let vectors = try await embedder.embed(passages.map(\.content), as: .passage)
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        for (index, passage) in passages.enumerated() {
            try writer.store(
                StoreSamples.Sample(
                    document: DocumentRecord(
                        id: passage.documentID, title: nil, metadata: [:], origin: nil,
                        contentHash: try StoreSamples.fingerprint("c"), byteCount: passage.text.utf8.count),
                    passages: [PassageRecord(passage: passage, vector: Array(vectors[index]), tokens: nil)]))
        }
        try writer.close()
        let store = try Store.open(path)
        var index = ExactVectorIndex(dimension: embedder.dimension)
        try index.append(passages, vectors: vectors)
        let dense = try DenseRetriever(embedder: embedder, index: index)
        let lexical = LexicalIndex(passages)
        var retrievers: [(String, any Retriever)] = [
            ("dense", dense), ("bm25", LexicalRetriever(index: lexical)),
            ("store dense", try store.retriever(embedder)), ("store bm25", store.lexicalRetriever()),
            (
                "fused",
                try FusedRetriever([
                    .init("dense", dense), .init("bm25", LexicalRetriever(index: lexical), weight: 0.5),
                ])
            ),
        ]
        for fusion in [Fusion.reciprocalRank(), .relativeScore, .distribution] {
            for depth in [1, 100] {
                let settings = HybridSettings(fusion: fusion, depth: depth)
                retrievers.append(
                    (
                        "hybrid \(fusion) \(depth)",
                        try HybridRetriever(dense: dense, lexical: lexical, settings: settings)
                    ))
                retrievers.append(
                    ("store hybrid \(fusion) \(depth)", try store.hybridRetriever(embedder, settings)))
            }
        }
        for (name, retriever) in retrievers {
            #expect(
                try await RetrieverConformance(name, retriever, query: Self.query, count: passages.count).faults() == []
            )
        }
        // A store and memory give the same, whatever lies between.
        for (memory, stored) in [(0, 2), (1, 3), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16)]
        where stored < retrievers.count {
            for limit in [1, 7, 100] {
                let left = try await retrievers[memory].1.retrieve(Self.query, limit: limit, filter: nil).candidates
                let right = try await retrievers[stored].1.retrieve(Self.query, limit: limit, filter: nil).candidates
                #expect(left.map(\.passage.id) == right.map(\.passage.id), "\(retrievers[memory].0)")
                #expect(left.map(\.retrievalScore) == right.map(\.retrievalScore), "\(retrievers[memory].0)")
                #expect(left.map(\.retrievals) == right.map(\.retrievals), "\(retrievers[memory].0)")
            }
        }
    }

    /// What one list lacks is computed, so that "last" and "absent" differ.
    @Test func hybridKnowsTheScoresThatAListDidNotRetrieve() async throws {
        let embedder = LetterEmbedder()
        let passages = Self.passages()
        var index = ExactVectorIndex(dimension: embedder.dimension)
        try index.append(passages, vectors: try await embedder.embed(passages.map(\.content), as: .passage))
        let hybrid = try HybridRetriever(
            dense: try DenseRetriever(embedder: embedder, index: index), lexical: LexicalIndex(passages),
            settings: HybridSettings(depth: 1))
        let found = try await hybrid.retrieve(Self.query, limit: 4, filter: nil).candidates
        let everything = try await hybrid.retrieve(Self.query, limit: 100, filter: nil).candidates
        let scores = Dictionary(uniqueKeysWithValues: everything.map { ($0.passage.id, $0.retrievals) })
        for candidate in found {
            for name in [HybridSettings.denseName, HybridSettings.lexicalName] {
                let retrieval = try #require(candidate.retrievals[name])
                #expect(retrieval.score == scores[candidate.passage.id]?[name]?.score)
            }
        }
        #expect(found.contains { $0.retrievals.values.contains { $0.rank == nil } })
    }
}
