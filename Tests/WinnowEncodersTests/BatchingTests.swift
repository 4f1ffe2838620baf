import Synchronization
import TestSupport
import Testing
import WinnowEncoders

@Suite struct BatchingTests {
    @Test(arguments: [
        [], [1], [512], [96, 96], [10, 20, 30, 40], Array(repeating: 7, count: 100), [300, 5, 5, 90, 95, 96, 97],
    ])
    func groupsHoldEverySequenceOnceAndLongestFirst(lengths: [Int]) {
        let groups = Batching.groups(lengths: lengths)
        #expect(groups.flatMap(\.members).sorted() == Array(lengths.indices))
        for group in groups {
            #expect(group.tokenCount == group.members.reduce(0) { $0 + lengths[$1] })
            #expect(group.members.count == 1 || group.tokenCount <= Batching.groupTokens)
        }
        #expect(groups.flatMap { $0.members.map { lengths[$0] } } == lengths.sorted(by: >))
    }

    @Test func aDeadlineKeepsTheOrder() {
        let groups = Batching.groups(lengths: [3, 200, 5], keepsOrder: true)
        #expect(groups.map(\.members) == [[0], [1], [2]])
    }

    /// Whole groups come out even over the threads; the others are shared, in parts of some size.
    @Test(
        arguments: [1, 2, 3, 8, 16],
        [
            [], [512], [14], [5], [100, 100, 100], Array(repeating: 150, count: 20), [300, 7, 97], [318, 73],
            [318, 107, 77, 73], [500, 100, 100, 100, 100, 100, 100], Array(100..<133),
        ])
    func noThreadIdlesAtTheEndOfAPlan(threads: Int, lengths: [Int]) {
        let plan = Batching.plan(lengths: lengths, threads: threads)
        #expect(plan.map(\.group) == Batching.groups(lengths: lengths))
        for (group, parts) in plan where parts > 1 {
            #expect(parts <= threads && group.tokenCount / parts >= Batching.partTokens)
        }
        guard threads > 1 else { return }
        let even = Double(lengths.reduce(0, +)) / Double(threads)
        // What must be done by one thread leaves none waiting for it: each takes the next group as soon as it is free.
        let rest = plan.count % threads
        var loads = [Int](repeating: 0, count: threads)
        for (group, _) in plan.dropLast(rest).filter({ $0.parts == 1 }) {
            let next = loads.indices.min { loads[$0] < loads[$1] } ?? 0
            loads[next] += group.tokenCount
        }
        #expect(Double(loads.max() ?? 0) <= 1.02 * even)
        // Those that are left over are worked on at once, in parts of less than two even shares.
        let left = plan.suffix(rest)
        let evenRest = Double(left.reduce(0) { $0 + $1.group.tokenCount }) / Double(threads)
        #expect(left.filter { $0.parts > 1 }.reduce(0) { $0 + $1.parts } <= threads)
        for (group, parts) in left where group.tokenCount / (parts + 1) >= Batching.partTokens {
            #expect(Double(group.tokenCount) / Double(parts) < 2 * evenRest)
        }
    }

    /// One long sequence and a short one: two threads work on both together rather than one on each.
    @Test func sequencesOfVeryDifferentLengthsAreShared() {
        #expect(Batching.plan(lengths: [73, 318], threads: 2).map(\.parts) == [2, 2])
        #expect(Batching.plan(lengths: [150, 150, 150, 150], threads: 2).map(\.parts) == [1, 1, 1, 2])
        #expect(Batching.plan(lengths: [150, 150, 150], threads: 2).map(\.parts) == [1, 1, 2])
        #expect(
            Batching.plan(lengths: [500, 100, 100, 100, 100, 100, 100], threads: 8).map(\.parts) == [
                3, 1, 1, 1, 1, 1, 1,
            ])
    }

    /// A stage's tasks start when all of the stage before are done, whatever else runs; each runs once.
    @Test(
        arguments: [1, 2, 5], [[[3]], [[4], [1, 3, 3, 1], [2, 2]], [[0], [1, 5, 1]], [[0, 3], [2, 0, 7], [1]]])
    func stagesOfAChainRunOneAfterTheOther(limit: Int, chains: [[Int]]) async throws {
        let log = Mutex<[(task: WorkerPool.StagedTask, starts: Bool)]>([])
        try await WorkerPool.run(chains: chains, limit: limit) { task in
            log.withLock { $0.append((task, true)) }
            log.withLock { $0.append((task, false)) }
        }
        let events = log.withLock { $0 }
        let expected = chains.enumerated().flatMap { chain, stages in
            stages.prefix { $0 > 0 }.enumerated().flatMap { stage, tasks in
                (0..<tasks).map { WorkerPool.StagedTask(chain: chain, stage: stage, task: $0) }
            }
        }
        #expect(Set(events.filter(\.starts).map(\.task)) == Set(expected))
        #expect(events.count == 2 * expected.count)
        var done: [[Int]: Int] = [:]
        for (task, starts) in events {
            if starts, task.stage > 0 {
                #expect(done[[task.chain, task.stage - 1]] == chains[task.chain][task.stage - 1])
            } else if !starts {
                done[[task.chain, task.stage], default: 0] += 1
            }
        }
    }

    /// Requests in stages beside plain ones, more than there are threads: all end, nothing is lost.
    @Test func stagedAndPlainRequestsShareThePool() async throws {
        let done = Collected<Int>(count: 40 * 20)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for request in 0..<40 {
                group.addTask {
                    let chains = request.isMultiple(of: 2) ? [[20]] : [[4], [4, 4, 4, 4]]
                    try await WorkerPool.run(chains: chains, limit: 1 + request % 3) { task in
                        done.store(request, at: request * 20 + 4 * (task.chain + task.stage) + task.task)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(done.values == (0..<800).map { $0 / 20 })
    }

    @Test(arguments: [1, 2, 3, 100], [1, 2, 5])
    func thePoolRunsEveryTaskOnceWithinItsLimit(tasks: Int, limit: Int) async throws {
        struct State {
            var running = 0
            var most = 0
            var runs: [Int: Int] = [:]
        }
        let state = Mutex(State())
        try await WorkerPool.run(tasks: tasks, limit: limit) { task in
            state.withLock {
                $0.running += 1
                $0.most = max($0.most, $0.running)
                $0.runs[task, default: 0] += 1
            }
            state.withLock { $0.running -= 1 }
        }
        let end = state.withLock { $0 }
        #expect(end.runs == Dictionary(uniqueKeysWithValues: (0..<tasks).map { ($0, 1) }))
        #expect(end.most <= limit)
        #expect(end.running == 0)
    }

    @Test func manyRequestsShareThePool() async throws {
        let done = Collected<Int>(count: 1000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for request in 0..<50 {
                group.addTask {
                    try await WorkerPool.run(tasks: 20, limit: 2) { task in
                        done.store(request, at: request * 20 + task)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(done.values == (0..<1000).map { $0 / 20 })
    }

    /// Also inside a task of a pool whose threads are all busy with such tasks.
    @Test(arguments: [0, 1, 2, 100], [1, 2, 5])
    func workInPlaceIsDoneWhereverItIsAskedFor(count: Int, threads: Int) async throws {
        let expected = (0..<count).map { $0 * $0 }
        #expect(WorkerPool.map(count, threads: threads) { $0 * $0 } == expected)
        let inside = Collected<[Int]>(count: 8)
        try await WorkerPool.run(tasks: 8, limit: nil) { task in
            inside.store(WorkerPool.map(count, threads: threads) { $0 * $0 }, at: task)
        }
        #expect(inside.values == Array(repeating: expected, count: 8))
    }

    @Test func noTaskIsNoWork() async throws {
        try await WorkerPool.run(tasks: 0, limit: nil) { _ in Issue.record("there is no task") }
    }
}
