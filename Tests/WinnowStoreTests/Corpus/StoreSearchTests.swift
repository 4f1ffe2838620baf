import Synchronization
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// Search in a store: ties, filters, snapshots, and the embedding model's identity.
@Suite struct StoreSearchTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/kb.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    private func passage(_ id: String, _ vector: [Float], document: String? = nil) -> PassageRecord {
        PassageRecord(
            passage: Passage(id: id, documentID: document ?? id, text: "text of \(id)"), vector: vector, tokens: nil)
    }

    private func document(_ id: String, _ passages: [PassageRecord]) throws -> StoreSamples.Sample {
        StoreSamples.Sample(
            document: DocumentRecord(
                id: id, title: nil, metadata: [:], origin: nil, contentHash: try StoreSamples.fingerprint("c"),
                byteCount: 1),
            passages: passages)
    }

    private func filled(_ samples: [StoreSamples.Sample], dimension: Int) async throws -> Store {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile(dimension: dimension))
        try writer.store(samples)
        try writer.close()
        return try Store.open(path)
    }

    @Test(arguments: [1, 2, 63, 64, 65, 200, 300])
    func equalScoresComeInTheOrderOfIDs(count: Int) async throws {
        var random = SeededGenerator(seed: UInt64(count))
        let ids = (0..<count).map { "p\($0)" }.shuffled(using: &random)
        // One better and one worse than all that tie.
        let samples =
            try [document("best", [passage("best", [1, 0])])]
            + ids.map { try document($0, [passage($0, [3, 4])]) } + [document("worst", [passage("worst", [-1, 0])])]
        let store = try await filled(samples, dimension: 2)
        let expected = ["best"] + ids.sorted() + ["worst"]
        for limit in Set([1, 2, count, count + 1, count + 2, count + 9]).sorted() {
            let found = try await store.search([2, 0] as [Float], limit: limit)
            #expect(found.map(\.passage.id) == Array(expected.prefix(limit)))
        }
    }

    private struct Suffix: PassageFilter {
        var suffix: String

        func admits(_ passage: Passage) -> Bool { passage.id.hasSuffix(suffix) }
    }

    /// Excluded rows outrank the kept ones, many times over.
    @Test(arguments: [1, 3, 10, 11])
    func aFilterStandsInsideTheSearch(limit: Int) async throws {
        let samples = try (0..<500).map { number -> StoreSamples.Sample in
            let isKept = number % 50 == 7
            let id = "p\(number)" + (isKept ? "-kept" : "")
            let angle = isKept ? Float(2) + Float(number) / 1000 : Float(number) / 1000
            return try document(id, [passage(id, [1, angle])])
        }
        let store = try await filled(samples, dimension: 2)
        let found = try await store.search([1, 0] as [Float], limit: limit, filter: Suffix(suffix: "-kept"))
        let expected = (0..<10).map { "p\($0 * 50 + 7)-kept" }
        #expect(found.map(\.passage.id) == Array(expected.prefix(limit)))
        #expect(try await store.search([1, 0] as [Float], limit: limit, filter: Suffix(suffix: "none")).isEmpty)
    }

    @Test func anEmptyStoreFindsNothing() async throws {
        let store = try await filled([], dimension: 2)
        #expect(try await store.search([1, 0] as [Float], limit: 3).isEmpty)
        #expect(try await store.documents(limit: 1).isEmpty)
        #expect(try await store.verify().faults == [])
    }

    @Test func refusesWhatCannotBeCompared() async throws {
        let store = try await filled([document("a", [passage("a", [0, 0])])], dimension: 2)
        await #expect(throws: StoreError.notPositive(limit: 0)) { try await store.search([1, 0] as [Float], limit: 0) }
        await #expect(throws: StoreError.notPositive(limit: -1)) { try await store.documents(limit: -1) }
        await #expect(throws: StoreError.dimension(expected: 2, found: 3)) {
            try await store.search([1, 0, 0] as [Float], limit: 1)
        }
        await #expect(throws: StoreError.vectorNotFinite(of: "the query")) {
            try await store.search([.nan, 0] as [Float], limit: 1)
        }
        // A zero vector scores 0 and is no fault.
        #expect(try await store.search([1, 0] as [Float], limit: 1).map(\.retrievalScore) == [0])
        #expect(try await store.verify().faults == [])
    }

    /// Commits from inside a reader's search, which must not see it.
    private struct Committing: PassageFilter {
        var writer: StoreWriter

        func admits(_ passage: Passage) -> Bool {
            try? writer.commit()
            return true
        }
    }

    @Test func aSearchSeesOneStateFromItsBeginningToItsEnd() async throws {
        let old = try document(
            "doc", [passage("doc#0", [1, 0], document: "doc"), passage("doc#1", [1, 1], document: "doc")])
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile(dimension: 2))
        try writer.store(old)
        let store = try Store.open(path)
        try writer.begin()
        let new = try document("doc", [passage("new", [1, 0], document: "doc")])
        try writer.put(new.document)
        try writer.append(new.passages)
        #expect(try await store.search([1, 0] as [Float], limit: 9).map(\.passage.id) == ["doc#0", "doc#1"])
        let during = try await store.search([1, 0] as [Float], limit: 9, filter: Committing(writer: writer))
        #expect(during.map(\.passage.id) == ["doc#0", "doc#1"])
        #expect(try writer.state(of: "doc")?.passageCount == 1)
        #expect(throws: StoreError.self) { try writer.commit() }
        #expect(try await store.search([1, 0] as [Float], limit: 9).map(\.passage.id) == ["new"])
        try writer.close()
        #expect(try await store.search([1, 0] as [Float], limit: 9).map(\.passage.id) == ["new"])
    }

    /// Cancels the search that it is asked in.
    private final class Cancelling: PassageFilter {
        let search = Mutex<Task<[Candidate], any Error>?>(nil)

        func admits(_ passage: Passage) -> Bool {
            search.withLock { $0?.cancel() }
            return true
        }
    }

    @Test func cancellationEndsASearch() async throws {
        let store = try await filled(
            try (0..<300).map { try document("p\($0)", [passage("p\($0)", [1, Float($0)])]) }, dimension: 2)
        let filter = Cancelling()
        let (gate, opening) = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in gate {}
            return try await store.search([1, 0] as [Float], limit: 200, filter: filter)
        }
        filter.search.withLock { $0 = task }
        opening.finish()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await store.search([1, 0] as [Float], limit: 200).count == 200)
    }

    private struct Embedding: Embedder {
        var dimension: Int
        var fingerprint: Fingerprint

        var identity: ModelIdentity {
            ModelIdentity(
                name: "other", fingerprint: fingerprint, precision: "int8", kernels: "any", truncation: "passage:9")
        }

        func embed(_ texts: [String], as side: EmbeddingSide) async throws -> Vectors {
            Vectors(
                dimension: dimension,
                values: texts.flatMap { [Float($0.utf8.count)] + [Float](repeating: 0, count: dimension - 1) })
        }
    }

    @Test func aRetrieverIsOfTheModelThatFilledTheStore() async throws {
        let store = try await filled(
            [document("a", [passage("a", [0, 1])]), document("b", [passage("b", [1, 0])])], dimension: 2)
        let same = Embedding(dimension: 2, fingerprint: try StoreSamples.fingerprint("a"))
        let found = try await store.retriever(same).retrieve(Query("hello"), limit: 2, filter: nil)
        #expect(found.candidates.map(\.passage.id) == ["b", "a"])
        #expect(try store.retriever(same).models["embedder"] == same.identity)

        let other = Embedding(dimension: 2, fingerprint: try StoreSamples.fingerprint("d"))
        let error = #expect(throws: StoreError.self) { try store.retriever(other) }
        #expect(
            error
                == .otherModel(
                    path: path, stored: "tiny", storedFingerprint: try StoreSamples.fingerprint("a"), given: "other",
                    givenFingerprint: try StoreSamples.fingerprint("d")))
        let wrong = Embedding(dimension: 3, fingerprint: try StoreSamples.fingerprint("a"))
        #expect(throws: StoreError.dimension(expected: 2, found: 3)) { try store.retriever(wrong) }
    }
}
