import CWinnowKernels
import Foundation
import Synchronization
import WinnowEncoders

/// A pool with a known number of threads that nobody else uses; it ends with its last reference.
///
/// `@unchecked Sendable`: the C pool guards itself.
final class PrivatePool: @unchecked Sendable {
    private let pool: OpaquePointer

    /// nil when there is no memory.
    init?(threads: Int) {
        guard let pool = winnow_pool_create(UInt32(threads)) else { return nil }
        self.pool = pool
    }

    deinit { winnow_pool_destroy(pool) }

    var sleeping: Int { Int(winnow_pool_sleeping(pool)) }

    /// Submits and returns at once.
    /// - Parameter limit: 0: as many as the pool has threads.
    /// - Returns: what opens when all is done.
    func submit(
        _ chains: [[Int]], limit: Int = 0, _ body: @escaping @Sendable (WorkerPool.StagedTask, _ worker: Int) -> Void
    ) -> Gate {
        let job = Job(body)
        let context = Unmanaged.passRetained(job)
        let accepted = chains.flatMap { $0 }.withUnsafeBufferPointer { tasks in
            var first = 0
            let stages = chains.map { stages in
                defer { first += stages.count }
                return winnow_pool_chain(tasks: tasks.baseAddress.map { $0 + first }, stages: stages.count)
            }
            return winnow_pool_submit(
                pool, stages, stages.count, UInt32(limit),
                { context, task, worker in
                    guard let context else { return }
                    Unmanaged<Job>.fromOpaque(context).takeUnretainedValue().body(
                        WorkerPool.StagedTask(chain: task.chain, stage: task.stage, task: task.task), Int(worker))
                },
                { context in
                    guard let context else { return }
                    Unmanaged<Job>.fromOpaque(context).takeRetainedValue().done.open()
                }, context.toOpaque())
        }
        if !accepted { context.release() }
        return job.done
    }

    private final class Job: Sendable {
        let body: @Sendable (WorkerPool.StagedTask, Int) -> Void
        let done = Gate()

        init(_ body: @escaping @Sendable (WorkerPool.StagedTask, Int) -> Void) {
            self.body = body
        }
    }
}

/// Something that is waited for: by a pool's thread, which blocks, or by a test, which suspends. Nobody waits for more than five
/// minutes: a scheduler that never gets there fails the test and does not hang it. (Less would fail on a slow machine: a test
/// that suspended comes back when other suites leave a cooperative thread.)
final class Gate: Sendable {
    private let isOpen = Atomic(false)
    static let limit = Duration.seconds(300)

    func open() { isOpen.store(true, ordering: .releasing) }

    /// - Returns: false when the time was up.
    @discardableResult func block() -> Bool {
        let end = ContinuousClock.now + Self.limit
        while !isOpen.load(ordering: .acquiring) {
            if ContinuousClock.now >= end { return false }
            usleep(100)
        }
        return true
    }

    /// As ``block()``, awake: for what must follow within microseconds.
    func spin() {
        let end = ContinuousClock.now + Self.limit
        while !isOpen.load(ordering: .acquiring), ContinuousClock.now < end {}
    }

    func opened() async throws -> Bool { try await Self.comes { self.isOpen.load(ordering: .acquiring) } }

    /// Whether a condition comes true.
    static func comes(_ condition: () -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + limit
        while !condition() {
            if ContinuousClock.now >= end { return false }
            try await Task.sleep(for: .milliseconds(1))
        }
        return true
    }
}
