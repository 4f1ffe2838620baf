import Foundation
import GRDB
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// Processes that die, disks that are full, folders that cannot be written: each in a process of its own.
@Suite struct StoreCrashTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/kb.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    private static func samples(_ range: Range<Int>, passages: Int = 3) throws -> [StoreSamples.Sample] {
        try range.map { number in
            var random = SeededGenerator(seed: UInt64(number))
            return try StoreSamples.sample("doc \(number)", passages: passages, using: &random)
        }
    }

    private static func model(_ samples: [StoreSamples.Sample]) -> [String: StoreSamples.Sample] {
        Dictionary(uniqueKeysWithValues: samples.map { ($0.id, $0) })
    }

    enum Moment: String, CaseIterable, Codable {
        case opened, begun, put, appended, spilled, abandoned, committed, deleting
    }

    @Test(arguments: Moment.allCases)
    func aKilledWriterLosesOnlyWhatWasNotCommitted(moment: Moment) async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, moment] in
            let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
            func die(at now: Moment) {
                if now == moment { kill(getpid(), SIGKILL) }
            }
            for sample in try StoreCrashTests.samples(0..<5) { try writer.store(sample) }
            die(at: .opened)
            try writer.begin()
            die(at: .begun)
            var random = SeededGenerator(seed: 99)
            let replacement = try StoreSamples.sample("doc 2", passages: 9, using: &random)
            try writer.put(replacement.document)
            die(at: .put)
            try writer.append(replacement.passages)
            die(at: .appended)
            if moment == .spilled {
                // Pages of an unfinished transaction then reach the journal before it ends.
                try await writer.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA cache_size = 1") }
                for sample in try StoreCrashTests.samples(10..<200) {
                    try writer.put(sample.document)
                    try writer.append(sample.passages)
                }
                die(at: .spilled)
            }
            try writer.abandonDocument()
            die(at: .abandoned)
            writer.rollback()
            try writer.store(replacement)
            die(at: .committed)
            try writer.begin()
            try writer.put(try StoreCrashTests.samples(0..<1, passages: 0)[0].document)
            die(at: .deleting)
        }
        var model = Self.model(try Self.samples(0..<5))
        if moment == .committed || moment == .deleting {
            var random = SeededGenerator(seed: 99)
            model["doc 2"] = try StoreSamples.sample("doc 2", passages: 9, using: &random)
        }
        // Before any writer has been there again, and after. A reader brings nothing of the journal home.
        let files = try ["", "-wal"].map { try Data(contentsOf: URL(fileURLWithPath: path + $0)) }
        try await expect(try Store.open(path), holds: model)
        #expect(try ["", "-wal"].map { try Data(contentsOf: URL(fileURLWithPath: path + $0)) } == files)
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        for sample in try Self.samples(4..<7) {
            try writer.store(sample)
            model[sample.id] = sample
        }
        try writer.close()
        try await expect(try Store.open(path), holds: model)
    }

    @Test func anotherProcessIsNamedAsHolder() async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        let mine = getpid()
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String, mine = mine as Int32] in
            do {
                _ = try await StoreWriter.open(path, profile: nil)
            } catch StoreError.locked(_, let holder?, _) where holder.processID == mine {
                exit(7)
            }
        }
        try writer.close()
    }

    @Test(arguments: [30, 60])
    func aFullDatabaseKeepsWhatWasCommitted(pages: Int) async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try await writer.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
        var kept: [StoreSamples.Sample] = []
        var refused: StoreError?
        for sample in try Self.samples(0..<2000, passages: 20) {
            do {
                try writer.store(sample)
                kept.append(sample)
            } catch let error as StoreError {
                refused = error
                break
            }
        }
        guard case .full? = refused else {
            Issue.record("\(String(describing: refused)) after \(kept.count) documents")
            return
        }
        #expect("\(try #require(refused))".contains("what was committed before is kept"))
        #expect(!kept.isEmpty)
        // The transaction is over: the writer can be used on.
        #expect(throws: StoreError.self) { try writer.commit() }
        try await expect(try Store.open(path), holds: Self.model(kept))
        try await writer.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1073741823") }
        let more = try Self.samples(kept.count..<kept.count + 3, passages: 20)
        try writer.store(more)
        try writer.close()
        try await expect(try Store.open(path), holds: Self.model(kept + more))
    }

    private static func limitFileSizes(to bytes: Int) -> Bool {
        var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
        #if canImport(Glibc)
        return setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0
        #else
        return setrlimit(RLIMIT_FSIZE, &limit) == 0
        #endif
    }

    /// What a full disk does, by a limit on the sizes of files.
    @Test(arguments: [600_000, 900_000])
    func aLimitOnFileSizesKeepsWhatWasCommitted(bytes: Int) async throws {
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String, bytes] in
            let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
            guard StoreCrashTests.limitFileSizes(to: bytes) else { exit(1) }
            for sample in try StoreCrashTests.samples(0..<2000, passages: 20) {
                do {
                    try writer.store(sample)
                } catch StoreError.full(_, "File too large") {
                    // Closing brings home what it can, and loses nothing.
                    _ = try? writer.close()
                    exit(7)
                }
            }
        }
        let store = try Store.open(path)
        let count = try await store.info().documents
        #expect(count > 0)
        try await expect(store, holds: Self.model(try Self.samples(0..<count, passages: 20)))
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try writer.store(try Self.samples(count..<count + 2, passages: 20))
        try writer.close()
        try await expect(try Store.open(path), holds: Self.model(try Self.samples(0..<count + 2, passages: 20)))
    }

    #if os(Linux)
    /// A disk that refuses a write for another reason than room: the journal's descriptor is made one that cannot be written.
    @Test func aWriteThatFailsOtherwiseIsNotTakenForAFullDisk() async throws {
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
            let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
            try writer.store(try StoreCrashTests.samples(0..<3))
            let null = open("/dev/null", O_RDONLY)
            for descriptor in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + descriptor)
                if target?.hasSuffix("kb.sqlite-wal") == true, let number = Int32(descriptor) { dup2(null, number) }
            }
            do {
                try writer.store(try StoreCrashTests.samples(3..<4))
            } catch let error as StoreError {
                guard case .writeFailed(_, "Bad file descriptor") = error else {
                    print(error)
                    exit(2)
                }
                exit(7)
            }
        }
        try await expect(try Store.open(path), holds: Self.model(try Self.samples(0..<3)))
    }
    #endif

    /// Lets go of root's rights, which no permission stops. The folder stays readable.
    private static func becomeNobody() {
        guard geteuid() == 0 else { return }
        guard setgid(65534) == 0, setuid(65534) == 0 else { exit(9) }
    }

    private func setMode(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// What readers who may write leave beside a store: SQLite's log, empty, and its index.
    enum Leftovers: CaseIterable {
        case none, both, log, index
    }

    @Test(arguments: Leftovers.allCases)
    func aFolderThatCannotBeWrittenIsRead(leftovers: Leftovers) async throws {
        let samples = try Self.samples(0..<4)
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try writer.store(samples)
        try writer.close()
        if leftovers != .none { _ = try await Store.open(path).info() }
        if leftovers == .log { try FileManager.default.removeItem(atPath: path + "-shm") }
        if leftovers == .index { try FileManager.default.removeItem(atPath: path + "-wal") }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(files.count == 3 + [.none: 0, .both: 2, .log: 1, .index: 1][leftovers, default: 0])
        for file in files { try setMode(0o644, folder.path + "/" + file) }
        try setMode(0o555, folder.path)
        defer { try? setMode(0o755, folder.path) }
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
            StoreCrashTests.becomeNobody()
            try await expect(try Store.open(path), holds: StoreCrashTests.model(try StoreCrashTests.samples(0..<4)))
            do {
                _ = try await StoreWriter.open(path, profile: nil)
            } catch StoreError.notWritable(_, let reason) where reason.contains("may not write") {
                exit(7)
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == files)
    }

    /// SQLite was told there that nobody writes the file.
    @Test func aFileThatChangesInSuchAFolderIsAnError() async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try writer.store(try Self.samples(0..<4))
        try writer.close()
        if geteuid() == 0 { #expect(chown(path, 65534, 65534) == 0) }
        try setMode(0o644, path)
        try setMode(0o555, folder.path)
        defer { try? setMode(0o755, folder.path) }
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
            StoreCrashTests.becomeNobody()
            let store = try Store.open(path)
            #expect(try await store.info().documents == 4)
            guard utimes(path, [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]) == 0 else { exit(1) }
            do { _ = try await store.info() } catch StoreError.changedWhileRead { exit(7) }
        }
        try await expect(try Store.open(path), holds: Self.model(try Self.samples(0..<4)))
    }

    @Test(arguments: [false, true])
    func anUnfinishedJournalInSuchAFolderIsReadOrSaid(hasIndex: Bool) async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
            try writer.store(try StoreCrashTests.samples(0..<4))
            kill(getpid(), SIGKILL)
        }
        if !hasIndex { try FileManager.default.removeItem(atPath: path + "-shm") }
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            try setMode(0o644, folder.path + "/" + file)
        }
        try setMode(0o555, folder.path)
        defer { try? setMode(0o755, folder.path) }
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String, hasIndex] in
            StoreCrashTests.becomeNobody()
            do {
                let store = try Store.open(path)
                try await expect(store, holds: StoreCrashTests.model(try StoreCrashTests.samples(0..<4)))
                exit(hasIndex ? 7 : 1)
            } catch StoreError.unfinishedJournal {
                exit(hasIndex ? 2 : 7)
            }
        }
    }

    @Test func aFileThatCannotBeReadOrWrittenIsSaid() async throws {
        try await StoreWriter.make(path, profile: StoreSamples.profile())
        try setMode(0o777, folder.path)
        for (mode, code) in [(0o000, 3), (0o444, 4)] {
            try setMode(mode, path)
            await #expect(processExitsWith: .exitCode(Int32(code))) { [path = path as String] in
                StoreCrashTests.becomeNobody()
                do { _ = try Store.open(path) } catch StoreError.notReadable { exit(3) }
                do { _ = try await StoreWriter.open(path, profile: nil) } catch StoreError.notWritable { exit(4) }
            }
        }
    }
}
