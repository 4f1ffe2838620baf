import Foundation
import GRDB
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// Files that are not what a writer left: never a crash, never wrong data.
@Suite struct StoreDamageTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/kb.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    /// A closed store with some deletions behind it.
    private func fill() async throws -> [String: StoreSamples.Sample] {
        var random = SeededGenerator(seed: 7)
        var model: [String: StoreSamples.Sample] = [:]
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        for number in 0..<24 {
            let sample = try StoreSamples.sample("doc \(number % 20)", passages: number % 6, using: &random)
            try writer.store(sample)
            model[sample.id] = sample
        }
        #expect(try writer.delete(["doc 5", "doc 11"]) == 2)
        model["doc 5"] = nil
        model["doc 11"] = nil
        try writer.close()
        return model
    }

    /// Reads all that can be read and compares what comes; errors must be a store's own.
    private func exercise(_ path: String, _ model: [String: StoreSamples.Sample], _ place: String) async throws {
        func attempt<Result>(_ what: String, _ body: () async throws -> Result) async -> Result? {
            do { return try await body() } catch is StoreError { return nil } catch {
                Issue.record("\(place): \(what) threw \(error)")
                return nil
            }
        }
        guard let store = await attempt("open", { try Store.open(path) }) else { return }
        #expect(store.profile == (try StoreSamples.profile()), "\(place)")
        let listed = await attempt("documents") { try await store.documents(limit: 1000) }
        for document in listed ?? [] { #expect(same(document, model[document.id]), "\(place): \(document)") }
        for id in model.keys.sorted() {
            if let document = await attempt("document", { try await store.document(id) }) ?? nil {
                #expect(same(document, model[id]), "\(place): \(document)")
                let passages = await attempt("passages") { try await store.passages(of: id) }
                #expect(passages == nil || passages == model[id]?.passages.map(\.passage), "\(place): \(id)")
            }
        }
        let passages = model.values.flatMap(\.passages)
        var index = ExactVectorIndex(dimension: StoreSamples.dimension)
        try index.append(
            passages.map(\.passage),
            vectors: Vectors(dimension: StoreSamples.dimension, values: passages.flatMap(\.vector)))
        let query: [Float] = [1, -2, 3, 0, 1, 1]
        if let found = await attempt("search", { try await store.search(query, limit: 10) }) {
            #expect(found.map(\.passage) == (try index.search(query, limit: 10)).map(\.passage), "\(place)")
        }
        if let verification = await attempt("verify", { try await store.verify() }), verification.faults.isEmpty {
            #expect(listed?.count == model.count, "\(place): verify found nothing")
            #expect(verification.passages == passages.count, "\(place): verify found nothing")
        }
        if let writer = await attempt("write", { try await StoreWriter.open(path, profile: nil) }) {
            _ = await attempt("delete") { try writer.delete(["doc 1"]) }
            _ = await attempt("close") { try writer.close() }
        }
    }

    private func same(_ document: StoredDocument, _ sample: StoreSamples.Sample?) -> Bool {
        guard let sample else { return false }
        return document.id == sample.id && document.title == sample.document.title
            && document.metadata == sample.document.metadata && document.origin == sample.document.origin
            && document.contentHash == sample.document.contentHash && document.passageCount == sample.passages.count
    }

    @Test(arguments: 0..<8)
    func flippedBytesNeverGiveWrongData(part: Int) async throws {
        let model = try await fill()
        let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var random = SeededGenerator(seed: UInt64(part + 1))
        let pages = good.count / 8192
        var places = (0..<24).map { _ in Int.random(in: 0..<good.count, using: &random) }
        // Where SQLite keeps its own structure: the file's header and the beginnings of pages.
        places += (0..<13).map { part * 13 + $0 }.filter { $0 < 100 }
        places += (0..<12).map { _ in
            Int.random(in: 0..<pages, using: &random) * 8192 + Int.random(in: 0..<40, using: &random)
        }
        for place in places {
            var bytes = good
            let mask = UInt8.random(in: 1...255, using: &random)
            bytes[place] ^= mask
            let damaged = folder.path + "/damaged.sqlite"
            for ending in ["", "-wal", "-shm", ".vec"] { try? FileManager.default.removeItem(atPath: damaged + ending) }
            try Data(bytes).write(to: URL(fileURLWithPath: damaged))
            try await exercise(damaged, model, "byte \(place) ^ \(mask)")
        }
    }

    @Test func anyChangedByteOfTheContentIsFoundByVerify() async throws {
        let model = try await fill()
        let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let text = try #require(model["doc 4"]?.passages[1].passage.text.utf8.map { $0 })
        let start = try #require(Data(good).range(of: Data(text))).lowerBound
        for place in start..<start + text.count {
            var bytes = good
            bytes[place] ^= 1
            let damaged = folder.path + "/damaged.sqlite"
            try Data(bytes).write(to: URL(fileURLWithPath: damaged))
            let verification = try await Store.open(damaged).verify()
            #expect(verification.faults.contains { $0.contains("'doc 4#1'") }, "byte \(place)")
            await #expect(throws: StoreError.self) { try await Store.open(damaged).passages(of: "doc 4") }
        }
    }

    /// A chunker of a user's own may make them; every citation of such a passage would lead elsewhere.
    @Test func rangesThatAreNotTheTextsAreFoundByVerify() async throws {
        func document(_ id: String, _ passages: [(text: String, range: Range<Int>)]) throws -> StoreSamples.Sample {
            StoreSamples.Sample(
                document: DocumentRecord(
                    id: id, title: nil, metadata: [:], origin: nil, contentHash: try StoreSamples.fingerprint("c"),
                    byteCount: 9),
                passages: passages.enumerated().map { ordinal, passage in
                    PassageRecord(
                        passage: Passage(
                            id: "\(id)#\(ordinal)", documentID: id, text: passage.text, range: passage.range),
                        vector: [1, 0, 0, 0, 0, 0], tokens: nil)
                })
        }
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try writer.store(
            try document("good", [("é", 5..<7), ("none", 0..<0), ("overlap", 6..<13), ("again", 6..<11)]),
            try document("long\n\u{1b}[2J", [("é", 5..<6)]), try document("turned", [("b", 1..<2), ("a", 0..<1)]))
        try writer.close()
        #expect(
            try await Store.open(path).verify().faults == [
                #"passage "long\n\u{1B}[2J#0" has 2 bytes of text and a range of 1"#,
                "passage 'turned#1' is not in the order of the text",
            ])
    }

    @Test func aTornFileIsAnError() async throws {
        let model = try await fill()
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        for length in [
            0, 1, 15, 16, 99, 100, 101, 512, 8191, 8192, 8193, good.count / 2, good.count - 8192, good.count - 1,
        ] {
            let torn = folder.path + "/torn.sqlite"
            for ending in ["", "-wal", "-shm", ".vec"] { try? FileManager.default.removeItem(atPath: torn + ending) }
            try good.prefix(length).write(to: URL(fileURLWithPath: torn))
            try await exercise(torn, model, "length \(length)")
            // Of the last page SQLite takes missing bytes for zeros, which they may have been.
            guard length <= good.count - 8192, let store = try? Store.open(torn) else { continue }
            let verification = try? await store.verify()
            #expect(verification?.faults != [], "length \(length)")
        }
    }

    @Test func whatIsNoStoreIsSaidAndNotTouched() async throws {
        try folder.write("text.sqlite", "This is a text and no database at all, though it has the ending of one.\n")
        for (name, mode) in [("foreign.sqlite", "DELETE"), ("foreign-wal.sqlite", "WAL")] {
            let queue = try DatabaseQueue(path: folder.path + "/" + name)
            try await queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA journal_mode = \(mode); CREATE TABLE document (id TEXT)")
            }
            try queue.close()
        }
        for (name, words) in [
            ("text.sqlite", "no SQLite database"), ("foreign.sqlite", "another program"),
            ("foreign-wal.sqlite", "another program"),
        ] {
            let path = folder.path + "/" + name
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let reading = #expect(throws: StoreError.self) { try Store.open(path) }
            let writing = await #expect(throws: StoreError.self) {
                try await StoreWriter.open(path, profile: StoreSamples.profile())
            }
            for error in [reading, writing] {
                guard case .notAStore(path, _) = error else {
                    Issue.record("\(name): \(String(describing: error))")
                    continue
                }
                #expect("\(try #require(error))".contains(words))
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
            #expect(!FileManager.default.fileExists(atPath: path + ".lock"))
        }
    }

    /// What a writer leaves that dies before its first transaction: nothing is lost with it.
    @Test(arguments: ["", "PRAGMA journal_mode = WAL", "CREATE TABLE grdb_migrations (identifier TEXT PRIMARY KEY)"])
    func aStoreThatWasNeverBegunIsBegun(sql: String) async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
        for error in [
            #expect(throws: StoreError.self) { try Store.open(path) },
            await #expect(throws: StoreError.self) { try await StoreWriter.open(path, profile: nil) },
        ] {
            #expect("\(try #require(error))".contains("it holds nothing yet"))
        }
        try await StoreWriter.make(path, profile: StoreSamples.profile())
        #expect(try await Store.open(path).info().documents == 0)
    }

    @Test func pathsThatCannotBeAStore() async throws {
        let cases: [(path: String, writing: StoreError, reading: StoreError)] = [
            (folder.path, .isFolder(path: folder.path), .isFolder(path: folder.path)),
            (folder.path + "/", .isFolder(path: folder.path + "/"), .isFolder(path: folder.path + "/")),
            (path + "/", .isFolder(path: path + "/"), .isFolder(path: path + "/")),
            (
                folder.path + "/no/kb.sqlite",
                .folderMissing(path: folder.path + "/no/kb.sqlite", folder: folder.path + "/no"),
                .notFound(path: folder.path + "/no/kb.sqlite")
            ),
            ("", .notFound(path: ""), .notFound(path: "")),
        ]
        for (path, writing, reading) in cases {
            await #expect(throws: writing) { try await StoreWriter.open(path, profile: StoreSamples.profile()) }
            #expect(throws: reading) { try Store.open(path) }
        }
        #expect(throws: StoreError.notFound(path: path)) { try Store.open(path) }
        await #expect(throws: StoreError.notFound(path: path)) { try await StoreWriter.open(path, profile: nil) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func aNewerSchemaIsRefusedAndNotTouched() async throws {
        _ = try await fill()
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 3") }
        try queue.close()
        let expected = StoreError.newerSchema(path: path, found: 3, supported: 2)
        #expect(throws: expected) { try Store.open(path) }
        await #expect(throws: expected) { try await StoreWriter.open(path, profile: StoreSamples.profile()) }
        #expect(
            "\(expected)".hasSuffix(
                "was made by a newer Winnow (schema 3, this build reads up to 2): use that version, or index into a new store"
            ))
    }
}
