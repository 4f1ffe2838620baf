import Foundation
import Synchronization
import TestSupport
import Testing
import WinnowCore
import WinnowStore

/// One writer at a time: the second waits, or says whom it would wait for.
@Suite struct StoreLockTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/kb.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    @Test func theSecondWriterNamesTheFirst() async throws {
        let first = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try first.store([])
        for waiting in [nil, .zero, .milliseconds(60)] as [Duration?] {
            let error = await #expect(throws: StoreError.self) {
                try await StoreWriter.open(path, profile: nil, waiting: waiting)
            }
            guard case .locked(_, let holder?, let waited) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(holder.processID == ProcessInfo.processInfo.processIdentifier)
            #expect(!holder.host.isEmpty)
            #expect(holder.since.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
            #expect(waited == waiting)
            let message = "\(try #require(error))"
            #expect(message.contains("process \(holder.processID) on \(holder.host)") && message.contains("--wait"))
            #expect(message.contains("still after the time to wait") == (waiting == .milliseconds(60)))
        }
        // Reading is not held up by it.
        #expect(try await Store.open(path).info().documents == 0)
        try first.close()
        try await StoreWriter.open(path, profile: nil).close()
    }

    @Test func aWaitingWriterGoesOnWhenTheFirstEnds() async throws {
        let first = try await StoreWriter.open(path, profile: StoreSamples.profile())
        let reported = Mutex<[LockHolder]>([])
        var random = SeededGenerator(seed: 1)
        let sample = try StoreSamples.sample("a", passages: 2, using: &random)
        let second = try await StoreWriter.open(path, profile: nil, waiting: .seconds(60)) { holder in
            reported.withLock { $0.append(holder) }
            // It ends while the second one waits.
            #expect(throws: Never.self) {
                try first.store(sample)
                try first.close()
            }
        }
        #expect(reported.withLock { $0.count } == 1)
        #expect(try second.state(of: "a")?.passageCount == 2)
        try second.close()
    }

    @Test func waitingCanBeCancelled() async throws {
        let first = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try first.store([])
        let (waits, continuation) = AsyncStream<Void>.makeStream()
        let task = Task { [path] in
            try await StoreWriter.open(path, profile: nil, waiting: .seconds(600)) { _ in continuation.finish() }
        }
        for await _ in waits {}
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        try first.close()
    }

    @Test(arguments: ["", "garbage", "12\n", "99999999999999\nx\ny\n", String(repeating: "x", count: 5000)])
    func aTextThatADeadWriterLeftIsHarmless(text: String) async throws {
        try folder.write("kb.sqlite.lock", text)
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        let lock = try String(contentsOfFile: path + ".lock", encoding: .utf8)
        #expect(lock.hasPrefix("\(ProcessInfo.processInfo.processIdentifier)\n") && lock.utf8.count < 400)
        // Unreadable while it is held: the writer is refused all the same.
        try folder.write("other.lock", "")
        try text.write(toFile: path + ".lock", atomically: false, encoding: .utf8)
        await #expect(throws: StoreError.locked(path: path, holder: nil, waited: nil)) {
            try await StoreWriter.open(path, profile: nil)
        }
        try writer.close()
    }

    /// The file is for people, and others may write in it.
    @Test func aHostileTextOfALockIsShownOnOneLine() async throws {
        let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
        try "12\n\u{1b}[2J\u{9b}31m\rsince\nevil\u{7} host\u{1b}]0;title\n".write(
            toFile: path + ".lock", atomically: false, encoding: .utf8)
        let error = await #expect(throws: StoreError.self) { try await StoreWriter.open(path, profile: nil) }
        guard case .locked(_, let holder?, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        for text in ["\(holder)", "\(try #require(error))"] {
            #expect(text.contains("process 12 on evil host ]0;title since [2J 31m since"))
            #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        }
        try writer.close()
    }

    @Test func aWriterThatIsLetGoGivesTheLockBack() async throws {
        do {
            let writer = try await StoreWriter.open(path, profile: StoreSamples.profile())
            try writer.store([])
            try writer.begin()
            var random = SeededGenerator(seed: 1)
            try writer.put(try StoreSamples.sample("a", passages: 0, using: &random).document)
        }
        let writer = try await StoreWriter.open(path, profile: nil)
        #expect(try writer.state(of: "a") == nil)
        try writer.close()
        #expect(FileManager.default.fileExists(atPath: path + ".lock"))
    }
}
