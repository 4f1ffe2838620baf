import CWinnowKernels
import Synchronization

/// The process's pool of compute threads, as the scan uses it: the calling task suspends while they work.
enum ScanWorkers {
    /// Runs `body` for every task in `0..<tasks` and returns the results in order.
    ///
    /// Where the system gives no thread, the caller's runs them: slow on a bad day, rather than no answer.
    ///
    /// - Parameter threads: at most so many tasks run at once; 0: as many as the pool has threads.
    /// - Throws: `CancellationError` when the calling task was cancelled; tasks that had not begun by then are left out.
    static func map<Result: Sendable>(
        tasks: Int, threads: Int = 0, _ body: @escaping @Sendable (Int) -> Result
    ) async throws -> [Result] {
        let job = Job(tasks: tasks, threads: threads, body)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                job.start(continuation)
            }
        } onCancel: {
            job.cancel()
        }
        try Task.checkCancellation()
        let results = job.results.withLock { $0 }.compactMap(\.self)
        // A cancellation that came and left its mark on the job alone would have thrown above.
        guard results.count == tasks else { throw CancellationError() }
        return results
    }

    private final class Job<Result: Sendable>: Sendable {
        let results: Mutex<[Result?]>
        private let tasks: Int
        private let threads: Int
        private let body: @Sendable (Int) -> Result
        private let isCancelled = Atomic(false)
        private let continuation = Mutex<CheckedContinuation<Void, Never>?>(nil)

        init(tasks: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Result) {
            self.tasks = tasks
            self.threads = threads
            self.body = body
            results = Mutex([Result?](repeating: nil, count: tasks))
        }

        func start(_ continuation: CheckedContinuation<Void, Never>) {
            self.continuation.withLock { $0 = continuation }
            let context = Unmanaged.passRetained(Erased(run: run, finish: finish))
            let accepted = withUnsafePointer(to: tasks) { tasks in
                var chain = winnow_pool_chain(tasks: tasks, stages: tasks.pointee > 0 ? 1 : 0)
                return winnow_pool_submit(
                    winnow_pool_shared(), &chain, 1, UInt32(clamping: threads),
                    { context, task, _ in
                        guard let context else { return }
                        Unmanaged<Erased>.fromOpaque(context).takeUnretainedValue().run(task.task)
                    },
                    { context in
                        guard let context else { return }
                        Unmanaged<Erased>.fromOpaque(context).takeRetainedValue().finish()
                    },
                    context.toOpaque())
            }
            if !accepted {
                context.release()
                for task in 0..<tasks { run(task) }
                finish()
            }
        }

        func cancel() { isCancelled.store(true, ordering: .relaxed) }

        private func run(_ task: Int) {
            guard !isCancelled.load(ordering: .relaxed) else { return }
            let result = body(task)
            results.withLock { $0[task] = result }
        }

        private func finish() {
            continuation.withLock { $0.take() }?.resume()
        }
    }

    /// A job without its type, which C function pointers cannot carry.
    private final class Erased: Sendable {
        let run: @Sendable (Int) -> Void
        let finish: @Sendable () -> Void

        init(run: @escaping @Sendable (Int) -> Void, finish: @escaping @Sendable () -> Void) {
            self.run = run
            self.finish = finish
        }
    }
}
