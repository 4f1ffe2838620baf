import Foundation
import GRDB
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// What a writer refuses, and what it leaves behind.
@Suite struct StoreWriterTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/kb.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    private func sample(_ id: String, _ passages: Int, seed: UInt64 = 1) throws -> StoreSamples.Sample {
        var random = SeededGenerator(seed: seed)
        return try StoreSamples.sample(id, passages: passages, using: &random)
    }

    @Test func callsOutOfOrderAreRefusedAndChangeNothing() async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        let sample = try sample("a", 2)
        #expect(throws: StoreError.self) { try writer.put(sample.document) }
        #expect(throws: StoreError.self) { try writer.append(sample.passages) }
        #expect(throws: StoreError.self) { try writer.commit() }
        writer.rollback()
        try writer.abandonDocument()
        try writer.begin()
        #expect(throws: StoreError.self) { try writer.begin() }
        #expect(throws: StoreError.self) { try writer.delete(["a"]) }
        #expect(throws: StoreError.self) { try writer.append(sample.passages) }
        try writer.put(sample.document)
        try writer.append(sample.passages)
        try writer.commit()
        #expect(throws: StoreError.self) { try writer.append(sample.passages) }
        try writer.close()
        try writer.close()
        #expect(throws: StoreError.self) { try writer.begin() }
        writer.rollback()
        try await expect(try Store.open(path), holds: ["a": sample])
    }

    enum Fault: CaseIterable {
        case dimension, notFinite, foreignPassage, twiceInIt, idOfAnother
    }

    @Test(arguments: Fault.allCases)
    func aDocumentAtFaultIsUndoneAndTheOthersStay(fault: Fault) async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        let (old, other, later) = (try sample("a", 3), try sample("b", 2, seed: 2), try sample("c", 4, seed: 3))
        try writer.store(old)
        var broken = try sample("a", 5, seed: 4)
        switch fault {
        case .dimension: broken.passages[4].vector.append(0)
        case .notFinite: broken.passages[4].vector[2] = .infinity
        case .foreignPassage: broken.passages[4].passage.documentID = "b"
        case .twiceInIt: broken.passages[4].passage.id = "a#1"
        case .idOfAnother: broken.passages[4].passage.id = "b#0"
        }
        try writer.begin()
        try writer.put(other.document)
        try writer.append(other.passages)
        try writer.put(broken.document)
        try writer.append(Array(broken.passages[..<2]))
        let error = #expect(throws: StoreError.self) { try writer.append(Array(broken.passages[2...])) }
        switch fault {
        case .twiceInIt: #expect(error == .duplicatePassage(id: "a#1", firstDocument: "a", secondDocument: "a"))
        case .idOfAnother: #expect(error == .duplicatePassage(id: "b#0", firstDocument: "b", secondDocument: "a"))
        case .dimension:
            #expect(error == .dimension(expected: StoreSamples.dimension, found: StoreSamples.dimension + 1))
        case .notFinite: #expect(error == .vectorNotFinite(of: "passage 'a#4'"))
        case .foreignPassage: break
        }
        // The document is closed: what follows does not join another one.
        #expect(throws: StoreError.self) { try writer.append(Array(broken.passages[2...])) }
        try writer.put(later.document)
        try writer.append(later.passages)
        try writer.commit()
        try writer.close()
        try await expect(try Store.open(path), holds: ["a": old, "b": other, "c": later])
    }

    @Test func spellingsThatSwiftTakesForEqualAreTwoIDs() async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        let (composed, decomposed) = (try sample("caf\u{e9}", 2), try sample("cafe\u{301}", 3, seed: 2))
        try writer.store(composed, decomposed)
        #expect(try writer.state(of: "caf\u{e9}")?.passageCount == 2)
        #expect(try writer.state(of: "cafe\u{301}")?.passageCount == 3)
        #expect(try writer.delete(["caf\u{e9}"]) == 1)
        try writer.close()
        let store = try Store.open(path)
        #expect(try await store.documents(limit: 9).map(\.id.utf8.count) == [6])
        #expect(try await store.verify().faults == [])
    }

    @Test(arguments: ["", "a\nb", "tab\t \u{0} end", "🧂", "it's \"quoted\"; DROP TABLE document", "%_"])
    func anyIDWillDo(id: String) async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        let sample = try sample(id, 2)
        try writer.store(sample, try self.sample("neighbour", 1, seed: 2))
        #expect(try writer.delete(["neighbour"]) == 1)
        try writer.close()
        let store = try Store.open(path)
        #expect(try await store.document(id)?.id == id)
        #expect(try await store.passages(of: id) == sample.passages.map(\.passage))
    }

    @Test(arguments: ["name with\nnewline?#%41.sqlite", "file:kb.sqlite", "kb 'x'.sqlite", "-wal"])
    func anyNameWillDo(name: String) async throws {
        let sample = try sample("a", 2)
        let writer = try await StoreWriter.open(folder.path + "/" + name, profile: StoreSamples.profile())
        try writer.store(sample)
        try writer.close()
        try await expect(try Store.open(folder.path + "/" + name), holds: ["a": sample])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).contains(name))
    }

    @Test func aLinkIsFollowedToTheRealFile() async throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/real", withIntermediateDirectories: true)
        let sample = try sample("a", 2)
        let writer = try await StoreWriter.open(folder.path + "/real/kb.sqlite", profile: StoreSamples.profile())
        try writer.store(sample)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder.path + "/real/kb.sqlite")
        await #expect(throws: StoreError.self) { try await StoreWriter.open(path, profile: nil) }
        try writer.close()
        let again = try await StoreWriter.open(path, profile: nil)
        #expect(try again.delete(["b"]) == 0)
        try again.close()
        try await expect(try Store.open(path), holds: ["a": sample])
        let dangling = folder.path + "/dangling"
        try FileManager.default.createSymbolicLink(atPath: dangling, withDestinationPath: folder.path + "/nowhere")
        let error = await #expect(throws: StoreError.self) {
            try await StoreWriter.open(dangling, profile: StoreSamples.profile())
        }
        #expect("\(try #require(error))".contains("is a link to a file that does not exist"))
    }

    @Test func originsAreFoundByFileAndByFolder() async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        let origins = [
            "1": "/kb/a.md", "2": "/kb/sub/b.md", "3": "/kb", "4": "/kb2/a.md", "5": "/kb-old/a.md", "6": "/kb/a.md/x",
            "7": nil, "8": "/KB/a.md", "9": "/kb/line\nbreak.md",
        ]
        try writer.begin()
        for (id, origin) in origins.sorted(by: { $0.key < $1.key }) {
            var sample = try self.sample(id, 1)
            sample.document.origin = origin
            try writer.put(sample.document)
        }
        try writer.commit()
        func under(_ path: String) throws -> [String] {
            let found = try writer.documentIDs(originUnder: path)
            for (id, origin) in found { #expect(origins[id] == origin) }
            return found.map(\.id)
        }
        #expect(try under("/kb") == ["1", "2", "3", "6", "9"])
        #expect(try under("/kb/") == ["1", "2", "6", "9"])
        #expect(try under("/kb/a.md") == ["1", "6"])
        #expect(try under("/kb/sub") == ["2"])
        #expect(try under("/") == ["1", "2", "3", "4", "5", "6", "8", "9"])
        #expect(try under("/none").isEmpty)
        try writer.setOrigin("/none/a", of: "7")
        #expect(try writer.documentIDs(originUnder: "/none").map(\.id) == ["7"])
        try writer.setOrigin("/x", of: "not there")
        try writer.begin()
        try writer.put(try sample("10", 1).document)
        try writer.setOrigin("/open", of: "10")
        try writer.setOrigin(nil, of: "1")
        try writer.commit()
        #expect(try writer.state(of: "10")?.origin == "/open")
        #expect(try writer.state(of: "1")?.origin == nil)
        try writer.close()
        #expect(try await Store.open(path).verify().faults == [])
    }

    /// Bytes of a deleted or replaced document are in none of the store's files.
    @Test(arguments: [false, true])
    func deletionLeavesNoTrace(replaced: Bool) async throws {
        let marks = ["SECRETtext", "SECRETtitle", "SECRETmeta", "SECRETorigin", "SECRETid"]
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        var secret = try sample("SECRETid", 40)
        for index in secret.passages.indices {
            secret.passages[index].passage.text = String(repeating: marks[0] + " \(index) ", count: index * 40 + 1)
            secret.passages[index].passage.title = marks[1]
            secret.passages[index].passage.metadata = ["m": .string(marks[2]), "n\(index)": .string(marks[2])]
        }
        secret.document.title = marks[1]
        secret.document.metadata = ["m": .string(marks[2])]
        secret.document.origin = "/" + marks[3]
        let others = try (0..<20).map { try sample("other \($0)", 3, seed: UInt64($0)) }
        try writer.store(others + [secret])
        try writer.close()
        func found() throws -> Set<String> {
            var found: Set<String> = []
            for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                let bytes = try Data(contentsOf: folder.url.appendingPathComponent(file))
                for mark in marks where bytes.range(of: Data(mark.utf8)) != nil { found.insert(mark) }
            }
            return found
        }
        #expect(try found() == Set(marks))
        let again = try await StoreWriter.open(path, profile: nil)
        if replaced {
            var new = try sample("SECRETid", 1)
            new.document.origin = nil
            try again.store(new)
        } else {
            #expect(try again.delete(["SECRETid", "not there"]) == 1)
        }
        try again.close()
        #expect(try found() == (replaced ? ["SECRETid"] : []))
        #expect(try await Store.open(path).verify().faults == [])
    }

    /// What was deleted is then still in a file, and the writer says so.
    @Test func aReaderThatHoldsTheJournalUpIsReported() async throws {
        var secret = try sample("a", 1)
        secret.passages[0].passage.text = "SECRETtext"
        let first = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try first.store(secret, try sample("b", 2, seed: 2))
        #expect(try first.close() == CloseReport(journalIsHome: true, scanCacheIsCurrent: true))
        func isFound(in path: String) throws -> Bool {
            try ["", "-wal"].contains { ending in
                guard FileManager.default.fileExists(atPath: path + ending) else { return false }
                let bytes = try Data(contentsOf: URL(fileURLWithPath: path + ending))
                return bytes.range(of: Data("SECRETtext".utf8)) != nil
            }
        }
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let reader = try DatabaseQueue(path: path, configuration: configuration)
        try reader.inDatabase { database in
            try database.beginTransaction(.deferred)
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM passage") == 3)
        }
        let second = try await StoreWriter.open(path, profile: nil)
        #expect(try second.delete(["a"]) == 1)
        #expect(try second.close() == CloseReport(journalIsHome: false, scanCacheIsCurrent: true))
        // Copied by another program: a descriptor of this process's own would let go of SQLite's locks.
        let copy = Process()
        copy.executableURL = URL(fileURLWithPath: "/bin/cp")
        copy.arguments = [path, path + "-wal", folder.path + "/copy"]
        try FileManager.default.createDirectory(atPath: folder.path + "/copy", withIntermediateDirectories: false)
        try copy.run()
        copy.waitUntilExit()
        #expect(try isFound(in: folder.path + "/copy/kb.sqlite"))
        try reader.inDatabase { try $0.rollback() }
        let third = try await StoreWriter.open(path, profile: nil)
        #expect(try third.close() == CloseReport(journalIsHome: true, scanCacheIsCurrent: true))
        try reader.close()
        #expect(try !isFound(in: path))
        #expect(try await Store.open(path).verify().faults == [])
    }

    @Test func anotherModelOrWayOfCuttingIsRefused() async throws {
        let profile = try StoreSamples.profile()
        try await StoreWriter.make(path, profile: profile)
        let a = try StoreSamples.fingerprint("a")
        let d = try StoreSamples.fingerprint("d")
        await #expect(
            throws: StoreError.otherModel(
                path: path, stored: "tiny", storedFingerprint: a, given: "tiny", givenFingerprint: d)
        ) { try await StoreWriter.open(path, profile: StoreSamples.profile(embedder: "d")) }
        await #expect(throws: StoreError.otherChunking(path: path, stored: profile.chunking, given: "words 200")) {
            try await StoreWriter.open(path, profile: StoreSamples.profile(chunking: "words 200"))
        }
        await #expect(throws: StoreError.dimension(expected: 6, found: 7)) {
            try await StoreWriter.open(path, profile: StoreSamples.profile(dimension: 7))
        }
        for (tokens, budget) in [(126, "126 tokens of other"), (nil, ""), (255, "255 tokens of tiny")] {
            let expected = StoreError.otherPassageLimit(
                path: path, stored: 254, storedBudget: "254 tokens of tiny", given: tokens, givenBudget: budget)
            await #expect(throws: expected) {
                try await StoreWriter.open(
                    path, profile: StoreSamples.profile(passageTokens: tokens, budget: budget))
            }
        }
        // What is not compared: the models' names, the tokenizer and the precision, which stay those of the store.
        var other = try StoreSamples.profile(
            budget: "254 tokens of another; at most 300 tokens of a third", tokenizer: nil)
        other.embedder = "tiny in another folder"
        other.precision = "int8"
        let writer = try await StoreWriter.open(path, profile: other)
        #expect(writer.profile == profile)
        try writer.close()
    }

    @Test(arguments: [nil, 1, 254] as [Int?])
    func theProfileIsKept(passageTokens: Int?) async throws {
        let profile = try StoreSamples.profile(
            chunking: "sentences; at most nothing", passageTokens: passageTokens, budget: "x; at most y")
        try await StoreWriter.make(path, profile: profile)
        #expect(try Store.open(path).profile == profile)
        let writer = try await StoreWriter.open(path, profile: profile)
        #expect(writer.profile == profile)
        try writer.close()
    }

    /// How a writer ends that committed nothing.
    enum End: CaseIterable {
        case closed, closedInATransaction, refused, letGo, letGoInATransaction
    }

    @Test(arguments: End.allCases)
    func aNewStoreWithNothingInItIsRemoved(end: End) async throws {
        do {
            let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
            #expect(try Store.open(path).profile == (try StoreSamples.profile()))
            let sample = try sample("a", 3)
            if end != .closed, end != .letGo {
                try writer.begin()
                try writer.put(sample.document)
                try writer.append(sample.passages)
            }
            if end == .refused {
                var broken = try self.sample("b", 1)
                broken.passages[0].vector[0] = .nan
                try writer.put(broken.document)
                #expect(throws: StoreError.self) { try writer.append(broken.passages) }
                writer.rollback()
            }
            if end == .closed || end == .closedInATransaction || end == .refused {
                #expect(try writer.close() == CloseReport(journalIsHome: true, scanCacheIsCurrent: true))
                #expect(try writer.close() == CloseReport(journalIsHome: true, scanCacheIsCurrent: true))
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["kb.sqlite.lock"])
        // The next one begins where nothing was.
        let sample = try sample("a", 2)
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try writer.store(sample)
        try writer.close()
        try await expect(try Store.open(path), holds: ["a": sample])
    }

    /// Only a store that the writer made itself, and only before its first commit.
    @Test(arguments: [false, true])
    func anEmptyStoreOfAnotherWriterStays(isClosed: Bool) async throws {
        do {
            let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
            try writer.store([])
            if isClosed { try writer.close() }
        }
        do {
            let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
            try writer.begin()
            if isClosed { try writer.close() }
        }
        #expect(try await Store.open(path).info().revision == 1)
        // An empty file that a user made is the user's.
        let other = folder.path + "/other.sqlite"
        try folder.write("other.sqlite", "")
        try await StoreWriter.open(other, profile: StoreSamples.profile()).close()
        #expect(FileManager.default.fileExists(atPath: other))
    }

    @Test func tokensNeedATokenizer() async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile(tokenizer: nil))
        try writer.begin()
        try writer.put(try self.sample("a", 1).document)
        #expect(throws: StoreError.self) { try writer.append(try self.sample("a", 1).passages) }
        var sample = try self.sample("a", 3)
        for index in sample.passages.indices { sample.passages[index].tokens = nil }
        try writer.put(sample.document)
        try writer.append(sample.passages)
        try writer.commit()
        try writer.close()
        try await expect(try Store.open(path), holds: ["a": sample])
    }
}
