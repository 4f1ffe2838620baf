import CWinnowKernels
import Synchronization

/// The one pool of compute threads in the process, as Swift tasks use it: they suspend while it works.
package enum WorkerPool {
    /// A task of ``run(chains:limit:_:)``: of which chain, in which of its stages.
    package struct StagedTask: Sendable, Hashable {
        package var chain, stage, task: Int

        package init(chain: Int, stage: Int, task: Int) {
            self.chain = chain
            self.stage = stage
            self.task = task
        }
    }

    /// Runs `body` for every task in `0..<tasks`, at most `limit` at once, lower ones started first, and returns when all are
    /// done. No compute runs on the caller's thread.
    /// - Parameter limit: nil: as many as the process has processors.
    /// - Throws: ``WorkerPoolError`` when the system gives no thread.
    package static func run(tasks: Int, limit: Int?, _ body: @escaping @Sendable (Int) -> Void) async throws {
        try await run(chains: [[tasks]], limit: limit) { body($0.task) }
    }

    /// Runs work in stages: no task of a stage starts before all tasks of the stage before are done, and it sees what they
    /// wrote. Of what may start, tasks of an earlier chain start first. Returns when all are done.
    /// - Parameters:
    ///   - chains: of each chain, how many tasks each stage has; a chain ends before its first stage of none.
    ///   - limit: as in ``run(tasks:limit:_:)``.
    /// - Throws: ``WorkerPoolError`` when the system gives no thread.
    package static func run(
        chains: [[Int]], limit: Int?, _ body: @escaping @Sendable (StagedTask) -> Void
    ) async throws {
        let stages = chains.map { $0.prefix { $0 > 0 } }
        guard stages.contains(where: { !$0.isEmpty }) else { return }
        let pool = winnow_pool_shared()
        let threads = UInt32(clamping: min(limit ?? Kernels.processorCount, Int(WINNOW_POOL_MAX_THREADS)))
        winnow_pool_reserve(pool, threads)
        let job = Job(body)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            job.continuation = continuation
            let context = Unmanaged.passRetained(job)
            let accepted = stages.flatMap { $0 }.withUnsafeBufferPointer { tasks in
                var first = 0
                let chains = stages.map { stages in
                    defer { first += stages.count }
                    return winnow_pool_chain(tasks: tasks.baseAddress.map { $0 + first }, stages: stages.count)
                }
                return winnow_pool_submit(
                    pool, chains, chains.count, threads,
                    { context, task, _ in
                        guard let context else { return }
                        Unmanaged<Job>.fromOpaque(context).takeUnretainedValue().body(
                            StagedTask(chain: task.chain, stage: task.stage, task: task.task))
                    },
                    { context in
                        guard let context else { return }
                        Unmanaged<Job>.fromOpaque(context).takeRetainedValue().continuation?.resume()
                    },
                    context.toOpaque())
            }
            if !accepted {
                context.release()
                continuation.resume(throwing: WorkerPoolError.noThread)
            }
        }
    }

    /// As ``run(chains:limit:_:)``, but once the Swift task is cancelled, tasks that have not started do nothing.
    /// - Throws: `CancellationError`; ``WorkerPoolError``
    package static func runUntilCancelled(
        chains: [[Int]], limit: Int?, _ body: @escaping @Sendable (StagedTask) -> Void
    ) async throws {
        try Task.checkCancellation()
        let cancelled = CancellationFlag()
        try await withTaskCancellationHandler {
            try await run(chains: chains, limit: limit) { task in
                if !cancelled.isSet { body(task) }
            }
        } onCancel: {
            cancelled.set()
        }
        try Task.checkCancellation()
    }

    /// Makes a value for every index on this thread and up to `threads` − 1 of the pool's: for work that cannot suspend, such as
    /// loading a model.
    /// - Parameter threads: nil: as many as the process has processors.
    package static func map<Value: Sendable>(
        _ count: Int, threads: Int?, _ body: @escaping @Sendable (Int) -> Value
    ) -> [Value] {
        let collected = Collected<Value>(count: count)
        let work = InPlace { collected.store(body($0), at: $0) }
        withExtendedLifetime(work) {
            winnow_pool_run(
                winnow_pool_shared(), count, UInt32(clamping: threads ?? Kernels.processorCount),
                { context, task in
                    guard let context else { return }
                    Unmanaged<InPlace>.fromOpaque(context).takeUnretainedValue().body(task)
                },
                Unmanaged.passUnretained(work).toOpaque())
        }
        return collected.values.compactMap { $0 }
    }

    private final class InPlace: Sendable {
        let body: @Sendable (Int) -> Void

        init(_ body: @escaping @Sendable (Int) -> Void) {
            self.body = body
        }
    }

    /// `@unchecked Sendable`: `continuation` is set before the job is submitted and read once, after its last task.
    private final class Job: @unchecked Sendable {
        let body: @Sendable (StagedTask) -> Void
        var continuation: CheckedContinuation<Void, any Error>?

        init(_ body: @escaping @Sendable (StagedTask) -> Void) {
            self.body = body
        }
    }
}

/// The system would not start a single compute thread.
public enum WorkerPoolError: Error, CustomStringConvertible {
    case noThread

    public var description: String {
        "no compute thread could be started. Check the limits on processes and memory (ulimit -u, ulimit -v)"
    }
}

private final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
