import Foundation
import Synchronization
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// A user's own embedder: how often each of eight letters stands in a text.
private struct LetterCounts: Embedder {
    var name = "letter-counts"
    var dimension: Int { 8 }
    var identity: ModelIdentity {
        get throws {
            guard
                let fingerprint = Fingerprint(
                    hexadecimal: String(repeating: name == "letter-counts" ? "a" : "b", count: 64))
            else { throw CancellationError() }
            return ModelIdentity(
                name: name, fingerprint: fingerprint, precision: "float32", kernels: "none", truncation: "none")
        }
    }

    func embed(_ texts: [String], as side: EmbeddingSide) async throws -> Vectors {
        Vectors(
            dimension: 8,
            values: texts.flatMap { text in
                "aeioustn".utf8.map { letter in 1 + Float(text.utf8.count { $0 == letter }) }
            })
    }
}

/// A user's own chunker: each line is a passage, the only one of a document under the document's id; a line that begins with !
/// is refused.
private struct Lines: Chunker {
    var identity: String { "lines" }

    func chunk(_ document: Document, budget: PassageBudget) throws -> [Passage] {
        var passages: [Passage] = []
        try forEachLine(of: document) { passages.append($0) }
        return passages
    }

    func portions(of document: Document, budget: PassageBudget) throws -> PassagePortions {
        var passages = try chunk(document, budget: budget)[...]
        return PassagePortions {
            let portion = Array(passages.prefix(3))
            passages = passages.dropFirst(3)
            return portion.isEmpty ? nil : portion
        }
    }

    private func forEachLine(of document: Document, _ body: (Passage) -> Void) throws {
        var start = 0
        let lines = document.text.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            if line.hasPrefix("!") { throw SearchError.budgetTooSmall(documentID: document.id, budget: "none") }
            let end = start + line.utf8.count
            body(
                Passage(
                    id: lines.count == 1 ? document.id : "\(document.id)#\(number)", documentID: document.id,
                    text: String(line), range: start..<end,
                    metadata: document.metadata))
            start = end + 1
        }
    }
}

private struct FixedTokens: PassageTokenizer {
    var digit: Character = "c"
    var tokenizerFingerprint: Fingerprint {
        get throws {
            guard let fingerprint = Fingerprint(hexadecimal: String(repeating: digit, count: 64)) else {
                throw CancellationError()
            }
            return fingerprint
        }
    }

    func tokenize(_ contents: [String]) async throws -> [TokenizedPassage] {
        let fingerprint = try tokenizerFingerprint
        return contents.map { TokenizedPassage(ids: $0.utf8.map(Int32.init), tokenizer: fingerprint) }
    }
}

/// Documents one after the other, as a reader of files hands them out.
private struct Documents: AsyncSequence, Sendable {
    typealias Element = Document
    var documents: [Document]
    /// Thrown behind the last one.
    var failure: (any Error)?

    init(_ documents: [Document], failure: (any Error)? = nil) {
        self.documents = documents
        self.failure = failure
    }

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<Document>
        var failure: (any Error)?

        mutating func next() async throws -> Document? {
            if let next = rest.popFirst() { return next }
            if let failure { throw failure }
            return nil
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(rest: documents[...], failure: failure) }
}

@Suite struct IndexerTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/kb.sqlite" }
    private let indexer = Indexer(
        embedder: LetterCounts(), chunker: Lines(), budget: [], tokenizer: FixedTokens())

    init() throws { folder = try TemporaryFolder() }

    private static func document(_ number: Int, lines: Int, version: Int = 0, origin: String? = nil) -> Document {
        Document(
            id: "d\(number)", title: number.isMultiple(of: 3) ? nil : "Title \(number)",
            text: (0..<lines).map { "line \($0) of \(number) version \(version)" }.joined(separator: "\n"),
            metadata: ["number": .integer(Int64(number))], origin: origin)
    }

    /// What a store holds: the passages of each document.
    private func content() async throws -> [String: [Passage]] {
        let store = try Store.open(path)
        var content: [String: [Passage]] = [:]
        for document in try await store.documents(limit: 1000) {
            content[document.id] = try await store.passages(of: document.id)
        }
        #expect(try await store.verify().faults == [])
        return content
    }

    @Test func storesWhatTheChunkerMade() async throws {
        let documents = (0..<40).map { Self.document($0, lines: $0 % 9) }
        let report = try await indexer.index(Documents(documents), into: path)
        #expect(report.added == 40 && report.unchanged == 0 && report.failed.isEmpty)
        let content = try await content()
        for document in documents {
            #expect(try content[document.id] == Lines().chunk(document, budget: []))
        }
        #expect(report.passages == content.values.reduce(0) { $0 + $1.count })
    }

    @Test func twiceIsOnce() async throws {
        var documents = (0..<30).map { Self.document($0, lines: 4) }
        _ = try await indexer.index(Documents(documents), into: path)
        let before = try await Store.open(path).info()
        let again = try await indexer.index(Documents(documents), into: path)
        #expect(again.unchanged == 30 && again.passages == 0)
        #expect(try await Store.open(path).info().revision == before.revision, "nothing was written")

        documents[7] = Self.document(7, lines: 5, version: 1)
        documents[8].metadata["more"] = .bool(true)
        documents[9].title = "Another"
        let changed = try await indexer.index(Documents(documents), into: path)
        #expect(changed.changed == 3 && changed.unchanged == 27 && changed.passages == 13)
        let content = try await content()
        #expect(content["d7"]?.map(\.text).contains("line 4 of 7 version 1") == true)
        #expect(content["d7"]?.contains { $0.text.hasSuffix("version 0") } == false)
    }

    /// A document of many portions is one transaction among small ones, and as whole as they are.
    @Test func aLongDocumentIsStreamed() async throws {
        let documents = [
            Self.document(0, lines: 2), Self.document(1, lines: 5000), Self.document(2, lines: 3),
            Self.document(3, lines: 700),
        ]
        let report = try await indexer.index(Documents(documents), into: path)
        #expect(report.added == 4 && report.passages == 5705)
        let content = try await content()
        for document in documents {
            #expect(try content[document.id] == Lines().chunk(document, budget: []))
        }
    }

    @Test func oneThatCannotBeStoredDoesNotStopTheRest() async throws {
        var refused = Self.document(2, lines: 3)
        refused.text = "fine\n!not fine"
        var taken = Self.document(4, lines: 1)
        // Its only passage has the id that the first passage of d3 has.
        taken.id = "d3#0"
        let report = try await indexer.index(
            Documents([
                Self.document(1, lines: 2), refused, Self.document(3, lines: 2), taken, Self.document(5, lines: 2),
                Self.document(1, lines: 9),
            ]), into: path)
        #expect(report.added == 3)
        #expect(Set(report.failed.map(\.id)) == ["d2", "d1", "d3#0"])
        #expect(report.failed.count == 3 && report.failed.allSatisfy { !$0.reason.isEmpty })
        #expect(Set(try await content().keys) == ["d1", "d3", "d5"])
        #expect(try await content()["d1"]?.count == 2, "the first of an id stays")
    }

    @Test func whatWasCommittedStaysWhenReadingFails() async throws {
        struct Broken: Error {}
        let documents = (0..<200).map { Self.document($0, lines: 10) }
        await #expect(throws: Broken.self) {
            _ = try await indexer.index(Documents(documents, failure: Broken()), into: path)
        }
        let found = try await content()
        for (id, passages) in found { #expect(passages.count == 10, "\(id)") }
        let rest = try await indexer.index(Documents(documents), into: path)
        #expect(rest.unchanged == found.count && rest.added == 200 - found.count)
    }

    @Test func anIDOfAnotherLivingFileIsRefused() async throws {
        let (first, second) = (try folder.write("a.txt", "x"), try folder.write("b.txt", "x"))
        _ = try await indexer.index(Documents([Self.document(1, lines: 2, origin: first)]), into: path)
        let report = try await indexer.index(
            Documents([Self.document(1, lines: 3, version: 1, origin: second)]), into: path)
        #expect(report.failed.map(\.id) == ["d1"] && report.failed.first?.reason.contains(first) == true)
        #expect(try await content()["d1"]?.count == 2)

        try FileManager.default.removeItem(atPath: first)
        let moved = try await indexer.index(
            Documents([Self.document(1, lines: 3, version: 1, origin: second)]), into: path)
        #expect(moved.changed == 1 && moved.failed.isEmpty)
        try FileManager.default.removeItem(atPath: second)
        let third = try await indexer.index(Documents([Self.document(1, lines: 3, version: 1)]), into: path)
        #expect(third.changed == 1, "a citation must not name a file that is gone")
        #expect(try await Store.open(path).document("d1")?.origin == nil)
    }

    /// Between files that are read in one run an id may move: what is there now is what counts.
    @Test func anIDMovesBetweenFilesOfOneRun() async throws {
        let (first, second) = (try folder.write("a.txt", "x"), try folder.write("b.txt", "x"))
        func files(_ ids: (Int, Int), version: Int) -> Documents {
            Documents([
                Self.document(ids.0, lines: 2, version: version, origin: first),
                Self.document(ids.1, lines: 3, version: version, origin: second),
            ])
        }
        _ = try await indexer.index(files((1, 2), version: 0), into: path, roots: [folder.path])
        let swapped = try await indexer.index(files((2, 1), version: 1), into: path, roots: [folder.path])
        #expect(swapped.changed == 2 && swapped.failed.isEmpty)
        let store = try Store.open(path)
        #expect(try await store.document("d1")?.origin == second)
        #expect(try await store.document("d2")?.origin == first)
    }

    /// A file that holds one document is not two, under whichever ids it was given.
    @Test func aFileUnderAnotherIDIsTheSameDocument() async throws {
        let file = try folder.write("a.md", "x")
        let records = try folder.write("r.jsonl", "x")
        func record(_ number: Int) -> Document {
            var record = Self.document(number, lines: 2, origin: records)
            record.sharesOrigin = true
            return record
        }
        _ = try await indexer.index(
            Documents([Self.document(1, lines: 2, origin: file), record(7), record(8)]), into: path)
        let again = try await indexer.index(
            Documents([Self.document(2, lines: 2, version: 1, origin: file), record(7)]), into: path)
        #expect(again.added == 1 && again.renamed == 1)
        #expect(
            Set(try await content().keys) == ["d2", "d7", "d8"], "a record that is not there any more is for pruning")
    }

    /// Two spellings of é are two ids, as they are two names of files.
    @Test func idsAreComparedByteForByte() async throws {
        let ids = ["caf\u{E9}", "cafe\u{301}"]
        let documents = ids.map { Document(id: $0, text: "a line of \($0.utf8.count)") }
        #expect(try await indexer.index(Documents(documents), into: path).added == 2)
        let found = try await Store.open(path).retriever(LetterCounts()).retrieve(Query("a"), limit: 5, filter: nil)
        #expect(found.candidates.count == 2)
        let result = try await SearchPipeline(
            retriever: Store.open(path).retriever(LetterCounts()), reranker: nil
        ).search(Query("a"))
        #expect(result.hits.count == 2)
    }

    @Test func tokensAreStoredForTheirTokenizerOnly() async throws {
        _ = try await indexer.index(Documents([Self.document(1, lines: 2)]), into: path)
        let other = Indexer(
            embedder: LetterCounts(), chunker: Lines(), budget: [], tokenizer: FixedTokens(digit: "d"))
        _ = try await other.index(Documents([Self.document(2, lines: 2)]), into: path)
        let store = try Store.open(path)
        let found = try await store.search([1, 1, 1, 1, 1, 1, 1, 1], limit: 10)
        #expect(found.count == 4)
        for candidate in found {
            let expected =
                candidate.passage.documentID == "d1"
                ? TokenizedPassage(
                    ids: candidate.passage.content.utf8.map(Int32.init),
                    tokenizer: try FixedTokens().tokenizerFingerprint) : nil
            #expect(candidate.tokens == expected)
        }
    }

    @Test func anotherModelOrChunkerIsRefused() async throws {
        _ = try await indexer.index(Documents([Self.document(1, lines: 2)]), into: path)
        let model = Indexer(embedder: LetterCounts(name: "other"), chunker: Lines(), budget: [])
        await #expect(throws: StoreError.self) {
            try await model.index(Documents([Self.document(2, lines: 2)]), into: path)
        }
        let chunker = Indexer(embedder: LetterCounts(), chunker: WholeDocumentChunker(), budget: [])
        await #expect(throws: StoreError.self) {
            try await chunker.index(Documents([Self.document(2, lines: 2)]), into: path)
        }
        #expect(Set(try await content().keys) == ["d1"])
        #expect(throws: StoreError.self) {
            _ = try Store.open(path).retriever(LetterCounts(name: "other"))
        }
    }

    @Test func cancellationLeavesAWholeStore() async throws {
        let documents = (0..<2000).map { Self.document($0, lines: 3) }
        let (indexer, path) = (indexer, path)
        let hasEnded = Atomic(false)
        let task = Task {
            defer { hasEnded.store(true, ordering: .releasing) }
            return try await indexer.index(Documents(documents), into: path)
        }
        while !FileManager.default.fileExists(atPath: path), !hasEnded.load(ordering: .acquiring) { await Task.yield() }
        task.cancel()
        _ = await task.result
        let rest = try await indexer.index(Documents(documents), into: path)
        #expect(rest.added + rest.unchanged == 2000)
        #expect(try await content().count == 1000, "a page; all of them are whole")
    }

    /// The contents' hash decides what is the same: types, order and borders count, the spelling of the file's path does not.
    @Test func theHashTellsContentsApart() throws {
        let base = Document(id: "a", title: "t", text: "x", metadata: ["k": .string("1"), "source": .string("p")])
        func with(_ change: (inout Document) -> Void) -> Document {
            var document = base
            change(&document)
            return document
        }
        for document in [with { $0.origin = "/elsewhere" }, with { $0.id = "b" }] {
            #expect(ContentHash.of(document) == ContentHash.of(base))
        }
        let file = try folder.write("a.txt", "x")
        let folderPath = try #require(realpath(folder.path, nil).map { String(cString: $0) })
        let spellings = [file, folder.path + "/./a.txt", folderPath + "/a.txt"].map { source in
            with { ($0.origin, $0.metadata["source"]) = (folderPath + "/a.txt", .string(source)) }
        }
        #expect(Set(spellings.map(ContentHash.of)).count == 1)
        let others = [
            base, with { $0.metadata["source"] = .string("q") }, with { $0.metadata["k"] = .integer(1) },
            with { $0.metadata["k"] = .number(1) },
            with { $0.metadata["k"] = .array([.string("1")]) }, with { $0.title = nil }, with { $0.title = "" },
            with { ($0.title, $0.text) = ("tx", "") }, with { $0.text = "x " }, with { $0.textOffset = 3 },
            with { $0.metadata["k"] = .object(["1": .null]) }, with { $0.metadata["k"] = .bool(true) },
        ]
        #expect(Set(others.map(ContentHash.of)).count == others.count)
    }
}
