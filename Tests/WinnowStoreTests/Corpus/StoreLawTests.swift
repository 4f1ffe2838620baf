import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// Whatever is done to a store, it holds what a dictionary would after the same.
@Suite struct StoreLawTests {
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func anySequenceOfOperationsEqualsADictionary(seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/kb.sqlite"
        let profile = try StoreSamples.profile()
        var random = SeededGenerator(seed: seed)
        let ids = (0..<7).map { "doc \($0)" }
        var model: [String: StoreSamples.Sample] = [:]
        var revisions: Int64 = 0
        var writer = try await StoreWriter.open(path, profile: profile)
        // A new store to which nothing is committed goes with its writer.
        try writer.store([])
        revisions += 1
        // One reader from the first state to the last, whose scan cache is replaced beneath it.
        let reader = try Store.open(path)
        for _ in 0..<60 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let before = model
                try writer.begin()
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    try put(Self.pick(ids, &random), writer, &model, &random)
                }
                if Int.random(in: 0..<4, using: &random) == 0 {
                    writer.rollback()
                    model = before
                } else {
                    try writer.commit()
                    revisions += 1
                }
            case 6, 7:
                let chosen = ids.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
                #expect(try writer.delete(chosen) == chosen.count { model[$0] != nil })
                for id in chosen { model[id] = nil }
                revisions += 1
            case 8:
                let id = Self.pick(ids, &random)
                let origin = Bool.random(using: &random) ? "/elsewhere/\(id)" : nil
                try writer.setOrigin(origin, of: id)
                model[id]?.document.origin = origin
                revisions += 1
            default:
                // Left as by a process that ended without a word, or closed.
                if Bool.random(using: &random) { try writer.begin() }
                if Bool.random(using: &random) { try writer.close() }
                writer = try await StoreWriter.reopened(path, profile: profile, replacing: consume writer)
            }
            try await expect(reader, finds: model, limits: [3])
            try await expect(reader, matches: model, limits: [3])
        }
        try writer.close()
        let store = try Store.open(path)
        try await expect(store, holds: model)
        #expect(try await store.info().revision == revisions)
    }

    private static func pick(_ ids: [String], _ random: inout SeededGenerator) -> String {
        ids[Int.random(in: 0..<ids.count, using: &random)]
    }

    /// Puts a document in portions of random sizes, or begins to and abandons it.
    private func put(
        _ id: String, _ writer: StoreWriter, _ model: inout [String: StoreSamples.Sample],
        _ random: inout SeededGenerator
    ) throws {
        let sample = try StoreSamples.sample(id, passages: Int.random(in: 0...8, using: &random), using: &random)
        try writer.put(sample.document)
        var rest = sample.passages[...]
        while !rest.isEmpty {
            let portion = rest.prefix(Int.random(in: 0...3, using: &random))
            try writer.append(Array(portion))
            rest = rest.dropFirst(portion.count)
        }
        if Int.random(in: 0..<5, using: &random) == 0 {
            try writer.abandonDocument()
        } else {
            model[id] = sample
            #expect(try writer.state(of: id)?.contentHash == sample.document.contentHash)
        }
    }
}

extension StoreWriter {
    /// Lets go of a writer, closed or not, and opens the store again.
    static func reopened(
        _ path: String, profile: StoreProfile, replacing old: consuming StoreWriter
    ) async throws -> StoreWriter {
        _ = consume old
        return try await StoreWriter.open(path, profile: profile)
    }
}

/// Compares all that can be read of a store.
func expect(
    _ store: Store, holds model: [String: StoreSamples.Sample], sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    var documents: [StoredDocument] = []
    while case let page = try await store.documents(after: documents.last?.id, limit: 3), !page.isEmpty {
        documents += page
    }
    let ids = model.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    #expect(documents.map(\.id) == ids, sourceLocation: sourceLocation)
    for document in documents {
        let sample = try #require(model[document.id])
        #expect(document.title == sample.document.title, sourceLocation: sourceLocation)
        #expect(document.metadata == sample.document.metadata, sourceLocation: sourceLocation)
        #expect(document.origin == sample.document.origin, sourceLocation: sourceLocation)
        #expect(document.contentHash == sample.document.contentHash, sourceLocation: sourceLocation)
        #expect(document.byteCount == sample.document.byteCount, sourceLocation: sourceLocation)
        #expect(document.passageCount == sample.passages.count, sourceLocation: sourceLocation)
        #expect(
            try await store.passages(of: document.id) == sample.passages.map(\.passage), sourceLocation: sourceLocation)
    }
    let passages = model.values.flatMap(\.passages)
    try await expect(store, finds: model, limits: [1, 5, passages.count + 1], sourceLocation: sourceLocation)
    if store.lexicalAnalysis != nil {
        try await expect(store, matches: model, limits: [1, 5, passages.count + 1], sourceLocation: sourceLocation)
    }
    let info = try await store.info()
    #expect(info.documents == model.count, sourceLocation: sourceLocation)
    #expect(info.passages == passages.count, sourceLocation: sourceLocation)
    #expect(info.vectors == passages.count, sourceLocation: sourceLocation)
    #expect(
        info.textBytes == model.values.reduce(0) { $0 + $1.document.byteCount }, sourceLocation: sourceLocation)
    let verification = try await store.verify()
    #expect(verification.faults == [], sourceLocation: sourceLocation)
    #expect(
        [verification.documents, verification.passages, verification.vectors]
            == [model.count, passages.count, passages.count], sourceLocation: sourceLocation)
}

/// Compares searches with those of an index in memory.
func expect(
    _ store: Store, finds model: [String: StoreSamples.Sample], limits: [Int],
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let passages = model.values.flatMap(\.passages)
    var index = ExactVectorIndex(dimension: store.profile.dimension)
    try index.append(
        passages.map(\.passage),
        vectors: Vectors(dimension: store.profile.dimension, values: passages.flatMap(\.vector)))
    var random = SeededGenerator(seed: 5)
    let query = random.floats(store.profile.dimension)
    for limit in limits {
        let found = try await store.search(query, limit: limit)
        let expected = try index.search(query, limit: limit)
        #expect(found.map(\.passage) == expected.map(\.passage), sourceLocation: sourceLocation)
        #expect(found.map(\.retrievalScore) == expected.map { Double($0.score) }, sourceLocation: sourceLocation)
        #expect(found.map(\.rank) == Array(1..<(found.count + 1)), sourceLocation: sourceLocation)
        let tokens = Dictionary(uniqueKeysWithValues: passages.map { ($0.passage.id, $0.tokens) })
        for candidate in found {
            #expect(candidate.tokens?.ids == tokens[candidate.id] ?? nil, sourceLocation: sourceLocation)
            #expect(
                candidate.tokens.map { $0.tokenizer == store.profile.tokenizer } ?? true, sourceLocation: sourceLocation
            )
        }
    }
}

/// Compares lexical searches with those of an index in memory that was made of the same passages: whatever led there, scores are the
/// same to the bit.
func expect(
    _ store: Store, matches model: [String: StoreSamples.Sample], limits: [Int],
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let analysis = try #require(store.lexicalAnalysis)
    let index = LexicalIndex(model.values.flatMap(\.passages).map(\.passage), analysis: analysis)
    for query in ["refund", "naïve 東京 break refund refund", "Title of doc 3", "nothing of this is there"] {
        for limit in limits {
            let found = try await store.search(lexical: query, limit: limit)
            let expected = try index.search(query, limit: limit)
            #expect(found.map(\.passage) == expected.map(\.passage), sourceLocation: sourceLocation)
            #expect(found.map(\.retrievalScore) == expected.map(\.retrievalScore), sourceLocation: sourceLocation)
            #expect(found.map(\.rank) == expected.map(\.rank), sourceLocation: sourceLocation)
        }
    }
}

extension Candidate {
    fileprivate var id: String { passage.id }
}
