import Foundation
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// A store of each schema that was ever released keeps opening, for readers and for writers.
@Suite struct StoreFixtureTests {
    /// Written out: a generator may change with the toolchain, what lies in a fixture may not.
    private static func samples() throws -> [String: StoreSamples.Sample] {
        let handbook: Metadata = [
            "source": .string("handbook.md"), "year": .integer(2026), "weight": .number(1),
            "tags": .array([.string("a"), .null]),
        ]
        var section = handbook
        section["section"] = .string("Refunds > Deadlines")
        section["year"] = nil
        let refunds = "Refunds take a week.\n\u{0}"
        let records = [
            PassageRecord(
                passage: Passage(
                    id: "handbook#0", documentID: "handbook", title: "Handbook", text: "Ask at the desk.",
                    range: 4..<20,
                    metadata: handbook),
                vector: [1, 0, 0, 0, 0, 0], tokens: [2, 300, 40_000]),
            PassageRecord(
                passage: Passage(
                    id: "handbook#1", documentID: "handbook", text: refunds, range: 22..<22 + refunds.utf8.count,
                    metadata: section),
                vector: [3, 4, 0, 0, 0, 0], tokens: nil),
        ]
        let note = PassageRecord(
            passage: Passage(id: "note\n2", documentID: "note\n2", text: "東京 🧂"), vector: [0, 0, 0, 0, 0, 0], tokens: []
        )
        return [
            "handbook": StoreSamples.Sample(
                document: DocumentRecord(
                    id: "handbook", title: "Handbook", metadata: handbook, origin: "/kb/handbook.md",
                    contentHash: try StoreSamples.fingerprint("c"), byteCount: 43),
                passages: records),
            "note\n2": StoreSamples.Sample(
                document: DocumentRecord(
                    id: "note\n2", title: nil, metadata: [:], origin: nil,
                    contentHash: try StoreSamples.fingerprint("d"),
                    byteCount: 11), passages: [note]),
            "empty": StoreSamples.Sample(
                document: DocumentRecord(
                    id: "empty", title: "Nothing", metadata: [:], origin: "/kb/empty.txt",
                    contentHash: try StoreSamples.fingerprint("e"), byteCount: 0), passages: []),
        ]
    }

    private static func fill(_ path: String) async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        let samples = try samples()
        guard let note = samples["note\n2"] else { return }
        var gone = note
        gone.document.id = "gone"
        gone.passages[0].passage.id = "gone"
        gone.passages[0].passage.documentID = "gone"
        try writer.store(gone)
        try writer.store(samples.sorted { $0.key < $1.key }.map(\.value))
        _ = try writer.delete(["gone"])
        try writer.close()
    }

    /// Fixtures/stores/README.md says how one is added.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["WINNOW_WRITE_FIXTURES"] != nil))
    func writesTheFixtureOfThisSchema() async throws {
        let folder = try TemporaryFolder()
        try await Self.fill(folder.path + "/kb.sqlite")
        let version = try await Store.open(folder.path + "/kb.sqlite").info().schemaVersion
        let target = Fixtures.url("stores/schema-\(version).sqlite")
        try? FileManager.default.removeItem(at: target)
        try FileManager.default.copyItem(at: folder.url.appendingPathComponent("kb.sqlite"), to: target)
    }

    @Test(arguments: [1, 2])
    func keepsOpening(schema: Int) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/kb.sqlite"
        try Fixtures.data("stores/schema-\(schema).sqlite").write(to: URL(fileURLWithPath: path))
        var model = try Self.samples()
        let store = try Store.open(path)
        #expect(store.profile == (try StoreSamples.profile()))
        try await expect(store, holds: model)
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        var random = SeededGenerator(seed: 1)
        let sample = try StoreSamples.sample("handbook", passages: 3, using: &random)
        try writer.store(sample)
        try writer.close()
        model["handbook"] = sample
        try await expect(store, holds: model)
    }
}
