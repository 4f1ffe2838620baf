import Synchronization
import Testing
import WinnowEncoders

/// The scheduler itself, on pools with a known number of threads: who starts when, who runs beside whom, who sleeps.
@Suite struct PoolTests {
    /// With one thread there is one order. A large request is under way when a small one comes: they take turns.
    @Test func aSmallRequestIsNotHeldUpBehindALargeOne() async throws {
        let order = try await startsBesideALargeJob(small: [[3]])
        #expect(order.prefix(8) == ["L0", "L1", "S0.0", "L2", "S0.1", "L3", "S0.2", "L4"])
        #expect(order.count == 20 + 3)
    }

    /// A request in stages waits for its turn once, not at every stage: a large one's tasks are whole sequences.
    @Test func theStagesOfASmallRequestAreNotPutOff() async throws {
        let order = try await startsBesideALargeJob(small: [[1, 2, 2, 1]])
        #expect(order.prefix(9) == ["L0", "L1", "S0.0", "S1.0", "S1.1", "S2.0", "S2.1", "S3.0", "L2"])
        #expect(order.count == 20 + 6)
    }

    /// In which order tasks start on one thread when the small job comes while the first task of a large one runs.
    private func startsBesideALargeJob(small chains: [[Int]]) async throws -> [String] {
        let pool = try #require(PrivatePool(threads: 1))
        let order = Mutex<[String]>([])
        let (underWay, submitted) = (Gate(), Gate())
        let large = pool.submit([[20]]) { task, _ in
            order.withLock { $0.append("L\(task.task)") }
            underWay.open()
            submitted.block()
        }
        #expect(try await underWay.opened())
        let small = pool.submit(chains) { task, _ in order.withLock { $0.append("S\(task.stage).\(task.task)") } }
        submitted.open()
        #expect(try await small.opened())
        #expect(try await large.opened())
        return order.withLock { $0 }
    }

    /// A job that may use one thread and holds it leaves the other one to the rest, whatever of it stands in the queue.
    @Test func aJobAtItsLimitLeavesThreadsToOthers() async throws {
        let pool = try #require(PrivatePool(threads: 2))
        let (underWay, release) = (Gate(), Gate())
        let running = Atomic(0)
        let most = Atomic(0)
        let limited = pool.submit([[10]], limit: 1) { _, _ in
            most.max(running.wrappingAdd(1, ordering: .relaxed).newValue, ordering: .relaxed)
            underWay.open()
            release.block()
            running.wrappingSubtract(1, ordering: .relaxed)
        }
        #expect(try await underWay.opened())
        #expect(try await pool.submit([[5], [2, 2]]) { _, _ in }.opened())
        release.open()
        #expect(try await limited.opened())
        #expect(most.load(ordering: .relaxed) == 1)
    }

    /// Who runs at the moment, by job and by thread, and what was seen at most.
    private final class Ledger: Sendable {
        struct State {
            var running: Set<Int> = []
            var most = 0
            var ofJob = [Int](repeating: 0, count: 40)
            var mostOfJob = [Int](repeating: 0, count: 40)
            var tasks = 0
        }
        private let state = Mutex(State())

        var end: State { state.withLock { $0 } }

        /// - Returns: whether the thread was free, and how many are busy now.
        func begin(job: Int, worker: Int) -> (isFree: Bool, busy: Int) {
            state.withLock {
                let isFree = $0.running.insert(worker).inserted
                $0.most = max($0.most, $0.running.count)
                $0.ofJob[job] += 1
                $0.mostOfJob[job] = max($0.mostOfJob[job], $0.ofJob[job])
                $0.tasks += 1
                return (isFree, $0.running.count)
            }
        }

        func finish(job: Int, worker: Int) {
            state.withLock {
                $0.running.remove(worker)
                $0.ofJob[job] -= 1
            }
        }
    }

    /// Forty requests at once on three threads: never more than three tasks run, and never more of one job than its limit.
    @Test func manyRequestsDoNotOversubscribe() async throws {
        let pool = try #require(PrivatePool(threads: 3))
        let ledger = Ledger()
        let together = Gate()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for job in 0..<40 {
                group.addTask {
                    try await pool.submit(job.isMultiple(of: 2) ? [[6]] : [[2], [1, 3]], limit: job % 3) { _, worker in
                        let (isFree, busy) = ledger.begin(job: job, worker: worker)
                        #expect(isFree && worker < 3)
                        if busy == 3 { together.open() }
                        // The first tasks wait for one another: there is work for all three threads.
                        together.block()
                        ledger.finish(job: job, worker: worker)
                    }.opened()
                }
            }
            for try await finished in group { #expect(finished) }
        }
        let end = ledger.end
        #expect(end.tasks == 40 * 6)
        #expect(end.most == 3)
        for job in 0..<40 where job % 3 > 0 { #expect(end.mostOfJob[job] <= job % 3, "job \(job)") }
    }

    /// Eight requests in one moment get the eight threads that are free, seven of which are still awake from a stage and one
    /// asleep: each task waits until all run. A thread that is awake must count for one request only, or the one that sleeps is
    /// not woken.
    @Test func requestsInOneMomentGetAThreadEach() async throws {
        let awake = 7
        let pool = try #require(PrivatePool(threads: awake + 2))
        for round in 0..<40 {
            #expect(try await Gate.comes { round == 0 || pool.sleeping == awake + 2 })
            let (started, arrived) = (Count(), Count())
            let (ready, held) = (Gate(), Gate())
            let staged = pool.submit([[awake + 1, 1]]) { task, _ in
                guard task.stage == 0 else { return }
                if task.task == 0 {
                    held.block()
                } else {
                    if started.increment() == awake { ready.open() }
                    ready.block()
                }
            }
            ready.spin()
            let all = Gate()
            let requests = (0...awake).map { _ in
                pool.submit([[1]]) { _, _ in
                    if arrived.increment() == awake + 1 { all.open() }
                    all.block()
                }
            }
            let allRan = try await all.opened()
            all.open()
            held.open()
            for request in requests + [staged] { #expect(try await request.opened()) }
            guard allRan else {
                Issue.record("round \(round): a thread slept while a request waited")
                return
            }
        }
    }

    private final class Count: Sendable {
        private let value = Atomic(0)

        func increment() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
    }

    /// No thread before the first request; afterwards all sleep, also those that stay awake between stages.
    @Test func threadsSleepBetweenRequests() async throws {
        let pool = try #require(PrivatePool(threads: 3))
        #expect(pool.sleeping == 0)
        for chains in [[[3]], [[3, 3, 1]], [[5], [1, 4, 4, 1]]] {
            #expect(try await pool.submit(chains) { _, _ in }.opened())
            #expect(try await Gate.comes { pool.sleeping == 3 }, "\(chains): \(pool.sleeping) of 3 sleep")
        }
    }
}
