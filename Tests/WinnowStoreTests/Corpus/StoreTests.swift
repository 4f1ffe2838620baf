import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// What is put into a store comes out of it.
@Suite struct StoreTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/kb.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [0, 1, 2, 9])
    func givesBackWhatWasPut(passages: Int) async throws {
        var random = SeededGenerator(seed: UInt64(passages))
        let sample = try StoreSamples.sample("doc", passages: passages, using: &random)
        let profile = try StoreSamples.profile()
        let writer = try await StoreWriter.open(path, profile: profile)
        #expect(writer.profile == profile)
        #expect(try writer.state(of: "doc") == nil)
        try writer.store(sample)
        #expect(
            try writer.state(of: "doc")
                == DocumentState(
                    contentHash: sample.document.contentHash, origin: sample.document.origin, passageCount: passages))
        try writer.close()

        let store = try Store.open(path)
        #expect(store.profile == profile)
        let stored = try #require(await store.document("doc"))
        #expect(stored.title == sample.document.title)
        #expect(stored.metadata == sample.document.metadata)
        #expect(stored.origin == sample.document.origin)
        #expect(stored.contentHash == sample.document.contentHash)
        #expect(stored.byteCount == sample.document.byteCount)
        #expect(stored.passageCount == passages)
        #expect(stored.indexedAt.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
        #expect(try await store.documents(limit: 10) == [stored])
        #expect(try await store.passages(of: "doc") == sample.passages.map(\.passage))
        #expect(try await store.passages(of: "other").isEmpty)
        #expect(try await store.document("other") == nil)

        let info = try await store.info()
        #expect([info.documents, info.passages, info.vectors] == [1, passages, passages])
        #expect(info.textBytes == sample.document.byteCount)
        #expect(info.revision == 1)
        #expect(info.schemaVersion == 2)
        #expect(info.fileBytes > 0)
        let verification = try await store.verify()
        #expect(verification.faults == [])
        #expect([verification.documents, verification.passages, verification.vectors] == [1, passages, passages])
    }
}
