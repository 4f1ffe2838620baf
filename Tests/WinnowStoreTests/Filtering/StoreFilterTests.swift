import Foundation
import GRDB
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// Filters on a store: whatever they are and whatever was written, they admit what they admit in memory, and both searches give the
/// whole list filtered.
@Suite struct StoreFilterTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/kb.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    /// Asked passage by passage, as filters of a program's own are.
    private struct Asking: PassageFilter {
        let filter: MetadataFilter

        func admits(_ passage: Passage) -> Bool { filter.admits(passage) }
    }

    private func openWriter() async throws -> StoreWriter {
        try await StoreWriter.open(path, profile: StoreSamples.profile())
    }

    /// Lists with and without the filter.
    private func expectFilteredLists(
        _ store: Store, _ filter: MetadataFilter, _ vector: [Float], _ query: String, limits: [Int], all: Int
    ) async throws {
        let dense = try await store.search(vector, limit: all)
        let lexical = try await store.search(lexical: query, limit: all)
        for limit in limits {
            for chosen in [filter, Asking(filter: filter)] as [any PassageFilter] {
                let found = try await store.search(vector, limit: limit, filter: chosen)
                #expect(Self.scores(found) == Self.scores(dense, filter, limit), "\(filter)")
                let matching = try await store.search(lexical: query, limit: limit, filter: chosen)
                #expect(Self.scores(matching) == Self.scores(lexical, filter, limit), "\(filter)")
            }
        }
    }

    private struct Scored: Hashable {
        var id: String
        var score: Double?
    }

    private static func scores(_ list: [Candidate], _ filter: MetadataFilter? = nil, _ limit: Int = .max) -> [Scored] {
        list.filter { filter?.admits($0.passage) ?? true }.prefix(limit).map {
            Scored(id: $0.passage.id, score: $0.retrievalScore)
        }
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func anyFilterOfAnyStoreIsTheFilterInMemory(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let writer = try await openWriter()
        for number in 0..<30 {
            try writer.store(
                try FilterSamples.sample("d\(number)", passages: Int.random(in: 0...8, using: &random), using: &random))
        }
        // Some again, with other metadata, and some gone.
        for number in 0..<8 { try writer.store(try FilterSamples.sample("d\(number)", passages: 5, using: &random)) }
        _ = try writer.delete(["d9", "d10", "d11"])
        try writer.close()
        let store = try Store.open(path)
        #expect(try await store.verify().faults == [])
        let all = try await store.info().passages
        var passages: [Passage] = []
        for document in try await store.documents(limit: 1000) { passages += try await store.passages(of: document.id) }
        #expect(try await store.fields() == FieldCatalogue(passages))
        for _ in 0..<60 {
            let filter = try MetadataFilter(parsing: RandomFilter.text(depth: 3, using: &random))
            let found = try await store.search(random.floats(StoreSamples.dimension), limit: all, filter: filter)
            #expect(
                found.map(\.passage.id).sorted() == passages.filter(filter.admits).map(\.id).sorted(), "\(filter)")
        }
        for _ in 0..<10 {
            let filter = try MetadataFilter(parsing: RandomFilter.text(depth: 2, using: &random))
            try await expectFilteredLists(
                store, filter, random.floats(StoreSamples.dimension), "refund key desk", limits: [1, 3, 20, all],
                all: all)
        }
    }

    /// As lancedb's test of filters has it: what the filter excludes outranks what it keeps, by far and in great number.
    @Test(arguments: [3, 40, 600])
    func whatIsExcludedDoesNotStarveWhatIsKept(_ kept: Int) async throws {
        let excluded = 2000
        let step = (excluded + kept) / kept
        let writer = try await openWriter()
        try writer.begin()
        for number in 0..<excluded + kept {
            let isKept = number.isMultiple(of: step) && number / step < kept
            let text = isKept ? "desk and some other words that make it long" : "desk desk desk"
            let id = "d\(number)"
            let far: [Float] = [-1, Float(number), 0, 0, 0, 3000]
            let near: [Float] = [1, Float(number) / 10_000, 0, 0, 0, 0]
            let metadata: Metadata = ["team": .string(isKept ? "ours" : "theirs"), "number": .integer(Int64(number))]
            try writer.put(
                DocumentRecord(
                    id: id, title: nil, metadata: metadata, origin: nil, contentHash: try StoreSamples.fingerprint("c"),
                    byteCount: 1))
            try writer.append([
                PassageRecord(
                    passage: Passage(id: id, documentID: id, text: text, metadata: metadata),
                    vector: isKept ? far : near, tokens: nil)
            ])
        }
        try writer.commit()
        try writer.close()
        let store = try Store.open(path)
        let near: [Float] = [1, 0, 0, 0, 0, 0]
        for text in ["team = 'ours'", "team != 'theirs'", "not (team in ['theirs'] or number < 0)"] {
            let filter = try MetadataFilter(parsing: text)
            for limit in [1, 20, kept, kept + 1] {
                let dense = try await store.search(near, limit: limit, filter: filter)
                let lexical = try await store.search(lexical: "desk", limit: limit, filter: filter)
                for found in [dense, lexical] {
                    #expect(found.count == min(limit, kept))
                    #expect(found.allSatisfy { $0.passage.metadata["team"] == .string("ours") })
                }
            }
            try await expectFilteredLists(
                store, filter, near, "desk words", limits: [1, 20, kept], all: excluded + kept)
        }
        // Half of them: too many to be looked at one by one.
        let half = try MetadataFilter(parsing: "number >= 1000")
        try await expectFilteredLists(store, half, near, "desk words", limits: [1, 20, 1500], all: excluded + kept)
    }

    @Test func aHybridListIsFusedOverFilteredLists() async throws {
        var random = SeededGenerator(seed: 5)
        let writer = try await openWriter()
        for number in 0..<40 {
            try writer.store(try FilterSamples.sample("d\(number)", passages: 4, using: &random))
        }
        try writer.close()
        let store = try Store.open(path)
        let embedder = FixedEmbedder(vector: random.floats(StoreSamples.dimension), identity: try Self.identity())
        let hybrid = try store.hybridRetriever(embedder)
        for text in ["exists product", "not exists version", "flag != true"] {
            let filter = try MetadataFilter(parsing: text)
            let query = Query("refund key")
            let found = try await hybrid.retrieve(query, limit: 10, filter: filter).candidates
            let asked = try await hybrid.retrieve(query, limit: 10, filter: Asking(filter: filter)).candidates
            #expect(!found.isEmpty && found == asked)
            #expect(found.allSatisfy { filter.admits($0.passage) })
        }
    }

    private static func identity() throws -> ModelIdentity {
        ModelIdentity(
            name: "tiny", fingerprint: try StoreSamples.fingerprint("a"), precision: "float32", kernels: "none",
            truncation: "none")
    }

    private struct FixedEmbedder: Embedder {
        let vector: [Float]
        let identity: ModelIdentity
        var dimension: Int { vector.count }

        func embed(_ texts: [String], as side: EmbeddingSide) async throws -> Vectors {
            Vectors(dimension: dimension, values: texts.flatMap { _ in vector })
        }
    }

    /// A filter's rows are kept for one state of the store only.
    @Test func aChangeIsSeenByTheNextSearch() async throws {
        var random = SeededGenerator(seed: 1)
        let writer = try await openWriter()
        var sample = try FilterSamples.sample("d", passages: 3, using: &random)
        func put(_ team: String) throws {
            sample.document.metadata = ["team": .string(team)]
            for index in sample.passages.indices { sample.passages[index].passage.metadata = ["team": .string(team)] }
            try writer.store(sample)
        }
        try put("ours")
        let store = try Store.open(path)
        let filter = try MetadataFilter(parsing: "team = 'ours'")
        let vector: [Float] = [1, 0, 0, 0, 0, 0]
        #expect(try await store.search(vector, limit: 9, filter: filter).count == 3)
        try put("theirs")
        #expect(try await store.search(vector, limit: 9, filter: filter).isEmpty)
        #expect(try await store.fields().fields.map(\.name).contains("team"))
        #expect(try writer.delete(["d"]) == 1)
        #expect(try await store.fields().fields.isEmpty)
        try writer.close()
    }

    @Test func whatIsUndoneLeavesNothing() async throws {
        var random = SeededGenerator(seed: 2)
        let writer = try await openWriter()
        try writer.store(try FilterSamples.sample("kept", passages: 3, using: &random))
        let before = try await Store.open(path).fields()
        try writer.begin()
        var sample = try FilterSamples.sample("gone", passages: 3, using: &random)
        sample.document.metadata["onlyhere"] = .integer(1)
        for index in sample.passages.indices { sample.passages[index].passage.metadata["onlyhere"] = .integer(1) }
        try writer.put(sample.document)
        try writer.append(sample.passages)
        try writer.abandonDocument()
        try writer.commit()
        #expect(try await Store.open(path).fields() == before)
        try writer.begin()
        try writer.put(sample.document)
        try writer.append(sample.passages)
        writer.rollback()
        #expect(try await Store.open(path).fields() == before)
        try writer.close()
        #expect(try await Store.open(path).verify().faults == [])
    }

    @Test func nothingOfADeletedDocumentsMetadataIsLeft() async throws {
        var random = SeededGenerator(seed: 4)
        let writer = try await openWriter()
        var sample = try FilterSamples.sample("secret", passages: 2, using: &random)
        for index in sample.passages.indices {
            sample.passages[index].passage.metadata = ["xyzzyfield": .string("plughvalue")]
        }
        try writer.store(sample, try FilterSamples.sample("other", passages: 2, using: &random))
        try writer.close()
        func holds(_ word: String) throws -> Bool {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).contains { name in
                try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name)).range(of: Data(word.utf8)) != nil
            }
        }
        #expect(try holds("xyzzyfield") && holds("plughvalue"))
        let again = try await openWriter()
        #expect(try again.delete(["secret"]) == 1)
        try again.close()
        #expect(try !holds("xyzzyfield") && !holds("plughvalue"))
    }

    /// Before a writer of this version has opened it, and after.
    @Test(arguments: ["stores/schema-1.sqlite", "stores/schema-2.sqlite"])
    func anOlderStoreIsFilteredPassageByPassageAndThenByRows(_ fixture: String) async throws {
        try Fixtures.data(fixture).write(to: URL(fileURLWithPath: path))
        for _ in 0..<2 {
            let store = try Store.open(path)
            let filter = try MetadataFilter(parsing: "year = 2026 or not exists source")
            let found = try await store.search([1, 0, 0, 0, 0, 0], limit: 9, filter: filter)
            #expect(found.map(\.passage.id) == ["handbook#0", "note\n2"])
            let fields = try await store.fields()
            #expect(fields.fields.map(\.name) == ["section", "source", "tags", "title", "weight", "year"])
            try await openWriter().close()
            #expect(try await Store.open(path).verify().faults == [])
        }
    }

    @Test(arguments: [
        "UPDATE field_run SET last_row = last_row + 1",
        "UPDATE field_value SET value = 'x' WHERE id = (SELECT max(id) FROM field_value WHERE type = 4)",
        "DELETE FROM field_run WHERE value = (SELECT max(value) FROM field_run)",
    ])
    func damageIsFoundAndCompactMendsIt(_ statement: String) async throws {
        var random = SeededGenerator(seed: 6)
        let writer = try await openWriter()
        for number in 0..<5 { try writer.store(try FilterSamples.sample("d\(number)", passages: 4, using: &random)) }
        try writer.close()
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF")
            try database.execute(sql: statement)
        }
        try queue.close()
        #expect(try await Store.open(path).verify().faults != [])
        let again = try await openWriter()
        try again.compact()
        try again.close()
        #expect(try await Store.open(path).verify().faults == [])
    }
}
