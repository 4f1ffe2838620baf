import Synchronization
import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Scores that were computed before: in memory, and in a file if one is given.
///
/// A score is found under SHA-256 of all that it depends on (the reranker's ``ModelIdentity``, the query, the passage's content), so one that
/// is found is, bit for bit, the one that would be computed. Wrap a reranker in ``CachedReranker`` to use it.
///
/// The file is disposable. One that cannot be read or written, is damaged, or is written by another process at this moment, is
/// no error: scores are then computed. It holds hashes and scores, no text; who has a text can tell from it whether that text was
/// scored.
public final class ScoreCache: Sendable {
    public struct Options: Sendable, Hashable {
        /// Entries in memory, of about 150 bytes each; the least recently used are given up.
        public var memoryEntries: Int
        /// The file's size, about: above it what was least recently used, by the day, is given up.
        public var fileBytes: Int
        /// Older scores are computed again; nil: they never grow old, as nothing that they depend on can change under their key.
        public var timeToLive: Duration?

        public init(memoryEntries: Int = 100_000, fileBytes: Int = 64 << 20, timeToLive: Duration? = nil) {
            self.memoryEntries = memoryEntries
            self.fileBytes = fileBytes
            self.timeToLive = timeToLive
        }
    }

    /// How many pairs were asked for since the cache was made, and how many of them it had.
    public struct Statistics: Sendable, Hashable {
        public var asked = 0
        public var found = 0

        /// 0…1; nil before anything was asked for.
        public var hitRate: Double? { asked > 0 ? Double(found) / Double(asked) : nil }
    }

    private struct State {
        var recent: RecentScores
        var file: ScoreFile?
        /// Where the file is that another process kept from being opened; nil: it is open, or not to be used.
        var unopened: String?
        var statistics = Statistics()
    }

    /// Apart from the cache: what is still being written holds this, and the end of the cache waits for what is being written.
    private final class Storage: Sendable {
        let state: Mutex<State>
        private let path: String?
        private let mostBytes: Int

        init(_ options: Options, path: String?) {
            state = Mutex(
                State(recent: RecentScores(capacity: max(0, options.memoryEntries)), file: nil, unopened: path))
            self.path = path
            mostBytes = options.fileBytes
        }

        func open(_ state: inout State) {
            guard let path = state.unopened else { return }
            do {
                state.file = try ScoreFile(path, mostBytes: mostBytes)
                state.unopened = nil
            } catch {
                if !ScoreFile.isBusy(error) { state.unopened = nil }
            }
        }

        /// A file that fails is used no more, and a damaged one is taken away. One that another process is at has what it has the next time.
        /// - Returns: the file, for its end not to be waited for under a lock.
        func failed(_ state: inout State, _ error: any Error) -> ScoreFile? {
            guard !ScoreFile.isBusy(error) else { return nil }
            defer { state.file = nil }
            if let path, state.file != nil, ScoreFile.isDamage(error) { ScoreFile.discard(path) }
            return state.file
        }

        func failed(_ error: any Error) { _ = state.withLock { failed(&$0, error) } }
    }

    private let options: Options
    private let now: @Sendable () -> Int64
    private let storage: Storage

    /// - Parameter file: made when it is not there; nil: scores are kept in memory alone.
    public convenience init(_ options: Options = Options(), file: String? = nil) {
        self.init(options, file: file) { Int64(time(nil)) }
    }

    /// - Parameter now: in seconds since 1970.
    package init(_ options: Options, file: String?, now: @escaping @Sendable () -> Int64) {
        self.options = options
        self.now = now
        storage = Storage(options, path: file)
        storage.state.withLock { storage.open(&$0) }
    }

    deinit { flush() }

    /// Where the scores of a store's passages are kept unless something else is said: beside the real file. Deleting documents from
    /// the store takes this file away.
    public static func path(besideStore store: String) -> String {
        (try? StorePath(store))?.scores ?? store + ".scores.sqlite"
    }

    /// Whether there is a file in use, or will be once another process is done with it; else none was asked for, or the one that was
    /// cannot be read, is another program's, or failed.
    public var hasFile: Bool { storage.state.withLock { $0.file != nil || $0.unopened != nil } }

    public var statistics: Statistics { storage.state.withLock { $0.statistics } }

    /// Waits until the file has what was scored so far: it is written beside the results and not before them. The end of the cache waits,
    /// too.
    public func flush() {
        let file = storage.state.withLock { $0.file }
        file?.finish()
    }

    /// - Returns: one entry a key; nil where there is none.
    func scores(_ keys: [ScoreKey?]) -> [PairScore?] {
        let now = now()
        let oldest = options.timeToLive.map { now - $0.components.seconds } ?? .min
        let storage = storage
        var abandoned: ScoreFile?
        defer { _ = abandoned }
        return storage.state.withLock { state in
            storage.open(&state)
            var found = keys.map { key in key.flatMap { state.recent.entry($0, since: oldest) } }
            let missing = found.indices.filter { found[$0] == nil && keys[$0] != nil }
            let wanted = missing.compactMap { keys[$0] }
            var stored: [RecentScores.Entry?] = []
            if !wanted.isEmpty, let file = state.file {
                do { stored = try file.scores(wanted, since: oldest) } catch {
                    abandoned = storage.failed(&state, error)
                }
            }
            for (index, entry) in zip(missing, stored) {
                guard let entry, let key = keys[index] else { continue }
                found[index] = entry
                state.recent.insert(key, entry)
            }
            // Also of those that were found in memory: for the file they would be the least recently used.
            let isUsedNow = zip(keys, found).compactMap { key, entry -> ScoreKey? in
                guard let key, var entry, entry.used <= now - ScoreFile.useGrain else { return nil }
                entry.used = now
                state.recent.insert(key, entry)
                return key
            }
            state.file?.use(isUsedNow, now: now, failed: storage.failed)
            state.statistics.asked += keys.count
            state.statistics.found += found.count { $0 != nil }
            return found.map { $0?.score }
        }
    }

    func insert(_ scores: [(key: ScoreKey, score: PairScore)]) {
        let now = now()
        let storage = storage
        storage.state.withLock { state in
            let entries = scores.map {
                (key: $0.key, entry: RecentScores.Entry(score: $0.score, created: now, used: now))
            }
            for (key, entry) in entries { state.recent.insert(key, entry) }
            storage.open(&state)
            state.file?.insert(entries, failed: storage.failed)
        }
    }
}
