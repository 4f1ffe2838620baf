import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// Metadata and token ids come back exactly as they were put, whatever they are.
@Suite struct StoredValueTests {
    static let values: [MetadataValue] = [
        .null, .bool(true), .bool(false), .integer(0), .integer(1), .integer(.min), .integer(.max), .number(0),
        .number(-0.0), .number(1), .number(0.1), .number(1e16), .number(-1e300), .number(.leastNonzeroMagnitude),
        .number(.greatestFiniteMagnitude), .number(9_007_199_254_740_992), .string(""),
        .string("\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}"),
        .string("\u{7f}\u{2028}🧂e\u{301}"), .string("\\u0041"), .array([]), .array([.array([.null]), .object([:])]),
        .object(["": .string("empty key"), "a\nb": .integer(3), "\"": .number(3)]),
    ]

    @Test(arguments: values)
    func metadataIsExact(value: MetadataValue) async throws {
        // Of a document, inherited by a passage, changed by one, added by one, and dropped by one.
        let document: Metadata = ["same": value, "changed": .integer(7), "dropped": value]
        let passage: Metadata = ["same": value, "changed": value, "added": value]
        let read = try await roundTrip(document, passage)
        #expect(Self.spelled(.object(read.document)) == Self.spelled(.object(document)))
        #expect(Self.spelled(.object(read.passage)) == Self.spelled(.object(passage)))
    }

    /// `==` of `Double` takes −0 for 0, and of enums nothing for its neighbour: spell all of it out.
    private static func spelled(_ value: MetadataValue) -> String {
        switch value {
        case .object(let fields):
            "{"
                + fields.sorted { $0.key < $1.key }.map { "\($0.key.debugDescription): \(spelled($0.value))" }
                .joined(separator: ", ") + "}"
        case .array(let values): "[" + values.map(spelled).joined(separator: ", ") + "]"
        case .number(let number): "number \(number.bitPattern)"
        default: "\(value)"
        }
    }

    private func roundTrip(
        _ document: Metadata, _ passage: Metadata
    ) async throws -> (document: Metadata, passage: Metadata) {
        let folder = try TemporaryFolder()
        let path = folder.path + "/kb.sqlite"
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        var random = SeededGenerator(seed: 1)
        var sample = try StoreSamples.sample("a", passages: 1, using: &random)
        sample.document.metadata = document
        sample.passages[0].passage.metadata = passage
        try writer.store(sample)
        try writer.close()
        let store = try Store.open(path)
        #expect(try await store.verify().faults == [])
        return (
            try #require(await store.document("a")).metadata, try #require(await store.passages(of: "a").first).metadata
        )
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity], [false, true])
    func anInfiniteNumberIsRefusedAndItsDocumentUndone(number: Double, inPassage: Bool) async throws {
        let folder = try TemporaryFolder()
        let writer = try await StoreWriter.open(folder.path + "/kb.sqlite", profile: StoreSamples.profile())
        var random = SeededGenerator(seed: 2)
        let before = try StoreSamples.sample("a", passages: 2, using: &random)
        let neighbour = try StoreSamples.sample("b", passages: 2, using: &random)
        try writer.store(before)
        var broken = try StoreSamples.sample("a", passages: 3, using: &random)
        let metadata: Metadata = ["x": .array([.number(number)])]
        if inPassage { broken.passages[2].passage.metadata = metadata } else { broken.document.metadata = metadata }
        try writer.begin()
        try writer.put(neighbour.document)
        try writer.append(neighbour.passages)
        let error = #expect(throws: StoreError.self) {
            try writer.put(broken.document)
            try writer.append(broken.passages)
        }
        #expect("\(try #require(error))".contains("document 'a'"))
        // The transaction goes on without it.
        try writer.commit()
        try writer.close()
        try await expect(try Store.open(folder.path + "/kb.sqlite"), holds: ["a": before, "b": neighbour])
    }

    @Test(arguments: [127, 128, 129])
    func depthOfMetadataHasALimit(depth: Int) async throws {
        var value = MetadataValue.integer(1)
        // The object of the fields is one of the levels.
        for _ in 1..<depth { value = .array([value]) }
        let metadata: Metadata = ["deep": value]
        if depth <= 128 {
            #expect(try await roundTrip(metadata, metadata).document == metadata)
        } else {
            await #expect(throws: StoreError.self) { try await roundTrip(metadata, [:]) }
        }
    }

    @Test(
        arguments: [
            [], [0], [127], [128], [16_383], [16_384], [.max], [-1], [.min], [0, 0, 0],
            [101, 30_000, 2, 2_097_151, 2_097_152],
        ] as [[Int32]])
    func tokensAreExact(ids: [Int32]) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/kb.sqlite"
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        var random = SeededGenerator(seed: 1)
        var sample = try StoreSamples.sample("a", passages: 1, using: &random)
        sample.passages[0].tokens = ids
        try writer.store(sample)
        try writer.close()
        let found = try await Store.open(path).search([Float](repeating: 1, count: StoreSamples.dimension), limit: 1)
        #expect(found.first?.tokens == TokenizedPassage(ids: ids, tokenizer: try StoreSamples.fingerprint("b")))
    }
}
