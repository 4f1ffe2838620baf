import Dispatch
import WinnowCore
import WinnowIngest
import WinnowStore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `winnow index --watch`: after the first round, a round for each change, until Ctrl-C or SIGTERM.
struct WatchedCorpus {
    let round: IndexingRound
    let prunes: Bool
    /// Between two looks.
    let interval: Duration
    let json: Bool
    var watch: CorpusWatch

    /// Follows the corpus until the task is cancelled or the process is told to end, and then returns: a round that was under way
    /// is given up, and what it committed stays.
    ///
    /// - Throws: what stops the store from being written.
    mutating func follow() async throws {
        do {
            while true {
                try await Task.sleep(for: interval)
                let change = watch.look()
                for note in change.notes { StandardStreams.note("note: \(note)") }
                // What is still changing is told by a later look.
                guard !change.isEmpty else { continue }
                try await take(change)
            }
        } catch is CancellationError {
            return
        }
    }

    private mutating func take(_ change: CorpusChange) async throws {
        let outcome: IndexOutcome
        do {
            // Only the files that are read now may give their ids to one another: the others are alive.
            outcome = try await round.run(
                roots: change.origins, pruned: prunes ? change.origins : nil, mayBeEmpty: true
            ) { try CorpusReader().documents(of: change, onSkip: $0, onNote: $1) }
        } catch let error as StoreError {
            guard case .locked = error else { throw error }
            StandardStreams.note("note: \(error); it is tried again")
            return
        } catch let error as IngestError {
            // What was there a moment ago is not now: the next look will tell.
            StandardStreams.note("note: \(error)")
            return
        }
        watch.accept(change)
        guard outcome.hasHappened else { return }
        let time = String(UTCTime.now.prefix(19)) + "Z"
        try StandardStreams.output(json ? outcome.json.text + "\n" : "\(time) \(outcome.line)\n")
    }

    /// Runs a body that ends when SIGTERM comes, as it does when its task is cancelled; Ctrl-C does that already.
    static func untilTermination(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let work = Task { try await body() }
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        signal(SIGTERM, SIG_IGN)
        source.setEventHandler { work.cancel() }
        source.activate()
        defer {
            source.cancel()
            signal(SIGTERM, SIG_DFL)
        }
        try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }
}
