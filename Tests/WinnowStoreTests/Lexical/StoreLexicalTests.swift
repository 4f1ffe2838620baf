import Foundation
import GRDB
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// The lexical index of a store; that it equals one in memory after any history is StoreLawTests'.
@Suite struct StoreLexicalTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/kb.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    private static func sample(_ id: String, _ text: String) throws -> StoreSamples.Sample {
        let passage = Passage(id: id, documentID: id, text: text)
        return StoreSamples.Sample(
            document: DocumentRecord(
                id: id, title: nil, metadata: [:], origin: nil, contentHash: try StoreSamples.fingerprint("c"),
                byteCount: text.utf8.count),
            passages: [PassageRecord(passage: passage, vector: [1, 0, 0, 0, 0, Float(id.utf8.count)], tokens: nil)])
    }

    private func openWriter(_ analysis: LexicalAnalysis? = nil) async throws -> StoreWriter {
        try await StoreWriter.open(path, profile: StoreSamples.profile(), lexical: analysis)
    }

    private func ids(_ query: String, limit: Int = 10) async throws -> [String] {
        try await Store.open(path).search(lexical: query, limit: limit).map(\.passage.id)
    }

    /// What `Store.open` of a file of schema 1 finds before any writer has touched it.
    @Test func aStoreOfTheFirstSchemaIsSearchedDenseAndSaysWhatItLacks() async throws {
        try Fixtures.data("stores/schema-1.sqlite").write(to: URL(fileURLWithPath: path))
        let store = try Store.open(path)
        #expect(store.lexicalAnalysis == nil)
        #expect(try await store.search([1, 0, 0, 0, 0, 0], limit: 1).map(\.passage.id) == ["handbook#0"])
        await #expect(throws: StoreError.noLexicalIndex(path: path)) {
            try await store.search(lexical: "desk", limit: 1)
        }
        #expect("\(StoreError.noLexicalIndex(path: path))".contains("winnow store compact"))
        let writer = try await openWriter()
        try writer.close()
        #expect(try await ids("desk") == ["handbook#0"])
        #expect(try await ids("refunds 東京") == ["note\n2", "handbook#1"])
    }

    /// A document of its own each: as a folder that is watched.
    @Test func commitsOfSingleDocumentsAreMerged() async throws {
        let writer = try await openWriter()
        for number in 0..<150 { try writer.store(try Self.sample("d\(number)", "word\(number) shared\(number % 3)")) }
        try writer.close()
        let store = try Store.open(path)
        let lexical = try #require(try await store.info().lexical)
        #expect(lexical.segments <= 8)
        #expect(try await store.search(lexical: "shared1", limit: 1000).count == 50)
        #expect(try await ids("word77") == ["d77"])
        #expect(try await store.verify().faults == [])
    }

    @Test func nothingOfADeletedDocumentsTermsIsLeft() async throws {
        let writer = try await openWriter()
        try writer.store(
            try Self.sample("secret", "xyzzyplugh and a zanzibarquux"), try Self.sample("other", "an ordinary word"))
        try writer.close()
        func holds(_ word: String) throws -> Bool {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).contains { name in
                try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name)).range(of: Data(word.utf8)) != nil
            }
        }
        #expect(try holds("xyzzyplugh"))
        let again = try await openWriter()
        #expect(try again.delete(["secret"]) == 1)
        #expect(try again.close().lexicalIndexIsScrubbed)
        for word in ["xyzzyplugh", "zanzibar"] { #expect(try !holds(word), "\(word) is still there") }
        #expect(try await ids("ordinary") == ["other"])
    }

    @Test func anotherAnalysisMakesTheIndexAgain() async throws {
        let writer = try await openWriter(LexicalAnalysis(stemming: .none))
        try writer.store(try Self.sample("a", "refunds"), try Self.sample("b", "refund"))
        try writer.close()
        #expect(try await ids("refunding").isEmpty)
        let other = try await openWriter(LexicalAnalysis(stemming: .english))
        try other.close()
        #expect(try await ids("refunding").sorted() == ["a", "b"])
        // Without a word about it, it stays.
        try await openWriter().close()
        #expect(try Store.open(path).lexicalAnalysis == LexicalAnalysis(stemming: .english))
    }

    @Test func aDocumentReplacedInItsOwnTransactionIsThereOnce() async throws {
        let writer = try await openWriter()
        try writer.begin()
        for text in ["first", "second", "third"] {
            let sample = try Self.sample("d", text)
            try writer.put(sample.document)
            try writer.append(sample.passages)
        }
        let abandoned = try Self.sample("d", "fourth")
        try writer.put(abandoned.document)
        try writer.append(abandoned.passages)
        try writer.abandonDocument()
        try writer.commit()
        try writer.close()
        #expect(try await ids("first second fourth").isEmpty)
        #expect(try await ids("third") == ["d"])
        #expect(try await Store.open(path).verify().faults == [])
    }

    @Test(arguments: ["lexical_block", "lexical_segment"])
    func damageIsAnErrorAndIsMendedByCompacting(table: String) async throws {
        let writer = try await openWriter()
        try writer.store(try Self.sample("a", "one two three"), try Self.sample("b", "two four"))
        try writer.close()
        let column = table == "lexical_block" ? "data" : "header"
        let queue = try DatabaseQueue(path: path)
        try await queue.write {
            try $0.execute(sql: "UPDATE \(table) SET \(column) = zeroblob(length(\(column)))")
        }
        try queue.close()
        await #expect(throws: StoreError.self) { try await Store.open(path).search(lexical: "two", limit: 2) }
        #expect(try await !Store.open(path).verify().faults.isEmpty)
        // What the command that mends it asks first.
        #expect(try await Store.open(path).info().passages == 2)
        let mender = try await openWriter()
        try mender.compact()
        try mender.close()
        #expect(try await ids("two").sorted() == ["a", "b"])
        #expect(try await Store.open(path).verify().faults == [])
    }

    @Test func anIndexOfOtherPassagesIsAFault() async throws {
        let writer = try await openWriter()
        try writer.store(try Self.sample("a", "one two three"))
        try writer.close()
        let other = folder.path + "/other.sqlite"
        let second = try await StoreWriter.open(other, profile: StoreSamples.profile())
        try second.store(try Self.sample("a", "one two four"))
        try second.close()
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { [other] database in
            try database.execute(sql: "ATTACH ? AS other", arguments: [other])
            try database.execute(
                sql: "DELETE FROM lexical_block; INSERT INTO lexical_block SELECT * FROM other.lexical_block")
        }
        try queue.close()
        let faults = try await Store.open(path).verify().faults
        #expect(faults.count == 1 && faults[0].contains("lexical index"), "\(faults)")
    }

    /// One word of one passage, among those of two windows; then a count and nothing else.
    @Test(arguments: ["word7 changed", "word7 word7"])
    func theRowsThatAreWrongAreNamed(text: String) async throws {
        let other = folder.path + "/other.sqlite"
        for (path, changed) in [(path, "word7 same"), (other, text)] {
            let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
            for number in 1...(Window.size + 100) {
                try writer.store(
                    try Self.sample("d\(number)", number == Window.size + 7 ? changed : "word\(number % 10) same"))
            }
            try writer.compact()
            try writer.close()
            #expect(try await Store.open(path).verify().faults == [])
        }
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { [other] database in
            try database.execute(sql: "ATTACH ? AS other", arguments: [other])
            for table in ["lexical_segment", "lexical_block"] {
                try database.execute(sql: "DELETE FROM \(table); INSERT INTO \(table) SELECT * FROM other.\(table)")
            }
        }
        try queue.close()
        let faults = try await Store.open(path).verify().faults
        #expect(
            faults.count == 1 && faults[0].contains("passages \(Window.size + 1)…\(Window.size + 100):"), "\(faults)")
    }
}
