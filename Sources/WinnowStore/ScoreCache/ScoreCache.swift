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
        /// The file's size at most; what was least recently used is given up.
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
        var path: String?
        var statistics = Statistics()

        /// A file that fails is used no more; a damaged one is taken away.
        @discardableResult
        mutating func using<Result>(_ body: (ScoreFile) throws -> Result) -> Result? {
            guard let file else { return nil }
            do { return try body(file) } catch {
                self.file = nil
                if let path, ScoreFile.isDamage(error) { ScoreFile.discard(path) }
                return nil
            }
        }
    }

    private let options: Options
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>

    /// - Parameter file: made when it is not there; nil: scores are kept in memory alone.
    public convenience init(_ options: Options = Options(), file: String? = nil) {
        self.init(options, file: file) { Int64(time(nil)) }
    }

    /// - Parameter now: in seconds since 1970.
    package init(_ options: Options, file: String?, now: @escaping @Sendable () -> Int64) {
        self.options = options
        self.now = now
        state = Mutex(
            State(
                recent: RecentScores(capacity: max(0, options.memoryEntries)),
                file: file.flatMap { try? ScoreFile($0, mostBytes: options.fileBytes) }, path: file))
    }

    /// Where the scores of a store's passages are kept unless something else is said: beside the real file. Deleting documents from
    /// the store takes this file away.
    public static func path(besideStore store: String) -> String {
        (try? StorePath(store))?.scores ?? store + ".scores.sqlite"
    }

    /// Whether there is a file in use: none was asked for, or the one that was cannot be read, is another program's, or failed.
    public var hasFile: Bool { state.withLock { $0.file != nil } }

    public var statistics: Statistics { state.withLock { $0.statistics } }

    /// - Returns: one entry a key; nil where there is none.
    func scores(_ keys: [ScoreKey?]) -> [PairScore?] {
        let now = now()
        let oldest = options.timeToLive.map { now - $0.components.seconds } ?? .min
        return state.withLock { state in
            var found = keys.map { key in key.flatMap { state.recent.entry($0, since: oldest) }?.score }
            let missing = found.indices.filter { found[$0] == nil && keys[$0] != nil }
            let wanted = missing.compactMap { keys[$0] }
            let stored = wanted.isEmpty ? nil : state.using { try $0.scores(wanted, since: oldest, now: now) }
            for (index, entry) in zip(missing, stored ?? []) {
                guard let entry, let key = keys[index] else { continue }
                found[index] = entry.score
                state.recent.insert(key, entry)
            }
            state.statistics.asked += keys.count
            state.statistics.found += found.count { $0 != nil }
            return found
        }
    }

    func insert(_ scores: [(key: ScoreKey, score: PairScore)]) {
        let now = now()
        state.withLock { state in
            let entries = scores.map { (key: $0.key, entry: RecentScores.Entry(score: $0.score, created: now)) }
            for (key, entry) in entries { state.recent.insert(key, entry) }
            state.using { try $0.insert(entries, now: now) }
        }
    }
}
