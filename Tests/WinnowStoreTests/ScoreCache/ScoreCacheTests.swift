import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// Counts what it is asked; a score follows from the texts.
private final class CountingReranker: Reranker {
    let identity: ModelIdentity
    private let asked = Mutex<[String]>([])

    init(precision: String = "float32", kernels: String = "none", truncation: String = "passage:512") throws {
        identity = ModelIdentity(
            name: "stub", fingerprint: try StoreSamples.fingerprint("a"), precision: precision, kernels: kernels,
            truncation: truncation)
    }

    /// Texts that were scored since the last look.
    func take() -> [String] {
        asked.withLock { asked in
            defer { asked = [] }
            return asked
        }
    }

    func score(_ query: Query, _ candidates: [Candidate], until deadline: ContinuousClock.Instant?) async throws
        -> [PairScore?]
    {
        try Task.checkCancellation()
        return candidates.map { candidate in
            if let deadline, ContinuousClock.now >= deadline { return nil }
            asked.withLock { $0.append(candidate.passage.content) }
            let logit = Float(candidate.passage.content.utf8.reduce(7) { ($0 * 31 + Int($1)) % 1009 }) / 97
            return PairScore(
                logit: Logit(logit), score: Score(logit / 2, kind: .sigmoid),
                passageTokensDropped: candidate.passage.text.utf8.count % 3,
                queryTokensDropped: query.text.utf8.count % 2,
                window: candidate.passage.text.utf8.count % 2 == 0 ? nil : 4)
        }
    }
}

@Suite struct ScoreCacheTests {
    private let folder: TemporaryFolder
    private var file: String { folder.path + "/kb.sqlite.scores.sqlite" }
    private let query = Query("how long is data kept?")

    init() throws { folder = try TemporaryFolder() }

    private func candidates(_ texts: [String]) -> [Candidate] {
        texts.enumerated().map { index, text in
            Candidate(passage: Passage(id: "p\(index)", documentID: "d", text: text), rank: index + 1)
        }
    }

    @Test func everyPromiseOfARerankerIsKept() async throws {
        let plain = try CountingReranker()
        let candidates = candidates(["one", "two", "three and more", "four"])
        let expected = try await plain.score(query, candidates, until: nil)
        for (name, cache) in [
            ("memory", ScoreCache()), ("file", ScoreCache(file: file)), ("filled file", ScoreCache(file: file)),
            ("one entry", ScoreCache(.init(memoryEntries: 1))),
            ("file alone", ScoreCache(.init(memoryEntries: 0), file: file)),
            ("nothing", ScoreCache(.init(memoryEntries: 0))),
        ] {
            #expect(
                try await RerankerConformance(
                    name, CachedReranker(plain, cache), query: query, candidates: candidates, expected: expected
                ).faults() == [])
        }
    }

    /// Candidates of a new query of the same words over a list that changed.
    @Test func onlyWhatWasNotScoredIsScored() async throws {
        let plain = try CountingReranker()
        let cached = CachedReranker(plain, ScoreCache())
        _ = try await cached.score(query, candidates(["one", "two"]), until: nil)
        #expect(plain.take() == ["one", "two"])
        let scoring = try await cached.scoring(query, candidates(["three", "two", "one"]), until: nil)
        #expect(plain.take() == ["three"])
        #expect(scoring.counts == ["cached": 2])
        #expect(try await scoring.scores == plain.score(query, candidates(["three", "two", "one"]), until: nil))
        _ = plain.take()
        _ = try await cached.score(Query("another"), candidates(["one"]), until: nil)
        #expect(plain.take() == ["one"])
    }

    /// The mistake of the tutorial's cache, which keys by id: an update is answered with the old text's score.
    @Test func aChangedTextIsScoredAnew() async throws {
        let plain = try CountingReranker()
        let cached = CachedReranker(plain, ScoreCache(file: file))
        var kept = candidates(["the old price is 10"])
        _ = try await cached.score(query, kept, until: nil)
        kept[0].passage.text = "the new price is 12"
        let scores = try await cached.score(query, kept, until: nil)
        #expect(plain.take() == ["the old price is 10", "the new price is 12"])
        #expect(try await scores == plain.score(query, kept, until: nil))
        _ = plain.take()
        // The title is read by the model, too.
        kept[0].passage.title = "Prices"
        _ = try await cached.score(query, kept, until: nil)
        #expect(plain.take().count == 1)
        // And where the text opens with it, every window begins with so much of the text.
        kept[0].passage.title = nil
        kept[0].passage.metadata = ["title": .string("the new price")]
        for expected in [1, 0] {
            _ = try await cached.score(query, kept, until: nil)
            #expect(plain.take().count == expected)
        }
    }

    @Test func anotherRerankerHasOtherScores() async throws {
        let cache = ScoreCache(file: file)
        let texts = candidates(["one"])
        let rerankers = [
            try CountingReranker(), try CountingReranker(precision: "int8"), try CountingReranker(kernels: "avx2"),
            try CountingReranker(truncation: "passage:256"),
        ]
        for reranker in rerankers {
            _ = try await CachedReranker(reranker, cache).score(query, texts, until: nil)
            #expect(reranker.take() == ["one"])
        }
        for reranker in rerankers {
            _ = try await CachedReranker(reranker, cache).score(query, texts, until: nil)
            #expect(reranker.take() == [])
        }
        #expect(cache.statistics.asked == 8 && cache.statistics.found == 4)
        #expect(cache.statistics.hitRate == 0.5)
    }

    /// Where one text ends and the next begins is part of the key.
    @Test func textsAreNotRunTogether() async throws {
        let plain = try CountingReranker()
        let cached = CachedReranker(plain, ScoreCache())
        _ = try await cached.score(Query("ab"), candidates(["c"]), until: nil)
        _ = try await cached.score(Query("a"), candidates(["bc"]), until: nil)
        #expect(plain.take() == ["c", "bc"])
    }

    @Test func aFileIsFoundByTheNextProcess() async throws {
        let plain = try CountingReranker()
        let texts = candidates((0..<50).map { "text \($0)" })
        let scores = try await CachedReranker(plain, ScoreCache(file: file)).score(query, texts, until: nil)
        #expect(plain.take().count == 50)
        #expect(try await CachedReranker(plain, ScoreCache(file: file)).score(query, texts, until: nil) == scores)
        #expect(plain.take() == [])
    }

    @Test func scoresGrowOld() async throws {
        let time = Mutex<Int64>(1_000_000)
        let plain = try CountingReranker()
        let options = ScoreCache.Options(timeToLive: .seconds(60))
        func ask() async throws -> Int {
            for cache in [ScoreCache(options, file: file) { time.withLock { $0 } }] {
                let cached = CachedReranker(plain, cache)
                _ = try await cached.score(query, candidates(["one"]), until: nil)
                _ = try await cached.score(query, candidates(["one"]), until: nil)
            }
            return plain.take().count
        }
        #expect(try await ask() == 1)
        time.withLock { $0 += 60 }
        #expect(try await ask() == 0)
        time.withLock { $0 += 1 }
        #expect(try await ask() == 1)
        #expect(try await ask() == 0)
    }

    @Test func theLeastRecentlyUsedIsGivenUp() async throws {
        let plain = try CountingReranker()
        let cached = CachedReranker(plain, ScoreCache(.init(memoryEntries: 3)))
        func ask(_ texts: String...) async throws -> [String] {
            _ = try await cached.score(query, candidates(texts), until: nil)
            return plain.take()
        }
        #expect(try await ask("a", "b", "c") == ["a", "b", "c"])
        #expect(try await ask("a") == [])
        #expect(try await ask("d") == ["d"])
        #expect(try await ask("a", "c", "d") == [])
        #expect(try await ask("b") == ["b"])
        #expect(try await ask("a") == ["a"])
    }

    /// A list that a plain array keeps in order of use says what is there.
    @Test func theOrderOfUseIsKept() async throws {
        var random = SeededGenerator(seed: 3)
        for capacity in [1, 2, 7] {
            let time = Mutex<Int64>(0)
            let plain = try CountingReranker()
            let cached = CachedReranker(
                plain,
                ScoreCache(.init(memoryEntries: capacity, timeToLive: .seconds(40)), file: nil) { time.withLock { $0 } }
            )
            var model: [(text: String, created: Int64)] = []
            for step in 0..<400 {
                time.withLock { $0 = Int64(step) }
                let text = "t\(Int.random(in: 0..<10, using: &random))"
                _ = try await cached.score(query, candidates([text]), until: nil)
                let place = model.firstIndex { $0.text == text && $0.created >= Int64(step) - 40 }
                #expect(plain.take() == (place == nil ? [text] : []))
                let entry = place.map { model[$0] } ?? (text, Int64(step))
                model.removeAll { $0.text == text }
                model.append(entry)
                if model.count > capacity { model.removeFirst() }
            }
        }
    }

    @Test func aFileHasItsSize() async throws {
        let plain = try CountingReranker()
        let cache = ScoreCache(.init(memoryEntries: 0, fileBytes: 200_000), file: file)
        let cached = CachedReranker(plain, cache)
        for round in 0..<40 {
            _ = try await cached.score(query, candidates((0..<200).map { "round \(round) text \($0)" }), until: nil)
        }
        cache.flush()
        let queue = try DatabaseQueue(path: file)
        let (pages, size) = try await queue.read { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0,
                try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
            )
        }
        #expect(pages * size < 260_000)
        // The last ones are there.
        _ = plain.take()
        _ = try await cached.score(query, candidates(["round 39 text 7"]), until: nil)
        #expect(plain.take() == [])
    }

    private func rows(_ sql: String) throws -> [Int64] {
        try DatabaseQueue(path: file).read { try Int64.fetchAll($0, sql: sql) }
    }

    /// The least recently used, by the day; a few with each question, so that half of the file is never lost.
    @Test func whatWasNotUsedGoesFirst() async throws {
        let time = Mutex<Int64>(1_000_000)
        let plain = try CountingReranker()
        let cache = ScoreCache(.init(memoryEntries: 0, fileBytes: 200_000), file: file) { time.withLock { $0 } }
        let cached = CachedReranker(plain, cache)
        func ask(_ texts: [String]) async throws -> [String] {
            _ = plain.take()
            _ = try await cached.score(query, candidates(texts), until: nil)
            cache.flush()
            return plain.take()
        }
        let (unused, used) = ((0..<300).map { "unused \($0)" }, (0..<100).map { "used \($0)" })
        #expect(try await ask(used + unused).count == 400)
        time.withLock { $0 += 2 * 86_400 }
        #expect(try await ask(used).isEmpty)
        var rounds = 0
        while try rows("SELECT count(*) FROM score WHERE used = 1000000") == [300], rounds < 100 {
            _ = try await ask((0..<50).map { "round \(rounds) text \($0)" })
            rounds += 1
        }
        let left = try rows("SELECT count(*) FROM score WHERE used = 1000000")[0]
        // One or two helpings of 50 + 64.
        #expect((300 - 2 * 114..<300).contains(Int(left)), "\(left)")
        #expect(try rows("SELECT count(*) FROM score WHERE used > 1000000") == [100 + 50 * Int64(rounds)])
        #expect(try await ask(used).isEmpty)
        let missing = try await ask(unused)
        #expect(missing == Array(unused.prefix(300 - Int(left))))
    }

    /// Scores that are found in memory are used, too: the file hears of it once a day.
    @Test func useIsNotedByTheDay() async throws {
        let time = Mutex<Int64>(1_000_000)
        let plain = try CountingReranker()
        let cache = ScoreCache(.init(), file: file) { time.withLock { $0 } }
        let cached = CachedReranker(plain, cache)
        for (seconds, used) in [(0, 0), (86_399, 0), (86_400, 86_400), (90_000, 86_400), (200_000, 200_000)] {
            time.withLock { $0 = 1_000_000 + Int64(seconds) }
            _ = try await cached.score(query, candidates(["one", "two"]), until: nil)
            cache.flush()
            #expect(try rows("SELECT used FROM score") == [1_000_000 + Int64(used), 1_000_000 + Int64(used)])
            #expect(try rows("SELECT created FROM score") == [1_000_000, 1_000_000])
        }
        #expect(plain.take() == ["one", "two"])
    }

    /// Nothing of a deleted document is to be left, and hashes of its text are something.
    @Test func deletingADocumentTakesTheFileAway() async throws {
        let store = folder.path + "/kb.sqlite"
        let writer = try await StoreWriter.open(store, profile: StoreSamples.profile())
        let passage = Passage(id: "d", documentID: "d", text: "a secret")
        try writer.store(
            StoreSamples.Sample(
                document: DocumentRecord(
                    id: "d", title: nil, metadata: [:], origin: nil, contentHash: try StoreSamples.fingerprint("c"),
                    byteCount: passage.text.utf8.count),
                passages: [PassageRecord(passage: passage, vector: [1, 0, 0, 0, 0, 0], tokens: nil)]))
        #expect(ScoreCache.path(besideStore: store).hasSuffix("/kb.sqlite.scores.sqlite"))
        let cache = ScoreCache(file: ScoreCache.path(besideStore: store))
        _ = try await CachedReranker(try CountingReranker(), cache).score(query, candidates(["a secret"]), until: nil)
        #expect(try writer.delete(["nothing"]) == 0)
        #expect(FileManager.default.fileExists(atPath: file))
        #expect(try writer.delete(["d"]) == 1)
        try writer.close()
        for suffix in ["", "-wal", "-shm"] { #expect(!FileManager.default.fileExists(atPath: file + suffix)) }
    }

    /// What a selection leaves out depends on the whole list.
    @Test func ofScoresThatDependOnTheirCompanyNothingIsKept() async throws {
        let plain = try CountingReranker()
        let cached = CachedReranker(try SelectiveReranker(plain, within: 1), ScoreCache(file: file))
        var list = candidates(["best", "near", "far"])
        for (index, score) in [3.0, 2.5, 1].enumerated() { list[index].retrievalScore = score }
        for _ in 0..<2 {
            let scoring = try await cached.scoring(query, list, until: nil)
            #expect(scoring.scores.map { $0 != nil } == [true, true, false])
            #expect(scoring.selection == .init(within: 1, of: 3, passedOver: 1))
            #expect(plain.take() == ["best", "near"])
        }
    }

    @Test func aDeadlineLeavesOutWhatMustBeComputedOnly() async throws {
        let plain = try CountingReranker()
        let cached = CachedReranker(plain, ScoreCache())
        _ = try await cached.score(query, candidates(["one"]), until: nil)
        let scores = try await cached.score(query, candidates(["one", "two"]), until: .now)
        #expect(scores[0] != nil && scores[1] == nil)
        #expect(try await cached.score(query, candidates(["two"]), until: nil)[0] != nil)
    }

    // MARK: - Files that are no caches

    @Test func aDamagedFileIsNoScore() async throws {
        let plain = try CountingReranker()
        let texts = candidates((0..<300).map { "text \($0)" })
        let scores = try await CachedReranker(plain, ScoreCache(file: file)).score(query, texts, until: nil)
        let queue = try DatabaseQueue(path: file)
        try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try queue.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        var random = SeededGenerator(seed: 11)
        for round in 0..<60 {
            var bytes = whole
            if round % 10 == 0 {
                bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))
            } else {
                for _ in 0..<20 {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            }
            try? FileManager.default.removeItem(atPath: file + "-wal")
            try? FileManager.default.removeItem(atPath: file + "-shm")
            try bytes.write(to: URL(fileURLWithPath: file))
            let cached = CachedReranker(plain, ScoreCache(file: file))
            #expect(try await cached.score(query, texts, until: nil) == scores)
        }
    }

    @Test func aDamagedFileIsTakenAway() async throws {
        let plain = try CountingReranker()
        let texts = candidates((0..<300).map { "text \($0)" })
        _ = try await CachedReranker(plain, ScoreCache(file: file)).score(query, texts, until: nil)
        let queue = try DatabaseQueue(path: file)
        try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try queue.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes.replaceSubrange(4096..., with: Data(repeating: 0xA5, count: bytes.count - 4096))
        try bytes.write(to: URL(fileURLWithPath: file))
        for expected in [300, 300, 0] {
            _ = plain.take()
            _ = try await CachedReranker(plain, ScoreCache(file: file)).score(query, texts, until: nil)
            #expect(plain.take().count == expected)
        }
    }

    /// A value that another one stands in for, with its own checksum right.
    @Test func aValueUnderAnotherKeyIsNoScore() async throws {
        let plain = try CountingReranker()
        let texts = candidates(["one", "two"])
        let scores = try await CachedReranker(plain, ScoreCache(file: file)).score(query, texts, until: nil)
        let queue = try DatabaseQueue(path: file)
        try await queue.write { database in
            let values = try Data.fetchAll(database, sql: "SELECT value FROM score ORDER BY key")
            let keys = try Data.fetchAll(database, sql: "SELECT key FROM score ORDER BY key")
            for (key, value) in zip(keys, values.reversed()) {
                try database.execute(sql: "UPDATE score SET value = ? WHERE key = ?", arguments: [value, key])
            }
        }
        try queue.close()
        _ = plain.take()
        #expect(try await CachedReranker(plain, ScoreCache(file: file)).score(query, texts, until: nil) == scores)
        #expect(plain.take() == ["one", "two"])
    }

    @Test func somebodyElsesFileIsLeftAlone() async throws {
        let queue = try DatabaseQueue(path: file)
        try await queue.write { try $0.execute(sql: "CREATE TABLE mine (a); INSERT INTO mine VALUES (1)") }
        try queue.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        let plain = try CountingReranker()
        _ = try await CachedReranker(plain, ScoreCache(file: file)).score(query, candidates(["one"]), until: nil)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
        try Data("no database".utf8).write(to: URL(fileURLWithPath: file))
        _ = try await CachedReranker(plain, ScoreCache(file: file)).score(query, candidates(["one"]), until: nil)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data("no database".utf8))
        // Nor is a folder that is not there made.
        _ = try await CachedReranker(plain, ScoreCache(file: folder.path + "/none/scores.sqlite"))
            .score(query, candidates(["one"]), until: nil)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/none"))
    }

    /// Of an older build: made anew.
    @Test func anOlderFileIsMadeAnew() async throws {
        let plain = try CountingReranker()
        _ = try await CachedReranker(plain, ScoreCache(file: file)).score(query, candidates(["one"]), until: nil)
        let queue = try DatabaseQueue(path: file)
        try await queue.write {
            try $0.execute(sql: "PRAGMA user_version = 0; DROP TABLE score; CREATE TABLE score (x)")
        }
        try queue.close()
        for expected in [2, 0] {
            _ = plain.take()
            _ = try await CachedReranker(plain, ScoreCache(file: file)).score(
                query, candidates(["one", "two"]), until: nil)
            #expect(plain.take().count == expected)
        }
    }

    /// The number that says whose it is was damaged; its table says it as well.
    @Test func aDamagedNumberIsMadeAnew() async throws {
        let plain = try CountingReranker()
        _ = try await CachedReranker(plain, ScoreCache(file: file)).score(query, candidates(["one"]), until: nil)
        let queue = try DatabaseQueue(path: file)
        try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try queue.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes.replaceSubrange(68..<72, with: [0xA5, 1, 2, 3])
        try bytes.write(to: URL(fileURLWithPath: file))
        for expected in [1, 0] {
            _ = plain.take()
            _ = try await CachedReranker(plain, ScoreCache(file: file)).score(query, candidates(["one"]), until: nil)
            #expect(plain.take().count == expected)
        }
    }

    /// Two processes at once, from before there is a file: scores are lost at the most, and none is wrong.
    @Test func severalWritersAtOnce() async throws {
        let plain = try CountingReranker()
        let (file, query) = (file, query)
        let lists = (0..<4).map { writer in
            (0..<20).map { round in candidates((0..<10).map { "writer \(writer % 2) round \(round) text \($0)" }) }
        }
        let allRight = try await withThrowingTaskGroup(of: Bool.self) { group in
            for list in lists {
                group.addTask {
                    let cache = ScoreCache(.init(memoryEntries: 0), file: file)
                    var isRight = true
                    for candidates in list + list {
                        let scores = try await CachedReranker(plain, cache).score(query, candidates, until: nil)
                        let expected = try await plain.score(query, candidates, until: nil)
                        isRight = isRight && scores == expected
                    }
                    return isRight && cache.hasFile
                }
            }
            return try await group.reduce(true) { $0 && $1 }
        }
        #expect(allRight)
        #expect(try rows("SELECT count(*) FROM score")[0] > 0)
        // What is there is found.
        let last = ScoreCache(file: file)
        for list in lists[0] { _ = try await CachedReranker(plain, last).score(query, list, until: nil) }
        #expect(last.statistics.found > 0)
    }

    /// A file that another process keeps for itself for a while has nothing, and has it again afterwards.
    @Test(arguments: [true, false])
    func aFileThatNobodyMayRead(whileItIsOpened: Bool) async throws {
        let plain = try CountingReranker()
        _ = try await CachedReranker(plain, ScoreCache(file: file)).score(query, candidates(["one"]), until: nil)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: file, configuration: configuration)
        // In this mode who writes keeps readers out.
        try await other.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        let options = ScoreCache.Options(memoryEntries: 0)
        var cache = ScoreCache(options, file: file)
        if whileItIsOpened { cache = ScoreCache(options) }
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        if whileItIsOpened { cache = ScoreCache(options, file: file) }
        #expect(cache.hasFile)
        _ = plain.take()
        let expected = try await plain.score(query, candidates(["one"]), until: nil)
        _ = plain.take()
        #expect(try await CachedReranker(plain, cache).score(query, candidates(["one"]), until: nil) == expected)
        #expect(plain.take() == ["one"])
        cache.flush()
        try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        #expect(try await CachedReranker(plain, cache).score(query, candidates(["one"]), until: nil) == expected)
        #expect(plain.take() == [] && cache.hasFile)
    }

    /// Read, and left as it is.
    @Test(.enabled(if: getuid() != 0, "root may write everywhere"))
    func aFolderThatMayNotBeWritten() async throws {
        let plain = try CountingReranker()
        _ = try await CachedReranker(plain, ScoreCache(file: file)).score(query, candidates(["one"]), until: nil)
        let queue = try DatabaseQueue(path: file)
        try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        try queue.close()
        _ = plain.take()
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        for (path, mode) in [(file, 0o444), (folder.path, 0o555)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        let cache = ScoreCache(file: file)
        _ = try await CachedReranker(plain, cache).score(query, candidates(["one", "two"]), until: nil)
        cache.flush()
        #expect(plain.take() == ["two"] && cache.hasFile)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }

    /// Another process that writes is not waited for.
    @Test func aLockedFileIsNotWaitedFor() async throws {
        let plain = try CountingReranker()
        _ = try await CachedReranker(plain, ScoreCache(file: file)).score(query, candidates(["one"]), until: nil)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let queue = try DatabaseQueue(path: file, configuration: configuration)
        _ = plain.take()
        let (file, query, all) = (file, query, candidates(["one", "two"]))
        try await queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let start = ContinuousClock.now
        _ = try await CachedReranker(plain, ScoreCache(file: file)).score(query, all, until: nil)
        #expect(ContinuousClock.now - start < .seconds(3))
        #expect(plain.take() == ["two"])
        try await queue.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
    }
}
