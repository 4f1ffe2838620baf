import CWinnowKernels

/// The one pool of compute threads in the process, as Swift tasks use it: they suspend while it works.
package enum WorkerPool {
    /// Runs `body` for every task in `0..<tasks`, at most `limit` at once, lower ones started first, and returns when all are
    /// done. No compute runs on the caller's thread.
    /// - Parameter limit: nil: as many as the process has processors.
    /// - Throws: ``WorkerPoolError`` when the system gives no thread.
    package static func run(tasks: Int, limit: Int?, _ body: @escaping @Sendable (Int) -> Void) async throws {
        guard tasks > 0 else { return }
        let pool = winnow_pool_shared()
        let threads = UInt32(clamping: min(limit ?? Kernels.processorCount, Int(WINNOW_POOL_MAX_THREADS)))
        winnow_pool_reserve(pool, threads)
        let job = Job(body)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            job.continuation = continuation
            let context = Unmanaged.passRetained(job)
            let accepted = winnow_pool_submit(
                pool, tasks, threads,
                { context, task, _ in
                    guard let context else { return }
                    Unmanaged<Job>.fromOpaque(context).takeUnretainedValue().body(task)
                },
                { context in
                    guard let context else { return }
                    Unmanaged<Job>.fromOpaque(context).takeRetainedValue().continuation?.resume()
                },
                context.toOpaque())
            if !accepted {
                context.release()
                continuation.resume(throwing: WorkerPoolError.noThread)
            }
        }
    }

    /// `@unchecked Sendable`: `continuation` is set before the job is submitted and read once, after its last task.
    private final class Job: @unchecked Sendable {
        let body: @Sendable (Int) -> Void
        var continuation: CheckedContinuation<Void, any Error>?

        init(_ body: @escaping @Sendable (Int) -> Void) {
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
